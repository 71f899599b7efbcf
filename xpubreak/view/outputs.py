"""The three outputs of a view: a picture, a saved copy that explores, and the live widget.

Whoever opens the notebook sees the best that works there: GitHub shows the picture, an untrusted notebook the picture
and the table, a trusted one without a kernel and a page made of it the copy, a running kernel the widget. They are
outputs of their own because JupyterLab picks one form of each output and shows "Loading widget..." for ever where there
is no kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from xpubreak.errors import XpubreakError
from xpubreak.view import picture
from xpubreak.view.copy import COPY_BYTES, copy_html
from xpubreak.view.drawn import WIDTH
from xpubreak.view.plain import static_html
from xpubreak.view.runtime import boot_script
from xpubreak.view.weight import Weights, current_cell

if TYPE_CHECKING:
    from xpubreak.view.view import View

Output = tuple[dict[str, Any], dict[str, Any]]

SNAPSHOTS = ("none", "small", "full")
BUDGETS_BYTES = {"small": COPY_BYTES, "full": None}

_weights = Weights()


def check_snapshot(snapshot: str) -> str:
    """Return ``snapshot`` where it is one.

    Raises
    ------
    XpubreakError
        It is none of `SNAPSHOTS`.
    """
    if snapshot not in SNAPSHOTS:
        raise XpubreakError(f"snapshot={snapshot!r}: it is one of {', '.join(SNAPSHOTS)}.")
    return snapshot


def outputs_of(view: View) -> list[Output]:
    """Data and metadata by MIME type of each output, in order of display.

    A snapshot of ``none`` leaves picture and copy out; a plain table stays, with a script that hides what JupyterLab
    writes in place of a widget whose kernel is gone. What is saved names no person, host or
    place, unless the view was told to keep them; the live widget shows everything, and its data is never saved. Where
    the notebook has grown by another 10 MB, a line that says so comes last.
    """
    bd, title, selection = view.breakdown, view.title, view.selection
    if view.redact:
        redaction = bd.redaction
        bd, title, selection = redaction.breakdown, redaction.texts.text(title), redaction.selection(selection)
    report = bd.report()
    widget, metadata = view.widget_bundle()
    # The text/html is for hosts that show no widgets: they would write its text, below the copy.
    live = ({**widget, "text/plain": f"xpubreak {view.name}", "text/html": "<span></span>"}, metadata)
    if view.snapshot == "none":
        plain = static_html(bd, uid=view.uid, title=title, redacted=view.redact) + boot_script()
        return [({"text/plain": report, "text/html": plain}, {}), live]
    image = picture.png(bd, title=title, parts=view.parts, redacted=view.redact)
    cell = current_cell()
    html = copy_html(
        bd,
        uid=view.uid,
        title=title,
        parts=view.parts,
        selection=selection,
        group=view.group,
        data=view.data,
        budget_bytes=BUDGETS_BYTES[view.snapshot],
        with_bokehjs=_weights.carries_bokehjs(cell),
        picture=image,
        redacted=view.redact,
    )
    large = weighed(len(html) + len(image) * 4 // 3, cell)
    return [
        ({"image/png": image, "text/plain": report}, {"image/png": {"width": WIDTH}}),
        ({"text/html": html, "text/plain": f"xpubreak {view.name}, saved copy"}, {}),
        live,
        *large,
    ]


def weighed(size_bytes: int, cell: str | None = None) -> list[Output]:
    """Take note of what is saved of a view; where the notebook has grown by another 10 MB, an output says so."""
    _weights.add(current_cell() if cell is None else cell, size_bytes)
    large = _weights.report()
    return [({"text/plain": large}, {})] if large else []


def show(view: View) -> None:
    """Display a view; in a terminal, its text."""
    shell = get_ipython()
    if shell is None or getattr(shell, "kernel", None) is None:
        display({"text/plain": view.breakdown.report()}, raw=True)
        return
    for data, metadata in outputs_of(view):
        display(data, metadata=metadata, raw=True)
