"""The explorer of a comparison as a widget, and its three outputs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.core.getipython import get_ipython
from IPython.display import display

from xpubreak.errors import SelectionError
from xpubreak.view.comparison import picture
from xpubreak.view.comparison.chosen import keys_of, selection_of
from xpubreak.view.comparison.copy import copy_html, plain_html, write, write_image
from xpubreak.view.comparison.payload import comparisons_of, packed
from xpubreak.view.drawn import WIDTH
from xpubreak.view.outputs import BUDGETS_BYTES, Output, check_snapshot, weighed
from xpubreak.view.runtime import STATIC, boot_script, compressed

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.comparison import Comparison


class ComparisonExplorer(anywidget.AnyWidget):
    """What changed between runs: totals, waterfall, layers, difference flame graph, kernels; linked.

    Parameters
    ----------
    comparison
        What to show.
    snapshot
        What is saved in the notebook besides the widget: ``small`` (a picture, and a copy that explores, of at most
        600 kB together), ``full`` (a copy with everything) or ``none`` (a table).
    redact
        Leave names of people, hosts and places out of what is saved. The widget itself shows everything.
    selection
        What is selected to begin with.

    Attributes
    ----------
    selection
        What the reader selected, one value by dimension, named as by `Comparison.by`:
        ``{"category": ["attention"], "layer": [3]}``. Can be set as a whole, observed, and given to
        `Comparison.parts`. It goes by message, and is not saved with the notebook.
    pair
        Which pair of runs is shown: 0 is the comparison's own, then the baseline with each other run in turn. What is
        selected stays where the other pair has it.
    """

    _esm = STATIC / "compareloader.js"
    uid = traitlets.Unicode().tag(sync=True)
    selection = traitlets.Dict()
    pair = traitlets.Int()

    def __init__(
        self,
        comparison: Comparison,
        *,
        snapshot: str = "small",
        redact: bool = True,
        selection: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(uid=uuid.uuid4().hex)
        self.redact = redact
        self.comparison = comparison
        self.snapshot = check_snapshot(snapshot)
        self._lock = RLock()
        self._heard = ("", 0)
        self.selection = dict(selection or {})
        self.on_msg(_hear)

    @property
    def shown(self) -> Comparison:
        """The comparison of the pair that is shown."""
        return comparisons_of(self.comparison)[self.pair]

    @property
    def selected(self) -> tuple[Breakdown, Breakdown]:
        """What is selected of A and of B."""
        return self.shown.parts(**self.selection)

    @traitlets.validate("pair")
    def _check_pair(self, proposal: Any) -> int:
        return self._checked_pair(proposal["value"])

    def _checked_pair(self, number: int) -> int:
        count = len(self.comparison.runs) - 1
        if not 0 <= number < count:
            raise SelectionError(f"pair={number}: there are {count}, counted from 0.")
        return number

    @traitlets.validate("selection")
    def _check_selection(self, proposal: Any) -> dict[str, list[Any]]:
        return selection_of(self.shown, keys_of(self.shown, proposal["value"]))

    @traitlets.observe("pair")
    def _keep_what_fits(self, _: Any) -> None:
        try:
            keys_of(self.shown, self.selection)
        except SelectionError:
            self.selection = {}  # values of one pair are not those of another
        self._tell()

    @traitlets.observe("selection")
    def _pass_on(self, _: Any) -> None:
        self._tell()

    def _tell(self) -> None:
        """Tell every view of this widget what is selected now, and which message of a view that came of, if any."""
        with self._lock:  # read and sent at once: the last message has the last selection
            try:
                told = self.told()
            except SelectionError:  # another thread has changed the pair, and is about to change the selection
                return
            self.send({"select": told})

    def told(self) -> dict[str, Any]:
        """What is selected, as the page knows it."""
        by, number = self._heard
        return {"by": by, "number": number, "pair": self.pair, "keys": keys_of(self.shown, self.selection)}

    def take(self, told: Mapping[str, Any]) -> None:
        """Take over what a view has selected. Widgets hear in threads of their own, while cells run.

        Parameters
        ----------
        told
            ``pair`` and ``keys`` as of `told`, ``by`` and ``number``: which view says so, and its how many-th message.
            All views are told what came of it, the one that said so as well: cells and observers select, too.
        """
        with self._lock:
            self._heard = (str(told["by"]), int(told["number"]))
            try:
                pair = self._checked_pair(told["pair"])
                selection = selection_of(comparisons_of(self.comparison)[pair], told["keys"])
                self.pair = pair
                self.selection = selection
            finally:
                self._tell()
                self._heard = ("", 0)

    def widget_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget alone, as data and metadata by MIME type."""
        make: Callable[[], Any] = super()._repr_mimebundle_
        bundle = make() or {}
        return bundle if isinstance(bundle, tuple) else (bundle, {})

    def _ipython_display_(self) -> None:
        shell = get_ipython()
        if shell is None or getattr(shell, "kernel", None) is None:
            display({"text/plain": self.comparison.report()}, raw=True)
            return
        for data, metadata in outputs_of(self):
            display(data, metadata=metadata, raw=True)


def outputs_of(explorer: ComparisonExplorer) -> list[Output]:
    """Picture, saved copy and live widget, as data and metadata by MIME type."""
    cmp = explorer.comparison.redacted() if explorer.redact else explorer.comparison
    redacted = explorer.redact or cmp.is_redacted
    widget, metadata = explorer.widget_bundle()
    live = ({**widget, "text/plain": "xpubreak comparison", "text/html": "<span></span>"}, metadata)
    if explorer.snapshot == "none":
        plain = plain_html(cmp, uid=explorer.uid, redacted=redacted) + boot_script()
        return [({"text/plain": cmp.report(), "text/html": plain}, {}), live]
    image = picture.png(cmp, redacted=redacted)
    budget_bytes = BUDGETS_BYTES[explorer.snapshot]
    html = copy_html(cmp, uid=explorer.uid, image=image, budget_bytes=budget_bytes, redacted=redacted)
    return [
        ({"image/png": image, "text/plain": cmp.report()}, {"image/png": {"width": WIDTH}}),
        ({"text/html": html, "text/plain": "xpubreak comparison, saved copy"}, {}),
        live,
        *weighed(len(html) + len(image) * 4 // 3),
    ]


def _hear(explorer: ComparisonExplorer, content: Any, buffers: Any) -> None:
    if isinstance(content, dict) and isinstance(content.get("selected"), dict):
        explorer.take(content["selected"])
        return
    what = content.get("ask") if isinstance(content, dict) else None
    if what not in ("data", "code"):
        return
    try:
        # What is selected is read last: what is changed meanwhile is told to views that listen already.
        answer = packed(explorer.comparison) if what == "data" else compressed("compare.js")
        more = {"select": explorer.told()} if what == "data" else {}
    except Exception as error:  # noqa: BLE001 - the page shows it; raising here would only reach the server's log
        explorer.send({"answer": what, "error": f"{type(error).__name__}: {error}"})
        return
    explorer.send({"answer": what, **more}, buffers=[answer])


def explore(cmp: Comparison, **options: Any) -> ComparisonExplorer:
    """Make the explorer of a comparison; options are those of `ComparisonExplorer`."""
    return ComparisonExplorer(cmp, **options)


def show(cmp: Comparison, **options: Any) -> None:
    """Display the explorer of a comparison as picture, saved copy and widget."""
    ComparisonExplorer(cmp, **options)._ipython_display_()


def bundles(cmp: Comparison, **options: Any) -> list[Output]:
    """What `show` displays."""
    return outputs_of(ComparisonExplorer(cmp, **options))


def to_html(cmp: Comparison, path: str | os.PathLike[str], *, redact: bool = True) -> Path:
    """Write a comparison as one HTML file; without names of people, hosts and places, unless told to keep them."""
    return write(cmp.leaving(path) if redact else cmp, path, redacted=redact or cmp.is_redacted)


def to_image(cmp: Comparison, path: str | os.PathLike[str], *, redact: bool = True, **options: Any) -> Path:
    """Write a picture of a comparison; redacted as the page is."""
    made = cmp.leaving(path) if redact else cmp
    return write_image(made, path, redacted=redact or cmp.is_redacted, **options)
