"""Breakdown: what the user holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.breakdown import display, tables
from xpubreak.breakdown.acrossranks import AcrossRanks
from xpubreak.breakdown.analysis import Analysis
from xpubreak.breakdown.dimension import dimension
from xpubreak.breakdown.explain import Explanation, explain
from xpubreak.breakdown.exports import Exports
from xpubreak.breakdown.facts import Facts, add_up
from xpubreak.breakdown.gather import gather
from xpubreak.breakdown.health import recorded_issues
from xpubreak.breakdown.judged import Judged
from xpubreak.breakdown.material import Material
from xpubreak.breakdown.merge import merge
from xpubreak.breakdown.original import Original
from xpubreak.breakdown.rankhealth import rank_issues
from xpubreak.breakdown.report import report
from xpubreak.breakdown.rows import Part, Rows, Tables
from xpubreak.breakdown.selection import Selection
from xpubreak.breakdown.step_statistics import step_statistics
from xpubreak.breakdown.timeline import Timeline, timeline
from xpubreak.breakdown.totals import Coverage, Totals, coverage, totals
from xpubreak.classify.backend import ROLES_BY_KEY, Evidence, Role, role_label
from xpubreak.errors import Issue, merge_issues
from xpubreak.trace.columns import IntArray, freeze
from xpubreak.trace.strings import Strings
from xpubreak.trace.trace import Metadata
from xpubreak.tree.calltree import CallTree

if TYPE_CHECKING:
    import pandas as pd


class Breakdown(Exports, AcrossRanks, Judged, Original):
    """Where the time of one profile went: every device activity and host span, with its backend and why.

    Immutable; `select` returns another one over part of the rows. Made by ``xb.load``, ``xb.profile`` and the
    ``%%xpu_breakdown`` magic.

    Parameters
    ----------
    tables
        Rows of all ranks and what their ids refer to.
    title
        What to call it.
    selection
        What of the tables is selected.
    """

    def __init__(self, tables: Tables, title: str = "", selection: Selection | None = None) -> None:
        self._tables = tables
        self.title = title
        self.selection = selection if selection is not None else Selection()
        self._part: IntArray | None = None  # everything
        if self.selection:
            self._part = freeze(np.flatnonzero(self.selection.mask(tables)))

    @classmethod
    def of(cls, analyses: Sequence[Analysis], title: str = "") -> Breakdown:
        """Put analysed ranks together."""
        ordered = sorted(analyses, key=lambda analysis: analysis.trace.metadata.rank)
        return cls(merge([gather(Material.of(analysis)) for analysis in ordered]), title)

    def select(self, selection: Selection | Mapping[str, Any] | None = None, /, **clauses: Any) -> Breakdown:
        """Keep what fits all clauses.

        Parameters
        ----------
        selection
            A `Selection`, or its JSON form (such as ``explorer.selection``).
        **clauses
            By dimension: ``backend="cpu"``, ``layer=[0, 1]``, ``layer=range(4)``, ``phase="decode"``,
            ``text="gemm"``, ``text="/fmha|attn/"`` …

        Returns
        -------
        Breakdown
            Over the selected rows; ``select(a).select(b) == select(a and b)``.

        Raises
        ------
        SelectionError
            For an unknown dimension or value.
        """
        if selection is not None and not isinstance(selection, Selection):
            selection = Selection.from_json(selection)
        wanted = self.selection & (selection or Selection()) & Selection.of(**clauses)
        return Breakdown(self._tables, self.title, wanted)

    @property
    def device(self) -> str:
        """``"xpu"``, ``"cuda"``, ``"rocm"`` or ``"cpu"``."""
        return self.metadata.device

    @cached_property
    def weight(self) -> str:
        """``"device"`` where device activities were recorded, else ``"host"``: then operators are the work."""
        return "device" if self._tables.rows.is_activity.any() else "host"

    @property
    def metadata(self) -> Metadata:
        """Of the first rank."""
        return self._tables.runs[0].metadata if self._tables.runs else Metadata()

    @cached_property
    def issues(self) -> tuple[Issue, ...]:
        """What is incomplete or doubtful about this profile, worst first."""
        return merge_issues([*recorded_issues(self._tables), *rank_issues(self._tables), *self.findings.failures])

    @cached_property
    def rows(self) -> Rows:
        """The selected rows, one per activity and span."""
        return self._tables.rows if self._part is None else self._tables.rows.take(self._part)

    @property
    def _columns(self) -> Rows | Part:
        """Columns of `rows`, without making all of them."""
        return self.rows if self._part is None or "rows" in vars(self) else Part(self._tables.rows, self._part)

    @cached_property
    def _chosen(self) -> IntArray:
        return freeze(np.arange(len(self._tables.rows))) if self._part is None else self._part

    @cached_property
    def weights_ns(self) -> IntArray:
        """int64 per row: device time, or host time where no device activity was recorded."""
        return self.rows.device_ns if self.weight == "device" else self.rows.host_ns

    @cached_property
    def _added_up(self) -> tuple[Facts, IntArray]:
        return add_up(self.rows)

    @property
    def facts(self) -> Facts:
        """Rows added up by everything that a view can tell apart."""
        return self._added_up[0]

    @property
    def fact_of_row(self) -> IntArray:
        """int64 per row of `rows`: the fact that it is part of."""
        return self._added_up[1]

    @property
    def row_numbers(self) -> IntArray:
        """int64 per row of `rows`: its number in the whole profile, as in ``select(row=…)``."""
        return self._chosen

    @cached_property
    def timeline(self) -> Timeline:
        """Where each row of `rows` lies on threads and streams."""
        self._needs_events("A timeline")
        return timeline(self.rows, self._chosen, self._tables.runs)

    @property
    def tables(self) -> Tables:
        """All rows, selected or not, and what their ids refer to."""
        return self._tables

    @property
    def nodes(self) -> CallTree:
        """Call tree of all rows, selected or not; names are ids into `strings`."""
        return self._tables.tree

    @property
    def strings(self) -> Strings:
        """Text of every name."""
        return self._tables.strings

    @property
    def evidences(self) -> tuple[Evidence, ...]:
        """Why: rule, source, matched key."""
        return self._tables.evidences

    @cached_property
    def totals(self) -> Totals:
        """Device, busy, wall, idle and host time."""
        return totals(self.rows, self._tables.runs)

    @cached_property
    def coverage(self) -> Coverage:
        """How much of the time is linked, attributed, certain."""
        return coverage(self.rows, self.weights_ns)

    @property
    def layer_count(self) -> int:
        """Number of layers found; 0 for none."""
        return max((run.layer_count for run in self._tables.runs), default=0)

    @property
    def overhead_ratio(self) -> float | None:
        """Wall time with the profiler relative to without; None where it was not measured."""
        noted = self.metadata.extra.get("xpubreak")
        ratio = noted.get("overhead") if isinstance(noted, dict) else None
        return float(ratio) if isinstance(ratio, int | float) and ratio > 0 else None

    @property
    def sources(self) -> dict[str, str]:
        """How steps, phases, layers and modules were found, by name of the label."""
        return dict(self._tables.runs[0].sources) if self._tables.runs else {}

    def backend_label(self, role: int | str) -> str:
        """How a backend is called on this device: ``vllm`` is ``vllm-xpu-kernels`` on an XPU."""
        return role_label(ROLES_BY_KEY[role] if isinstance(role, str) else Role(role), self.device)

    @cached_property
    def kernels(self) -> pd.DataFrame:
        """One row per device activity; columns in `tables.KERNEL_COLUMNS`. Empty on a CPU target: see `ops`."""
        self._needs_events("A table of single kernels")
        return tables.kernels(self)

    @cached_property
    def ops(self) -> pd.DataFrame:
        """One row per host operator; columns in `tables.OP_COLUMNS`."""
        self._needs_events("A table of single ops")
        return tables.ops(self)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """One row per step and rank; columns in `tables.STEP_COLUMNS`."""
        return tables.steps(self, self._tables.runs)

    @cached_property
    def step_statistics(self) -> pd.DataFrame:
        """Spread of steps over the runs of a repeated cell; columns in `step_statistics.STATISTICS_COLUMNS`."""
        return step_statistics(self)

    def by(self, *dimensions: str) -> pd.DataFrame:
        """Add up by one or more dimensions.

        Parameters
        ----------
        *dimensions
            Names such as ``"backend"``, ``"layer"``, ``"phase"``, ``"category"``, ``"op"``, ``"kernel"``, ``"step"``.

        Returns
        -------
        pandas.DataFrame
            The dimensions, then ``device_ns``, ``host_ns``, ``count`` (of what carries the weight) and ``share``
            of the weight.
        """
        return tables.by(self, dimensions)

    def dimension_texts(self, name: str, rows: Rows | None = None) -> list[Any]:
        """Value of a dimension for every row (of this breakdown, or the given ones): texts, or numbers."""
        item = dimension(name)
        return list(item.values(self._tables, item.codes(self.rows if rows is None else rows)))

    def explain(self, what: str | int) -> Explanation:
        """Say why something has its backend.

        Parameters
        ----------
        what
            Part of a kernel's or operator's name, a ``/pattern/``, or a row number of `kernels` (of `ops` on a CPU
            target).
        """
        return explain(self, what)

    def report(self, width: int = 100) -> str:
        """Text for a terminal."""
        return report(self, width)

    def assert_within(self, baseline: Breakdown, limit: str | float, **options: Any) -> Any:
        """Raise `SlowerError` where this is slower than ``baseline`` by more than ``limit``; see `within`."""
        return display.call("assert_within", self, baseline, limit, **options)

    def __len__(self) -> int:
        return len(self._tables.rows if self._part is None else self._part)

    def __eq__(self, other: object) -> bool:
        """Whether two breakdowns select the same rows of the same profile."""
        if not isinstance(other, Breakdown):
            return NotImplemented
        return self._tables is other._tables and np.array_equal(self._chosen, other._chosen)

    __hash__ = None  # type: ignore[assignment]  # equal by content of an array

    def __repr__(self) -> str:
        return self.report()
