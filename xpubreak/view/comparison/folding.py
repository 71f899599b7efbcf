"""The smallest kernels and operators of a comparison as one row each; sums of everything else stay as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xpubreak.units import format_share

FOLDED_NAME = "(smaller)"
"""Stands for every kernel, or operator, that was folded."""
FOLDED = "folded"
"""Its verdict: it has none."""
_EXACT = ("phase", "backend", "category", "layer")
"""What never folds: there is little of it."""
_CHANGED = ("slower", "faster", "only in A", "only in B")
_EMPTY: dict[str, dict[str, Any]] = {
    "kernel": {"how": FOLDED, "backends": ["", ""], "category": "", "detectable": None},
    "op": {},
}


def folded(pair: dict[str, Any], most: int) -> dict[str, Any]:
    """Fold what takes least of the time of both runs, until ``most`` kernels and operators and their sums are left."""
    numbers = {name: _numbers(pair[name], most) for name in ("kernel", "op")}
    if not any(numbers.values()):
        return pair
    made = {**pair, "leaves": _folded_leaves(pair["leaves"], numbers)}
    for name, places in numbers.items():
        if places:
            made[name] = _folded_rows(pair[name], places, {"label": FOLDED_NAME, **_EMPTY[name]})
            made["within"] = [{**phase, name: _folded_columns(phase[name], places)} for phase in made["within"]]
    return {**made, "folded": _told(pair, made, numbers)}


def _numbers(rows: list[dict[str, Any]], most: int) -> dict[int, int]:
    """New numbers of rows, the smallest all with the last one; empty where none is folded."""
    by_size = sorted(rows, key=lambda row: (-row["a"] - row["b"], row["key"]))
    small = {row["key"] for row in by_size[most:]}
    if len(small) < 2:
        return {}  # one row would stand for one row
    kept = [row["key"] for row in rows if row["key"] not in small]
    return {**{key: at for at, key in enumerate(kept)}, **dict.fromkeys(small, len(kept))}


def _folded_rows(rows: list[dict[str, Any]], places: dict[int, int], empty: dict[str, Any]) -> list[dict[str, Any]]:
    last = max(places.values())
    kept = [{**row, "key": places[row["key"]]} for row in rows if places[row["key"]] != last]
    gone = [row for row in rows if places[row["key"]] == last]
    if not gone:
        return kept
    sums = {side: _sum(row[side] for row in gone) for side in ("a", "b")}
    return [*kept, {**empty, "key": last, **sums, "low": None, "high": None, "q": None, "verdict": FOLDED}]


def _folded_columns(columns: dict[str, list[Any]], places: dict[int, int]) -> dict[str, list[Any]]:
    """Rows within a phase, as columns."""
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    made = _folded_rows(rows, places, {})
    return {name: [row[name] for row in made] for name in columns}


def _told(pair: dict[str, Any], made: dict[str, Any], numbers: dict[str, dict[int, int]]) -> str:
    said = []
    for name, noun in (("kernel", "kernels"), ("op", "operators")):
        places = numbers[name]
        if not places:
            continue
        one = made[name][-1]
        gone = [row for row in pair[name] if places[row["key"]] == one["key"]]
        whole_ns = sum(row["a"] + row["b"] for row in pair[name])
        changed = sum(row["verdict"] in _CHANGED for row in gone)
        said.append(
            f"the {len(gone):,} smallest of {len(pair[name]):,} {noun} as “{FOLDED_NAME}”, together "
            f"{format_share(one['a'] + one['b'], whole_ns)} of the time of both runs; {changed:,} of them changed by "
            "more than noise"
        )
    return f"This saved copy shows {', and '.join(said)}. Sums by phase, backend, category and layer are exact."


def _folded_leaves(leaves: dict[str, list[Any]], numbers: dict[str, dict[int, int]]) -> dict[str, list[Any]]:
    sums: dict[tuple[int, ...], list[float]] = {}
    names = (*_EXACT, *numbers)
    renumbered = [[numbers.get(name, {}).get(key, key) for key in leaves[name]] for name in names]
    for *key, a_ns, b_ns in zip(*renumbered, leaves["a"], leaves["b"], strict=True):
        found = sums.setdefault(tuple(key), [0.0, 0.0])
        found[0] += a_ns
        found[1] += b_ns
    made: dict[str, list[Any]] = {name: [key[at] for key in sums] for at, name in enumerate(names)}
    for at, side in enumerate(("a", "b")):
        made[side] = [round(times_ns[at], 3) for times_ns in sums.values()]
    return made


def _sum(values: Iterable[float]) -> float:
    return round(sum(values), 3)
