"""The explorer of one breakdown, and its parts as views of their own."""

from __future__ import annotations

from xpubreak.view.view import View


class Explorer(View):
    """All parts of one breakdown, linked in the browser."""

    _parts = ("header", "filters", "findings", "flame", "timeline", "layers", "details", "roofline", "kernels")
    _name = "explorer"


class FlameGraph(View):
    """Where the time went, by model, backend or call path."""

    _parts = ("flame",)
    _name = "flame graph"


class FindingList(View):
    """What is wrong or worth doing, worst first, with evidence that can be selected."""

    _parts = ("findings",)
    _name = "findings"


class Timeline(View):
    """What ran when, on every host thread and device stream."""

    _parts = ("timeline",)
    _name = "timeline"


class LayerBars(View):
    """Time of each layer by backend."""

    _parts = ("layers",)
    _name = "layer bars"


class KernelTable(View):
    """One line for each distinct kernel; of operators where nothing ran on a device."""

    _parts = ("kernels",)
    _name = "kernel table"


class Filters(View):
    """What is selected, how much of the time that is, and ways to narrow it down."""

    _parts = ("filters",)
    _name = "filters"


class Details(View):
    """Why the selected has its backend, and how its time is spread."""

    _parts = ("details",)
    _name = "details"


class Roofline(View):
    """Operators by arithmetic intensity and achieved rate, under what the device could do."""

    _parts = ("roofline",)
    _name = "roofline"
