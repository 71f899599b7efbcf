"""A comparison as its views show it, ready for JSON; mirrored by ``js/src/compare/payload.ts``."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from xpubreak.classify.backend import ROLES_BY_KEY
from xpubreak.view.comparison.numbers import number
from xpubreak.view.comparison.phases import ORDER, phase_label, steps_of_phases, within_phases

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison
    from xpubreak.breakdown.compare.differences import Differences

DIMENSIONS = {
    "phase": ("phase",),
    "backend": ("backend",),
    "category": ("category",),
    "layer": ("layer", "position"),
    "op": ("op",),
    "kernel": ("kernel",),
}
"""What the page tells apart, and what that is in tables."""
_PLACES = {"before": -1, "layer": 0, "after": 1 << 30, "outside": (1 << 30) + 1}


def packed(cmp: Comparison) -> bytes:
    """Every pair of the baseline and another run, as gzipped JSON."""
    return compressed_pairs(pairs_of(cmp))


def pairs_of(cmp: Comparison) -> list[dict[str, Any]]:
    """Every pair of the baseline and another run, in the order of `comparisons_of`."""
    return [_pair(one) for one in comparisons_of(cmp)]


def comparisons_of(cmp: Comparison) -> list[Comparison]:
    """Every pair of the baseline and another run, the comparison's own first."""
    first, second = cmp.numbers
    others = [run for run in range(len(cmp.runs)) if run not in (first, second)]
    return [cmp, *(cmp.pair(run, first) for run in others)]


def compressed_pairs(pairs: list[dict[str, Any]]) -> bytes:
    """Pairs as the page reads them."""
    text = json.dumps({"pairs": pairs}, separators=(",", ":"), allow_nan=False)
    return gzip.compress(text.encode("utf-8", "replace"), 9, mtime=0)


def _pair(cmp: Comparison) -> dict[str, Any]:
    rows = {name: _rows(cmp, name) for name in DIMENSIONS}
    keys = {name: {row.pop("value"): row["key"] for row in items} for name, items in rows.items()}
    parts = {name: of for name, of in DIMENSIONS.items() if name != "phase"}
    sides = []
    for at in (0, 1):
        bd = (cmp.a, cmp.b)[at]
        device = bd.metadata.device_name or bd.metadata.device.upper()
        mark = "synthetic, " if bd.metadata.synthetic else ""
        title = (cmp.a_title, cmp.b_title)[at]
        sides.append({"title": title, "device": f"{mark}{device}", "steps": len(cmp.matched.steps[at])})
    return {
        "title": cmp.title,
        "sides": sides,
        "notes": [{"severity": note.severity, "message": note.message} for note in cmp.notes],
        "compared": cmp.compared,
        "per": cmp.matched.pairing.per,
        "testable": cmp.matched.pairing.is_testable,
        "totals": _totals(cmp),
        **rows,
        "within": within_phases(cmp, parts, keys),
        "leaves": _leaves(cmp, keys),
    }


def _rows(cmp: Comparison, name: str) -> list[dict[str, Any]]:
    found = cmp.differences(*DIMENSIONS[name])
    estimates = found.estimates
    rows = []
    for key, at in enumerate(ordered(cmp, name)):
        value = found.values[at]
        rows.append(
            {
                "value": value,
                "key": key,
                "label": _label(cmp, name, value),
                "a": number(estimates.a_ns[at]),
                "b": number(estimates.b_ns[at]),
                "low": number(estimates.low_ns[at]),
                "high": number(estimates.high_ns[at]),
                "q": number(found.q[at], digits=6),
                "verdict": found.verdict[at],
            }
        )
        if name == "kernel":
            rows[-1]["detectable"] = number(estimates.detectable_ns[at])
    if name == "kernel":
        _add_kernels(cmp, rows)
    elif name == "phase":
        steps = steps_of_phases(cmp)
        rows = [{**row, "steps": [0, 0], "share": None, **steps.get(str(row["label"]), {})} for row in rows]
    return rows


def ordered(cmp: Comparison, name: str) -> list[int]:
    """Rows of a dimension of the page, as positions in what `Comparison.differences` finds."""
    found = cmp.differences(*DIMENSIONS[name])
    return sorted(range(len(found)), key=lambda at: _order(found, at))


def _order(found: Differences, at: int) -> tuple[Any, ...]:
    if found.dimensions[0] == "layer":
        layer, position = found.values[at]
        return (_PLACES.get(position, 0) or layer, layer)
    if found.dimensions[0] == "phase":
        return (ORDER.get(found.values[at][0], len(ORDER)),)
    return (-abs(float(found.estimates.delta_ns[at])), at)


def _label(cmp: Comparison, name: str, value: tuple[Any, ...]) -> str:
    if name == "backend":
        return cmp.b.backend_label(ROLES_BY_KEY[value[0]])
    if name == "phase":
        return phase_label(value)
    if name == "layer":
        layer, position = value
        return str(layer) if layer >= 0 else str(position)
    return str(value[0])


def _add_kernels(cmp: Comparison, rows: list[dict[str, Any]]) -> None:
    matches = dict(zip(cmp.matched.axes.column("kernel")[2], cmp.matched.axes.kernels, strict=True))
    for row in rows:
        a_backend, b_backend, category = cmp.kernel_backends[row["label"]]
        row |= {"how": matches[row["label"]].how, "backends": [a_backend, b_backend], "category": category}


def _totals(cmp: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "key": at,
            "label": name,
            "a": number(found.a_ns[0]),
            "b": number(found.b_ns[0]),
            "low": number(found.low_ns[0]),
            "high": number(found.high_ns[0]),
            "q": number(found.p[0], digits=6),
            "verdict": cmp.word(found),
            "detectable": number(found.detectable_ns[0]),
        }
        for at, (name, found) in enumerate(cmp.measures.items())
    ]


def _leaves(cmp: Comparison, keys: dict[str, dict[tuple[Any, ...], int]]) -> dict[str, list[Any]]:
    """Time by all dimensions at once; a part without any is kept only where its kernel has no other."""
    names = [name for of in DIMENSIONS.values() for name in of]
    values, a_ns, b_ns = cmp.matched.times(names)
    has_time = (a_ns != 0) | (b_ns != 0)
    kernel = names.index("kernel")
    shown = {value[kernel] for value, has in zip(values, has_time, strict=True) if has}
    columns: dict[str, list[Any]] = {name: [] for name in (*DIMENSIONS, "a", "b")}
    for at, value in enumerate(values):
        if not has_time[at] and value[kernel] in shown:
            continue
        shown.add(value[kernel])
        place = 0
        for name, of in DIMENSIONS.items():
            columns[name].append(keys[name][value[place : place + len(of)]])
            place += len(of)
        columns["a"].append(number(a_ns[at]))
        columns["b"].append(number(b_ns[at]))
    return columns
