"""Evidence of a finding in a saved copy with folded names: what to select there, and what to say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.attribute.label import PHASES
from xpubreak.breakdown.dimension import NO_VALUE, RANGES
from xpubreak.breakdown.selection import Selection
from xpubreak.classify.backend import Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.trace.columns import BoolArray, IntArray
from xpubreak.units import format_ns
from xpubreak.view.reduce import Reduced

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_BY_NAME = {"kernel", "span", "name", "op"}
_NAMED = _BY_NAME | {"node"}
"""Dimensions whose smallest values are folded; the others stay exact."""
_OF_EVENTS = ("row", "under", "evidence", "text", *RANGES)
"""Dimensions that a copy without single events, or with other numbers, does not know."""
_ENOUGH_FRAC = 0.5
"""Of its time: where less is left by name, everything of the same kind is selected instead."""


@dataclass(frozen=True)
class Shown:
    """What stands for evidence in a copy.

    Parameters
    ----------
    clauses
        As ``Breakdown.select`` takes them; nodes are those of the copy.
    note
        What is folded, for the reader; empty where the selection is exactly the evidence.
    own_ns, others_ns
        Time that is selected: of the evidence, and besides; known where there is a note.
    """

    clauses: dict[str, list[Any]]
    note: str = ""
    own_ns: int = 0
    others_ns: int = 0


def shown_evidence(bd: Breakdown, evidence: Selection, less: Reduced) -> Shown:
    """Say what to select in a folded copy of ``bd`` for some evidence."""
    clauses = evidence.to_json()
    lost = [name for name in clauses if name in _OF_EVENTS]
    lost += [name for name, is_kept in (("module", less.has_modules), ("rank", less.has_ranks)) if not is_kept]
    if not set(clauses) & {*lost, *_NAMED}:
        return Shown(clauses)
    rows = np.flatnonzero(evidence.mask(bd.tables)[bd.row_numbers])
    fact = bd.fact_of_row[rows]
    column = bd.rows.device_ns if bd.rows.device_ns[rows].any() else bd.rows.host_ns
    times_ns: IntArray = column[rows]
    node = bd.rows.node[rows]
    # By call path alone, small names at a path that is kept are still selected.
    is_left = ~less.is_folded[fact] if set(clauses) & _BY_NAME else np.append(less.is_kept, False)[node]
    whole_ns, left_ns = int(times_ns.sum()), int(times_ns[is_left].sum())
    if not set(clauses) & set(lost) and left_ns >= _ENOUGH_FRAC * whole_ns and len(rows):
        narrowed = _by_name(clauses, bd, less)
        others_ns = _others_ns(narrowed, bd, less, rows, column)
        if left_ns == whole_ns and not others_ns:
            return Shown(narrowed)
        told = f"{format_ns(left_ns)} of its {format_ns(whole_ns)}" if left_ns < whole_ns else "all of its time"
        besides = f", and {format_ns(others_ns)} of smaller names at the same call paths" if others_ns else ""
        note = f"In this saved copy the smallest names are folded: what is selected is {told}{besides}."
        return Shown(narrowed, note, left_ns, others_ns)
    return _widened(bd, fact, whole_ns, column)


def _by_name(clauses: dict[str, list[Any]], bd: Breakdown, less: Reduced) -> dict[str, list[Any]]:
    """The same clauses, nodes in the numbers of the copy; nodes and names that are folded are left out."""
    found = dict(clauses)
    if "node" in clauses:
        nodes = [int(node) for node in clauses["node"]]
        found["node"] = sorted(int(less.number[node]) for node in nodes if node >= 0 and less.is_kept[node])
    return found


def _others_ns(
    clauses: dict[str, list[Any]], bd: Breakdown, less: Reduced, rows: IntArray, column: IntArray
) -> int:  # fmt: skip
    """Time that the clauses select in the copy besides the rows of the evidence: folded into the same call paths."""
    if "node" not in clauses:
        return 0
    is_evidence = np.zeros(len(column), dtype=bool)
    is_evidence[rows] = True
    number = np.append(less.number, -1)[bd.rows.node]
    is_selected: BoolArray = np.isin(number, clauses["node"]) & ~is_evidence
    rest = {name: values for name, values in clauses.items() if name not in _NAMED}
    if rest:
        is_selected &= Selection.of(**rest).mask(bd.tables)[bd.row_numbers]
    if set(clauses) & _BY_NAME:
        is_selected &= False  # what is folded has none of these names
    return int(column[is_selected].sum())


def _widened(bd: Breakdown, fact: IntArray, whole_ns: int, column: IntArray) -> Shown:
    """Everything of the same backend, category, phase and layer: sums of these are exact in every copy."""
    facts = bd.facts
    clauses: dict[str, list[Any]] = {}
    for name, codes in (("backend", facts.role), ("category", facts.category), ("phase", facts.phase),
                        ("layer", facts.layer)):  # fmt: skip
        mine = np.unique(codes[fact])
        if len(mine) < len(np.unique(codes)):
            clauses[name] = [_value(name, int(code)) for code in mine]
    if not len(fact):
        return Shown({}, "In this saved copy nothing is selected for it.")
    if not clauses:
        return Shown({}, "Its names are folded in this saved copy, and it is of every kind: nothing is selected.")
    is_selected = Selection.of(**clauses).mask(bd.tables)[bd.row_numbers]
    around_ns = int(column[is_selected].sum())
    kinds = " and ".join(", ".join(clauses).rsplit(", ", 1))
    return Shown(
        clauses,
        f"Its names are folded in this saved copy: selected is everything of the same {kinds}, "
        f"{format_ns(around_ns)}, of which {format_ns(whole_ns)} are its own.",
        whole_ns,
        around_ns - whole_ns,
    )


def _value(name: str, code: int) -> Any:
    if name == "backend":
        return Role(code).key
    words = {"category": CATEGORIES, "phase": PHASES}.get(name)
    if words is None:
        return code
    return words[code] if code < len(words) else NO_VALUE
