"""A tiny decoder in torch, and what of a trace the capture tests look at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

WIDTH = 8


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.mlp = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Any) -> Any:
        return x + self.mlp(self.norm(x))


class Decoder(nn.Module):
    def __init__(self, layer_count: int = 2) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Block() for _ in range(layer_count))

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x


def prompt() -> Any:
    return torch.randn(2, WIDTH)


def content(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def names(path: Path, category: str) -> list[str]:
    return [event["name"] for event in content(path)["traceEvents"] if event.get("cat") == category]


def drawing(path: Path) -> list[str]:
    """Module spans, indented by nesting."""
    events = content(path)["traceEvents"]
    spans = [event for event in events if str(event.get("name")).startswith("xpb:")]
    spans.sort(key=lambda span: (span["ts"], -span["dur"]))
    drawn, ends = [], []
    for span in spans:
        while ends and ends[-1] <= span["ts"]:
            ends.pop()
        drawn.append("  " * len(ends) + span["name"].removeprefix("xpb:"))
        ends.append(span["ts"] + span["dur"])
    return drawn
