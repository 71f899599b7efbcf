"""One HTML file with everything in it: data, explorer and BokehJS. No kernel, no network, no server."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.breakdown.outfile import write_whole
from xpubreak.breakdown.visible import visible
from xpubreak.errors import XpubreakError
from xpubreak.view import picture
from xpubreak.view.copy import body, scripts_of
from xpubreak.view.plain import REDACTED, static_html
from xpubreak.view.runtime import STATIC
from xpubreak.view.saved import save

if TYPE_CHECKING:
    import os

    from xpubreak.breakdown.breakdown import Breakdown

# Nothing may be fetched, whatever the data says. `unsafe-eval` is for BokehJS, which is evaluated from the page itself;
# `blob:` is for the code of parts, which lies in the page, too: only what runs here already can make such an address.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)
STYLE = """
  :root { color-scheme: light dark; --jp-layout-color1: #ffffff; --jp-ui-font-color0: #1b1f24; --page: #f3f4f6; }
  @media (prefers-color-scheme: dark) {
    :root { --jp-layout-color1: #16191d; --jp-ui-font-color0: #e6e8eb; --jp-brand-color1: #6ea8fe; --page: #0d0f12;
            --jp-warn-color1: #f0b429; --jp-error-color1: #ff7b72; }
  }
  body { margin: 0; padding: clamp(8px, 2vw, 28px); background: var(--page); color: var(--jp-ui-font-color0);
         font: 13px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
  main { max-width: 1500px; margin: 0 auto; }
"""


def page(bd: Breakdown, *, title: str = "", redacted: bool = False) -> str:
    """Write ``bd`` as an HTML page; ``redacted`` where it and its title name no person, host or place."""
    scripts = scripts_of(save(bd, title), with_bokehjs=True, with_code=False)
    # The file is made by this package's own build, and holds no closing script tag; a test says so.
    code = (STATIC / "runtime.js").read_text(encoding="utf-8")
    name = html.escape(visible(title or bd.title or "Breakdown"))
    mark = REDACTED if redacted else ""
    plain = _picture(bd, title, redacted=redacted) + static_html(bd, title=title)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="xpubreak">
<title>{name}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<div data-xpubreak-static="page" data-page{mark}>{body(plain, scripts)}</div>
</main>
<script type="module">{code}</script>
</body>
</html>
"""


def write(bd: Breakdown, path: str | os.PathLike[str], *, title: str = "", redacted: bool = False) -> Path:
    """Write ``bd`` as an HTML file and return its path."""
    return _write(Path(path), page(bd, title=title, redacted=redacted).encode())


def write_image(
    bd: Breakdown, path: str | os.PathLike[str], *, title: str = "", scale: int = 2, redacted: bool = False
) -> Path:
    """Write a picture of ``bd``: SVG or PNG, as the name of the file says; ``scale`` is pixels to a point of a PNG."""
    target = Path(path)
    if target.suffix.lower() == ".svg":
        return _write(target, picture.svg(bd, title=title, redacted=redacted).encode())
    if target.suffix.lower() == ".png":
        return _write(target, picture.png(bd, title=title, scale=scale, redacted=redacted))
    raise XpubreakError(f"{target.name!r}: pictures are written as .png or .svg.")


def _picture(bd: Breakdown, title: str, *, redacted: bool) -> str:
    text = base64.b64encode(picture.png(bd, title=title, redacted=redacted)).decode()
    alt = html.escape(visible(f"Flame graph and layer bars of {title or bd.title or 'the breakdown'}"))
    return f'<img alt="{alt}" src="data:image/png;base64,{text}" style="max-width:100%">'


def _write(target: Path, content: bytes) -> Path:
    return write_whole(target, content)
