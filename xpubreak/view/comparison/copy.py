"""The saved copy of a comparison, and a page of its own: no kernel, no network."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.breakdown.compare.comparereport import kernel_names, signed_ns, signed_share
from xpubreak.breakdown.outfile import write_whole
from xpubreak.errors import XpubreakError
from xpubreak.units import format_ns
from xpubreak.view.comparison import picture
from xpubreak.view.comparison.phases import phase_label
from xpubreak.view.comparison.saved import SavedComparison, save
from xpubreak.view.copy import COPY_BYTES, body, code_script, held, tail_of
from xpubreak.view.export import POLICY, STYLE
from xpubreak.view.plain import REDACTED
from xpubreak.view.runtime import STATIC, boot_script

if TYPE_CHECKING:
    import os

    from xpubreak.breakdown.compare.comparison import Comparison

_TOP = 12
_NUMBERS = ("a_ns", "b_ns", "delta_ns", "delta_frac", "verdict")
_CELL = "padding:3px 12px 3px 0;text-align:left"
_LONGEST = 160
_FRAME_BYTES = 2_000
"""For what stands around the parts: attributes, notes on what is folded."""


def plain_html(cmp: Comparison, *, uid: str = "", redacted: bool = False) -> str:
    """Notes, totals and the largest differences, for where no script runs."""
    lines = [f"<div><strong>{_text(cmp.title)}</strong></div>"]
    lines += [f"<div>{_text(f'{note.severity}: {note.message}')}</div>" for note in cmp.notes]
    totals = [[row["measure"], *(row[name] for name in _NUMBERS)] for row in cmp.totals.to_dict("records")]
    kernels = [
        [kernel_names(row), *(row[name] for name in _NUMBERS)] for row in cmp.kernels.head(_TOP).to_dict("records")
    ]
    per = cmp.matched.pairing.per
    lines += [_table(f"per {per}", totals), f"<div>{_text(cmp.compared)}</div>"]
    phases = cmp.by("phase")
    timed = phases[(phases["a_ns"] != 0) | (phases["b_ns"] != 0)].to_dict("records")
    if len(timed) > 1:
        rows = [[phase_label((row["phase"],)), *(row[name] for name in _NUMBERS)] for row in timed]
        lines.append(_table(f"part per {per} of", rows))
    lines.append(_table("kernel" if cmp.a.weight == "device" else "operator", kernels))
    mark = f' data-xpubreak-static="{html.escape(uid)}"{REDACTED if redacted else ""}' if uid else ""
    return f'<div{mark} style="line-height:1.5">{"".join(lines)}</div>'


def copy_html(
    cmp: Comparison, *, uid: str, image: bytes, budget_bytes: int | None = COPY_BYTES, redacted: bool = False
) -> str:
    """Write a saved copy as a fragment of HTML.

    Parameters
    ----------
    cmp
        What to show.
    uid
        Of the widget, which hides the copy.
    image
        The PNG that is displayed beside, to be hidden when the copy explores.
    budget_bytes
        Room for the whole fragment and the picture; None for no limit.
    redacted
        Whether ``cmp`` names no person, host or place; the copy says so.
    """
    code, boot = code_script("compare.js"), boot_script()
    marks = f'data-xpubreak-static="{html.escape(uid)}" data-xpubreak-picture="{html.escape(tail_of(image))}"'
    plain = plain_html(cmp)
    taken = len(plain.encode()) + len(code) + len(boot) + len(image) * 4 // 3 + _FRAME_BYTES
    saved = save(cmp, None if budget_bytes is None else max(budget_bytes - taken, 0))
    plain += "".join(f"<div>{_text(note)}</div>" for note in saved.notes)
    return f"<div {marks}{REDACTED if redacted else ''}>{body(plain, _data(saved) + code)}{boot}</div>"


def page(cmp: Comparison, *, redacted: bool = False) -> str:
    """Write a comparison as an HTML page; ``redacted`` where it names nobody."""
    # The file is made by this package's own build, and holds no closing script tag; a test says so.
    code = (STATIC / "compare.js").read_text(encoding="utf-8")
    mark = REDACTED if redacted else ""
    drawn = _base64(picture.png(cmp, redacted=redacted))
    image = f'<img alt="{_text(cmp.title)}" src="data:image/png;base64,{drawn}" width="100%">'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="xpubreak">
<title>{_text(cmp.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<div data-xpubreak-static="page" data-page{mark}>{body(image + plain_html(cmp), _data(save(cmp)))}</div>
</main>
<script type="module">{code}</script>
</body>
</html>
"""


def write(cmp: Comparison, path: str | os.PathLike[str], *, redacted: bool = False) -> Path:
    """Write a comparison as an HTML file and return its path."""
    return write_whole(path, page(cmp, redacted=redacted).encode())


def write_image(cmp: Comparison, path: str | os.PathLike[str], *, scale: int = 2, redacted: bool = False) -> Path:
    """Write a picture of a comparison: SVG or PNG, as the name of the file says."""
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in (".svg", ".png"):
        raise XpubreakError(f"{target.name!r}: pictures are written as .png or .svg.")
    if suffix == ".svg":
        return write_whole(target, picture.svg(cmp, redacted=redacted).encode())
    return write_whole(target, picture.png(cmp, scale=scale, redacted=redacted))


def _data(saved: SavedComparison) -> str:
    return held("comparison", saved.content)


def _table(noun: str, rows: list[list[object]]) -> str:
    def cells(values: list[str], tag: str) -> str:
        return "<tr>" + "".join(f'<{tag} style="{_CELL}">{value}</{tag}>' for value in values) + "</tr>"

    head = cells([_text(noun), "A", "B", "B − A", "%", "verdict"], "th")
    lines = []
    for name, a_ns, b_ns, delta_ns, frac, verdict in rows:
        times = [format_ns(float(str(ns))) for ns in (a_ns, b_ns)]
        shown = [str(name), *times, signed_ns(float(str(delta_ns))), signed_share(float(str(frac))), str(verdict)]
        lines.append(cells([_text(text) for text in shown], "td"))
    return f'<table style="margin:8px 0;border-collapse:collapse">{head}{"".join(lines)}</table>'


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _text(text: str) -> str:
    """Escape a stranger's text; control and direction characters would move what stands around it."""
    cut = text if len(text) <= _LONGEST * 4 else f"{text[: _LONGEST - 1]}…"
    return html.escape("".join(letter if letter.isprintable() else "·" for letter in cut))
