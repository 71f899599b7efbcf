"""A profile of any size: synthetic ranks of a 64-layer decoder, a few engine steps of each repeated in time.

Only parsing is left out. The columns of a trace are made here; nesting, linking, classification, labels and sums are
those of ``xb.load``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import xpubreak as xb
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.samples import synthesize
from xpubreak.trace import kineto
from xpubreak.trace.events import Events
from xpubreak.trace.trace import Trace

RANKS = 4
LAYERS = 64
STEPS = {"prefill_steps": 1, "mixed_steps": 1, "decode_steps": 2}
PAUSE_NS = 200_000


@dataclass(frozen=True)
class Shape:
    """What a workload is made of, for the record."""

    events: int
    activities: int
    facts: int
    names: int
    nodes: int
    lanes: int

    def __str__(self) -> str:
        return (
            f"{self.events:,} events ({self.activities:,} on the device) on {self.lanes} lanes, {self.facts:,} facts, "
            f"{self.names} names, {self.nodes} call paths"
        )


def breakdown(events: int, mode: str = "eager") -> Breakdown:
    """Break a profile of at least ``events`` activities and spans down; modes are those of `synthesize`."""
    traces = [_rank(rank, -(-events // RANKS), mode) for rank in range(RANKS)]
    return xb.load(traces, title=f"benchmark of {events:,} events")


def shape_of(bd: Breakdown) -> Shape:
    """Say what a breakdown holds."""
    return Shape(len(bd), bd.totals.activities, len(bd.facts), len(bd.strings), len(bd.nodes), len(bd.timeline.lanes))


def _rank(rank: int, events: int, mode: str) -> Trace:
    """One rank: engine steps over and over, each time a little slower or faster, as steps are."""
    made = synthesize(layers=LAYERS, mode=mode, tp=RANKS, rank=rank, seed=1, **STEPS)
    with tempfile.TemporaryDirectory() as folder:
        once = kineto.read(made.save(Path(folder) / "trace.json"))
    per_round = int((once.events.is_activity | once.events.is_span).sum())
    rounds = max(1, -(-events // per_round))
    repeated = _repeated(once.events, rounds)
    kept = repeated.is_activity | repeated.is_span
    span_ns = int(repeated.end_ns[kept].max() - repeated.start_ns[kept].min())
    return replace(once, events=repeated, metadata=replace(once.metadata, duration_ns=span_ns))


def _repeated(once: Events, rounds: int) -> Events:
    order = np.lexsort(
        (np.tile(np.arange(len(once)), rounds), np.repeat(np.arange(rounds), len(once)), np.tile(once.track, rounds))
    )
    columns = {
        name: np.tile(getattr(once, name), rounds)[order]
        for name in ("name", "kind", "track", "bytes", "shapes", "dtypes", "hint")
    }
    start_ns, end_ns = (np.concatenate(parts)[order] for parts in zip(*_shifted(once, rounds), strict=True))
    return Events(
        **columns,
        start_ns=start_ns,
        dur_ns=end_ns - start_ns,
        correlation=_distinct(once.correlation, rounds)[order],
        external_id=_distinct(once.external_id, rounds)[order],
        offset=np.full(len(order), -1),
    )


def _shifted(once: Events, rounds: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Start and end of each round's events. Scaled as a whole: what nests and what does not overlap stays so."""
    noise = np.random.default_rng(3)
    origin = 0
    for _ in range(rounds):
        pace = noise.uniform(0.9, 1.1)
        start, end = (np.floor(times * pace).astype(np.int64) for times in (once.start_ns, once.end_ns))
        yield start + origin, end + origin
        origin += int(end.max()) + PAUSE_NS


def _distinct(ids: np.ndarray, rounds: int) -> np.ndarray:
    """Numbers that tie events together, other ones in each round; −1 stays."""
    most = int(ids.max()) + 1
    several = ids[None, :] + np.arange(rounds)[:, None] * most
    return np.where(ids[None, :] >= 0, several, ids[None, :]).reshape(-1)
