"""Interned byte strings for the compiled scanner: a hash table over one arena, no Python objects."""

from __future__ import annotations

import numpy as np
from numba import njit

from xpubreak.trace.compiled import kept
from xpubreak.trace.jitmemory import equal32, load32, load64, store32, store64, trailing_zeros

FULL = -2
"""Returned instead of an id when a table has to grow first."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_SEED = np.uint64(0xCBF29CE484222325)


_SLACK_BYTES = 64
_HASHES, _IDS, _SIZES, _ARENA, _OFFSETS, _SLOTS, _ARENA_BYTES, _ROOM = range(0, 64, 8)
"""Where an address or a number stands in `ByteTable.descriptor`, in bytes."""


@njit(nogil=True)
def _hash(data, start, end):
    found = _SEED ^ np.uint64(end - start)
    at = start
    while at + 8 <= end:
        found = (found ^ load64(data, at)) * _MIX
        found ^= found >> np.uint64(29)
        at += 8
    if at < end:
        kept = np.uint64(64) - np.uint64(8 * (end - at))
        found = (found ^ ((load64(data, at) << kept) >> kept)) * _MIX
    found ^= found >> np.uint64(32)
    found *= _MIX
    return found ^ (found >> np.uint64(29))


@njit(nogil=True)
def _is_same(data, start, other, offset, length):
    at = 0
    while at < length:
        same = equal32(data, start + at, other, offset + at)
        if same != np.uint64(0xFFFFFFFF):
            return at + trailing_zeros(~same) >= length
        at += 32
    return True


@njit(nogil=True)
def intern(data, start, end, table):
    """Id of the text between two places, or `FULL`. ``table`` is the address of a `ByteTable.descriptor`."""
    wanted = _hash(data, start, end)
    hashes, ids = np.int64(load64(table, _HASHES)), np.int64(load64(table, _IDS))
    arena, offsets = np.int64(load64(table, _ARENA)), np.int64(load64(table, _OFFSETS))
    slots = np.int64(load64(table, _SLOTS))
    slot = np.int64(wanted & np.uint64(slots - 1))
    length = end - start
    while True:
        known = load32(ids, slot * 4)
        if known < 0:
            break
        if load64(hashes, slot * 8) == wanted:
            offset = np.int64(load64(offsets, known * 8))
            if np.int64(load64(offsets, known * 8 + 8)) - offset == length and _is_same(
                data, start, arena, offset, length
            ):
                return known
        slot = (slot + 1) & (slots - 1)
    sizes = np.int64(load64(table, _SIZES))
    fresh, used = np.int64(load64(sizes, 0)), np.int64(load64(sizes, 8))
    if used + length > np.int64(load64(table, _ARENA_BYTES)) or fresh + 2 > np.int64(load64(table, _ROOM)):
        return np.int64(FULL)
    if fresh * 2 > slots:
        return np.int64(FULL)
    at = 0
    while at < length:  # the arena has slack, too
        store64(arena, used + at, np.int64(load64(data, start + at)))
        at += 8
    store64(sizes, 0, fresh + 1)
    store64(sizes, 8, used + length)
    store64(offsets, fresh * 8 + 8, used + length)
    store64(hashes, slot * 8, np.int64(wanted))
    store32(ids, slot * 4, fresh)
    return fresh


@kept
def _rehash(hashes, ids, new_hashes, new_ids):
    mask = np.uint64(len(new_hashes) - 1)
    for slot in range(len(hashes)):
        if ids[slot] >= 0:
            place = hashes[slot] & mask
            while new_ids[place] >= 0:
                place = (place + np.uint64(1)) & mask
            new_hashes[place] = hashes[slot]
            new_ids[place] = ids[slot]


class ByteTable:
    """Distinct byte strings, by id in order of first appearance."""

    def __init__(self, slots: int = 1 << 16, arena_bytes: int = 1 << 22) -> None:
        self.hashes = np.zeros(slots, dtype=np.uint64)
        self.ids = np.full(slots, -1, dtype=np.int32)
        self.sizes = np.zeros(2, dtype=np.int64)
        self.arena = np.zeros(arena_bytes + _SLACK_BYTES, dtype=np.uint8)
        self.offsets = np.zeros(slots // 2 + 2, dtype=np.int64)
        self._describe()

    def __len__(self) -> int:
        return int(self.sizes[0])

    @property
    def address(self) -> int:
        """As `intern` takes it."""
        return int(self.descriptor.ctypes.data)

    def _describe(self) -> None:
        arrays = (self.hashes, self.ids, self.sizes, self.arena, self.offsets)
        numbers = (len(self.hashes), len(self.arena) - _SLACK_BYTES, len(self.offsets))
        self.descriptor = np.array([*(array.ctypes.data for array in arrays), *numbers], dtype=np.int64)

    def text(self, number: int) -> bytes:
        """Bytes of an id."""
        return self.arena[self.offsets[number] : self.offsets[number + 1]].tobytes()

    def grow(self, needed_bytes: int) -> None:
        """Make room for as many strings again, and for at least ``needed_bytes``."""
        hashes = np.zeros(len(self.hashes) * 2, dtype=np.uint64)
        ids = np.full(len(hashes), -1, dtype=np.int32)
        _rehash(self.hashes, self.ids, hashes, ids)
        self.hashes, self.ids = hashes, ids
        room = np.empty(max(len(self.arena), needed_bytes), dtype=np.uint8)
        self.arena = np.concatenate([self.arena, room])
        self.offsets = np.concatenate([self.offsets, np.zeros(len(self.offsets), dtype=np.int64)])
        self._describe()
