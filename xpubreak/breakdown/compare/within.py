"""``bd.assert_within(baseline, "5%")``: a test that fails where a run got slower."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xpubreak.breakdown.compare.compare import compare
from xpubreak.breakdown.compare.comparereport import signed_ns, signed_share
from xpubreak.breakdown.compare.differences import ALPHA
from xpubreak.errors import SelectionError, SlowerError
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.comparison import Comparison

NOISE = ("ignore", "fail", "strict")
_LIMIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(%|ns|us|µs|ms|s)?\s*\Z")
_NS = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_MOST_NAMED = 10
_LEAST_COVERED_FRAC = 0.8
_NEVER = ("empty-side", "no-common-steps", "other-weight")
"""Nothing is left to check where one of these is an error, whatever is allowed."""

SET_ASIDE = "set-aside-steps"


def assert_within(
    bd: Breakdown,
    baseline: Breakdown,
    limit: str | float,
    *,
    by: str | tuple[str, ...] | None = None,
    noise: str = "ignore",
    at_least_frac: float = 0.01,
    alpha: float = ALPHA,
    allow: str | Sequence[str] = (),
) -> Comparison:
    """Raise where a run is slower than a baseline by more than a limit.

    Parameters
    ----------
    bd
        The candidate.
    baseline
        What to compare with.
    limit
        Most that it may be slower: ``"5%"``, ``"200us"`` a step, or a fraction such as 0.05.
    by
        Check every value of these dimensions as well as the whole, such as ``"backend"`` or ``("layer", "backend")``.
    noise
        What to make of a difference beyond the limit that may be noise: ``"ignore"`` it; ``"fail"`` on it; or be
        ``"strict"``, and fail wherever the interval reaches beyond the limit, so that passing is evidence.
    at_least_frac
        With ``by``: rows that take less than this share of a step in both runs are not checked.
    alpha
        See ``xb.compare``.
    allow
        Codes of notes that are errors, such as ``"other-model"``, in spite of which the runs are compared;
        ``"set-aside-steps"`` where the compared steps are less than 80 % of the time of either run.

    Returns
    -------
    Comparison
        For a look at it.

    Raises
    ------
    SlowerError
        An `AssertionError` that names what got slower, worst first.
    SelectionError
        The limit or an option cannot be read, or the runs cannot be judged: a note of theirs is an error, or most of
        their time is in steps that are not compared. A check that cannot fail would be none.
    """
    if noise not in NOISE:
        raise SelectionError(f"noise={noise!r}: it is one of {', '.join(NOISE)}.")
    frac, most_ns = read_limit(limit)
    found = compare(baseline, bd, titles=(baseline.title or "baseline", bd.title or "candidate"), alpha=alpha)
    _check_comparable(found, (allow,) if isinstance(allow, str) else tuple(allow))
    if noise != "fail" and not found.matched.pairing.is_testable:
        note = next(note for note in found.notes if note.code in ("too-few-steps", "no-common-steps"))
        raise SelectionError(f"{note.message} To compare all the same, say noise='fail'.")
    dimensions = (by,) if isinstance(by, str) else tuple(by or ())
    whole = found.totals.to_dict("records")[0]
    rows = [(f"{found.a.weight} time", whole)]
    if dimensions:
        least = at_least_frac * max(whole["a_ns"], whole["b_ns"])
        rows += [
            (" · ".join(f"{name} {row[name]}" for name in dimensions), row)
            for row in found.by(*dimensions).to_dict("records")
            if max(row["a_ns"], row["b_ns"]) >= least
        ]
    slow = [(name, row) for name, row in rows if _is_slower(row, max(frac * row["a_ns"], most_ns), noise)]
    if slow:
        raise SlowerError(_message(found, str(limit), slow), found)
    return found


def _check_comparable(found: Comparison, allow: tuple[str, ...]) -> None:
    """Raise where the runs cannot be judged, and it was not allowed."""
    errors = [note for note in found.notes if note.severity == "error"]
    for note in errors:
        if note.code in _NEVER:
            raise SelectionError(f"Nothing can be checked: {note.message}")
    wrong = {note.code: note.message for note in reversed(errors) if note.code not in allow}
    shares = found.matched.covered_frac
    if min(shares) < _LEAST_COVERED_FRAC and SET_ASIDE not in allow:
        wrong[SET_ASIDE] = (
            f"The compared steps are {shares[0]:.0%} of the time of A, {shares[1]:.0%} of that of B; what is outside "
            "of them is not checked. Record more steps of each kind, or select what is meant in both runs, such as "
            "bd.select(phase='decode')."
        )
    if wrong:
        codes = ", ".join(map(repr, wrong))
        raise SelectionError(
            f"Nothing can be checked: {' '.join(wrong.values())} To compare all the same, say allow=({codes},); "
            "on the command line, --allow CODE."
        )


def _is_slower(row: Mapping[Any, Any], allowed_ns: float, noise: str) -> bool:
    if noise == "strict":
        return bool(row["high_ns"] > allowed_ns)
    if row["delta_ns"] <= allowed_ns:
        return False
    return noise == "fail" or row["verdict"] in ("slower", "only in B")


def read_limit(limit: str | float) -> tuple[float, float]:
    """Read a limit: as a fraction, and in nanoseconds.

    Raises
    ------
    SelectionError
        It is none.
    """
    if isinstance(limit, int | float) and not isinstance(limit, bool) and limit >= 0:
        if limit > 1:
            raise SelectionError(f"{limit!r} would be {limit:.0%}. Write '{limit:g}%' or {limit / 100:g}.")
        return float(limit), 0.0
    found = _LIMIT.match(limit) if isinstance(limit, str) else None
    if found is None:
        raise SelectionError(f"{limit!r} is no limit. Write '5%', '200us' or a fraction such as 0.05.")
    number, unit = float(found[1]), found[2]
    if unit == "%":
        return number / 100, 0.0
    if unit is None:
        raise SelectionError(f"{limit!r} has no unit. Write '{limit}%' or '{limit}us'.")
    return 0.0, number * _NS[unit]


def _message(found: Comparison, limit: str, slow: Sequence[tuple[str, Mapping[Any, Any]]]) -> str:
    slow = sorted(slow, key=lambda item: -item[1]["delta_ns"])
    per = found.matched.pairing.per
    lines = [f"{found.b_title} is slower than {found.a_title} by more than {limit}:"]
    for name, row in slow[:_MOST_NAMED]:
        interval = (
            f", between {signed_ns(row['low_ns'])} and {signed_ns(row['high_ns'])}"
            if row["low_ns"] == row["low_ns"]
            else ""
        )
        lines.append(
            f"  {name}: {format_ns(row['a_ns'])} → {format_ns(row['b_ns'])} per {per}, {signed_ns(row['delta_ns'])} "
            f"({signed_share(row['delta_frac'])}{interval}; {row['verdict']})"
        )
    if len(slow) > _MOST_NAMED:
        lines.append(f"  and {len(slow) - _MOST_NAMED} more")
    kernels = found.kernels
    worst = kernels[kernels["verdict"].isin(("slower", "only in B"))].head(3).to_dict("records")
    lines += [f"  most of it: {row['b_kernel'] or row['a_kernel']} {signed_ns(row['delta_ns'])}" for row in worst[:3]]
    lines += [f"  note: {note.message}" for note in found.notes if note.severity != "info"]
    return "\n".join(lines)
