"""One rank from its file to its tables: the map of many ranks, here, in another process or on another machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from xpubreak.breakdown.access import NO_OPTIONS, Access
from xpubreak.breakdown.analysis import analyse
from xpubreak.breakdown.collectiveargs import with_recorded, without_recorded
from xpubreak.breakdown.gather import gather
from xpubreak.breakdown.material import Material
from xpubreak.breakdown.remote import local_copy
from xpubreak.breakdown.rows import Tables
from xpubreak.classify.backend import Confidence, Role
from xpubreak.classify.rule import Rule
from xpubreak.errors import Issue
from xpubreak.trace import kineto
from xpubreak.trace.trace import Trace


def read_rank(source: str, rules: Sequence[Rule] = (), access: Access = NO_OPTIONS) -> Tables:
    """Read a trace and take it through all floors.

    Parameters
    ----------
    source
        Path, or URL as fsspec knows them.
    rules
        Of the user; they speak first.
    access
        How URLs are reached.

    Raises
    ------
    NotATraceError
        The file cannot be read or is no trace.
    """
    with local_copy(source, access) as path:
        material = _material(path, source, rules)  # neither trace nor analysis is there any more
        return with_recorded(gather(material), material.of_event["external_id"], path)


def broken_down(trace: Trace, rules: Sequence[Rule] = ()) -> Tables:
    """Take a trace through all floors; it is not needed any more afterwards."""
    return gather(Material.of(analyse(trace, rules)))


def _material(path: Path, source: str, rules: Sequence[Rule]) -> Material:
    trace = kineto.read(path)
    if str(path) != source:
        trace = replace(trace, metadata=replace(trace.metadata, source=source))
    return Material.of(analyse(trace, rules))


def with_rank(tables: Tables, rank: int) -> Tables:
    """Call a rank by another number; as such it is alone."""
    run = tables.runs[0]
    # Ranks that the trace lists are those that it knows of.
    rows = replace(without_recorded(tables.rows), rank=np.full(len(tables.rows), rank, dtype=np.int32))
    info = run.metadata.extra.get("distributedInfo")
    alone = {**(info if isinstance(info, dict) else {}), "pg_config": [{"ranks": [rank]}]}
    metadata = replace(run.metadata, rank=rank, extra={**run.metadata.extra, "distributedInfo": alone})
    return replace(tables, rows=rows, runs=(replace(run, metadata=metadata),))


def with_issues(tables: Tables, issues: Sequence[Issue]) -> Tables:
    """Add what concerns all ranks to one of them."""
    first, *others = tables.runs
    return replace(tables, runs=(replace(first, issues=(*first.issues, *issues)), *others))


def rules_to_json(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Write rules as plain JSON: they travel to other processes."""
    return [{**asdict(rule), "devices": list(rule.devices)} for rule in rules]


def rules_from_json(items: Sequence[dict[str, Any]]) -> tuple[Rule, ...]:
    """Read what `rules_to_json` wrote."""
    return tuple(
        Rule(
            **{
                **item,
                "role": None if item["role"] is None else Role(item["role"]),
                "alone": None if item["alone"] is None else Role(item["alone"]),
                "confidence": Confidence(item["confidence"]),
                "devices": tuple(item["devices"]),
            }
        )
        for item in items
    )


def name_of(source: str) -> str:
    """Last part of a path or URL."""
    return Path(source.rstrip("/")).name
