"""What a comparison's page needs to show one phase: each phase's times, and rows of everything within it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xpubreak.attribute.label import PHASES
from xpubreak.view.comparison.numbers import number

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison

ORDER = {name: at for at, name in enumerate(PHASES)}
_NONE = "no phase"
COLUMNS = ("key", "a", "b", "low", "high", "q", "verdict")
"""Of the rows within a phase: the row that each is a part of, and what is its own."""


def phase_label(value: tuple[Any, ...]) -> str:
    """What a phase is called."""
    return str(value[0]) or _NONE


def steps_of_phases(cmp: Comparison) -> dict[str, dict[str, Any]]:
    """Steps of each phase in both runs, and the share of the compared steps that are of it; None for runs as wholes."""
    pairing = cmp.matched.pairing
    found: dict[str, dict[str, Any]] = {}
    for one in pairing.kinds:
        mine = found.setdefault(one.kind.phase or _NONE, {"steps": [0, 0], "share": None})
        mine["steps"] = [mine["steps"][0] + one.a_steps, mine["steps"][1] + one.b_steps]
    if pairing.level != "run":
        whole = sum(one.weight for one in pairing.compared)
        for one in pairing.compared:
            mine = found[one.kind.phase or _NONE]
            mine["share"] = (mine["share"] or 0) + one.weight / whole
    return found


def within_phases(
    cmp: Comparison, dimensions: Mapping[str, tuple[str, ...]], keys: Mapping[str, Mapping[tuple[Any, ...], int]]
) -> list[dict[str, dict[str, list[Any]]]]:
    """Rows of each phase, as columns, in order of the phases.

    They are times per step of all that is compared, and add up to the whole: a phase's own part of a row. Only rows
    with time are listed, and none where one phase has all of it.
    """
    whole = cmp.differences("phase")
    timed = [bool(a_ns or b_ns) for a_ns, b_ns in zip(whole.estimates.a_ns, whole.estimates.b_ns, strict=True)]
    if sum(timed) < 2:
        return []
    made: list[dict[str, dict[str, list[Any]]]] = [
        {name: {column: [] for column in COLUMNS} for name in dimensions} for _ in timed
    ]
    for name, of in dimensions.items():
        found = cmp.differences("phase", *of)
        estimates = found.estimates
        for at, (phase, *value) in enumerate(found.values):
            if not (estimates.a_ns[at] or estimates.b_ns[at]):
                continue
            row = (
                keys[name][tuple(value)],
                *(number(column[at]) for column in (estimates.a_ns, estimates.b_ns)),
                *(number(column[at]) for column in (estimates.low_ns, estimates.high_ns)),
                number(found.q[at], digits=6),
                found.verdict[at],
            )
            columns = made[keys["phase"][(phase,)]][name]
            for column, cell in zip(COLUMNS, row, strict=True):
                columns[column].append(cell)
    return made
