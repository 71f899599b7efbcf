"""What classification has to know of the host side, as plain arrays: this floor does not know the tree floor."""

from __future__ import annotations

from dataclasses import dataclass

from xpubreak.trace.columns import CodeArray, IntArray, SmallArray


@dataclass(frozen=True)
class Context:
    """The launches of a trace and the nesting of its host spans.

    Parameters
    ----------
    activity
        int64[m]: event rows of the device activities, ascending.
    launch
        int64[m]: event row of the launching runtime or driver call, −1 for none.
    op
        int64[m]: event row of the innermost operator around the launch, −1 for none.
    span
        int64[m]: event row of the innermost operator or annotation around the launch, −1 for none.
    link
        uint8[m]: how it was linked, a ``tree.launches.Link``; 0 for not at all.
    is_graph
        uint8[m]: 1 where several kernels share one launch.
    host_rows
        int64[n]: event rows of the host spans, in depth-first order.
    host_parent
        int32[n]: position in ``host_rows`` of the enclosing span, −1 at top level.
    """

    activity: IntArray
    launch: IntArray
    op: IntArray
    span: IntArray
    link: SmallArray
    is_graph: SmallArray
    host_rows: IntArray
    host_parent: CodeArray
