"""In-order device queues: when what was submitted gets to run."""

from __future__ import annotations

import random

COMPUTE_QUEUE, COPY_QUEUE, COLLECTIVE_QUEUE = 64, 66, 70
_TICK_NS = 52  # the timestamp counter of Battlemage runs at 19.2 MHz


class Queues:
    """The queues of one device.

    Parameters
    ----------
    seed
        Of the jitter.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 jitter, no secret
        self._free_ns = dict.fromkeys((COMPUTE_QUEUE, COPY_QUEUE, COLLECTIVE_QUEUE), 0)

    def occupy(self, queue: int, submitted_ns: int, dur_ns: int, *, is_free: bool = False) -> int:
        """Return when something submitted to a queue starts, and keep the queue busy until it ends.

        Collectives and asynchronous copies wait for the compute queue unless `is_free`, and it waits for collectives.
        """
        ready_ns = submitted_ns + 3500 + self._random.randrange(2500)
        after = (queue,) if is_free or queue == COMPUTE_QUEUE else (queue, COMPUTE_QUEUE)
        gap_ns = 260 + self._random.randrange(240)
        start_ns = max(ready_ns, *(self._free_ns[one] + gap_ns for one in after))
        self._free_ns[queue] = start_ns + dur_ns
        if queue == COLLECTIVE_QUEUE:
            self._free_ns[COMPUTE_QUEUE] = start_ns + dur_ns
        return start_ns

    def free_ns(self, queue: int) -> int:
        """Return when everything submitted so far has run."""
        return self._free_ns[queue]

    def jitter(self) -> float:
        """Return a factor around 1."""
        return 0.94 + 0.12 * self._random.random()


def whole_ticks(dur_us: float) -> int:
    """Nanoseconds, rounded to at least one tick of the device's clock."""
    return max(1, round(dur_us * 1000 / _TICK_NS)) * _TICK_NS
