"""What is known about a rank, as plain JSON, and back: every field is held against its type.

A stranger's file must fail where it is opened, not in the middle of a view.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from functools import cache
from typing import Any, TypeVar

from xpubreak.attribute.container import MAX_LAYERS
from xpubreak.attribute.label import PHASES, Step
from xpubreak.breakdown.run import RankSums, Run
from xpubreak.classify.backend import Role
from xpubreak.errors import SEVERITIES, Issue
from xpubreak.trace.trace import Metadata
from xpubreak.trace.tracks import Track

T = TypeVar("T")
_INT64 = 1 << 63  # columns and sums hold no more


def run_to_json(run: Run) -> dict[str, Any]:
    """Write what is known about a rank as plain JSON."""
    metadata = {**asdict(run.metadata), "operators": sorted(run.metadata.operators)}
    return {**asdict(run), "metadata": metadata}


def run_from_json(item: dict[str, Any]) -> Run:
    """Read what `run_to_json` wrote.

    Raises
    ------
    TypeError, KeyError, ValueError
        It did not write this.
    """
    metadata = {**item["metadata"], "operators": frozenset(item["metadata"]["operators"])}
    sums = item["sums"]
    whole = {
        **item,
        "metadata": checked(Metadata, metadata),
        "issues": tuple(_issue(issue) for issue in item["issues"]),
        "steps": tuple(_step(step) for step in item["steps"]),
        "tracks": tuple(checked(Track, track) for track in item["tracks"]),
        "sums": None if sums is None else _sums({**sums, "roles_ns": tuple(sums["roles_ns"])}),
    }
    run = checked(Run, {name: whole[name] for name in _types(Run)})
    if not 0 <= run.layer_count <= MAX_LAYERS:
        raise ValueError(f"a model of {run.layer_count:,} layers")
    return run


def checked(kind: Callable[..., T], item: dict[str, Any]) -> T:
    """Make a dataclass of plain values; raises `ValueError` for one that is not of its field's type."""
    types = _types(kind)
    for name, value in item.items():
        if name in types and not _FITS.get(types[name], _fits_always)(value):
            raise ValueError(f"{name} is {repr(value)[:80]}, not of type {types[name]}")
    return kind(**item)


@cache
def _types(kind: Any) -> dict[str, str]:
    """As written: the forms that the dataclasses of a run have are few."""
    return {field.name: str(field.type) for field in fields(kind)}


def _fits_int(value: Any) -> bool:
    return type(value) is int and -_INT64 <= value < _INT64


def _fits_ints(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_fits_int, value))


def _fits_texts(value: Any) -> bool:
    return isinstance(value, frozenset) and all(isinstance(text, str) for text in value)


def _fits_dict(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def _fits_dict_of_texts(value: Any) -> bool:
    return _fits_dict(value) and all(isinstance(text, str) for text in value.values())


def _fits_always(_: Any) -> bool:
    return True  # a part that was read, and checked, before


_FITS: dict[str, Callable[[Any], bool]] = {
    "int": _fits_int,
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "dict[str, str]": _fits_dict_of_texts,
    "dict[str, Any]": _fits_dict,
    "frozenset[str]": _fits_texts,
    "tuple[int, ...]": _fits_ints,
}


def _issue(item: dict[str, Any]) -> Issue:
    issue = checked(Issue, item)
    if issue.severity not in SEVERITIES:
        raise ValueError(f"an issue of severity {issue.severity[:80]!r}")
    return issue


def _step(item: dict[str, Any]) -> Step:
    step = checked(Step, item)
    if not 0 <= step.phase < len(PHASES):
        raise ValueError(f"a step of phase {step.phase}")
    return step


def _sums(item: dict[str, Any]) -> RankSums:
    sums = checked(RankSums, item)
    if len(sums.roles_ns) != len(Role):
        raise ValueError(f"times of {len(sums.roles_ns)} backends")
    return sums
