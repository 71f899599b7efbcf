"""Handouts: a notebook made ready to send, from the notebook as it was saved.

Nothing is run and no source is changed. The state of widgets goes, for no reader can use it without its kernel; so do
the live widgets that have a static sibling, which would say "Loading widget..." for ever. BokehJS stays once.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xpubreak.errors import XpubreakError
from xpubreak.view.copy import bokehjs_script
from xpubreak.view.holdings import EXPLORES, holdings
from xpubreak.view.kinds import WIDGET
from xpubreak.view.notebookfile import size_bytes, text_of
from xpubreak.view.printed import Meeting, Printed
from xpubreak.view.remains import MARK, left_as_is, left_beside, pictures_told
from xpubreak.view.rewriting import rewrite_notebook

STATE = "application/vnd.jupyter.widget-state+json"
TOO_MANY_BYTES = 10_000_000
"""GitHub shows no notebook beyond this, and JupyterLab opens it slowly."""

_BOKEHJS = re.compile(r'<script type="text/plain" data-xpubreak="bokehjs">[^<]*</script>')
_CODE = '<script type="text/plain" data-xpubreak="code"'
_COMPARES = '<script type="text/plain" data-xpubreak="comparison">'
_PARTS = re.compile(r'data-parts="([^"]*)"')
_OURS = re.compile(r"xpubreak [a-z ]+")
_REPR = re.compile(r"\s*(<[\w.]+ .*object at 0x[0-9a-f]+>|[A-Z]\w*\(.*\))\s*", re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """What became of a cell's outputs.

    Parameters
    ----------
    label
        What the notebook calls it: ``In [3]``.
    holds
        What of xpubreak a reader finds there: ``picture``, ``copy``, ``table``.
    before_bytes, after_bytes
        Of its outputs in the file.
    """

    label: str
    holds: tuple[str, ...]
    before_bytes: int
    after_bytes: int


@dataclass(frozen=True)
class Handout:
    """A notebook that is ready to send, and what was found on the way.

    Parameters
    ----------
    notebook
        As JSON: nbformat 4.
    cells
        Those with outputs.
    problems
        What a reader will miss, for people.
    redacted
        What was left out of printed texts, for people; empty for nothing.
    models
        Number of widget models whose state was removed.
    before_bytes, after_bytes
        Of the whole file.
    """

    notebook: dict[str, Any]
    cells: tuple[Cell, ...]
    problems: tuple[str, ...]
    redacted: str
    models: int
    before_bytes: int
    after_bytes: int


def prepare(notebook: Mapping[str, Any], *, redact: bool = True) -> Handout:
    """Make a notebook ready to send.

    Parameters
    ----------
    notebook
        As JSON, nbformat 4; is not changed.
    redact
        Shorten what cells printed where it names people, hosts and places. What xpubreak shows was redacted when it
        was shown, and sources are never changed: that they name something is a problem that is reported.

    Raises
    ------
    XpubreakError
        It is no notebook of nbformat 4.
    """
    _check(notebook)
    made = copy.deepcopy(dict(notebook))
    metadata = made.get("metadata")
    made["metadata"] = metadata if isinstance(metadata, dict) else {}
    cells = [cell for cell in made["cells"] if isinstance(cell, dict) and isinstance(cell.get("outputs"), list)]
    cells = [cell for cell in cells if cell["outputs"]]
    before = [size_bytes(cell["outputs"]) for cell in cells]
    state = made["metadata"].pop("widgets", {})
    problems: list[str] = []
    printed = Printed()
    if redact:
        rewrite_notebook(made, Meeting(printed))
    for cell in cells:
        cell["outputs"], lacking = _static_only(cell["outputs"])
        problems += [f"{_label(cell)}: {what}" for what in lacking]
    if redact:
        rewrite_notebook(made, printed)
    left_out = str(printed)
    if redact:
        problems += _left(made, cells, printed)
    _keep_one_bokehjs(cells)
    holds = [holdings(cell["outputs"]) for cell in cells]
    if not any(holds):
        problems.insert(0, "no breakdown is shown in it: run it, save it, and share it then")
    held = state.get(STATE) if isinstance(state, dict) else None
    models = held.get("state") if isinstance(held, dict) else None
    after_bytes = size_bytes(made)
    if after_bytes > TOO_MANY_BYTES:
        problems.append(
            f"it is larger than {TOO_MANY_BYTES // 1_000_000} MB: GitHub does not show it. "
            "`--snapshot none` leaves copies out of the cells that need none"
        )
    found = zip(cells, holds, before, strict=True)
    return Handout(
        made,
        tuple(Cell(_label(cell), held, size, size_bytes(cell["outputs"])) for cell, held, size in found),
        tuple(problems),
        left_out,
        len(models) if isinstance(models, dict) else 0,
        size_bytes(notebook),
        after_bytes,
    )


def _check(notebook: Mapping[str, Any]) -> None:
    if not isinstance(notebook, Mapping) or not isinstance(notebook.get("nbformat"), int):
        raise XpubreakError("This is no notebook: it has no nbformat.")
    if notebook["nbformat"] != 4 or not isinstance(notebook.get("cells"), list):
        raise XpubreakError(
            f"The notebook is of format {notebook['nbformat']}, not 4: `jupyter nbconvert --to notebook` converts it."
        )


def _static_only(outputs: list[Any]) -> tuple[list[Any], list[str]]:
    """Leave live widgets out; returns the outputs that are left, and what their readers will miss."""
    left: list[Any] = []
    lacking: list[str] = []
    siblings = 0
    for output in outputs:
        data = output.get("data") if isinstance(output, dict) else None
        if not isinstance(data, dict):
            left.append(output)
            continue
        html, plain = text_of(data.get("text/html")), text_of(data.get("text/plain"))
        siblings += MARK in html
        if WIDGET not in data:
            left.append(output)
            if _REPR.fullmatch(plain) and "0x" in plain and set(data) == {"text/plain"}:
                lacking.append(f"shows nothing but {plain.strip()[:80]}")
            continue
        del data[WIDGET]
        if MARK in html:
            left.append(output)
        elif _OURS.fullmatch(plain):
            if siblings:
                siblings -= 1
            else:
                lacking.append(f"the {plain.removeprefix('xpubreak ')} has neither picture nor table beside it")
                left.append(output)
        else:
            left.append(output)
            if (
                not html.strip()
                and _REPR.fullmatch(plain or "()")
                and not any(kind.startswith("image/") for kind in data)
            ):
                lacking.append(f"a widget has no static form; its readers see {plain.strip()[:80] or 'nothing'}")
    return left, lacking


def _copies(cells: list[Any]) -> Iterator[dict[str, Any]]:
    for cell in cells:
        for output in cell["outputs"]:
            data = output.get("data") if isinstance(output, dict) else None
            if isinstance(data, dict) and EXPLORES in text_of(data.get("text/html")):
                yield data


def _keep_one_bokehjs(cells: list[Any]) -> None:
    """The first copy with bars holds it: cells that ran again or were moved may have left none with it, or many."""
    is_held = False
    for data in _copies(cells):
        html = text_of(data["text/html"])
        parts = _PARTS.search(html)
        has_bars = _COMPARES not in html and (parts is None or "layers" in parts.group(1).split())
        held = _BOKEHJS.search(html)
        if held and (is_held or not has_bars):
            html = html[: held.start()] + html[held.end() :]
        elif has_bars and not held and not is_held:
            html = html.replace(_CODE, bokehjs_script() + _CODE, 1)
        else:
            is_held = is_held or bool(held)
            continue
        is_held = is_held or has_bars
        data["text/html"] = html


def _left(notebook: Mapping[str, Any], cells: list[Any], printed: Printed) -> Iterator[str]:
    """What names something and was not rewritten, for people."""
    held = [cell for cell in notebook["cells"] if isinstance(cell, dict)]
    for cell in held:
        source = text_of(cell.get("source"))
        if printed.names_something(source) or printed.spells_something(source):
            yield f"{_label(cell)}: its source names a path, host or person, and stays as it is"
    for cell in cells:
        yield from (f"{_label(cell)}: {what}" for what in left_as_is(cell["outputs"], printed))
    for cell in held:
        yield from (f"{_label(cell)}: {what}" for what in (*left_beside(cell, printed), *pictures_told(cell)))
    yield from (f"the notebook: {what}" for what in left_beside(notebook, printed))


def _label(cell: Mapping[str, Any]) -> str:
    if cell.get("cell_type") != "code":
        return f"{cell.get('cell_type', 'a')} cell"
    count = cell.get("execution_count")
    return f"In [{count if count is not None else ' '}]"
