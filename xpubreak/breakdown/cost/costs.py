"""Costs: work and time of the operators of a breakdown, call by call and added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.cost.device import Device, find_device
from xpubreak.breakdown.cost.lengths import Lengths, read_lengths
from xpubreak.breakdown.cost.model import model_of
from xpubreak.breakdown.cost.operand import read_operands
from xpubreak.breakdown.cost.processor import find_processor
from xpubreak.breakdown.cost.work import Work
from xpubreak.breakdown.facts import group_by
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray
from xpubreak.trace.events import Kind

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.rows import Rows

_MOVING = ("aten::copy_", "aten::fill_", "aten::zero_")


@dataclass(frozen=True)
class Costs:
    """Work of every operator call that a model understands.

    Parameters
    ----------
    row
        int64 number in ``Breakdown.rows`` of each call, ascending.
    work_of_call
        int64 into ``works``.
    works
        Distinct pieces of work.
    time_ns
        int64: device time that the call launched itself; on a CPU target its duration.
    weight_ns
        Time of the whole breakdown, of the kind that ``time_ns`` is part of.
    device
        Its peaks; None for unknown ones.
    """

    row: IntArray
    work_of_call: IntArray
    works: tuple[Work, ...]
    time_ns: IntArray
    weight_ns: int
    device: Device | None

    @property
    def covered_frac(self) -> float:
        """Share of the time whose work is known."""
        return int(self.time_ns.sum()) / self.weight_ns if self.weight_ns else 0.0

    def column(self, name: str) -> AnyArray:
        """A number of each call's work, such as ``flops`` or ``bytes``: float64, one per call."""
        values = np.array([getattr(work, name) for work in self.works], dtype=np.float64)
        return values[self.work_of_call] if len(values) else np.zeros(0)

    @property
    def least_ns(self) -> AnyArray:
        """float64: the least time of each call on this device; nan where its peaks are unknown."""
        if self.device is None:
            return np.full(len(self.row), np.nan)
        values = np.array([self.device.least_ns(work) for work in self.works], dtype=np.float64)
        return values[self.work_of_call] if len(values) else np.zeros(0)


def costs(bd: Breakdown, device: Device | None = None) -> Costs:
    """Find the work of the operators of a breakdown.

    Parameters
    ----------
    bd
        Recorded with shapes; without them, and in replays of graphs, nothing is known.
    device
        Whose peaks to hold it against; by default the one that the trace names.
    """
    rows = bd.rows
    on_device = bd.weight == "device"
    operators = np.flatnonzero((rows.kind == Kind.OPERATOR) & (rows.shapes >= 0))
    modelled = np.array([model_of(bd.strings.text(name)) is not None for name in _distinct(rows.name[operators])])
    _, which = np.unique(rows.name[operators], return_inverse=True)
    candidates = operators[modelled[which]] if len(operators) else operators
    if on_device:
        candidates = candidates[rows.launched_ns[candidates] > 0]
    if on_device:
        # A copy inside of a product, as of operands that do not lie as they must, has launches of its own: it takes
        # neither work nor time from what it is in.
        moving = np.isin(rows.name[candidates], [bd.strings.find(name) for name in _MOVING])
        outer = candidates[~moving]
        candidates = np.sort(np.concatenate([outer[_is_innermost(rows, outer)], candidates[moving]]))
    else:
        candidates = candidates[_is_innermost(rows, candidates)]
    lengths = _lengths_of_rows(bd, candidates)
    keys = [rows.name[candidates], rows.shapes[candidates], rows.dtypes[candidates], lengths]
    first, group = group_by(keys) if len(candidates) else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    found = [_work(bd, *(int(key[place]) for key in keys)) for place in first.tolist()]
    is_known = np.array([work is not None for work in found], dtype=bool)
    place = np.cumsum(is_known) - 1
    known = is_known[group] if len(group) else np.zeros(0, dtype=bool)
    row = candidates[known]
    return Costs(
        row=row,
        work_of_call=place[group[known]],
        works=tuple(work for work in found if work is not None),
        time_ns=(rows.launched_ns if on_device else rows.total_ns)[row],
        weight_ns=int(bd.weights_ns.sum()),
        device=device or find_device(bd.metadata.device_name, _memory_bytes(bd)) or _processor(bd),
    )


def _distinct(names: AnyArray) -> list[int]:
    found: list[int] = np.unique(names).tolist()
    return found


def _is_innermost(rows: Rows, candidates: IntArray) -> BoolArray:
    """Which operators hold no other one of them: work is counted where it is done, and ``linear`` contains ``mm``."""
    order = np.lexsort((-rows.total_ns[candidates], rows.start_ns[candidates], rows.track[candidates]))
    order = order[np.argsort(rows.rank[candidates][order], kind="stable")]
    ordered = candidates[order]
    after, before = ordered[1:], ordered[:-1]
    # In this order the next one begins within this one exactly where this one contains any at all.
    holds = (
        (rows.rank[after] == rows.rank[before])
        & (rows.track[after] == rows.track[before])
        & (rows.start_ns[after] + rows.total_ns[after] <= rows.start_ns[before] + rows.total_ns[before])
    )
    innermost = np.ones(len(candidates), dtype=bool)
    innermost[order[:-1][holds]] = False
    return innermost


def _lengths_of_rows(bd: Breakdown, candidates: IntArray) -> IntArray:
    """int64: for each row the number of its rank's run and step where the step's name tells lengths, else −1."""
    rows = bd.rows
    found = np.full(len(candidates), NONE, dtype=np.int64)
    for number, run in enumerate(bd.tables.runs):
        told = np.array([read_lengths(step.name) is not None for step in run.steps] + [False], dtype=bool)
        here = np.flatnonzero(rows.rank[candidates] == run.metadata.rank)  # ranks differ in their number of steps
        step = rows.step[candidates[here]]
        found[here[told[step]]] = (np.int64(number) << 32) + step[told[step]]
    return found


def _work(bd: Breakdown, name: int, shapes: int, types: int, where: int) -> Work | None:
    model = model_of(bd.strings.text(name))
    if model is None or types < 0:
        return None
    lengths: Lengths | None = None
    if where >= 0:
        lengths = read_lengths(bd.tables.runs[where >> 32].steps[where & 0xFFFFFFFF].name)
    return model(read_operands(bd.strings.text(shapes), bd.strings.text(types)), lengths)


def _processor(bd: Breakdown) -> Device | None:
    said = bd.metadata.extra.get("processor")
    return find_processor(bd.metadata.device_name, said) if bd.weight == "host" and isinstance(said, dict) else None


def _memory_bytes(bd: Breakdown) -> int:
    properties = bd.metadata.extra.get("deviceProperties")
    first = properties[0] if isinstance(properties, list) and properties else None
    found = first.get("totalGlobalMem", 0) if isinstance(first, dict) else 0
    return found if isinstance(found, int) else 0
