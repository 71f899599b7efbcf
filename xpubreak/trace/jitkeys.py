"""Keys of events as numbers of eight characters: one comparison tells them apart. Needs numba (the ``fast`` extra)."""

from __future__ import annotations

import numpy as np
from numba import njit

from xpubreak.trace.jitmemory import load64


def _word(text: str) -> int:
    return int.from_bytes(text.encode()[:8], "little")


PH, TS, CAT, PID, TID, DUR = (_word(key) for key in ("ph", "ts", "cat", "pid", "tid", "dur"))
NAME, ARGS, BYTES = _word("name"), _word("args"), _word("bytes")
INPUT_DI, PUT_DIMS, INPUT_TY, PUT_TYPE = (_word(part) for part in ("Input Di", "put Dims", "Input ty", "put type"))
SYCL_QUE, CL_QUEUE = _word("sycl que"), _word("cl queue")
CORRELAT, RELATION, EXTERNAL, ERNAL_ID = (_word(part) for part in ("correlat", "relation", "External", "ernal id"))
KERNEL_B, BACKEND = _word("kernel_b"), _word("_backend")


@njit(nogil=True)
def first_word(data, start, length):
    """Up to eight characters as a number."""
    word = load64(data, start)
    if length < 8:
        word &= (np.uint64(1) << np.uint64(8 * length)) - np.uint64(1)
    return np.int64(word)


@njit(nogil=True)
def last_word(data, end):
    """Eight characters before a place as a number."""
    return np.int64(load64(data, end - 8))
