"""Intervals: when a host thread was in which layer, and where that puts everything else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from xpubreak.attribute.moments import Moments
from xpubreak.trace.columns import NONE, AnyArray, CodeArray, IntArray, SmallArray, blocks, distinct


class Position(IntEnum):
    """Where something lies with respect to the layers of its step."""

    BEFORE = 0  #: in a step, before its first layer: inputs, embedding
    LAYER = 1  #: in a layer
    AFTER = 2  #: in a step, after its last layer: final norm, logits, sampling
    OUTSIDE = 3  #: outside of steps, or in a step whose layers are not known


_AFTER, _BEFORE, _OUTSIDE, _LAYER = (
    np.uint8(one) for one in (Position.AFTER, Position.BEFORE, Position.OUTSIDE, Position.LAYER)
)


@dataclass(frozen=True)
class Intervals:
    """Layers as stretches of host time, ordered by (track, start), never overlapping on a track.

    Parameters
    ----------
    start_ns, end_ns
        int64[m], half-open.
    track
        int32[m]: host thread.
    layer
        int32[m].
    """

    start_ns: IntArray
    end_ns: IntArray
    track: CodeArray
    layer: CodeArray

    @classmethod
    def of(cls, start_ns: AnyArray, end_ns: AnyArray, track: AnyArray, layer: AnyArray) -> Intervals:
        """Put stretches in order."""
        order = np.lexsort((end_ns, start_ns, track))
        return cls(
            start_ns[order].astype(np.int64),
            end_ns[order].astype(np.int64),
            track[order].astype(np.int32),
            layer[order].astype(np.int32),
        )

    def __len__(self) -> int:
        return len(self.start_ns)

    def place(self, moments: Moments, step: CodeArray, own_step: CodeArray) -> tuple[CodeArray, SmallArray]:
        """Place every event.

        What lies between two layers of a pass belongs to the layer that follows.

        Parameters
        ----------
        moments, step
            Of all events.
        own_step
            int32[m]: step of every interval, −1 for none.

        Returns
        -------
        int32[n_events], uint8[n_events]
            Layer, −1 outside, and a `Position`.
        """
        layer = np.full(len(step), NONE, dtype=np.int32)
        position = np.full(len(step), Position.OUTSIDE, dtype=np.uint8)
        for track in distinct(self.track).tolist():
            mine = np.flatnonzero(self.track == track)
            start_ns, end_ns = self.start_ns[mine], np.append(self.end_ns[mine], 0)
            layers, steps = np.append(self.layer[mine], NONE), np.append(own_step[mine], NONE - 1)
            for rows in blocks(np.flatnonzero(moments.track == track)):
                time_ns, its_step = moments.time_ns[rows], step[rows]
                at = np.searchsorted(start_ns, time_ns, side="right") - 1
                last, coming = np.where(at < 0, len(mine), at), at + 1
                is_inside = (at >= 0) & (time_ns < end_ns[last])
                is_behind = (steps[last] == its_step) & (its_step >= 0)
                is_ahead = (steps[coming] == its_step) & (its_step >= 0)
                is_between = is_behind & is_ahead & (layers[coming] > layers[last])
                layer[rows] = np.where(is_inside, layers[last], np.where(is_between, layers[coming], NONE))
                rest = np.where(is_behind, _AFTER, np.where(is_ahead, _BEFORE, _OUTSIDE))
                position[rows] = np.where(is_inside | is_between, _LAYER, rest)
        return layer, position


_NOTHING = np.zeros(0, dtype=np.int64)
NO_INTERVALS = Intervals.of(_NOTHING, _NOTHING, _NOTHING, _NOTHING)
