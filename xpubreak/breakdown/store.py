"""Saved breakdowns: one file that holds everything, and nothing but data.

A zip archive, stored without compression of its own, of Arrow IPC files (https://arrow.apache.org/docs/format/Columnar.html)
and one JSON header::

    header.json      format, version, title, selection, found, runs, evidences, packing
    rows.arrow       columns of `Rows`; packed ones in another form (`xpubreak.breakdown.packing`)
    tree.arrow       columns of `CallTree`
    strings.arrow    every text, by id

Arrow and JSON hold no code: opening a stranger's file runs none of it, nor the regular expressions of its selection,
whose matches it holds (`xpubreak.breakdown.searchtext`). Uncompressed columns are mapped, not read.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute

from xpubreak.breakdown.archive import Members, mapped
from xpubreak.breakdown.arrowparts import read_table
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.outfile import whole_file
from xpubreak.breakdown.packing import Packing, check_room, check_stored, everywhere, pack, unpacked
from xpubreak.breakdown.rows import Rows, Tables, dtypes_of
from xpubreak.breakdown.runfile import checked, run_from_json, run_to_json
from xpubreak.breakdown.savedselection import found_to_json, selection_from_json
from xpubreak.breakdown.selection import SHOWN
from xpubreak.breakdown.storecheck import check
from xpubreak.classify.backend import Evidence
from xpubreak.errors import NotATraceError
from xpubreak.trace.columns import NONE
from xpubreak.trace.strings import Strings
from xpubreak.tree.calltree import CallTree

FORMAT = "xpubreak-breakdown"
VERSION = 5
_OLDEST = 3
"""Without packing; columns of version 4 are as wide as they are documented."""
LATER_COLUMNS: dict[str, type[np.generic]] = {"collective": np.int32, "sequence": np.int64}
"""Of rows, since version 4: files without them know nothing of it, −1."""
COMPARISON = "comparison.json"
"""Header of a saved comparison, which holds several breakdowns."""

_MAX_HEADER_BYTES = 1 << 26
_LARGE_BYTES = 1 << 30
"""From here on a member's length gets eight bytes: with four it ends at 2 GiB."""
_DAMAGE = (
    pa.ArrowException,
    OSError,
    MemoryError,
    OverflowError,
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    AttributeError,
)
NO_ARCHIVE = (ValueError, KeyError, OSError, zipfile.BadZipFile, NotImplementedError, RecursionError)
"""What opening something else than an archive raises."""
_HEADER, _ROWS, _TREE, _STRINGS = "header.json", "rows.arrow", "tree.arrow", "strings.arrow"


def save(bd: Breakdown, path: str | os.PathLike[str], *, compress: bool = True, is_narrow: bool = False) -> Path:
    """Write a breakdown to one file, whole or not at all.

    Parameters
    ----------
    bd
        What to save; a selection is saved with everything around it.
    path
        Where to; ``.xpb`` is the custom.
    compress
        With zstd: several times smaller. Without, columns are mapped into memory when it is opened.
    is_narrow
        Without zstd, but in the fewest bytes that hold each number: half as many, which are widened when it is opened.

    Returns
    -------
    pathlib.Path
        The path.
    """
    with whole_file(path) as (file, target):
        write(bd, file, compress=compress, is_narrow=is_narrow)
    return target


def write(bd: Breakdown, file: BinaryIO, *, compress: bool = True, is_narrow: bool = False) -> None:
    """As `save`, into an open file."""
    codec = "zstd" if compress and not is_narrow and pa.Codec.is_available("zstd") else None
    tables = bd.tables
    rows, packing = _as_documented(tables.rows), Packing()
    if codec or is_narrow:  # others are mapped, not read: they stay as they are
        rows, packing = pack(rows, has_differences=not is_narrow)
    texts = [text.encode("utf-8", "surrogatepass") for text in tables.strings]
    header = json.dumps(_header(bd, packing), separators=(",", ":")).encode("utf-8", "replace")
    parts = {
        _ROWS: rows,
        _TREE: _as_documented(tables.tree),
        _STRINGS: {"text": pa.array(texts, pa.binary())},  # none at all would be nulls
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_HEADER), header)
        for name, columns in parts.items():
            _write_arrow(archive, name, columns, codec)


def open_saved(path: str | os.PathLike[str], *, is_widened: bool = True) -> Breakdown:
    """Open what `save` wrote.

    Parameters
    ----------
    path
        The file.
    is_widened
        Columns of rows as they are documented. Otherwise as narrow as they are stored: for `merge`, and nobody else.

    Raises
    ------
    NotATraceError
        The file cannot be read, is none of ours, is damaged, or was written by a newer version.
    """
    source = Path(path).expanduser()
    return read(mapped(source), source, is_widened=is_widened)


def read(view: memoryview, source: Path, *, is_widened: bool = True) -> Breakdown:
    """Read what `write` wrote; ``source`` is what messages call it."""
    try:
        parts = Members(view)
    except NO_ARCHIVE as error:
        raise _no_breakdown(source, error) from error
    return read_members(parts, source, is_widened=is_widened)


def read_members(parts: Mapping[str, memoryview], source: Path, *, is_widened: bool = True) -> Breakdown:
    """As `read`, from an archive that is open already."""
    try:
        if _HEADER not in parts and COMPARISON in parts:
            raise NotATraceError(f"{source} is a saved comparison, not a breakdown: open it with xb.open.")
        if len(parts[_HEADER]) > _MAX_HEADER_BYTES:
            raise ValueError(f"its header takes {len(parts[_HEADER]):,} bytes, more than any breakdown's")
        header = json.loads(bytes(parts[_HEADER]))
        if not isinstance(header, dict):
            raise ValueError(f"its header is {type(header).__name__}, not an object")
    except NotATraceError:
        raise
    except (ValueError, KeyError, RecursionError) as error:
        raise _no_breakdown(source, error) from error
    if header.get("format") != FORMAT:
        raise NotATraceError(f"{source} is no saved breakdown: it says it is {header.get('format')!r}.")
    if not isinstance(header.get("version"), int) or header["version"] > VERSION:
        raise NotATraceError(
            f"{source} was written by a newer xpubreak (format {header.get('version')}, this one reads {VERSION}). "
            "Update it: pip install -U xpubreak."
        )
    if header["version"] < _OLDEST:
        raise NotATraceError(f"{source} was written by an older xpubreak: load the trace again, and save it.")
    try:
        return _breakdown(header, parts, is_widened=is_widened)
    except _DAMAGE as error:
        raise NotATraceError(f"{source} is damaged: {type(error).__name__}: {error}. Save it again.") from error


def _no_breakdown(source: Path, error: Exception) -> NotATraceError:
    if isinstance(error, OSError):
        return NotATraceError(f"{source}: cannot be read ({error.strerror or error}).")
    return NotATraceError(f"{source} is no saved breakdown, or is damaged: {error}. Save it again.")


def _write_arrow(archive: zipfile.ZipFile, name: str, columns: Mapping[str, Any], codec: str | None) -> None:
    """Write a table as a member, column by column: as a whole it would be in memory twice."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    options = pa.ipc.IpcWriteOptions(compression=codec)
    with (
        archive.open(zipfile.ZipInfo(name), "w", force_zip64=table.nbytes >= _LARGE_BYTES) as member,
        pa.ipc.new_file(pa.PythonFile(member, "w"), table.schema, options=options) as writer,
    ):
        writer.write_table(table)


def _as_documented(table: Rows | CallTree) -> dict[str, Any]:
    kind: Any = type(table)
    return {name: getattr(table, name).astype(dtype, copy=False) for name, dtype in dtypes_of(kind).items()}


def _columns(part: memoryview, kind: Any, packing: Packing) -> dict[str, Any]:
    """Columns as they are stored: in few bytes, they are checked in a fraction of the time."""
    table = read_table(part)
    table.validate()
    dtypes = dtypes_of(kind)
    check_room(packing, dtypes, table.num_rows, len(part))
    found = {}
    for name, dtype in dtypes.items():
        if name in packing.constants:
            found[name] = everywhere(packing.constants[name], table.num_rows, dtype)
            continue
        if kind is Rows and name in LATER_COLUMNS and name not in table.column_names:
            found[name] = everywhere(NONE, table.num_rows, LATER_COLUMNS[name])
            continue
        column = table[name]
        # Before numpy is made of it: an array of nulls takes no room in a file, and any in memory.
        if not pa.types.is_integer(column.type) or column.null_count:
            raise ValueError(f"column {name} holds {column.type}, not {np.dtype(dtype).name}")
        array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        found[name] = check_stored(name, np.asarray(array.to_numpy(zero_copy_only=False)), dtype)
    lengths = {len(values) for values in found.values()}
    if len(lengths) > 1:
        raise ValueError("columns differ in length")
    return found


def _header(bd: Breakdown, packing: Packing) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": bd.title,
        "selection": bd.selection.to_json(),
        "found": found_to_json(bd.selection, bd.tables),
        "folded": list(bd.tables.folded),
        "store": bd.tables.store,
        "evidences": [asdict(evidence) for evidence in bd.evidences],
        "runs": [run_to_json(run) for run in bd.tables.runs],
        "packing": asdict(packing),
    }


def _breakdown(header: dict[str, Any], parts: Mapping[str, memoryview], *, is_widened: bool) -> Breakdown:
    packing = Packing(**header.get("packing", {}))
    is_widened = is_widened or bool(packing.differences)
    rows = _columns(parts[_ROWS], Rows, packing)
    tree = _columns(parts[_TREE], CallTree, Packing())
    texts = _texts(parts[_STRINGS])
    strings = Strings(text.decode("utf-8", "surrogatepass") for text in texts)
    if len(strings) != len(texts):
        raise ValueError("texts are not distinct")
    evidences = tuple(checked(Evidence, item) for item in header["evidences"])
    runs = tuple(run_from_json(item) for item in header["runs"])
    check(rows, tree, len(strings), len(evidences), runs)
    shown = [rows[name] for name in SHOWN]
    selection, runs = selection_from_json(header["selection"], header.get("found", {}), strings, runs, shown)
    tables = Tables(
        Rows(**(unpacked(rows, packing, dtypes_of(Rows)) if is_widened else rows)),
        CallTree(**unpacked(tree, Packing(), dtypes_of(CallTree))),
        strings,
        evidences,
        runs,
        _folded(header["folded"]),
        str(header["store"]),
    )
    return Breakdown(tables, str(header["title"]), selection)


def _folded(names: list[str]) -> tuple[str, ...]:
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise ValueError("what was added up is no list of names")
    return tuple(names)


def _texts(part: memoryview) -> list[bytes]:
    table = read_table(part)
    table.validate(full=True)
    column = table["text"]
    if column.type not in (pa.binary(), pa.large_binary()) or column.null_count:
        raise ValueError(f"texts are {column.type}")
    # Their places may overlap: a million views of one long text are small in a file.
    if sum(pa.compute.binary_length(chunk).cast(pa.int64()).to_numpy().sum() for chunk in column.chunks) > table.nbytes:
        raise ValueError("texts are longer than the file")
    texts: list[bytes] = column.to_pylist()
    return texts
