"""The text report of a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.text import cells, clip, wrap
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.compare.comparison import Comparison

_MARKS = {"error": "✖", "warning": "⚠", "info": "·"}
_ARROWS = {"slower": "▲", "faster": "▼", "only in A": "−", "only in B": "+"}
_MAX_ROWS = 12


def report(cmp: Comparison, width: int) -> str:
    """Write a comparison as text; ``width`` is that of the terminal."""
    lines = [f"A  {cmp.a_title}", f"B  {cmp.b_title}"]
    for note in cmp.notes:
        lines += wrap(f"{_MARKS[note.severity]} {note.message}", width)
    lines += ["", *_totals(cmp), *wrap(compared(cmp), width)]
    frame = cmp.by("backend")
    lines += ["", *_table(frame, "backend", [cmp.b.backend_label(str(role)) for role in frame["backend"]], width)]
    kernels = cmp.kernels
    shown = kernels[kernels["verdict"].isin([*_ARROWS])] if cmp.matched.pairing.is_testable else kernels
    names = [kernel_names(row) for row in shown.to_dict("records")]
    noun = "kernel" if cmp.a.weight == "device" else "operator"
    if len(shown):
        lines += ["", *_table(shown.head(_MAX_ROWS), noun, names[:_MAX_ROWS], width)]
    lines += [*_rest(cmp, len(kernels), len(shown))]
    if len(cmp.runs) > 2:
        lines += ["", *_others(cmp)]
    return "\n".join(clip(line, width) for line in lines)


def signed_ns(value_ns: float) -> str:
    """A difference: ``+1.2 ms``, ``−340 µs``."""
    return ("+" if value_ns > 0 else "−" if value_ns < 0 else "") + format_ns(abs(value_ns))


def signed_share(frac: float) -> str:
    """A relative difference: ``+3.1 %``; ``–`` where there is nothing to relate it to."""
    if math.isnan(frac):
        return "–"
    text = f"{abs(frac) * 100:.1f} %" if abs(frac) < 10 else f"{abs(frac):.0f}×"
    return ("+" if frac > 0 else "−" if frac < 0 else "") + text


def kernel_names(row: dict[Any, Any], arrow: str = " → ") -> str:
    """Kernels of a row of `Comparison.kernels`: one name where both sides have the same."""
    sides = [str(row[side]) for side in ("a_kernel", "b_kernel") if row[side]]
    return sides[0] if len(set(sides)) == 1 else arrow.join(sides)


def _totals(cmp: Comparison) -> Iterator[str]:
    per = cmp.matched.pairing.per
    for row in cmp.totals.to_dict("records"):
        interval = ""
        if not math.isnan(row["low_ns"]):
            interval = f"  [{signed_ns(row['low_ns'])}, {signed_ns(row['high_ns'])}]"
        yield (
            f"{row['measure']} per {per}: {format_ns(row['a_ns'])} → {format_ns(row['b_ns'])}   "
            f"{signed_ns(row['delta_ns'])} ({signed_share(row['delta_frac'])}){interval}  {row['verdict']}"
        )


def compared(cmp: Comparison) -> str:
    """Say which steps are compared, and what would have been found."""
    pairing = cmp.matched.pairing
    if pairing.level == "run":
        return "compared: run with run"
    what = "; ".join(f"{one.kind} ({one.a_steps} and {one.b_steps} steps)" for one in pairing.compared)
    if not pairing.is_testable:
        return f"compared: {what}"
    least = float(cmp.differences().estimates.detectable_ns[0])
    whole = float(cmp.differences().estimates.a_ns[0])
    return (
        f"compared: {what}; a difference of {format_ns(least)} ({format_share(least, whole)}) would have been found "
        f"four times out of five; intervals hold with {cmp.confidence_text}"
    )


def _table(frame: Any, noun: str, names: list[str], width: int) -> Iterator[str]:
    name_width = max(20, width - 66)
    yield f"{noun:<{name_width}} {'A':>9} {'B':>9} {'B − A':>10} {'':>8}  verdict"
    for name, row in zip(names, frame.to_dict("records"), strict=True):
        if not row["a_ns"] and not row["b_ns"]:
            continue
        shown = clip(name, name_width)
        padding = " " * (name_width - cells(shown))
        a, b = (format_ns(row[side]) if row[side] else "–" for side in ("a_ns", "b_ns"))
        yield (
            f"{shown}{padding} {a:>9} {b:>9} {signed_ns(row['delta_ns']):>10} {signed_share(row['delta_frac']):>8}  "
            f"{_ARROWS.get(row['verdict'], ' ')} {row['verdict']}"
        )


def _rest(cmp: Comparison, everything: int, shown: int) -> Iterator[str]:
    if shown > _MAX_ROWS:
        yield f"and {shown - _MAX_ROWS} more that changed"
    if cmp.matched.pairing.is_testable and everything > shown:
        rest = cmp.kernels[~cmp.kernels["verdict"].isin([*_ARROWS])]
        yield f"{len(rest)} others differ by no more than noise, together {signed_ns(rest['delta_ns'].sum())}"


def _others(cmp: Comparison) -> Iterator[str]:
    yield f"all runs against {cmp.a_title}:"
    for row in cmp.overview.to_dict("records"):
        yield (
            f"  {row['run']}: {format_ns(row['b_ns'])} per step, {signed_ns(row['delta_ns'])} "
            f"({signed_share(row['delta_frac'])}) {row['verdict']}"
        )
