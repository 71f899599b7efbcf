"""Breakdowns as pandas: the only place where pandas is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.attribute.label import PHASES
from xpubreak.breakdown.dimension import DIMENSIONS, NO_VALUE, dimension
from xpubreak.breakdown.facts import sum_by
from xpubreak.breakdown.rows import Rows
from xpubreak.breakdown.tally import tally
from xpubreak.classify.backend import Role
from xpubreak.errors import SelectionError
from xpubreak.trace.events import Kind

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.run import Run

KERNEL_COLUMNS = {
    "name": "as in the trace",
    "display_name": "demangled and shortened",
    "backend": "as called on this device, e.g. vllm-xpu-kernels",
    "role": "stable key: vllm, torch, triton, cpu, framework, collectives, unattributed",
    "category": "kind of operation: attention, gemm, norm …",
    "confidence": "certain, strong, context, weak, none",
    "rule": "id of the rule that decided",
    "op": "innermost operator around the launch, empty for none",
    "module": "module path, empty for none",
    "layer": "int64, -1 outside of layers",
    "position": "before, layer, after (the layers of a step), outside (of steps)",
    "phase": "prefill, decode, mixed, unknown; empty outside of steps",
    "step": "int64, -1 outside of steps",
    "stream": "stream or queue number",
    "rank": "rank of the trace",
    "start_ns": "from the start of that rank's trace",
    "device_ns": "duration",
    "launch_ns": "start of the launching call, -1 for none",
    "link": "how the launch was found: runtime, driver, external-id, none",
    "bytes": "of copies and fills, -1 for none",
}
OP_COLUMNS = {
    **{name: KERNEL_COLUMNS[name] for name in ("name", "backend", "role", "category", "confidence", "rule")},
    **{name: KERNEL_COLUMNS[name] for name in ("module", "layer", "position", "phase", "step", "rank", "start_ns")},
    "total_ns": "duration",
    "host_ns": "self time: without the spans inside",
    "device_ns": "of activities launched by this operator itself",
    "shapes": "JSON text of the input shapes, empty where not recorded",
    "input_types": "JSON text of the input types, empty where not recorded",
}
STEP_COLUMNS = {
    "rank": "rank of the trace",
    "step": "number, from 0",
    "name": "as annotated",
    "phase": "prefill, decode, mixed, unknown",
    "context_requests": "requests in prefill, -1 unknown",
    "context_tokens": "their tokens, -1 unknown",
    "generation_requests": "requests in decode, -1 unknown",
    "generation_tokens": "their tokens, -1 unknown",
    "start_ns": "from the start of that rank's trace",
    "wall_ns": "on the host",
    "device_ns": "of activities that the step enqueued",
    "host_ns": "self time of spans in the step",
    "activities": "number",
}

_WORDS_OF = {"op": "op", "module": "module", "name": "name", "display_name": "kernel", "role": "backend"}
_TEXTS_OF = {"shapes": "shapes", "input_types": "dtypes"}  # a column called dtypes would hide pandas' own attribute
_NUMBERS = ("layer", "step", "stream", "rank", "start_ns", "device_ns", "launch_ns", "bytes", "host_ns", "total_ns")
_ORDERED = ("layer", "step", "rank", "position", "phase", "stream")


def kernels(breakdown: Breakdown) -> pd.DataFrame:
    """One row per device activity, in order of rank and start."""
    rows = breakdown.rows.take(np.flatnonzero(breakdown.rows.is_activity))
    rows = rows.take(np.lexsort((rows.start_ns, rows.rank)))
    return _frame(breakdown, rows, KERNEL_COLUMNS, {})


def ops(breakdown: Breakdown) -> pd.DataFrame:
    """One row per host operator, in order of rank and start."""
    rows = breakdown.rows
    operators = rows.take(np.flatnonzero(rows.kind == Kind.OPERATOR))
    operators = operators.take(np.lexsort((operators.start_ns, operators.rank)))
    return _frame(breakdown, operators, OP_COLUMNS, {"device_ns": operators.launched_ns})


def _frame(breakdown: Breakdown, rows: Rows, columns: dict[str, str], given: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  # loaded when a table is asked for

    tables = breakdown._tables
    rules = [evidence.rule for evidence in breakdown.evidences] + [NO_VALUE]
    labels = np.array([breakdown.backend_label(role) for role in Role], dtype=object)
    found: dict[str, Any] = {}
    for name in columns:
        if name in given:
            found[name] = given[name]
        elif name in _NUMBERS:
            found[name] = getattr(rows, name).astype(np.int64)
        elif name == "backend":
            found[name] = _categorical(rows.role, list(labels))
        elif name == "rule":
            found[name] = np.array(rules, dtype=object)[rows.evidence]
        elif name in _TEXTS_OF:
            found[name] = _texts(breakdown, getattr(rows, _TEXTS_OF[name]))
        else:
            item = DIMENSIONS[_WORDS_OF.get(name, name)]
            found[name] = _column(tables, item, rows)
    frame: pd.DataFrame = pd.DataFrame(found, columns=list(columns))
    return frame


def _categorical(codes: Any, categories: list[Any]) -> Any:
    import pandas as pd  # noqa: PLC0415

    return pd.Categorical.from_codes(codes.astype(np.int64), pd.Index(categories))


def _column(tables: Any, item: Any, rows: Rows) -> Any:
    codes = item.codes(rows)
    if item.words is None and not item.strings:
        return codes.astype(np.int64)
    distinct, which = np.unique(codes, return_inverse=True)
    words = encodable(item.values(tables, distinct))
    categories = sorted(set(words))
    place = {word: i for i, word in enumerate(categories)}
    return _categorical(np.array([place[word] for word in words], dtype=np.int64)[which.reshape(-1)], categories)


def _texts(breakdown: Breakdown, ids: Any) -> Any:
    distinct, which = np.unique(ids, return_inverse=True)
    texts = encodable([breakdown.strings.text(i) for i in distinct.tolist()])
    return np.array([*texts, ""], dtype=object)[which.reshape(-1)]


def encodable(texts: Sequence[str]) -> list[str]:
    """Halves of characters, legal in JSON, cannot be held by pandas' texts, nor written to any file."""
    return [text if text.isascii() else text.encode("utf-8", "replace").decode() for text in texts]


def by(breakdown: Breakdown, names: Sequence[str]) -> pd.DataFrame:
    """Add up by dimensions; see `Breakdown.by`."""
    import pandas as pd  # noqa: PLC0415

    if not names:
        raise SelectionError(f"Say by what to add up: one or more of {', '.join(DIMENSIONS)}.")
    items = [dimension(name) for name in names]
    rows, is_of_device = breakdown._columns, breakdown.weight == "device"
    counted = rows.is_activity if is_of_device else ~rows.is_activity
    columns = [item.codes(rows) for item in items]
    first, sums = tally(columns, rows, counted)
    found: dict[str, Any] = {}
    for item, column in zip(items, columns, strict=True):
        values = item.values(breakdown._tables, column[first])
        found[item.name] = values if isinstance(values, np.ndarray) else np.array(encodable(values), dtype=object)
    found["device_ns"], found["host_ns"], found["count"] = sums
    weight_ns = found["device_ns" if is_of_device else "host_ns"]
    whole_ns = int(weight_ns.sum())
    found["share"] = weight_ns / whole_ns if whole_ns else np.zeros(len(first))
    frame: pd.DataFrame = pd.DataFrame(found).infer_objects()
    ordered = [item.name for item in items if item.name in _ORDERED]
    if ordered == list(names):
        return frame  # group_by already sorted by the codes
    ascending = [True] * len(ordered) + [False]
    ranked: pd.DataFrame = frame.sort_values([*ordered, "share"], ascending=ascending, kind="stable")
    result: pd.DataFrame = ranked.reset_index(drop=True)
    return result


def steps(breakdown: Breakdown, runs: Sequence[Run]) -> pd.DataFrame:
    """One row per step and rank, with what the selected rows add up to in it."""
    import pandas as pd  # noqa: PLC0415

    rows = breakdown.rows
    found: list[dict[str, Any]] = []
    for run in runs:
        mine = (rows.rank == run.metadata.rank) & (rows.step >= 0)
        count = len(run.steps)
        device_ns = sum_by(rows.step[mine].astype(np.int64), rows.device_ns[mine], count)
        host_ns = sum_by(rows.step[mine].astype(np.int64), rows.host_ns[mine], count)
        number = np.where(rows.is_activity[mine], rows.count[mine], 0)
        activities = sum_by(rows.step[mine].astype(np.int64), number, count)
        for step in run.steps:
            found.append(  # noqa: PERF401
                {
                    "rank": run.metadata.rank,
                    "step": step.index,
                    "name": encodable([step.name])[0],
                    "phase": PHASES[step.phase] if step.phase < len(PHASES) else NO_VALUE,
                    "context_requests": step.context_requests,
                    "context_tokens": step.context_tokens,
                    "generation_requests": step.generation_requests,
                    "generation_tokens": step.generation_tokens,
                    "start_ns": step.start_ns,
                    "wall_ns": step.end_ns - step.start_ns,
                    "device_ns": int(device_ns[step.index]),
                    "host_ns": int(host_ns[step.index]),
                    "activities": int(activities[step.index]),
                }
            )
    frame: pd.DataFrame = pd.DataFrame(found, columns=list(STEP_COLUMNS))
    return frame
