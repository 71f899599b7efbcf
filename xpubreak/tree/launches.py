"""Launches: which host call put which activity on the device."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from xpubreak.trace.columns import IntArray, SmallArray


class Link(IntEnum):
    """How an activity was linked to the host."""

    NONE = 0  #: no host side was found: the activity lives at node −1
    RUNTIME = 1  #: same correlation id as a runtime call
    DRIVER = 2  #: same correlation id as a driver call, no runtime call has it
    EXTERNAL_ID = 3  #: only ``External id`` named an operator: a fallback, wrong under torch.compile


@dataclass(frozen=True)
class Launches:
    """The host side of every device activity, once each.

    Parameters
    ----------
    activity
        int64[m]: event rows of the device activities, ascending.
    launch
        int64[m]: event row of the launching runtime or driver call, −1 for none.
    op
        int64[m]: event row of the innermost operator around the launch, −1 for none.
    span
        int64[m]: event row of the innermost span (operator or annotation) around the launch, −1 for none.
    link
        uint8[m]: a `Link`.
    is_graph
        uint8[m]: 1 where several kernels share one launch: the replay of a captured graph.
    """

    activity: IntArray
    launch: IntArray
    op: IntArray
    span: IntArray
    link: SmallArray
    is_graph: SmallArray
