"""What a page shows, as numbers again."""

from __future__ import annotations

from typing import Any

from tests.browser.shim import Shim

_UNITS = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}


def ns_of(text: str) -> float:
    """``"5.15 µs"`` in nanoseconds."""
    number, unit = text.replace("\u202f", " ").replace(",", "").split()
    return float(number) * _UNITS[unit]


def metrics_of(shim: Shim, selector: str) -> dict[str, str]:
    """Names and values of a list of metrics."""
    entries = shim.page.locator(f"{selector} .metrics > div")
    return dict(entry.replace("\u202f", " ").split("\n") for entry in entries.all_inner_texts())


def agrees(shim: Shim, bd: Any) -> None:
    """What the page says is left is what Python selects."""
    part = bd.select(shim.selection)
    on_device = bd.weight == "device"
    calls, whole = ((int(one.totals.activities if on_device else one.totals.spans)) for one in (part, bd))
    spent, all_ns = ((one.totals.device_ns if on_device else one.totals.host_ns) for one in (part, bd))
    shown_calls, shown_share = shim.page.locator(".left strong").all_inner_texts()
    assert shown_calls == f"{calls:,}", shim.selection
    assert f"of {whole:,} " in shim.text(".left")
    share = 100 * spent / all_ns
    shown = shown_share.replace("\u202f", " ").removesuffix(" %")
    if shown.startswith(("<", ">")):
        assert share < 0.1 or share > 99.9
    else:
        assert abs(float(shown) - share) < 0.051
