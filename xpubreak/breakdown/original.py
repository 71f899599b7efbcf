"""Original: single events as they stand in the trace file, with everything that no column keeps.

Columns keep where the text of each event begins in the decompressed file. It is read again from there when it is asked
for, and only given back if it still is the same event: a wrong answer would be worse than none.
"""

from __future__ import annotations

import json
import operator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from xpubreak.breakdown.remote import is_url, local_copy
from xpubreak.breakdown.rows import LEFT_OUT
from xpubreak.errors import DetailError, NotATraceError, SelectionError
from xpubreak.trace.entry import entry_text
from xpubreak.trace.number import duration_ns, to_index, us_to_ns
from xpubreak.trace.record import decode_one
from xpubreak.trace.source import mark_of

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.rows import Tables
    from xpubreak.trace.trace import Metadata

_ELSEWHERE = "If it is elsewhere now, say where: bd.args(row, source=…)."


class Original:
    """Part of `Breakdown`."""

    def args(self, row: int, source: str | PathLike[str] | None = None) -> dict[str, Any]:
        """Read the ``args`` of one activity or span from its trace file.

        Parameters
        ----------
        row
            Its number in the whole profile, as in `Breakdown.row_numbers` and ``select(row=…)``.
        source
            Where the trace file is now, a path or URL; by default, where it was read from.

        Returns
        -------
        dict
            Decoded JSON; texts in it are untrusted. Empty where the event has none.

        Raises
        ------
        DetailError
            The trace is gone, has changed, was never a file, or must not be looked into: the breakdown was redacted.
        SelectionError
            There is no such row.
        """
        args = self.event(row, source).get("args")
        return args if isinstance(args, dict) else {}

    def event(self, row: int, source: str | PathLike[str] | None = None) -> dict[str, Any]:
        """Read one activity or span from its trace file: ``name``, ``cat``, ``ts``, ``dur``, ``args`` … as written.

        Parameters and errors are those of `args`.
        """
        me = cast("Breakdown", self)
        me._needs_events("An event as recorded")
        number = operator.index(row)
        if not 0 <= number < len(me.tables.rows):
            raise SelectionError(f"There is no row {number}: this profile has {len(me.tables.rows):,} rows, from 0.")
        return _event(me.tables, number, source)


def _event(tables: Tables, row: int, source: str | PathLike[str] | None) -> dict[str, Any]:
    offset, rank = int(tables.rows.offset[row]), int(tables.rows.rank[row])
    metadata = next(run.metadata for run in tables.runs if run.metadata.rank == rank)
    if offset == LEFT_OUT:
        raise DetailError(
            f"Row {row} cannot be looked up in its trace: this breakdown was redacted, as bd.save does unless told "
            "redact=False. Load the trace itself."
        )
    if offset < 0 or (source is None and not metadata.source_mark):
        raise DetailError(
            f"Row {row} stands in no file: its trace was read from memory. Write the trace to a file, and load that."
        )
    place = _recorded(metadata) if source is None else str(source)
    try:
        with local_copy(place, tables.access) as path:
            if not path.is_file():
                raise DetailError(f"{place} is gone, or is no file: its events cannot be looked up. {_ELSEWHERE}")
            if source is None and mark_of(path) != metadata.source_mark:
                raise DetailError(
                    f"{place} has changed since it was read: load it again. "
                    "If you know that its events are the same, name it: bd.args(row, source=…)."
                )
            text = entry_text(path, offset)
    except (NotATraceError, OSError) as error:
        raise DetailError(f"{place} cannot be read any more ({error}). {_ELSEWHERE}") from error
    if not _is_same(text, tables, row, metadata):
        raise DetailError(f"{place} does not hold row {row} where it was: it is another trace. {_ELSEWHERE}")
    return _decoded(text, place, row)


def _recorded(metadata: Metadata) -> str:
    """Where a trace was read from; a stranger's file must not make this machine fetch what it names."""
    if is_url(metadata.source):
        raise DetailError(
            f"This trace was read from {metadata.source}, and is fetched again only if you say so: "
            "bd.args(row, source=that URL, or the path of a copy)."
        )
    return str(Path(metadata.source))


def _is_same(text: bytes, tables: Tables, row: int, metadata: Metadata) -> bool:
    record = decode_one(text)
    start_ns = None if record is None else us_to_ns(bytes(record.ts))
    if record is None or start_ns is None or record.ph != "X":
        return False
    base_ns = max(0, to_index(metadata.extra.get("baseTimeNanoseconds", 0)))
    origin_ns = metadata.start_time_ns - base_ns
    name = "" if record.name is None else str(record.name)
    return (name, start_ns - origin_ns, max(0, duration_ns(bytes(record.dur)) or 0)) == (
        tables.strings.text(int(tables.rows.name[row])),
        int(tables.rows.start_ns[row]),
        int(tables.rows.total_ns[row]),
    )


def _decoded(text: bytes, place: str, row: int) -> dict[str, Any]:
    """Decode as strictly as the text allows: profilers write raw control characters, and half characters."""
    try:
        found = _strictly(text)
    except (ValueError, RecursionError) as error:
        raise DetailError(
            f"{place} holds row {row}, but its args are nested too deeply or hold too long a number ({error})."
        ) from error
    return cast("dict[str, Any]", found)


def _strictly(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(text.decode("utf-8", "replace"), strict=False)
