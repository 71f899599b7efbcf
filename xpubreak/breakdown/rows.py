"""Rows: one per device activity and host span, of all ranks, with every label."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from typing import Any

import numpy as np

from xpubreak.breakdown.access import NO_OPTIONS, Access
from xpubreak.breakdown.privatetexts import PrivateTexts
from xpubreak.breakdown.run import Run, origins_ns
from xpubreak.classify.backend import Evidence
from xpubreak.trace.columns import AnyArray, BoolArray, CodeArray, IntArray, SmallArray, distinct, freeze
from xpubreak.trace.events import Kind
from xpubreak.trace.strings import Strings
from xpubreak.tree.calltree import CallTree

LEFT_OUT = -2
"""Offset of events that may not be looked up in their trace."""
_DTYPES: dict[str, type[np.generic]] = {"IntArray": np.int64, "CodeArray": np.int32, "SmallArray": np.uint8}


@cache
def dtypes_of(kind: Any) -> dict[str, type[np.generic]]:
    """Types of the columns of a table, as its class documents them."""
    return {column.name: _DTYPES[str(column.type)] for column in fields(kind)}


@dataclass(frozen=True)
class Rows:
    """Struct of arrays, one row per activity or span; activities of a rank first, each in trace order.

    Parameters
    ----------
    rank
        int32.
    event
        int64: row in the trace of that rank.
    kind
        uint8, a `Kind`.
    name, display
        int32 string ids: as in the trace, and demangled and shortened.
    op
        int32 string id of the innermost operator at or above ``node``: around the launch of an activity, around a
        runtime call; of an operator itself, its own name; −1 for none.
    node
        int32 node of the call tree, −1 for none.
    role, category, confidence
        uint8 codes of the classify floor.
    evidence
        int32 into ``Tables.evidences``.
    layer, step
        int32, −1 outside.
    position, phase
        uint8 codes of the attribute floor.
    module
        int32 string id, −1 for none.
    stream
        int32 stream or queue number, −1 on the host.
    link
        uint8, a `Link`; 255 for spans.
    track
        int32, into the tracks of that rank's `Run`.
    depth
        int32 number of spans around a span, 0 for activities.
    launch
        int64 number of the row that launched an activity, −1 for none and for spans.
    start_ns
        int64 from the start of that rank's trace.
    launch_ns
        int64 start of the launching call, −1 for none.
    device_ns
        int64 duration of an activity; 0 for spans.
    host_ns
        int64 self time of a span; 0 for activities.
    total_ns
        int64 duration of the event itself.
    launched_ns
        int64 device time that an operator launched itself, not through operators inside it.
    bytes
        int64 of copies and fills, −1 for none.
    shapes, dtypes
        int32 string ids of the recorded shapes and types of inputs, −1 for none.
    collective
        int32 string id of what the trace records about a collective (`recorded.Recorded`), −1 for nothing.
    sequence
        int64 number of a collective within its group of processes, −1 where it is not recorded.
    offset
        int64 place of the event's text in the trace file, decompressed; −1 for none, `LEFT_OUT` in what was redacted.
    count
        int64 number of activities or spans that the row stands for: 1, but in folded tables (`fold`).
    """

    rank: CodeArray
    event: IntArray
    kind: SmallArray
    name: CodeArray
    display: CodeArray
    op: CodeArray
    node: CodeArray
    role: SmallArray
    category: SmallArray
    confidence: SmallArray
    evidence: CodeArray
    layer: CodeArray
    position: SmallArray
    phase: SmallArray
    step: CodeArray
    module: CodeArray
    stream: CodeArray
    link: SmallArray
    track: CodeArray
    depth: CodeArray
    launch: IntArray
    start_ns: IntArray
    launch_ns: IntArray
    device_ns: IntArray
    host_ns: IntArray
    total_ns: IntArray
    launched_ns: IntArray
    bytes: IntArray
    shapes: CodeArray
    dtypes: CodeArray
    collective: CodeArray
    sequence: IntArray
    offset: IntArray
    count: IntArray

    def __post_init__(self) -> None:
        for column in fields(self):
            freeze(getattr(self, column.name))

    def __len__(self) -> int:
        return len(self.rank)

    @cached_property
    def is_activity(self) -> BoolArray:
        """Rows that are device activities."""
        return freeze((self.kind >= Kind.KERNEL) & (self.kind <= Kind.MEMSET))

    def extent(self, column: AnyArray) -> tuple[int, int]:
        """Least and greatest number of a column; of one of this table, remembered. There has to be a row."""
        name = self._name(column)
        if name not in self._extents:
            extent = int(column.min()), int(column.max())
            if not name:
                return extent
            self._extents[name] = extent
        return self._extents[name]

    def distinct(self, column: AnyArray) -> IntArray:
        """Sorted distinct numbers of a column; of one of this table, remembered."""
        name = self._name(column)
        if name not in self._distinct:
            found = freeze(distinct(column))
            if not name:
                return found
            self._distinct[name] = found
        return self._distinct[name]

    def _name(self, column: AnyArray) -> str:
        return next((field.name for field in fields(self) if getattr(self, field.name) is column), "")

    @cached_property
    def _extents(self) -> dict[str, tuple[int, int]]:
        return {}

    @cached_property
    def _distinct(self) -> dict[str, IntArray]:
        return {}

    def take(self, rows: AnyArray) -> Rows:
        """Return some rows as a new table."""
        return Rows(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})


class Part:
    """Some rows of a table, whose columns are taken when they are asked for: sums need few of them.

    Parameters
    ----------
    rows
        Of the whole table.
    chosen
        Numbers of rows.
    """

    def __init__(self, rows: Rows, chosen: IntArray) -> None:
        self._rows = rows
        self._chosen = chosen

    def __len__(self) -> int:
        return len(self._chosen)

    def __getattr__(self, name: str) -> AnyArray:
        column = getattr(self._rows, name)
        if not isinstance(column, np.ndarray):
            raise AttributeError(name)
        taken: AnyArray = freeze(column[self._chosen])
        setattr(self, name, taken)
        return taken

    def extent(self, column: AnyArray) -> tuple[int, int]:
        """Least and greatest number of a column; there has to be a row."""
        return int(column.min()), int(column.max())


@dataclass(frozen=True)
class Tables:
    """Rows and what their ids refer to.

    Parameters
    ----------
    rows, tree, strings, evidences
        Of all ranks.
    runs
        What is known about each rank besides, by rank.
    folded
        What was added up, in order: nothing, or ``"events"``, then perhaps ``"steps"``, ``"ranks"``.
    store
        Folder or URL of the data set that has the single events; empty for none.
    access
        How URLs were reached; it is not saved.
    private
        What rewrote the texts, in redacted tables: whatever is said of them later is rewritten as well.
    """

    rows: Rows
    tree: CallTree
    strings: Strings
    evidences: tuple[Evidence, ...]
    runs: tuple[Run, ...] = ()
    folded: tuple[str, ...] = ()
    store: str = ""
    access: Access = field(default=NO_OPTIONS, compare=False, repr=False)
    private: PrivateTexts | None = field(default=None, compare=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Pickles may travel as far as saved files: options for URLs hold secrets and stay here."""
        return {**self.__dict__, "access": NO_OPTIONS}

    @cached_property
    def origins_ns(self) -> dict[int, int]:
        """Start of each rank's trace on the clock that all ranks share, by rank."""
        return origins_ns(self.runs)
