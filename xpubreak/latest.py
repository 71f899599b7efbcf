"""The breakdown that was made last: ``xb.last``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_latest: list[Breakdown] = []


def load_breakdown(source: Any, *, title: str | None = None) -> Breakdown:
    """Read what ``xb.load`` takes into a breakdown that can show itself."""
    import xpubreak  # noqa: PLC0415 - through the front door, which brings the views along

    return xpubreak.load(source, title=title)


def remember(breakdown: Breakdown) -> None:
    """Make a breakdown the latest one."""
    _latest[:] = [breakdown]


def latest() -> Breakdown | None:
    """The breakdown that was made last by a magic or `profile` in this process; None before the first."""
    return _latest[0] if _latest else None
