"""One HTML file with everything in it: data, explorer and BokehJS. No kernel, no network, no server."""

from __future__ import annotations

import base64
import gzip
import html
import json
from pathlib import Path
from typing import TYPE_CHECKING

from xpubreak.view.layers import bars_item
from xpubreak.view.palette import FILLS, HATCHED
from xpubreak.view.runtime import STATIC, compressed_bokehjs
from xpubreak.view.snapshot import static_html
from xpubreak.view.wire import encode

if TYPE_CHECKING:
    import os

    from xpubreak.breakdown.breakdown import Breakdown

# Nothing may be fetched, whatever the data says. `unsafe-eval` is for BokehJS, which is evaluated from the page itself.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; base-uri 'none'; form-action 'none'"
)
_STYLE = """
  :root { color-scheme: light dark; --jp-layout-color1: #ffffff; --jp-ui-font-color0: #1b1f24; --page: #f3f4f6; }
  @media (prefers-color-scheme: dark) {
    :root { --jp-layout-color1: #16191d; --jp-ui-font-color0: #e6e8eb; --jp-brand-color1: #6ea8fe; --page: #0d0f12;
            --jp-warn-color1: #f0b429; --jp-error-color1: #ff7b72; }
  }
  body { margin: 0; padding: clamp(8px, 2vw, 28px); background: var(--page); color: var(--jp-ui-font-color0);
         font: 13px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
  main { max-width: 1500px; margin: 0 auto; }
"""


def page(bd: Breakdown, *, title: str = "") -> str:
    """Write ``bd`` as an HTML page."""
    packet = encode(bd, title)
    bars = bars_item(FILLS, HATCHED, bd.layer_count)
    header = json.dumps({"meta": packet.meta, "bars": bars}, separators=(",", ":")).encode()
    # The file is made by this package's own build, and holds no closing script tag; a test says so.
    script = (STATIC / "standalone.js").read_text(encoding="utf-8")
    name = html.escape(title or bd.title or "Breakdown")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="xpubreak">
<title>{name}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<div id="xpubreak-static">{static_html(bd, title=title)}</div>
<div id="xpubreak-explorer"></div>
</main>
{_embedded("xpubreak-meta", gzip.compress(header, 9))}
{_embedded("xpubreak-columns", gzip.compress(packet.blob, 9))}
{_embedded("xpubreak-bokehjs", compressed_bokehjs())}
<script type="module">{script}</script>
</body>
</html>
"""


def write(bd: Breakdown, path: str | os.PathLike[str], *, title: str = "") -> Path:
    """Write ``bd`` as an HTML file and return its path."""
    target = Path(path)
    target.write_text(page(bd, title=title), encoding="utf-8")
    return target


def _embedded(element_id: str, data: bytes) -> str:
    return f'<script type="text/plain" id="{element_id}">{base64.b64encode(data).decode()}</script>'
