"""A view of one breakdown, as a widget: one or more parts, linked with the other views of its selection."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from xpubreak.breakdown.selection import Selection
from xpubreak.view.answer import answer, id_of
from xpubreak.view.outputs import check_snapshot, show
from xpubreak.view.runtime import shared_runtime
from xpubreak.view.sealed import Seal, from_json, to_json
from xpubreak.view.shared import SelectionTrait, SharedSelection

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


class View(anywidget.AnyWidget):
    """Parts of the explorer over one breakdown.

    Parameters
    ----------
    bd
        What to show.
    title
        Shown instead of the breakdown's own.
    selection
        What is selected to begin with, as ``Breakdown.select`` takes it; or what to be linked with: a
        `SharedSelection`, or another view.
    snapshot
        What is saved in the notebook besides the widget: ``small`` (a picture, and a copy that explores, of at most
        600 kB), ``full`` (a copy with everything) or ``none`` (a table).
    redact
        Leave names of people, hosts and places out of what is saved. The widget itself shows everything.

    Attributes
    ----------
    selection
        What the reader selected, by dimension: ``{"backend": ["cpu"], "layer": [3, 4]}``. Can be set, observed, and
        turned into a `Selection` or a breakdown (`selected`).
    shared
        The `SharedSelection` that links this view with others.
    """

    _esm = _BORROW
    _parts: tuple[str, ...] = ()
    _name = "view"

    runtime = anywidget.WidgetTrait().tag(sync=True)
    uid = traitlets.Unicode().tag(sync=True)
    data = traitlets.Unicode().tag(sync=True)
    group = traitlets.Unicode().tag(sync=True)
    parts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    selection = SelectionTrait().tag(sync=True, to_json=to_json, from_json=from_json)
    stamp = traitlets.Unicode().tag(sync=True)
    shared: SharedSelection

    def __init__(
        self,
        bd: Breakdown,
        *,
        title: str = "",
        selection: SharedSelection | View | Selection | Mapping[str, Any] | None = None,
        snapshot: str = "small",
        redact: bool = True,
    ) -> None:
        shared = selection.shared if isinstance(selection, View) else selection
        if not isinstance(shared, SharedSelection):
            given = shared.to_json() if isinstance(shared, Selection) else shared or {}
            shared = SharedSelection(**given)
        # Before anything is synced: what is, may be saved.
        self.breakdown = bd
        self.redact = redact
        self.seal = Seal(self)
        super().__init__(
            runtime=shared_runtime(),
            uid=uuid.uuid4().hex,
            data=id_of(bd, title),
            group=shared.group,
            parts=list(self._parts),
        )
        self.title = title
        self.snapshot = check_snapshot(snapshot)
        self.shared = shared
        shared.join(self)
        self.on_msg(answer)

    @property
    def selected(self) -> Breakdown:
        """The breakdown of what is selected."""
        return self.breakdown.select(self.selection)

    def shows_same_as(self, other: View) -> bool:
        """Whether both show the same breakdown."""
        return self.breakdown is other.breakdown

    @property
    def name(self) -> str:
        """What kind of view this is, for people."""
        return self._name

    def _ipython_display_(self) -> None:
        show(self)

    def widget_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget alone, as data and metadata by MIME type."""
        make: Callable[[], Any] = super()._repr_mimebundle_
        bundle = make() or {}
        return bundle if isinstance(bundle, tuple) else (bundle, {})
