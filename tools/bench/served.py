"""The page and its data on this machine, for a browser on this machine: nothing leaves it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from xpubreak.view.layers import bars_item
from xpubreak.view.runtime import LATER, STATIC, compressed, compressed_bokehjs
from xpubreak.view.wire import Packet

_PAGE = b"""<!doctype html><meta charset=utf-8><meta name=color-scheme content="light dark">
<body style="margin:0 16px"><script src="/page.js"></script></body>"""


def files_of(data: Packet, events: Packet, layer_count: int) -> dict[str, tuple[str, bytes]]:
    """What the page fetches: type and content by path."""
    head = {"meta": data.meta, "bars": bars_item(layer_count)}
    code = "text/javascript"
    return {
        "/": ("text/html", _PAGE),
        "/page.js": (code, (Path(__file__).parent / "page.js").read_bytes()),
        "/runtime.js": (code, (STATIC / "runtime.js").read_bytes()),
        **{f"/part-{name}": ("application/octet-stream", compressed(f"part-{name}.js")) for name in LATER},
        "/bokehjs": ("application/octet-stream", compressed_bokehjs()),
        "/data": ("application/octet-stream", data.blob),
        "/events": ("application/octet-stream", events.blob),
        "/data.json": ("application/json", json.dumps(head).encode()),
        "/events.json": ("application/json", json.dumps({"meta": events.meta}).encode()),
    }


@contextmanager
def served(files: dict[str, tuple[str, bytes]]) -> Iterator[str]:
    """Serve on a free port of the loopback interface; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server asks for
            kind, content = files.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in files else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
