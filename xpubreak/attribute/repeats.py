"""Layers from repeats: each layer of a step does the same work, around its attention.

::

    embed norm qkv rope ATTENTION out add+norm up act down | add+norm qkv rope ATTENTION out … down | add+norm lm_head
    before ───┤ layer 0 ──────────────────────────────────┤ layer 1 ──────────────────────────────┤ after ──────────

Between two attentions lie the rest of one layer and the beginning of the next. Where to cut is known from the two
ends: what goes before the first attention shows how a layer begins, what follows the last one shows how it ends
(`cut`). A fused add-and-norm between two layers belongs to the one that follows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from xpubreak.attribute.align import extend
from xpubreak.attribute.cut import cut_like, first_cut
from xpubreak.attribute.work import Work
from xpubreak.trace.columns import NONE, CodeArray, IntArray

MAX_PERIOD = 8
"""Attention kinds that alternate (full, sliding window, recurrence) repeat after at most so many layers."""

_MOSTLY = 0.8


@dataclass(frozen=True)
class Layers:
    """The layers of one step.

    Parameters
    ----------
    starts
        int64[layers]: index of the first piece of work of every layer.
    end
        Index behind the last layer.
    """

    starts: IntArray
    end: int

    def __len__(self) -> int:
        return len(self.starts)

    def of(self, count: int) -> CodeArray:
        """Layer of each of ``count`` pieces of work, −1 before the first and after the last."""
        at = np.arange(count)
        layer = np.searchsorted(self.starts, at, side="right") - 1
        return np.where(at < self.end, layer, NONE).astype(np.int32)


NO_LAYERS = Layers(np.zeros(0, dtype=np.int64), 0)


def find_layers(work: Work) -> Layers:
    """Find the layers in the work of one step.

    Parameters
    ----------
    work
        In order.

    Returns
    -------
    Layers
        None where there is no attention.
    """
    anchors = _main_run(work, _without_preparation(work, _anchors(work)))
    if not anchors:
        return NO_LAYERS
    if len(anchors) == 1:
        return _single(work, anchors[0])
    head, tail = (0, anchors[0][0]), (anchors[-1][1], len(work))
    gaps = [(before[1], after[0]) for before, after in pairwise(anchors)]
    period = _period([work.key(*anchor) for anchor in anchors])
    # The work before the first attention compares with that before the one of the same kind, a period later; the
    # work after the last attention with that after the one a period earlier.
    entry = (period - 1) % len(gaps)
    model = _commonest(work, gaps[entry::period])
    last = _commonest(work, gaps[(len(gaps) - period) % period :: period])
    is_last_alike = work.key(*last) == work.key(*model)
    at = first_cut(work, model, head, tail if is_last_alike else None)
    known: dict[bytes, int] = {}
    starts = []
    for first, end in gaps:
        key = work.key(first, end)
        if key not in known:
            known[key] = cut_like(work, (first, end), model, at) - first
        starts.append(first + known[key])
    return Layers(np.array([_first_start(work, head, model, at), *starts], dtype=np.int64), _end(work, tail, model, at))


def _anchors(work: Work) -> list[tuple[int, int]]:
    """Attention of each layer, ``[first, end)``: kernels with no matrix product in between are one attention."""
    at = np.flatnonzero(work.anchor)
    if not len(at):
        return []
    products = np.cumsum(work.heavy)
    is_new = products[at[1:]] > products[at[:-1]] if work.heavy[at[0] : at[-1]].any() else np.diff(at) > 1
    firsts = at[np.flatnonzero(np.concatenate([[True], is_new]))]
    lasts = at[np.flatnonzero(np.concatenate([is_new, [True]]))]
    return list(zip(firsts.tolist(), (lasts + 1).tolist(), strict=True))


def _without_preparation(work: Work, anchors: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out what only prepares attention: of its own kind, and closer to the first layer than layers are."""
    if len(anchors) < 3:
        return anchors
    kinds = Counter(work.key(*anchor) for anchor in anchors)
    products = np.concatenate([[0], np.cumsum(work.heavy)])
    between = [int(products[after[0]] - products[before[1]]) for before, after in pairwise(anchors)]
    is_lone = kinds[work.key(*anchors[0])] == 1
    return anchors[1:] if is_lone and between[0] < np.median(between) / 2 else anchors


def _main_run(work: Work, anchors: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of layers: a draft model's layers lie behind sampling, much further away than layers are."""
    if len(anchors) < 4:
        return anchors
    lengths = np.array([after[0] - before[1] for before, after in pairwise(anchors)])
    is_far = lengths > 2 * np.median(lengths) + 16
    if not is_far.any() or is_far.sum() > len(lengths) // 10 + 1:
        return anchors
    cuts = [0, *(np.flatnonzero(is_far) + 1).tolist(), len(anchors)]
    runs = [anchors[first:end] for first, end in pairwise(cuts)]
    return max(runs, key=len)


def _period(kinds: list[bytes]) -> int:
    for period in range(1, min(MAX_PERIOD, len(kinds) - 1) + 1):
        same = sum(kind == later for kind, later in zip(kinds, kinds[period:], strict=False))
        if same >= _MOSTLY * (len(kinds) - period):
            return period
    return 1


def _commonest(work: Work, gaps: list[tuple[int, int]]) -> tuple[int, int]:
    counts = Counter(work.key(*gap) for gap in gaps)
    return max(gaps, key=lambda gap: counts[work.key(*gap)])


def _first_start(work: Work, head: tuple[int, int], model: tuple[int, int], at: int) -> int:
    """Where the first layer begins: what fuses the embedding lies before it."""
    reach = max(0, head[1] - 2 * (model[1] - at) - 16)
    covered, _ = extend(work.items[reach : head[1]][::-1], work.items[at : model[1]][::-1])
    start = head[1] - covered
    while start < head[1] and work.embedding[start]:
        start += 1
    return start


def _end(work: Work, tail: tuple[int, int], model: tuple[int, int], at: int) -> int:
    reach = min(tail[1], tail[0] + 2 * (at - model[0]) + 16)
    covered, _ = extend(work.items[tail[0] : reach], work.items[model[0] : at])
    return tail[0] + covered


def _single(work: Work, anchor: tuple[int, int]) -> Layers:
    """Nothing repeats: the norms between matrix products are all there is to go by."""
    first, end = anchor
    before = [at for at in np.flatnonzero(work.norm[:first]).tolist() if work.heavy[at:first].any()]
    after = work.norms_between_products(end, len(work))
    start = before[-1] if before and not work.embedding[before[-1]] else before[-1] + 1 if before else first
    return Layers(np.array([start], dtype=np.int64), after[-1] if after else end)
