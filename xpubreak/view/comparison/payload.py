"""A comparison as its views show it, ready for JSON; mirrored by ``js/src/compare/payload.ts``."""

from __future__ import annotations

import gzip
import json
import math
from typing import TYPE_CHECKING, Any

from xpubreak.classify.backend import ROLES_BY_KEY

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison
    from xpubreak.breakdown.compare.differences import Differences

_PLACES = {"before": -1, "layer": 0, "after": 1 << 30, "outside": (1 << 30) + 1}


def packed(cmp: Comparison) -> bytes:
    """Every pair of the baseline and another run, as gzipped JSON."""
    return compressed_pairs(pairs_of(cmp))


def pairs_of(cmp: Comparison) -> list[dict[str, Any]]:
    """Every pair of the baseline and another run, the comparison's own first."""
    first, second = cmp.numbers
    others = [number for number in range(len(cmp.runs)) if number not in (first, second)]
    return [_pair(cmp), *(_pair(cmp.pair(number, first)) for number in others)]


def compressed_pairs(pairs: list[dict[str, Any]]) -> bytes:
    """Pairs as the page reads them."""
    text = json.dumps({"pairs": pairs}, separators=(",", ":"), allow_nan=False)
    return gzip.compress(text.encode("utf-8", "replace"), 9, mtime=0)


def _pair(cmp: Comparison) -> dict[str, Any]:
    leaves = cmp.differences("backend", "category", "layer", "position", "kernel")
    rows: dict[str, list[dict[str, Any]]] = {
        "backend": _rows(cmp.differences("backend"), lambda value: cmp.b.backend_label(ROLES_BY_KEY[value[0]])),
        "category": _rows(cmp.differences("category"), lambda value: str(value[0])),
        "layer": _rows(cmp.differences("layer", "position"), _layer),
        "kernel": _kernels(cmp),
    }
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
        **{name: sorted(found, key=lambda row: row.pop("order")) for name, found in rows.items()},
        "leaves": _leaves(leaves, rows),
    }


def _rows(found: Differences, label: Any) -> list[dict[str, Any]]:
    estimates = found.estimates
    rows = []
    for at, value in enumerate(found.values):
        rows.append(
            {
                "order": _order(found, at),
                "value": value,
                "label": label(value),
                "a": _number(estimates.a_ns[at]),
                "b": _number(estimates.b_ns[at]),
                "low": _number(estimates.low_ns[at]),
                "high": _number(estimates.high_ns[at]),
                "q": _number(found.q[at], digits=6),
                "verdict": found.verdict[at],
            }
        )
    ordered = sorted(rows, key=lambda row: row["order"])
    for key, row in enumerate(ordered):
        row["key"] = key
    return rows


def _order(found: Differences, at: int) -> tuple[Any, ...]:
    if found.dimensions[0] == "layer":
        layer, position = found.values[at]
        return (_PLACES.get(position, 0) or layer, layer)
    return (-abs(float(found.estimates.delta_ns[at])), at)


def _layer(value: tuple[Any, ...]) -> str:
    layer, position = value
    return str(layer) if layer >= 0 else str(position)


def _kernels(cmp: Comparison) -> list[dict[str, Any]]:
    found = cmp.differences("kernel")
    rows = _rows(found, lambda value: str(value[0]))
    matches = dict(zip(cmp.matched.axes.column("kernel")[2], cmp.matched.axes.kernels, strict=True))
    for at, row in enumerate(rows):
        a_backend, b_backend, category = cmp.kernel_backends[row["label"]]
        row |= {
            "how": matches[row["label"]].how,
            "backends": [a_backend, b_backend],
            "category": category,
            "detectable": _number(found.estimates.detectable_ns[at]),
        }
    return rows


def _totals(cmp: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "key": at,
            "label": name,
            "a": _number(found.a_ns[0]),
            "b": _number(found.b_ns[0]),
            "low": _number(found.low_ns[0]),
            "high": _number(found.high_ns[0]),
            "q": _number(found.p[0], digits=6),
            "verdict": cmp.word(found),
            "detectable": _number(found.detectable_ns[0]),
        }
        for at, (name, found) in enumerate(cmp.measures.items())
    ]


def _leaves(found: Differences, rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[Any]]:
    keys = {name: {row["value"]: row.pop("key_of", row["key"]) for row in items} for name, items in rows.items()}
    for items in rows.values():
        for row in items:
            del row["value"]
    columns: dict[str, list[Any]] = {name: [] for name in (*keys, "a", "b")}
    for at, (backend, category, layer, position, kernel) in enumerate(found.values):
        columns["backend"].append(keys["backend"][(backend,)])
        columns["category"].append(keys["category"][(category,)])
        columns["layer"].append(keys["layer"][(layer, position)])
        columns["kernel"].append(keys["kernel"][(kernel,)])
        columns["a"].append(_number(found.estimates.a_ns[at]))
        columns["b"].append(_number(found.estimates.b_ns[at]))
    return columns


def _number(value: float, digits: int = 3) -> float | None:
    return None if math.isnan(value) else round(float(value), digits)
