"""What views ask the kernel for, by custom message: what goes that way is never saved with the notebook."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from weakref import ref

from xpubreak.view.eventwire import encode_events
from xpubreak.view.layers import bars_item
from xpubreak.view.wire import encode

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.view.view import View

PART_BYTES = 8 << 20
"""Large answers go in parts, so that the page can say how far they are, and no proxy has to hold one whole."""

_known: dict[int, tuple[ref[Any], dict[str, str]]] = {}


def id_of(bd: Breakdown, title: str = "") -> str:
    """An id of this very object under a title, the same for as long as it lives: the page loads it once.

    The title itself is not in it: the id is saved with the notebook.
    """
    # Not a WeakKeyDictionary: breakdowns are equal by content and have no hash.
    number = id(bd)
    known = _known.get(number)
    if known is None or known[0]() is not bd:
        known = _known[number] = (ref(bd, lambda _: _known.pop(number, None)), {})
    return known[1].setdefault(title, uuid.uuid4().hex)


def answer(view: View, content: Any, buffers: Any) -> None:
    """Answer ``{"ask": "data"}``, ``"events"`` or ``"sealed"``, and take ``{"sealed": …}``.

    What goes wrong is told to the page, not to the log.
    """
    if isinstance(content, dict) and isinstance(content.get("sealed"), dict):
        view.seal.learn(content["sealed"])
    what = content.get("ask") if isinstance(content, dict) else None
    if what not in ("data", "events", "sealed"):
        return
    try:
        if what == "sealed":
            view.send({"answer": what, "texts": view.seal.texts()})
            return
        if what == "data":
            packet = encode(view.breakdown, view.title)
            extra = {"bars": bars_item(view.breakdown.layer_count)}
        else:
            packet, extra = encode_events(view.breakdown), {}
    except Exception as error:  # noqa: BLE001 - the page shows it; raising here would only reach the server's log
        view.send({"answer": what, "error": f"{type(error).__name__}: {error}"})
        return
    size = len(packet.blob)
    blob = memoryview(packet.blob)
    cuts = range(0, max(size, 1), PART_BYTES)
    for part, start in enumerate(cuts):
        head = {"answer": what, "part": part, "parts": len(cuts), "bytes": size}
        if part == len(cuts) - 1:
            head |= {"meta": packet.meta, **extra}
        view.send(head, buffers=[bytes(blob[start : start + PART_BYTES])])
