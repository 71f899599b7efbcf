"""How a breakdown shows itself: the hooks that `xpubreak.breakdown.display` calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xpubreak.view import outputs
from xpubreak.view.explorer import Explorer
from xpubreak.view.export import write, write_image
from xpubreak.view.plain import static_html

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from xpubreak.breakdown.breakdown import Breakdown


def explore(bd: Breakdown, **options: Any) -> Explorer:
    """Make the linked explorer of ``bd``; options are those of `Explorer`."""
    return Explorer(bd, **options)


def mimebundle(bd: Breakdown) -> Any:
    """Everything a front end may choose from: text, a table that needs nothing, and the explorer.

    Returns
    -------
    tuple of dict
        Data and metadata by MIME type.
    """
    explorer = Explorer(bd)
    data, metadata = explorer.widget_bundle()
    saved = bd.redacted()
    plain = static_html(saved, uid=explorer.uid, redacted=True)
    return {**data, "text/plain": saved.report(), "text/html": plain}, metadata


def show(bd: Breakdown, **options: Any) -> None:
    """Display the explorer of ``bd`` as picture, saved copy and widget; options are those of `Explorer`."""
    outputs.show(Explorer(bd, **options))


def outputs_of(bd: Breakdown, **options: Any) -> list[outputs.Output]:
    """What `show` displays, as data and metadata by MIME type."""
    return outputs.outputs_of(Explorer(bd, **options))


def to_image(bd: Breakdown, path: str | os.PathLike[str], **options: Any) -> Path:
    """Write a picture of ``bd`` as PNG or SVG; ``title`` and ``scale`` may be given."""
    return write_image(bd, path, **options)


def to_html(bd: Breakdown, path: str | os.PathLike[str], **options: Any) -> Path:
    """Write ``bd`` as one HTML file that explores without a kernel or a network; ``title`` may be given."""
    return write(bd, path, **options)
