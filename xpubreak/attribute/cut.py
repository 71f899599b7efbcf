"""Where, between two attentions, one layer ends and the next begins."""

from __future__ import annotations

from xpubreak.attribute.align import extend
from xpubreak.attribute.work import Work

Stretch = tuple[int, int]
"""``[first, end)`` of a `Work`."""

_SLACK = 16


def first_cut(work: Work, gap: Stretch, head: Stretch, tail: Stretch | None) -> int:
    """Find the cut in one gap from the two ends of the step.

    Parameters
    ----------
    work
        Of the step.
    gap
        Between two attentions.
    head
        Before the first attention: its end looks like a layer's beginning.
    tail
        After the last attention: its beginning looks like a layer's end; None where that layer is of another kind.

    Returns
    -------
    int
        Index of the first piece of the following layer.
    """
    first, end = gap
    length = end - first
    items = work.items
    reach = max(head[0], head[1] - length - _SLACK)
    in_head, in_gap = extend(items[reach : head[1]][::-1], items[first:end][::-1])
    # How far back the gap looks like the beginning of the first layer. In tensor parallel both the embedding and a
    # layer end with an all-reduce: it is the end of what comes before.
    begins = work.behind_collectives(end - in_gap, end)
    beyond = head[1] - in_head - 1
    norms = work.norms_between_products(first, end)
    if tail is None:
        ends = end
    else:
        ends = first + extend(items[tail[0] : min(tail[1], tail[0] + length + _SLACK)], items[first:end])[1]
    if begins <= ends:
        # The first norm may hide in the kernel that fuses the embedding, and look like nothing in the gap.
        is_plain_embedding = beyond >= head[0] and work.embedding[beyond] and not work.norm[beyond]
        is_norm_left = begins - 1 in norms and not (begins < end and work.norm[begins])
        return begins - 1 if is_norm_left and not is_plain_embedding else begins
    between = [at for at in norms if ends <= at <= begins]
    if between:
        return between[-1]
    return ends if ends > first else begins


def cut_like(work: Work, gap: Stretch, model: Stretch, at: int) -> int:
    """Find the cut in another gap: where it aligns with the model's, whose cut is known."""
    first, end = gap
    items = work.items
    ahead, behind = at - model[0], model[1] - at
    from_right, right_covered = extend(items[max(first, end - behind - _SLACK) : end][::-1], items[at : model[1]][::-1])
    if right_covered == behind:
        return end - from_right
    from_left, left_covered = extend(items[first : min(end, first + ahead + _SLACK)], items[model[0] : at])
    if left_covered == ahead:
        return first + from_left
    norms = work.norms_between_products(first, end)
    if norms:
        return norms[-1]
    return max(end - from_right, first + from_left) if from_right else first + from_left
