"""The saved copy of a view: a plain table, and a script that makes it the explorer wherever scripts run.

It needs no kernel, no widget manager and no network, and lies in the notebook as an output of its own.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from xpubreak.view.plain import REDACTED, static_html
from xpubreak.view.runtime import STATIC, boot_script, compressed, compressed_bokehjs, later_code
from xpubreak.view.saved import Saved, save

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

COPY_BYTES = 600_000
"""A copy and its picture take no more, BokehJS left aside: notebooks of 10 MB open slowly, and hold many."""
_FRAME_BYTES = 2_000
"""For what stands around the parts: attributes, notes on what is left out."""


def copy_html(
    bd: Breakdown,
    *,
    uid: str = "",
    title: str = "",
    parts: Iterable[str] = (),
    selection: Mapping[str, Any] | None = None,
    group: str = "",
    data: str = "",
    budget_bytes: int | None = COPY_BYTES,
    with_bokehjs: bool = True,
    picture: bytes = b"",
    redacted: bool = False,
) -> str:
    """Write a saved copy as a fragment of HTML.

    Parameters
    ----------
    bd
        What to show.
    uid
        Of the view whose copy this is; the live widget hides it by that.
    title
        Instead of the breakdown's own.
    parts
        Of the explorer; none for all.
    selection
        What is selected to begin with.
    group, data
        Copies of one group and one breakdown share their selection.
    budget_bytes
        Room for the whole fragment and the picture, BokehJS left aside; None for no limit.
    with_bokehjs
        Whether to hold the library that draws the bars; otherwise another copy in the page has to.
    picture
        The PNG that is displayed beside, to be hidden when the explorer is there.
    redacted
        Whether ``bd``, ``title`` and ``selection`` name no person, host or place; the copy says so.
    """
    parts = tuple(parts)
    plain = static_html(bd, title=title, with_kernels=not parts or "kernels" in parts)
    taken = _code_bytes(parts) + len(plain) + len(picture) * 4 // 3 + _FRAME_BYTES
    room = None if budget_bytes is None else max(budget_bytes - taken, 0)
    saved = save(bd, title, room)
    plain += "".join(f"<div>{html.escape(note)}</div>" for note in saved.notes)
    scripts = scripts_of(saved, parts, with_bokehjs=with_bokehjs)
    attributes = {
        "data-xpubreak-static": uid,
        "data-xpubreak-picture": tail_of(picture),
        "data-parts": " ".join(parts),
        "data-selection": json.dumps(selection or {}, separators=(",", ":")),
        "data-group": group,
        "data-data": data,
    }
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items() if value)
    return f"<div{written}{REDACTED if redacted else ''}>{body(plain, scripts)}{boot_script()}</div>"


def body(plain: str, scripts: str) -> str:
    """What a copy consists of: the table, a place for the explorer, and what it is made of."""
    return f"<div data-xpubreak-plain>{plain}</div><div data-xpubreak-place></div>{scripts}"


def scripts_of(saved: Saved, parts: tuple[str, ...] = (), *, with_bokehjs: bool, with_code: bool = True) -> str:
    """Data, code of ``parts``, BokehJS and the core's code as scripts of a type that no browser runs."""
    lines = [held(name, part) for name, part in saved.parts.items()]
    lines.append(held("later", _later(parts)))
    if with_bokehjs:
        lines.append(bokehjs_script())
    if with_code:
        lines.append(code_script("runtime.js"))
    return "".join(lines)


def code_script(name: str) -> str:
    """A bundle as one of these scripts: copies of one version share what they make of it."""
    code = compressed(name)
    version = hashlib.sha256(code).hexdigest()[:12]
    return f'<script type="text/plain" data-xpubreak="code" data-version="{version}">{_text(code)}</script>'


def bokehjs_script() -> str:
    """BokehJS as one of these scripts."""
    return held("bokehjs", compressed_bokehjs())


def tail_of(picture: bytes) -> str:
    """The end of a picture's base64, which tells it from every other one: it holds the checksum of the last pixels."""
    return _text(picture)[-64:]


def held(name: str, part: bytes) -> str:
    """A part of a copy as a script of a type that no browser runs."""
    return f'<script type="text/plain" data-xpubreak="{name}">{_text(part)}</script>'


def _text(part: bytes) -> str:
    return base64.b64encode(part).decode()


def _code_bytes(parts: tuple[str, ...]) -> int:
    return (len(compressed("runtime.js")) + len(_later(parts))) * 4 // 3 + len(boot_script())


@cache
def _later(parts: tuple[str, ...]) -> bytes:
    """Code of those parts that is not in the core, by their names: together they compress better than each."""
    code = {name: (STATIC / f"part-{name}.js").read_text(encoding="utf-8") for name in later_code(parts)}
    return gzip.compress(json.dumps(code, ensure_ascii=False).encode(), 9, mtime=0)
