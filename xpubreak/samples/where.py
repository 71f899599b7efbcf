"""Where in the model the host is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Where:
    """Where in the model the host is: what an activity enqueued now belongs to."""

    step: int = -1
    phase: str = ""
    layer: int = -1
    position: str = "outside"
    in_annotation: bool = False
    in_fallback: bool = False

    def enter_layer(self, layer: int) -> None:
        """Go to a layer; −1 for before the first."""
        self.layer, self.position = layer, "layer" if layer >= 0 else "before"

    def leave_layers(self) -> None:
        """Go behind the last layer."""
        self.layer, self.position = -1, "after"
