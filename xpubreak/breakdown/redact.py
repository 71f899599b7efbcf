"""Redaction: a breakdown that may leave the machine. Numbers stay as they are; names of people, hosts and places go.

Texts keep their ids, and different texts stay different: rows, call paths and every sum are those of the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

import numpy as np

from xpubreak.breakdown import privatekeys
from xpubreak.breakdown.privatetexts import ARGUMENTS, HOST, PATH, SECRET, USER, PrivateTexts
from xpubreak.breakdown.rows import LEFT_OUT, Tables
from xpubreak.breakdown.run import Run
from xpubreak.breakdown.searchtext import FoundText, finder
from xpubreak.breakdown.selection import TEXT, Selection
from xpubreak.errors import Issue
from xpubreak.trace.strings import Strings
from xpubreak.trace.trace import Metadata

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

CODE = "redacted"
"""Of the issue that says what was left out."""
_WHERE_KEYS = frozenset(("traceName",))
"""Where the profiler wrote to: always a path, always left out, and so not worth a word."""
_WORKER = re.compile(r"^(?P<host>[A-Za-z][\w.-]*?)_\d+\.\d{9,}")  # torch's tensorboard_trace_handler: HOST_PID.TIME


@dataclass(frozen=True)
class Redaction:
    """What may leave the machine, and what was left out of it.

    Parameters
    ----------
    breakdown
        With equal numbers, and an issue that says what was left out.
    counts
        Distinct texts by kind: ``"path"``, ``"host name"``, ``"user name"``, ``"process arguments"``, ``"secret"``.
    examples
        What is written for one of them, by kind.
    texts
        What rewrote them; rewrites others in the same way.
    hidden
        Names that were rewritten, by what is written for them.
    """

    breakdown: Breakdown
    counts: Mapping[str, int]
    examples: Mapping[str, str]
    texts: PrivateTexts
    hidden: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.counts)

    def selection(self, clauses: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
        """Rewrite the texts of a selection in its JSON form; without searches that `finds_hidden`."""
        shown = {
            name: [item for item in values if name != TEXT or not self.finds_hidden(item)]
            for name, values in clauses.items()
        }
        return {name: _rewritten(name, items, self.texts) for name, items in shown.items() if items or name != TEXT}

    def finds_hidden(self, search: str) -> bool:
        """Whether a search text finds something that was left out, and so may name it."""
        finds = finder(search)
        return any(finds(text) and not finds(short) for short, text in self.hidden.items())

    def __str__(self) -> str:
        return _sentence(self.counts, self.examples)


def redact(
    bd: Breakdown, *, hosts: Iterable[str] = (), users: Iterable[str] = (), private: PrivateTexts | None = None
) -> Redaction:
    """Shorten what says who recorded a profile, where, and with which arguments.

    Absolute paths keep what follows ``site-packages``, else the name of the file; names of hosts and users are
    numbered; arguments of processes and secrets are left out.

    Parameters
    ----------
    bd
        What is to leave the machine.
    hosts, users
        Names to leave out besides those that the profile itself calls so.
    private
        Rewrites the texts, instead of one made for this breakdown alone: breakdowns that are shown together share one
        of `private_texts`, so that what was equal stays equal. What it counts is of all of them.

    Returns
    -------
    Redaction
        The same breakdown without them, and what they are.
    """
    tables = bd.tables
    private = private_texts([bd], hosts, users) if private is None else private
    unheard = _Silent(private)
    sources = [unheard.source(run.metadata) for run in tables.runs]
    strings = Strings(private.text(text) for text in tables.strings)
    title = private.text(bd.title)
    evidences = tuple(
        replace(item, key=private.text(item.key), note=private.text(item.note)) for item in tables.evidences
    )
    runs = [_run(run, private, source) for run, source in zip(tables.runs, sources, strict=True)]
    counts, examples = private.summary()
    if counts and runs:
        said = Issue(CODE, "info", f"Left out before this left the machine: {_sentence(counts, examples)}.")
        runs[0] = replace(runs[0], issues=(*(item for item in runs[0].issues if item.code != CODE), said))
    # The trace itself names everything: where its events stand in it is left out, too.
    rows = replace(tables.rows, offset=np.full_like(tables.rows.offset, LEFT_OUT))
    changed = Tables(rows, tables.tree, strings, evidences, tuple(runs), tables.folded, private=private)
    selection = redacted_selection(bd, private, changed)
    hidden = {short: text for short, text in zip(strings, tables.strings, strict=True) if short != text}
    return Redaction(type(bd)(changed, title, selection), counts, examples, private, hidden)


def redacted_selection(bd: Breakdown, private: PrivateTexts, tables: Tables) -> Selection:
    """Return a selection of the same rows that names nothing private."""
    plain = {name: _rewritten(name, values, private) for name, values in bd.selection.clauses}
    found = Selection.of(**{name: values for name, values in plain.items() if name != TEXT})
    if TEXT in plain:
        try:
            searched = found & Selection.of(text=plain[TEXT])
            if np.array_equal(np.flatnonzero(searched.mask(tables)), bd.row_numbers):
                return searched
        except ValueError:  # shortened, a pattern may be none any more
            pass
        return found & Selection.of(row=bd.row_numbers.tolist())
    return found


def _rewritten(name: str, values: Iterable[Any], private: PrivateTexts) -> list[Any]:
    return [
        FoundText(private.value(name, item), map(private.text, item.names), map(private.text, item.others))
        if isinstance(item, FoundText)
        else private.value(name, item)
        for item in values
    ]


def private_texts(breakdowns: Iterable[Breakdown], hosts: Iterable[str], users: Iterable[str]) -> PrivateTexts:
    """Return what rewrites the texts of breakdowns: the same text in the same way in all of them."""
    hosts, users, breakdowns = set(hosts), set(users), list(breakdowns)
    reached: set[str] = set()
    for metadata in (item for bd in breakdowns for item in bd.metadatas):
        for kind, name in privatekeys.names_in(metadata.extra):
            # A generated trace calls its host "synthetic": it names nobody, and says what the trace is.
            if not (metadata.synthetic and name == "synthetic"):
                {USER: users, HOST: hosts, privatekeys.REACHED: reached}[kind].add(name)
        worker = _WORKER.match(_name_of(metadata.source))
        if worker:
            hosts.add(worker["host"])
    private = PrivateTexts(hosts, users, reached)
    for bd in breakdowns:
        private.learn(bd.strings)
        texts = (text for metadata in bd.metadatas for _, text in _walk(metadata.extra) if isinstance(text, str))
        private.learn([bd.title, *texts])
        private.learn([metadata.source for metadata in bd.metadatas])
    for bd in breakdowns:
        private.keep(bd.strings)
    return private


class _Silent:
    """Shortens where the traces themselves lie: always a path, so that to report it would be noise."""

    def __init__(self, private: PrivateTexts) -> None:
        self._private = private

    def source(self, metadata: Metadata) -> str:
        """Return the name of a trace's file."""
        self._private.unheard.add(metadata.source)
        self._private.unheard.update(
            value for key, value in metadata.extra.items() if key in _WHERE_KEYS and isinstance(value, str)
        )
        return self._private.text(_name_of(metadata.source))


def _name_of(source: str) -> str:
    return PureWindowsPath(source).name if "\\" in source else PurePosixPath(source).name


def _run(run: Run, private: PrivateTexts, source: str) -> Run:
    metadata = run.metadata
    return replace(
        run,
        metadata=replace(
            metadata,
            source=source,
            source_mark="",
            device_name=private.text(metadata.device_name),
            operators=frozenset(private.text(name) for name in metadata.operators),
            versions={private.text(name): _version(value, private) for name, value in metadata.versions.items()},
            extra=_value(metadata.extra, private),
        ),
        issues=tuple(
            replace(issue, message=private.text(issue.message), example=private.text(issue.example))
            for issue in run.issues
        ),
        steps=tuple(replace(step, name=private.text(step.name)) for step in run.steps),
        tracks=tuple(
            replace(track, name=private.text(track.name), pid=private.text(track.pid), tid=private.text(track.tid))
            for track in run.tracks
        ),
    )


def _version(value: str, private: PrivateTexts) -> str:
    """Rewrite a version; four numbers in its place are no address."""
    return value if re.fullmatch(r"[\d.]+", value) else private.text(value)


def _walk(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _walk(item, str(name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _walk(item, key)
    else:
        yield key, value


def _value(value: Any, private: PrivateTexts, key: str = "", above: str = "") -> Any:
    """Rewrite a value of the trace's metadata, whose key, or one above it, may say what it is."""
    kind = privatekeys.kind_of(key, above) if key else above
    if kind == ARGUMENTS and value and not isinstance(value, int | float):
        return private.arguments(repr(value))
    if isinstance(value, Mapping):
        return _entries(value, private, kind)
    if isinstance(value, list | tuple):
        return [_value(item, private, key, above) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and privatekeys.is_secret_number(key, above):
        return private.secret(str(value))
    if not isinstance(value, str) or not value:
        return value
    if kind == SECRET:
        return private.secret(value)
    if kind in (HOST, USER) and not privatekeys.is_number(value):
        return private.host(value) if kind == HOST else private.user(value)
    if key in _WHERE_KEYS or (kind == PATH and value.startswith(("/", "~", "."))):
        return private.path(value)
    return private.text(value)


def _entries(entries: Mapping[Any, Any], private: PrivateTexts, kind: str) -> dict[str, Any]:
    """Rewrite entries of the metadata below a key of a kind; two never get one name."""
    made: dict[str, Any] = {}
    for name, item in entries.items():
        key = str(name)
        written = private.text(key)
        if written == key and privatekeys.is_name(key, kind):
            written = private.host(key) if kind == HOST else private.user(key)
        form, number = written, 1
        while form in made or (form != key and form in entries):
            number += 1
            form = f"{written} ({number})"
        made[form] = _value(item, private, key, kind)
    return made


def _sentence(counts: Mapping[str, int], examples: Mapping[str, str]) -> str:
    """Say how many of which kind: ``3 paths (…/x.py), 1 host name (host-1)``."""
    parts = [
        f"{count} {kind if count == 1 or kind.endswith('s') else kind + 's'} ({examples[kind]})"
        for kind, count in counts.items()
    ]
    return ", ".join(parts) or "nothing"
