"""Comparisons as pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.classify.backend import ROLES_BY_KEY

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.compare.comparison import Comparison
    from xpubreak.breakdown.compare.differences import Differences

COLUMNS = {
    "a_ns": "baseline, per step (per run where runs are compared as wholes)",
    "b_ns": "candidate, per step",
    "delta_ns": "b_ns - a_ns",
    "delta_frac": "delta_ns / a_ns, NaN where A has none of it",
    "low_ns": "lower end of the interval of delta_ns; NaN with too few steps",
    "high_ns": "upper end of it",
    "p": "probability of such a difference from noise alone",
    "q": "p for all rows of this table together (Benjamini and Hochberg)",
    "verdict": "slower, faster, only in A, only in B, noise, same, too few steps",
    "detectable_ns": "smallest difference that would be found with a probability of 80 %",
    "a_count": "activities (spans, where nothing ran on a device) of A per step",
    "b_count": "those of B",
    "a_total_ns": "int64, everything that A recorded of it, compared or not",
    "b_total_ns": "int64, everything that B recorded of it",
}
"""What follows the dimensions in every table of a comparison."""
KERNEL_COLUMNS = {
    "a_kernel": "names in A, joined by ' + '; empty for none",
    "b_kernel": "names in B",
    "how": "how they were matched: a key of HOW",
    "a_backend": "as called on A's device",
    "b_backend": "as called on B's device",
    "category": "of the longest running",
    **COLUMNS,
}
STEP_COLUMNS = {
    "phase": "prefill, decode, mixed, unknown",
    "batch": "tokens of the batch, in words",
    "a_steps": "steps of that kind in A",
    "b_steps": "steps of that kind in B",
    "compared": "whether differences per step are of them",
}


def by(found: Differences) -> pd.DataFrame:
    """One row per combination; in order where the first dimension has one, else largest difference first."""
    import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

    columns: dict[str, Any] = {}
    for place, name in enumerate(found.dimensions):
        values = [row[place] for row in found.values]
        columns[name] = values if all(isinstance(one, int) for one in values) else np.array(values, dtype=object)
    frame = pd.DataFrame({**columns, **_numbers(found)})
    if found.dimensions[:1] in (("layer",), ("rank",), ("stream",)):
        order = np.lexsort((-np.abs(found.estimates.delta_ns), frame[found.dimensions[0]].to_numpy()))
    else:
        order = np.argsort(-np.abs(found.estimates.delta_ns), kind="stable")
    result: pd.DataFrame = frame.iloc[order].reset_index(drop=True)
    return result


def kernels(cmp: Comparison) -> pd.DataFrame:
    """One row per group of kernels that do the same work."""
    frame = by(cmp.differences("kernel"))
    matches = cmp.matched.axes.kernels
    labels = cmp.matched.axes.column("kernel")[2]
    of_label = dict(zip(labels, matches, strict=True))
    backends = cmp.kernel_backends
    found = {
        "a_kernel": [" + ".join(of_label[name].a) for name in frame["kernel"]],
        "b_kernel": [" + ".join(of_label[name].b) for name in frame["kernel"]],
        "how": [of_label[name].how for name in frame["kernel"]],
        "a_backend": [backends[name][0] for name in frame["kernel"]],
        "b_backend": [backends[name][1] for name in frame["kernel"]],
        "category": [backends[name][2] for name in frame["kernel"]],
    }
    result: pd.DataFrame = frame.drop(columns="kernel").assign(**found)[list(KERNEL_COLUMNS)]
    return result


def steps(cmp: Comparison) -> pd.DataFrame:
    """One row per kind of steps in either run."""
    import pandas as pd  # noqa: PLC0415

    pairing = cmp.matched.pairing
    compared = {one.kind for one in pairing.compared} if pairing.level != "run" else set()
    rows = [
        {
            "phase": one.kind.phase or "all",
            "batch": str(one.kind).partition(", ")[2],
            "a_steps": one.a_steps,
            "b_steps": one.b_steps,
            "compared": one.kind in compared,
        }
        for one in pairing.kinds
    ]
    frame: pd.DataFrame = pd.DataFrame(rows, columns=list(STEP_COLUMNS))
    return frame


def totals(cmp: Comparison) -> pd.DataFrame:
    """Time per step as a whole: on the device, on the host, on the clock."""
    import pandas as pd  # noqa: PLC0415

    rows = []
    for measure, found in cmp.measures.items():
        delta, a_ns = float(found.delta_ns[0]), float(found.a_ns[0])
        rows.append(
            {
                "measure": measure,
                "a_ns": a_ns,
                "b_ns": float(found.b_ns[0]),
                "delta_ns": delta,
                "delta_frac": delta / a_ns if a_ns else float("nan"),
                "low_ns": float(found.low_ns[0]),
                "high_ns": float(found.high_ns[0]),
                "p": float(found.p[0]),
                "verdict": cmp.word(found),
                "detectable_ns": float(found.detectable_ns[0]),
            }
        )
    frame: pd.DataFrame = pd.DataFrame(rows)
    return frame


def _numbers(found: Differences) -> dict[str, Any]:
    estimates = found.estimates
    delta = estimates.delta_ns
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(estimates.a_ns > 0, delta / estimates.a_ns, np.nan)
    numbers = {
        "a_ns": estimates.a_ns,
        "b_ns": estimates.b_ns,
        "delta_ns": delta,
        "delta_frac": share,
        "low_ns": estimates.low_ns,
        "high_ns": estimates.high_ns,
        "p": estimates.p,
        "q": found.q,
        "verdict": np.array(found.verdict, dtype=object),
        "detectable_ns": estimates.detectable_ns,
        "a_count": found.a_count,
        "b_count": found.b_count,
        "a_total_ns": found.a_total_ns,
        "b_total_ns": found.b_total_ns,
    }
    return {name: numbers[name] for name in COLUMNS}


def kernel_backends(cmp: Comparison) -> dict[str, tuple[str, str, str]]:
    """Backend in A, backend in B and category of every group of kernels, each that of its longest running part."""
    found = cmp.differences("kernel", "backend", "category")
    best: dict[str, dict[int, tuple[int, str, str]]] = {}
    for row, (kernel, role, category) in enumerate(found.values):
        for side, totals in enumerate((found.a_total_ns, found.b_total_ns)):
            counts = (found.a_count, found.b_count)[side]
            mine = best.setdefault(kernel, {})
            ns = int(totals[row])
            if (ns or counts[row]) and ns >= mine.get(side, (-1,))[0]:
                mine[side] = (ns, role, category)
    sides = (cmp.a, cmp.b)
    return {
        kernel: (
            *(sides[side].backend_label(ROLES_BY_KEY[one[side][1]]) if side in one else "" for side in (0, 1)),
            next(iter(sorted(one.values(), reverse=True)), (0, "", ""))[2],
        )  # type: ignore[misc]
        for kernel, one in best.items()
    }
