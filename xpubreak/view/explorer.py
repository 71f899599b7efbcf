"""The linked explorer of one breakdown, as a widget."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.display import display

from xpubreak.breakdown.selection import Selection
from xpubreak.view.layers import bars_item
from xpubreak.view.palette import FILLS, HATCHED
from xpubreak.view.runtime import shared_runtime
from xpubreak.view.snapshot import static_html
from xpubreak.view.wire import encode

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_BORROW = """\
export default {
  async render({ model, el, host, signal }) {
    const runtime = await host.getWidget(model.get("runtime"));
    runtime.exports.mount({ model, el, signal });
  },
};
"""


class SelectionTrait(traitlets.Dict):
    """Holds the JSON of a `Selection`; takes a `Selection`, its JSON, or values as ``Breakdown.select`` takes them."""

    def validate(self, obj: Any, value: Any) -> dict[str, list[Any]]:
        """Check against the dimensions that there are, so that a typing mistake is an error and not an empty view."""
        if isinstance(value, Mapping):
            value = Selection.of(**{str(name): items for name, items in value.items()})
        return value.to_json() if isinstance(value, Selection) else self.error(obj, value)


class Explorer(anywidget.AnyWidget):
    """Flame graph, layers, kernels and filters of one breakdown, linked in the browser.

    Parameters
    ----------
    bd
        What to explore.
    title
        Shown instead of the breakdown's own.

    Attributes
    ----------
    selection
        What the reader selected, by dimension: ``{"backend": ["cpu"], "layer": [3, 4]}``. Can be set.
    """

    _esm = _BORROW
    runtime = anywidget.WidgetTrait().tag(sync=True)
    uid = traitlets.Unicode().tag(sync=True)
    selection = SelectionTrait().tag(sync=True)

    def __init__(self, bd: Breakdown, *, title: str = "") -> None:
        super().__init__(runtime=shared_runtime(), uid=uuid.uuid4().hex)
        self.breakdown = bd
        self._title = title
        self.on_msg(_answer)

    @property
    def selected(self) -> Breakdown:
        """The breakdown of what is selected."""
        return self.breakdown.select(self.selection)

    def _ipython_display_(self) -> None:
        # Two outputs: JupyterLab cannot show a widget without its kernel, nor in a notebook that is not trusted.
        # The table stays for those cases; the widget hides it for as long as it lives.
        static = {"text/plain": self.breakdown.report(), "text/html": static_html(self.breakdown, uid=self.uid)}
        display(static, raw=True)
        bundle = super()._repr_mimebundle_() or {}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        display({**data, "text/plain": "xpubreak explorer"}, metadata=metadata, raw=True)


def _answer(explorer: Explorer, content: Any, buffers: Any) -> None:
    if not isinstance(content, dict) or content.get("ask") != "data":
        return
    packet = encode(explorer.breakdown, explorer._title)
    bars = bars_item(FILLS, HATCHED, explorer.breakdown.layer_count)
    explorer.send({"answer": "data", "meta": packet.meta, "bars": bars}, buffers=[packet.blob])
