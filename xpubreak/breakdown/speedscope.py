"""A breakdown in the file format of https://www.speedscope.app: call paths with their time, exact to the nanosecond.

Two profiles for every rank: by call path, and the same below phase and layer. The last frame of a path carries its
backend where others carry a file, by which speedscope colours and lists them. Native, since speedscope tells frames of
Chrome traces apart by their arguments, and so merges none of them (https://github.com/jlfwong/speedscope/issues/480).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.attribute.label import PHASES, POSITIONS
from xpubreak.breakdown.facts import group_by, sum_by
from xpubreak.breakdown.outfile import packed_file
from xpubreak.breakdown.visible import visible
from xpubreak.trace.columns import AnyArray
from xpubreak.version import __version__

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_SCHEMA = "https://www.speedscope.app/file-format-schema.json"
NO_HOST_SIDE = "(no host side)"
"""Above activities whose launch is not known."""


def write(bd: Breakdown, path: str | os.PathLike[str]) -> Path:
    """Write the profiles; see `Breakdown.to_speedscope`."""
    content = json.dumps(document(bd), separators=(",", ":")).encode()
    with packed_file(path) as (file, target):
        file.write(content)
    return target


def document(bd: Breakdown) -> dict[str, Any]:
    """Return the content of the file."""
    frames = _Frames(bd)
    profiles = []
    for rank in bd.ranks:
        name = f"rank {rank} · " if len(bd.ranks) > 1 else ""
        profiles.append(_profile(bd, rank, frames, f"{name}{bd.weight} time by call path", with_place=False))
        profiles.append(_profile(bd, rank, frames, f"{name}{bd.weight} time by phase and layer", with_place=True))
    synthetic = " (synthetic)" if bd.metadata.synthetic else ""
    return {
        "$schema": _SCHEMA,
        "exporter": f"xpubreak@{__version__}",
        "name": visible(bd.title or "breakdown") + synthetic,
        "activeProfileIndex": 0,
        "shared": {"frames": frames.listed},
        "profiles": profiles,
    }


def _profile(bd: Breakdown, rank: int, frames: _Frames, name: str, *, with_place: bool) -> dict[str, Any]:
    facts = bd.facts
    weights_ns = facts.device_ns if bd.weight == "device" else facts.host_ns
    at = np.flatnonzero((facts.rank == rank) & (weights_ns > 0))
    keys: list[AnyArray] = [facts.node[at], facts.name[at], facts.role[at]]
    if with_place:
        keys = [facts.phase[at], facts.position[at], facts.layer[at], *keys]
    first, group = group_by(keys) if len(at) else (at, at)
    sums_ns = sum_by(group, weights_ns[at], len(first))
    samples = [frames.stack(int(fact), with_place=with_place) for fact in at[first].tolist()]
    return {
        "type": "sampled",
        "name": name,
        "unit": "nanoseconds",
        "startValue": 0,
        "endValue": int(sums_ns.sum()),
        "samples": samples,
        "weights": sums_ns.tolist(),
    }


class _Frames:
    """Frames, each once; all profiles share them."""

    def __init__(self, bd: Breakdown) -> None:
        self._bd = bd
        self.listed: list[dict[str, str]] = []
        self._number: dict[tuple[str, str], int] = {}
        self._paths: dict[int, list[int]] = {-1: [self._frame(NO_HOST_SIDE)]}

    def stack(self, fact: int, *, with_place: bool) -> list[int]:
        """Frames of a fact, outermost first."""
        bd, facts = self._bd, self._bd.facts
        node = int(facts.node[fact])
        last = self._frame(bd.strings.text(int(facts.name[fact])), bd.backend_label(int(facts.role[fact])))
        above = self._path(node if node < 0 else int(bd.nodes.parent[node])) if node >= 0 else self._paths[-1]
        return [*(self._place(fact) if with_place else ()), *above, last]

    def _path(self, node: int) -> list[int]:
        if node < 0:
            return []
        known = self._paths.get(node)
        if known is None:
            known = self._paths[node] = [
                self._frame(self._bd.strings.text(int(self._bd.nodes.name[step]))) for step in self._bd.nodes.path(node)
            ]
        return known

    def _place(self, fact: int) -> list[int]:
        facts = self._bd.facts
        phase, layer, position = int(facts.phase[fact]), int(facts.layer[fact]), int(facts.position[fact])
        found = [self._frame(PHASES[phase] if phase < len(PHASES) else "outside of steps")]
        if layer >= 0:
            found.append(self._frame(f"layer {layer}"))
        elif phase < len(PHASES) and position < len(POSITIONS):
            found.append(self._frame(f"({POSITIONS[position]} layers)"))
        return found

    def _frame(self, name: str, backend: str = "") -> int:
        key = (visible(name), backend)
        number = self._number.get(key)
        if number is None:
            number = self._number[key] = len(self.listed)
            self.listed.append({"name": key[0], **({"file": backend} if backend else {})})
        return number
