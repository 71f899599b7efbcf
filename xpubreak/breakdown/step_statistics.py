"""Spread of the engine's steps: over the runs of a cell that was repeated, else over all steps of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown

_KIND = ["phase", "context_requests", "context_tokens", "generation_requests", "generation_tokens"]
_TIMES = ("wall", "device", "host")
_MEASURES = {"mean": "mean", "std": "std", "min": "min", "p50": "median", "max": "max"}

STATISTICS_COLUMNS = {
    "rank": "rank of the trace",
    "step": "position in each run of the cell, from 0; -1: all steps of this kind",
    "phase": "prefill, decode, mixed, unknown",
    "context_requests": "requests in prefill, -1 unknown",
    "context_tokens": "their tokens, -1 unknown",
    "generation_requests": "requests in decode, -1 unknown",
    "generation_tokens": "their tokens, -1 unknown",
    "count": "steps that were added up",
    **{
        f"{time}_{measure}_ns": f"{measure} of `{time}_ns` of `bd.steps`"
        + (" (of a sample; 0 for a single step)" if measure == "std" else "")
        for time in _TIMES
        for measure in _MEASURES
    },
}


def step_statistics(breakdown: Breakdown) -> pd.DataFrame:
    """Add up the steps that are alike.

    Parameters
    ----------
    breakdown
        Of a cell that was run once or, with ``--repeat``, several times under one recording.

    Returns
    -------
    pandas.DataFrame
        Columns in `STATISTICS_COLUMNS`. Where every run took the same steps, one row for each of them; else (requests
        may be batched otherwise in each run) one for each kind of step.
    """
    import pandas as pd  # noqa: PLC0415

    noted = breakdown.metadata.extra.get("xpubreak")
    repeat = noted.get("repeat") if isinstance(noted, dict) else None
    times = repeat if isinstance(repeat, int) and repeat > 1 else 1
    parts = [_of_rank(group, times) for _, group in breakdown.steps.groupby("rank", sort=True)]
    found: pd.DataFrame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    ordered: pd.DataFrame = found.reindex(columns=list(STATISTICS_COLUMNS))
    return ordered


def _of_rank(steps: pd.DataFrame, repeat: int) -> pd.DataFrame:
    frame: Any = steps.reset_index(drop=True)
    per_run = len(frame) // repeat
    kinds = list(frame[_KIND].itertuples(index=False, name=None))
    is_alike = repeat > 1 and per_run * repeat == len(kinds) and kinds == kinds[:per_run] * repeat
    frame = frame.assign(step=frame.index % per_run if is_alike else -1)
    grouped = frame.groupby(["rank", "step", *_KIND], sort=is_alike)
    found: pd.DataFrame = grouped.size().rename("count").reset_index()
    for time in _TIMES:
        for measure, function in _MEASURES.items():
            values = grouped[f"{time}_ns"].agg(function).fillna(0.0)
            found[f"{time}_{measure}_ns"] = values.round().astype("int64").to_numpy()
    return found
