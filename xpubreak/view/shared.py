"""What linked views share: a selection that any of them, or Python, may change."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import traitlets

from xpubreak.breakdown.selection import Selection

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.view.view import View

_OWN_NUMBERS = ("node", "under", "row", "evidence", "time_ns")
"""Dimensions whose numbers mean something else in another breakdown; js/src/views/library.ts has the same."""


class SelectionTrait(traitlets.Dict):
    """Holds the JSON of a `Selection`; takes a `Selection`, its JSON, or values as ``Breakdown.select`` takes them."""

    def validate(self, obj: Any, value: Any) -> dict[str, list[Any]]:
        """Check against the dimensions that there are, so that a typing mistake is an error and not an empty view."""
        if isinstance(value, Mapping):
            value = Selection.of(**{str(name): items for name, items in value.items()})
        return value.to_json() if isinstance(value, Selection) else self.error(obj, value)


class SharedSelection(traitlets.HasTraits):
    """A selection that several views show, in one cell or in many.

    Parameters
    ----------
    **clauses
        To begin with, as ``Breakdown.select`` takes them.

    Attributes
    ----------
    value
        By dimension: ``{"backend": ["cpu"], "layer": [3, 4]}``. Can be set and observed, and wired to any widget with
        ``ipywidgets.link``.

    Examples
    --------
    >>> shared = xb.SharedSelection(phase="decode")
    >>> xb.FlameGraph(bd, selection=shared)
    >>> xb.LayerBars(bd, selection=shared)
    """

    value = SelectionTrait()

    def __init__(self, **clauses: Any) -> None:
        super().__init__()
        self.group = uuid.uuid4().hex
        self._views: WeakSet[View] = WeakSet()
        self._origin: View | None = None  # the view that the value came from, while it is passed on
        self._is_passing_on = False
        if clauses:
            self.set_trait("value", clauses)

    def of(self, bd: Breakdown) -> Breakdown:
        """Return what of a breakdown is selected."""
        return bd.select(self.value)

    def join(self, view: View) -> None:
        """Make a view show this selection, and listen to it."""
        self._views.add(view)
        view.selection = self.value
        view.observe(self._hear, "selection")

    def _hear(self, change: Any) -> None:
        if self._is_passing_on:
            return
        self._origin = change.owner
        try:
            self.set_trait("value", change.new)
        finally:
            self._origin = None

    @traitlets.observe("value")
    def _pass_on(self, change: Any) -> None:
        origin = self._origin
        stamp = origin.stamp if origin else ""
        self._is_passing_on = True
        try:
            for view in list(self._views):
                value = change.new if origin is None or view.shows_same_as(origin) else _portable(change.new)
                if view is not origin and value != view.selection:
                    with view.hold_sync():  # one message: the page judges the value by its stamp
                        view.stamp = stamp
                        view.selection = value
        finally:
            self._is_passing_on = False


def _portable(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: items for name, items in value.items() if name not in _OWN_NUMBERS}
