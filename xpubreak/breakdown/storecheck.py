"""What a saved breakdown refers to, held against what it holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from xpubreak.attribute.container import MAX_LAYERS
from xpubreak.attribute.label import POSITIONS
from xpubreak.breakdown.run import Run
from xpubreak.classify.backend import Confidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.trace.columns import NONE, AnyArray


def check(rows: dict[str, Any], tree: dict[str, Any], texts: int, evidences: int, runs: tuple[Run, ...]) -> None:
    """Refuse numbers that lead nowhere: a stranger's file must fail here, not in the middle of a view."""
    count, nodes = len(rows["rank"]), len(tree["parent"])
    steps, tracks = (max((len(getattr(run, name)) for run in runs), default=0) for name in ("steps", "tracks"))
    limits = {"node": nodes, "evidence": evidences, "launch": count, "step": steps, "track": tracks}
    limits |= dict.fromkeys(("name", "display", "op", "module", "shapes", "dtypes", "collective"), texts)
    limits |= {
        "role": len(Role),
        "category": len(CATEGORIES),
        "confidence": len(Confidence),
        "position": len(POSITIONS),
    }
    # Not how many a run has, which is as most steps show them: some may have more.
    limits |= {"layer": MAX_LAYERS}
    for name, limit in limits.items():
        column = rows[name]
        column = column[:1] if column.strides == (0,) else column
        if count and not (int(column.min()) >= NONE and int(column.max()) < limit):
            raise ValueError(f"{name} leads nowhere")
    if count and not _distinct(rows["rank"]) <= {NONE, *(run.metadata.rank for run in runs)}:
        raise ValueError("rank leads nowhere")
    if nodes and not (np.all(tree["parent"] < np.arange(nodes)) and int(tree["parent"].min()) >= NONE):
        raise ValueError("the call tree is no tree")
    if nodes and not (int(tree["name"].min()) >= 0 and int(tree["name"].max()) < texts):
        raise ValueError("the call tree has no names")


def _distinct(column: AnyArray) -> set[int]:
    """Of a column in which equal values stand together, as ranks do."""
    if column.strides == (0,):
        return {int(column[0])}
    begins = np.flatnonzero(column[1:] != column[:-1]) + 1
    return {int(column[0]), *column[begins].tolist()}
