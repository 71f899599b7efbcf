"""Many records to columns at once, for want of compiled code: what is alike in all of them is not looked at one by one.

Only batches that are plain through and through are taken; for any other the builder goes record by record, which is
also what decides what odd values mean.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.trace.columns import NONE, AnyArray, IntArray
from xpubreak.trace.events import ACTIVITY_KINDS, Kind
from xpubreak.trace.kinds import KIND_OF_CATEGORY, SCOPE_TWIN_PREFIX
from xpubreak.trace.number import MAX_BYTES, MAX_DURATION_NS
from xpubreak.trace.record import Args, Id, Record

if TYPE_CHECKING:
    from xpubreak.trace.builder import Builder

_LEAST = 64
"""Fewer records are quicker one by one."""
_NEWLINE, _DOT, _ZERO = b"\n.0"
_SCALE = np.array([1000, 100, 10, 1], dtype=np.int64)
_MAX_CHARS = 20
_MAX_US = (1 << 61) // 1000 - 1
_MAX_INDEX = 1 << 61
_NO_ARGS = Args()
_NO_TEXT = _NO_ARGS.shapes


def columns_of(records: Sequence[Record], builder: Builder) -> dict[str, AnyArray] | None:
    """Make columns of complete events, see `xpubreak.trace.events.COLUMN_DTYPES`; None where any of them is odd."""
    if len(records) < _LEAST:
        return None
    # One field after the other: rows of all fields would be turned over, and were made for nothing.
    times_ns = _nanoseconds([*[record.ts for record in records], *[record.dur for record in records]])
    if times_ns is None or int(times_ns[len(records) :].max()) > MAX_DURATION_NS:
        return None
    names, categories = [record.name for record in records], [record.cat for record in records]
    pids, tids = [record.pid for record in records], [record.tid for record in records]
    args = [_NO_ARGS if record.args is None else record.args for record in records]
    hints = [one.kernel_backend for one in args]
    numbers = _Numbers()
    category = numbers.of(categories, len(categories))
    distinct: list[Any] = list(numbers)
    if set(map(type, distinct)) != {str}:
        return None
    if not set(map(type, pids)) | set(map(type, tids)) <= {int, str} or not set(map(type, hints)) <= {str, type(None)}:
        return None
    texts = _Texts(builder)
    shapes = [b"" if one.shapes is _NO_TEXT else bytes(one.shapes) for one in args]
    dtypes = [b"" if one.dtypes is _NO_TEXT else bytes(one.dtypes) for one in args]
    ids = texts.ids(names, shapes, dtypes, hints)
    if ids is None:
        return None
    kind = _kinds(builder, names, category, distinct)  # type: ignore[arg-type]  # texts, as was seen above
    external = _indices([one.external_id for one in args], builder)
    return {
        "start_ns": times_ns[: len(records)],
        "dur_ns": times_ns[len(records) :],
        **dict(zip(("name", "shapes", "dtypes", "hint"), ids, strict=True)),
        "kind": kind,
        "track": _tracks(builder, builder.side_of_kind[kind], pids, tids),
        "correlation": _indices([one.correlation for one in args], builder),
        "external_id": np.where(external == 0, NONE, external),  # Kineto's 0 means none
        "bytes": _indices([one.n_bytes for one in args], builder, MAX_BYTES),
    }


def _nanoseconds(texts: Sequence[Any]) -> IntArray | None:
    """Exact nanoseconds of plain microseconds with at most three decimals; None where one of them is not that."""
    joined = b"\n".join(texts) + b"\n"
    chars = np.frombuffer(joined, dtype=np.uint8)
    ends = np.flatnonzero(chars == _NEWLINE)
    dots = np.flatnonzero(chars == _DOT)
    is_digit = (chars >= _ZERO) & (chars <= _ZERO + 9)
    if len(ends) != len(texts) or int(is_digit.sum()) + len(ends) + len(dots) != len(chars):
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    decimals = np.zeros(len(ends), dtype=np.int64)
    owner = np.searchsorted(ends, dots)
    decimals[owner] = ends[owner] - dots - 1
    if int(lengths.min()) < 1 or int(lengths.max()) > _MAX_CHARS or int(decimals.max()) > 3:
        return None
    if len(dots) and (np.any(np.diff(owner) == 0) or int(decimals[owner].min()) < 1):
        return None
    whole = lengths - np.where(decimals > 0, decimals + 1, 0)
    if int(whole.max()) > 15:  # absolute times: one more digit may be too large a number
        leading = [int(text) for text in joined.replace(b".", b"\n").split(b"\n") if len(text) > 15]
        if max(leading) > _MAX_US:
            return None
    digits = joined.replace(b".", b"").decode("ascii")
    values = np.fromstring(digits, dtype=np.int64, sep="\n")
    return None if len(values) != len(ends) else values * _SCALE[decimals]


def _indices(values: Sequence[Id], builder: Builder, limit: int = _MAX_INDEX - 1) -> IntArray:
    types = set(map(type, values))
    if types == {type(None)}:
        return np.full(len(values), NONE, dtype=np.int64)
    if types <= {int, type(None)}:
        try:
            numbers = np.array([NONE if value is None else value for value in values], dtype=np.int64)
        except OverflowError:
            pass
        else:
            if int(numbers.min()) > -_MAX_INDEX and int(numbers.max()) <= limit:
                return numbers
    return np.array([NONE if value is None else builder.index(value, limit) for value in values], dtype=np.int64)


class _Texts:
    """String ids, given in the order in which reading record by record would meet the texts."""

    def __init__(self, builder: Builder) -> None:
        self._strings = builder.strings
        self._raw_ids = builder.raw_ids

    def ids(
        self, names: Sequence[Any], shapes: list[bytes], dtypes: list[bytes], hints: Sequence[Any]
    ) -> list[AnyArray] | None:
        """Ids of texts; None where a name is no text."""
        try:
            return self._known(names, shapes, dtypes, hints)
        except TypeError:  # None, as the id of what is not known, is no number
            pass
        if set(map(type, names)) != {str}:
            return None
        intern, raw = self._strings.intern, self._raw
        rows = [
            (intern(name), raw(shape), raw(dtype), NONE if hint is None else intern(hint))
            for name, shape, dtype, hint in zip(names, shapes, dtypes, hints, strict=True)
        ]
        return list(np.array(rows, dtype=np.int32).T)

    def _known(
        self, names: Sequence[Any], shapes: list[bytes], dtypes: list[bytes], hints: Sequence[Any]
    ) -> list[AnyArray]:
        known, known_raw, count = self._strings.ids, self._raw_ids.get, len(names)
        ids = [
            np.fromiter(map(known, names), dtype=np.int32, count=count),
            np.fromiter(map(known_raw, shapes), dtype=np.int32, count=count),
            np.fromiter(map(known_raw, dtypes), dtype=np.int32, count=count),
        ]
        if set(hints) == {None}:
            return [*ids, np.full(count, NONE, dtype=np.int32)]
        by_hint = (NONE if hint is None else known(hint) for hint in hints)
        return [*ids, np.fromiter(by_hint, dtype=np.int32, count=count)]

    def _raw(self, text: bytes) -> int:
        known = self._raw_ids.get(text)
        if known is None:
            known = self._raw_ids[text] = self._strings.intern(text.decode("utf-8", "replace")) if text else NONE
        return known


class _Numbers(dict[Hashable, int]):
    """Numbers what it is asked for, from 0, in order of appearance: one pass, and each distinct value is seen once."""

    def __missing__(self, value: Hashable) -> int:
        self[value] = number = len(self)
        return number

    def of(self, values: Iterable[Hashable], count: int) -> IntArray:
        return np.fromiter(map(self.__getitem__, values), dtype=np.int64, count=count)


def _kinds(builder: Builder, names: Sequence[str], number: IntArray, categories: Sequence[str]) -> AnyArray:
    """Kinds of events; ``number`` says which of the distinct categories each one has."""
    kinds = [KIND_OF_CATEGORY.get(category, Kind.OTHER) for category in categories]
    for category, one, times in zip(categories, kinds, np.bincount(number).tolist(), strict=True):
        builder.categories[category] += times
        if one == Kind.OTHER:
            builder.count("unknown-category", category, times)
    kind = np.array(kinds, dtype=np.uint8)[number]
    is_activity = np.array([one in ACTIVITY_KINDS for one in kinds], dtype=bool)
    for row in np.flatnonzero(is_activity[number]).tolist():
        if names[row].startswith(SCOPE_TWIN_PREFIX):
            kind[row] = Kind.PROFILER
    return kind


def _tracks(builder: Builder, side: AnyArray, pids: Sequence[Any], tids: Sequence[Any]) -> AnyArray:
    numbers = _Numbers()
    number = numbers.of(zip(side.tolist(), pids, tids, strict=True), len(pids))
    threads: list[Any] = list(numbers)
    return np.array([builder.track(its_side, str(pid), str(tid)) for its_side, pid, tid in threads], np.int32)[number]
