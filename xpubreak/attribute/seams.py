"""Seams: at what host time one layer's work ends and the next one's begins."""

from __future__ import annotations

from xpubreak.trace.columns import IntArray
from xpubreak.trace.trace import Trace
from xpubreak.tree.nest import Nesting


class Seams:
    """Turns places in the order of a step's work into times on the host."""

    def __init__(self, trace: Trace, spans: Nesting) -> None:
        self._start_ns = trace.events.start_ns
        self._end_ns = trace.events.end_ns
        self._spans = spans

    def times_ns(self, caller: IntArray, bounds: list[int], until_ns: int) -> list[int]:
        """Host time of every bound.

        A layer begins with the outermost span that holds its first launch and none of the one before. Where one
        launch serves both sides (a graph replay), the seam lies behind it: the launch counts to the former.

        Parameters
        ----------
        caller
            int64[work]: the launching span (or the operator itself) of every piece of work, in order; −1 for none.
        bounds
            Indices, ascending: first piece of every layer, and the first behind the last layer.
        until_ns
            End of the step.

        Returns
        -------
        list of int
            Ascending.
        """
        starts = [self._launch_ns(caller, bound, until_ns) for bound in bounds]
        found: list[int] = []
        for index, bound in enumerate(bounds):
            row = int(caller[bound]) if bound < len(caller) else -1
            previous = int(caller[bound - 1]) if bound > 0 else -1
            if row < 0:
                time_ns = starts[index]
            elif row == previous:
                time_ns = int(self._end_ns[row])
            else:
                next_ns = starts[index + 1] if index + 1 < len(bounds) else until_ns
                time_ns = self._outermost_ns(row, int(self._start_ns[previous]) if previous >= 0 else 0, next_ns)
            found.append(max(time_ns, found[-1]) if found else time_ns)
        return found

    def _launch_ns(self, caller: IntArray, bound: int, until_ns: int) -> int:
        if bound < len(caller) and caller[bound] >= 0:
            return int(self._start_ns[caller[bound]])
        if bound > 0 and caller[bound - 1] >= 0:
            return min(until_ns, int(self._end_ns[caller[bound - 1]]))
        return until_ns

    def _outermost_ns(self, row: int, after_ns: int, before_ns: int) -> int:
        spans = self._spans
        position = int(spans.position[row])
        while position >= 0:
            outer = int(spans.parent[position])
            if outer < 0:
                break
            outer_row = spans.rows[outer]
            if self._start_ns[outer_row] <= after_ns or self._end_ns[outer_row] > before_ns:
                break
            position = outer
        return int(self._start_ns[spans.rows[position]]) if position >= 0 else int(self._start_ns[row])
