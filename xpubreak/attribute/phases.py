"""Phases: whether a step reads prompts (prefill), writes tokens (decode), or does both (mixed)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import numpy as np

from xpubreak.attribute.iteration import UNKNOWN
from xpubreak.attribute.steps import Windows
from xpubreak.classify.backend import Backends
from xpubreak.classify.category import CATEGORY_CODES
from xpubreak.trace.columns import CodeArray, distinct
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace

PHASES = ("prefill", "decode", "mixed", "unknown")
NO_PHASE = 255

# Products of a batch of tokens with weights; bmm and matmul also multiply other things (rotary frequencies).
_LINEAR = re.compile(r"(?i)(^aten::(linear|mm|addmm|_scaled_mm|_int_mm)$|_mm|gemm)")
_NO_LINEAR = re.compile(r"(?i)bmm|grouped|moe")
_MAX_SHAPES_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Phase and size of one step; −1 for counts that are not known."""

    phase: int
    context_requests: int = UNKNOWN
    context_tokens: int = UNKNOWN
    generation_requests: int = UNKNOWN
    generation_tokens: int = UNKNOWN


def find_batches(trace: Trace, backends: Backends, windows: Windows, step: CodeArray) -> tuple[list[Batch], str]:
    """Find the phase of every step.

    Parameters
    ----------
    trace, backends, windows
        Of the same trace.
    step
        int32[n_events].

    Returns
    -------
    list of Batch, str
        One per step, and the source: ``"annotation"``, ``"shapes"`` or ``"none"``.
    """
    named = [
        Batch(
            PHASES.index(found.phase) if found.phase else PHASES.index("unknown"),
            found.context_requests,
            found.context_tokens,
            found.generation_requests,
            found.generation_tokens,
        )
        if found is not None
        else Batch(PHASES.index("unknown"))
        for found in windows.iteration
    ]
    if any(found is not None and found.phase for found in windows.iteration):
        return named, "annotation"
    products = _rows_of_products(trace, backends, len(windows), step)
    smallest = min((first for first, last in products if first > 0 and first == last), default=0)
    shaped = [
        _from_tokens(*tokens) if tokens[1] else _from_rows(*sizes, smallest)
        for tokens, sizes in zip(_looked_up(trace, len(windows), step), products, strict=True)
    ]
    if any(batch.phase != PHASES.index("unknown") for batch in shaped):
        return shaped, "shapes"
    return named, "none"


def _from_tokens(requests: int, tokens: int) -> Batch:
    """Token ids of shape (requests, tokens each): one token each is a decode."""
    if tokens > 1:
        return Batch(PHASES.index("prefill"), requests, requests * tokens, 0, 0)
    return Batch(PHASES.index("decode"), 0, 0, requests, requests)


def _from_rows(first: int, last: int, smallest: int) -> Batch:
    """The first product has a row per token; the last one (logits) a row per request, or one per token as well.

    Where it has one per token, a step larger than the ``smallest`` of its kind reads prompts.
    """
    if first < 1 or last < 1:
        return Batch(PHASES.index("unknown"))
    if first > last:
        return Batch(PHASES.index("prefill"), last, first, 0, 0)
    if first > smallest:
        return Batch(PHASES.index("prefill"), UNKNOWN, first, 0, 0)
    return Batch(PHASES.index("decode"), 0, 0, last, first)


def _looked_up(trace: Trace, n_steps: int, step: CodeArray) -> list[tuple[int, int]]:
    """Requests and tokens each, as the embedding of every step looks them up; (0, 0) where ids are not a matrix."""
    events = trace.events
    embedding = trace.strings.find("aten::embedding")
    rows = np.flatnonzero((events.name == embedding) & (events.shapes >= 0) & (step >= 0))
    rows = rows[np.lexsort((events.start_ns[rows], step[rows]))]
    found = [(0, 0)] * n_steps
    numbers, firsts = np.unique(step[rows], return_index=True)
    for number, first in zip(numbers.tolist(), firsts.tolist(), strict=True):
        ids = _dims(trace.strings.text(int(events.shapes[rows[first]])))[1:2]
        if ids and len(ids[0]) == 2:
            found[number] = (ids[0][0], ids[0][1])
    return found


def _rows_of_products(trace: Trace, backends: Backends, n_steps: int, step: CodeArray) -> list[tuple[int, int]]:
    events = trace.events
    is_product = (
        (events.kind == Kind.OPERATOR)
        & (backends.category == CATEGORY_CODES["gemm"])
        & (events.shapes >= 0)
        & (step >= 0)
    )
    rows = np.flatnonzero(is_product)
    linear = [
        name
        for name in distinct(events.name[rows]).tolist()
        if _LINEAR.search(trace.strings.text(name)) and not _NO_LINEAR.search(trace.strings.text(name))
    ]
    rows = rows[np.isin(events.name[rows], linear)]
    rows = rows[np.lexsort((events.start_ns[rows], step[rows]))]
    found = [(0, 0)] * n_steps
    ids, firsts = np.unique(step[rows], return_index=True)
    ends = np.append(firsts, len(rows))[1:]
    for number, first, end in zip(ids.tolist(), firsts.tolist(), ends.tolist(), strict=True):
        found[number] = (
            _leading(trace.strings.text(int(events.shapes[rows[first]]))),
            _leading(trace.strings.text(int(events.shapes[rows[end - 1]]))),
        )
    return found


def _leading(shapes: str) -> int:
    """Rows of the first matrix in recorded shapes, all but its last dimension; 0 where there is none."""
    for dim in _dims(shapes):
        if len(dim) > 1:
            rows = 1
            for size in dim[:-1]:
                rows *= size
            return rows
    return 0


def _dims(shapes: str) -> list[list[int]]:
    """Dimensions of each input; empty for what is no tensor, or not recorded as one."""
    if len(shapes) > _MAX_SHAPES_CHARS:
        return []
    try:
        inputs = json.loads(shapes)
    except (ValueError, RecursionError):
        return []
    return [
        one if isinstance(one, list) and all(type(size) is int for size in one) else []
        for one in (inputs if isinstance(inputs, list) else ())
    ]
