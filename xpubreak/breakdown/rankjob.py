"""What a worker of an executor does with one rank: read it, keep its events in the store, return its facts."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xpubreak.breakdown.access import NO_OPTIONS, Access
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.cache import Cache
from xpubreak.breakdown.dataset import write_rank
from xpubreak.breakdown.fold import fold_events
from xpubreak.breakdown.rank import read_rank, rules_from_json
from xpubreak.breakdown.remote import fingerprint, is_url
from xpubreak.breakdown.rows import Tables
from xpubreak.breakdown.store import open_saved, save
from xpubreak.classify.rule import Rule
from xpubreak.trace.ahead import one_thread


def run_rank(
    source: str,
    rules: Sequence[dict[str, Any]],
    store: str | None,
    uses_cache: bool = True,
    access: Access = NO_OPTIONS,
) -> bytes:
    """Read a rank on a worker.

    Parameters
    ----------
    source
        Path or URL that the worker reaches.
    rules
        Of the user, as `xpubreak.breakdown.rank.rules_to_json` wrote them.
    store
        Folder or URL for the data set; None keeps no single events.
    uses_cache
        Look first into the cache of the machine and user that the worker runs as, and keep there what is made.
    access
        How URLs are reached.

    Returns
    -------
    bytes
        A saved breakdown (Arrow columns and JSON, see `xpubreak.breakdown.store`) of the rank's facts.

    Raises
    ------
    NotATraceError
        The file cannot be read, or is no trace.
    """
    mark = fingerprint(source, access)  # before it is read: a file that grows meanwhile is read again next time
    tables = _read(source, rules_from_json(list(rules)), uses_cache, access)
    facts = packed(fold_events(tables))
    if store is not None:
        write_rank(store, tables, facts, mark, rules, access)
    return facts


def run_rank_beside_others(source: str, *arguments: Any) -> bytes:
    """As `run_rank`, where an executor's other workers want the processors."""
    with one_thread():
        return run_rank(source, *arguments)


def _read(source: str, rules: Sequence[Rule], uses_cache: bool, access: Access) -> Tables:
    # What is behind a URL may change, and to know whether it did is to fetch it.
    cache = Cache.default() if uses_cache and not is_url(source) else None
    entry = None if cache is None else cache.entry(Path(source), rules)
    found = None if entry is None else entry.find()
    if found is None:
        found = read_rank(source, rules, access)
        if entry is not None:
            entry.keep(found)
    return found


def packed(tables: Tables) -> bytes:
    """Tables as bytes that hold no code."""
    with tempfile.TemporaryDirectory(prefix="xpubreak-facts-") as folder:
        return save(Breakdown(tables), Path(folder) / "facts.xpb").read_bytes()


def unpacked(content: bytes) -> Tables:
    """Tables from bytes, checked like a stranger's file."""
    with tempfile.TemporaryDirectory(prefix="xpubreak-facts-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "facts.xpb"
        path.write_bytes(content)
        return open_saved(path).tables
