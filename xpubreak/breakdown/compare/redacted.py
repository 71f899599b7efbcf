"""Runs of a comparison without names of people, hosts and places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xpubreak.breakdown.redact import private_texts, redact
from xpubreak.breakdown.thismachine import own_names

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown


def redacted_runs(runs: Sequence[Breakdown], titles: Sequence[str]) -> tuple[list[Breakdown], list[str], str] | None:
    """Redact runs together: what has one name in both keeps one, and so the same rows are matched.

    Returns
    -------
    list of Breakdown, list of str, str
        The runs, their titles, and what was left out; None where nothing was.
    """
    private = private_texts(runs, *own_names())
    found = {id(run): redact(run, private=private) for run in {id(run): run for run in runs}.values()}
    plain = [private.text(title) for title in titles]
    if not any(found.values()) and plain == list(titles):
        return None
    return [found[id(run)].breakdown for run in runs], plain, str(list(found.values())[-1])
