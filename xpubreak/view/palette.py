"""Looks of the backends; the reasons are in ``js/src/draw/palette.ts``, and a test keeps the two in step."""

from __future__ import annotations

FILLS: dict[str, str] = {
    "vllm": "#0077bb",
    "torch": "#ee8a3c",
    "triton": "#009988",
    "cpu": "#cc3311",
    "framework": "#a3a9b3",
    "collectives": "#aa4499",
    "unattributed": "#ddcc77",
}
HATCHES: dict[str, str] = {
    "torch": ".",
    "triton": "\\",
    "cpu": "/",
    "framework": "-",
    "collectives": "x",
    "unattributed": "|",
}
