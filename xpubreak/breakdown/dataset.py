"""The store of many ranks: a partitioned Parquet data set, on a disk or any URL that fsspec writes to.

::

    STORE/
      device/rank=3/part-TOKEN.parquet    one row per device activity
      host/rank=3/part-TOKEN.parquet      one row per host span
      paths/rank=3/part-TOKEN.parquet     the call tree: parent, name, kind by node
      facts/rank=3/part-TOKEN.xpb         sums: what the notebook gets
      meta/rank=3.json                    schema version, source and its age, TOKEN, run, evidences; written last

A rank is there when its ``meta`` is: a worker that dies on the way leaves no half of one. Texts are plain strings:
dictionaries of different ranks do not unify when a data set is scanned, and Parquet has its own anyway. duckdb, polars,
pandas and Spark read the folders as hive partitions.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa

from xpubreak.breakdown.access import NO_OPTIONS, Access
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.merge import merge
from xpubreak.breakdown.rank import name_of
from xpubreak.breakdown.remote import filesystem, place_of, trouble
from xpubreak.breakdown.rows import Rows, Tables
from xpubreak.breakdown.runfile import run_from_json, run_to_json
from xpubreak.breakdown.store import LATER_COLUMNS, VERSION
from xpubreak.breakdown.storefile import put, read_table, sealed, unsealed, write_table
from xpubreak.breakdown.storeparts import FACTS, are_there, part_path, sweep
from xpubreak.classify.backend import Evidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.errors import DetailError, XpubreakError
from xpubreak.trace.columns import NONE, AnyArray
from xpubreak.trace.strings import Strings
from xpubreak.tree.calltree import CallTree
from xpubreak.version import __version__

SCHEMA = 2
_TEXTS = ("name", "display", "op", "module", "shapes", "dtypes", "collective")
_TREE_TEXTS = ("name",)
_META = "meta"
_TRIES = 3
"""Of a write that another one of the same rank swept away."""


@dataclass(frozen=True)
class Kept:
    """A rank that is in the store."""

    rank: int
    source: str
    mark: str
    rules: str
    token: str


def write_rank(
    store: str,
    tables: Tables,
    facts: bytes,
    mark: str,
    rules: Sequence[dict[str, Any]],
    access: Access = NO_OPTIONS,
) -> None:
    """Write one rank, whole or not at all.

    Parameters
    ----------
    store
        Folder or URL.
    tables
        Of one rank, with its single events.
    facts
        Its sums, as they travel.
    mark
        Fingerprint of its source.
    rules
        Of the user, as JSON: with others, the rank has to be read again.
    access
        How URLs are reached.

    Raises
    ------
    XpubreakError
        Another trace of this store has the same rank, or the store cannot be written to.
    """
    files, root = filesystem(store, access)
    run = tables.runs[0]
    rank = run.metadata.rank
    try:
        before = _meta(files, root, rank)
        if before is not None and not _is_of(before, run.metadata.source, mark):
            raise XpubreakError(
                f"{run.metadata.source} and {before['source']} both are rank {rank} of {store}: give each run a store "
                "of its own."
            )
        about = {
            "schema": SCHEMA,
            "rank": rank,
            "source": place_of(run.metadata.source),
            "mark": mark,
            "rules": _rules_key(rules),
            "run": run_to_json(run),
            "evidences": [_evidence(item) for item in tables.evidences],
        }
        for _ in range(_TRIES):
            token = _write_parts(files, root, tables, facts)
            put(files, f"{root}/{_META}/rank={rank}.json", sealed({**about, "token": token}))
            if are_there(files, root, rank, token):
                break
        # A worker that was taken for dead may have written since: its parts are the ones to keep then.
        if (_meta(files, root, rank) or {}).get("token") == token:
            sweep(files, root, rank, token)
    except XpubreakError:
        raise
    except Exception as error:  # noqa: BLE001 - clients of object stores raise what they like
        raise XpubreakError(trouble(store, "cannot be written to", error, access)) from access.cause(error)


def _write_parts(files: Any, root: str, tables: Tables, facts: bytes) -> str:
    """Write all but ``meta``; returns the token of the parts."""
    rank, token = tables.runs[0].metadata.rank, secrets.token_hex(6)
    device = np.flatnonzero(tables.rows.is_activity)
    host = np.flatnonzero(~tables.rows.is_activity)
    for kind, rows in (("device", device), ("host", host)):
        write_table(files, part_path(root, kind, rank, token), _plain(tables, tables.rows.take(rows), rows))
    write_table(files, part_path(root, "paths", rank, token), _tree(tables))
    put(files, part_path(root, FACTS, rank, token), facts)
    return token


def kept_ranks(store: str, rules: Sequence[dict[str, Any]], access: Access = NO_OPTIONS) -> list[Kept]:
    """List what is in a store and was made with the same rules; nothing where there is no store yet.

    Raises
    ------
    XpubreakError
        It cannot be looked at.
    """
    files, root = filesystem(store, access)
    files.invalidate_cache(f"{root}/{_META}")  # a listing from before the workers wrote may be remembered
    found: list[Kept] = []
    key = _rules_key(rules)
    try:
        names = files.ls(f"{root}/{_META}", detail=False)
    except (FileNotFoundError, NotADirectoryError):
        return found
    except Exception as error:  # noqa: BLE001 - clients raise what they like
        raise XpubreakError(trouble(store, "cannot be listed", error, access)) from access.cause(error)
    for name in names:
        try:
            meta = unsealed(files.cat_file(str(name)))
            item = Kept(int(meta["rank"]), meta["source"], meta["mark"], meta["rules"], meta["token"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # not ours, or damaged: that rank is read again
        if meta.get("schema") == SCHEMA and item.rules == key:
            found.append(item)
    return found


def facts_of(store: str, kept: Kept, access: Access = NO_OPTIONS) -> bytes:
    """Sums of a rank that is in the store."""
    files, root = filesystem(store, access)
    content: bytes = files.cat_file(part_path(root, FACTS, kept.rank, kept.token))
    return content


def open_ranks(store: str, ranks: Iterable[int], title: str = "", access: Access = NO_OPTIONS) -> Breakdown:
    """Read ranks with their single events.

    Raises
    ------
    DetailError
        A rank is not there.
    """
    files, root = filesystem(store, access)
    files.invalidate_cache()  # workers may have written since it was listed
    parts = []
    for rank in sorted(set(ranks)):
        try:
            meta = _meta(files, root, rank)
            if meta is None or meta["schema"] != SCHEMA:
                raise DetailError(f"Rank {rank} is not in {store}.")
            parts.append(_tables(files, root, rank, meta))
        except DetailError:
            raise
        except Exception as error:  # noqa: BLE001 - a damaged file, or whatever the client of an object store raises
            raise DetailError(trouble(store, f"rank {rank} cannot be read", error, access)) from access.cause(error)
    if not parts:
        raise DetailError("Say which ranks: bd.detail(0, 1).")
    return Breakdown(replace(merge(parts), access=access), title)


def _plain(tables: Tables, rows: Rows, number: AnyArray) -> pa.Table:
    """Columns of rows, ids replaced by what they stand for; with words for people who query the files."""
    columns: dict[str, Any] = {"row": number}
    for field in fields(Rows):
        values = getattr(rows, field.name)
        columns[field.name] = _texts(tables.strings, values) if field.name in _TEXTS else pa.array(values)
    columns["backend"] = _words([role.key for role in Role], rows.role)
    columns["operation"] = _words(list(CATEGORIES), rows.category)
    del columns["rank"]  # the folder says it
    return pa.table(columns)


def _words(words: list[str], codes: AnyArray) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(np.where(codes < len(words), codes, len(words) - 1)))


def _texts(strings: Strings, ids: AnyArray) -> pa.Array:
    distinct, which = np.unique(ids, return_inverse=True)
    # Lone surrogates are legal in JSON and in no Parquet file: bytes keep them.
    words = [None if i < 0 else strings.text(i).encode("utf-8", "surrogatepass") for i in distinct.tolist()]
    plain = pa.array(words, pa.binary())
    with suppress(pa.ArrowInvalid):
        plain = plain.cast(pa.string())
    return plain.take(pa.array(which.reshape(-1)))


def _tree(tables: Tables) -> pa.Table:
    tree = tables.tree
    columns: dict[str, Any] = {field.name: pa.array(getattr(tree, field.name)) for field in fields(CallTree)}
    columns["name"] = _texts(tables.strings, tree.name)
    return pa.table(columns)


def _tables(files: Any, root: str, rank: int, meta: dict[str, Any]) -> Tables:
    token = meta["token"]
    device, host, paths = (
        read_table(files, part_path(root, kind, rank, token)) for kind in ("device", "host", "paths")
    )
    strings = Strings()
    both = pa.concat_tables([device, host], promote_options="permissive")
    order = np.argsort(both["row"].to_numpy(), kind="stable")
    columns: dict[str, AnyArray] = {}
    for field in fields(Rows):
        if field.name == "rank":
            columns["rank"] = np.full(len(order), rank, dtype=np.int32)
            continue
        if field.name in LATER_COLUMNS and field.name not in both.column_names:
            columns[field.name] = np.full(len(order), NONE, dtype=LATER_COLUMNS[field.name])
            continue
        column = both[field.name]
        if field.name not in _TEXTS and (column.null_count or not pa.types.is_integer(column.type)):
            raise ValueError(f"column {field.name} holds {column.type}, or nothing")  # one table lacks it: damage
        values = _ids(strings, column) if field.name in _TEXTS else column.to_numpy()
        columns[field.name] = values[order]
    tree = {field.name: paths[field.name] for field in fields(CallTree)}
    names = {name: _ids(strings, column) if name in _TREE_TEXTS else column.to_numpy() for name, column in tree.items()}
    evidences = tuple(Evidence(**item) for item in meta["evidences"])
    return Tables(Rows(**columns), CallTree(**names), strings, evidences, (run_from_json(meta["run"]),))


def _ids(strings: Strings, column: pa.ChunkedArray) -> AnyArray:
    encoded = column.cast(pa.binary()).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    ids = [strings.intern(text.decode("utf-8", "surrogatepass")) for text in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(ids)).to_numpy(zero_copy_only=False)
    found: AnyArray = np.array([*ids, NONE], dtype=np.int32)[codes]
    return found


def _meta(files: Any, root: str, rank: int) -> dict[str, Any] | None:
    try:
        return unsealed(files.cat_file(f"{root}/{_META}/rank={rank}.json"))
    except (FileNotFoundError, ValueError):
        return None


def _is_of(meta: dict[str, Any], source: str, mark: str) -> bool:
    """Whether what is in the store was made of this source, or of the same file before it was moved."""
    before = str(meta["source"])
    is_moved = meta.get("mark") == mark and name_of(before) == name_of(source)
    return is_moved or place_of(before) == place_of(source)


def _evidence(item: Evidence) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in fields(Evidence)}


def _rules_key(rules: Sequence[dict[str, Any]]) -> str:
    """Another release may find something else, and write sums in another form: then the rank is read again."""
    return json.dumps([__version__, VERSION, *rules], sort_keys=True)
