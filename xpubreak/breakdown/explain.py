"""Explanations: why something has its backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.facts import group_by, sum_by
from xpubreak.breakdown.rows import Rows
from xpubreak.breakdown.selection import matching
from xpubreak.classify.backend import Confidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.errors import SelectionError
from xpubreak.trace.events import Kind
from xpubreak.tree.launches import Link
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MAX_CASES = 12
_MAX_NAME = 160
_LINK_WORDS = {
    Link.NONE: "not linked to the host",
    Link.RUNTIME: "linked by the correlation id of a runtime call",
    Link.DRIVER: "linked by the correlation id of a driver call",
    Link.EXTERNAL_ID: "linked by External id only, which torch.compile gets wrong",
}
_SURE = {
    Confidence.NONE: "no rule could explain it",
    Confidence.WEAK: "weak: the name alone, which others may bear",
    Confidence.CONTEXT: "by context: the operators around it",
    Confidence.STRONG: "strong: a namespace or pattern of one library",
    Confidence.CERTAIN: "certain",
}


@dataclass(frozen=True)
class Case:
    """One way in which something was attributed.

    Parameters
    ----------
    name, backend, role, category, confidence, rule, source, key, note
        As in the tables; ``source`` names the registry and version, or the pattern list.
    chain
        Operators around it, innermost first.
    link
        How it was linked to the host, in words; empty for host spans.
    count, weight_ns
        How often, and how much time.
    """

    name: str
    backend: str
    role: str
    category: str
    confidence: str
    rule: str
    source: str
    key: str
    note: str
    chain: tuple[str, ...]
    link: str
    count: int
    weight_ns: int


@dataclass(frozen=True)
class Explanation:
    """All ways in which what was asked for was attributed, most time first; prints itself."""

    asked: str
    cases: tuple[Case, ...]
    whole_ns: int
    more: int = 0

    def __str__(self) -> str:
        if not self.cases:
            return f"Nothing here is called {self.asked}."
        lines: list[str] = []
        for case in self.cases:
            lines += _lines(case, self.whole_ns)
        if self.more:
            lines.append(f"… and {self.more} more: ask for a longer name.")
        return "\n".join(lines)

    __repr__ = __str__


def explain(breakdown: Breakdown, what: str | int) -> Explanation:
    """Collect the cases; see `Breakdown.explain`."""
    rows, weights_ns = breakdown.rows, breakdown.weights_ns
    chosen = _named(breakdown, what) if isinstance(what, str) else _numbered(breakdown, what)
    # Device activities are what people ask about; operators of the same name only where there are none.
    if isinstance(what, str) and breakdown.weight == "device" and (chosen & rows.is_activity).any():
        chosen &= rows.is_activity
    at = np.flatnonzero(chosen)
    whole_ns = int(weights_ns.sum())
    if not len(at):
        return Explanation(str(what), (), whole_ns)
    columns = (rows.name, rows.role, rows.evidence, rows.op, rows.confidence)
    first, group = group_by([column[at] for column in columns])
    spent_ns = sum_by(group, weights_ns[at], len(first))
    counts = sum_by(group, rows.count[at], len(first))
    order = np.argsort(-spent_ns, kind="stable")
    cases = [_case(breakdown, int(at[first[i]]), int(counts[i]), int(spent_ns[i])) for i in order[:_MAX_CASES]]
    return Explanation(str(what), tuple(cases), whole_ns, max(0, len(order) - _MAX_CASES))


def _named(breakdown: Breakdown, text: str) -> np.ndarray:
    rows, strings = breakdown.rows, breakdown.strings
    found = np.zeros(len(rows), dtype=bool)
    for column in (rows.display, rows.name):
        distinct = np.unique(column)
        exact = strings.find(text)
        ids = [exact] if exact in distinct else matching(strings, distinct, text)
        found |= np.isin(column, ids)
    return found


def _numbered(breakdown: Breakdown, number: int) -> np.ndarray:
    rows = breakdown.rows
    wanted = rows.is_activity if breakdown.weight == "device" else rows.kind == Kind.OPERATOR
    at = np.flatnonzero(wanted)
    at = at[np.lexsort((rows.start_ns[at], rows.rank[at]))]  # the order of the table
    if not 0 <= number < len(at):
        table = "kernels" if breakdown.weight == "device" else "ops"
        raise SelectionError(f"There is no row {number} in `{table}`: it has {len(at)} rows.")
    chosen = np.zeros(len(rows), dtype=bool)
    chosen[at[number]] = True
    return chosen


def _case(breakdown: Breakdown, row: int, count: int, spent_ns: int) -> Case:
    rows, strings = breakdown.rows, breakdown.strings
    evidence = breakdown.evidences[rows.evidence[row]]
    is_activity = bool(rows.is_activity[row])
    confidence = Confidence(rows.confidence[row])
    return Case(
        name=strings.text(rows.name[row]),
        backend=breakdown.backend_label(int(rows.role[row])),
        role=Role(rows.role[row]).key,
        category=CATEGORIES[rows.category[row]],
        confidence=confidence.key,
        rule=evidence.rule,
        source=evidence.source,
        key=evidence.key,
        note=evidence.note,
        chain=_chain(breakdown, rows, row),
        link=_LINK_WORDS[Link(rows.link[row])] if is_activity else "",
        count=count,
        weight_ns=spent_ns,
    )


def _chain(breakdown: Breakdown, rows: Rows, row: int) -> tuple[str, ...]:
    tree, strings = breakdown.nodes, breakdown.strings
    path = tree.path(int(rows.node[row]))[:-1]
    shown = [node for node in path if tree.kind[node] in (Kind.OPERATOR, Kind.ANNOTATION, Kind.RUNTIME)]
    return tuple(strings.text(tree.name[node]) for node in shown[::-1])


def _lines(case: Case, whole_ns: int) -> list[str]:
    share = format_share(case.weight_ns, whole_ns)
    lines = [
        _cut(case.name),
        f"  is        {case.backend} · {case.category} · {_SURE[Confidence[case.confidence.upper()]]}",
        f"  because   rule {case.rule}, {case.source}, matched {_cut(case.key)!r}",
    ]
    if case.note:
        lines.append(f"            {_cut(case.note)}")
    if case.chain:
        lines.append(f"  under     {' ← '.join(_cut(name, 60) for name in case.chain[:6])}")
    if case.link:
        lines.append(f"  launch    {case.link}")
    calls = "call" if case.count == 1 else "calls"
    lines.append(f"  takes     {format_ns(case.weight_ns)} in {case.count:,} {calls}, {share}")
    return lines


def _cut(text: str, width: int = _MAX_NAME) -> str:
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:2000])
    return text if len(text) <= width else f"{text[: width - 1]}…"
