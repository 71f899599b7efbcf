"""How a breakdown shows itself: the hooks that `xpubreak.breakdown.display` calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xpubreak.view.explorer import Explorer
from xpubreak.view.export import write
from xpubreak.view.snapshot import static_html

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
    bundle = explorer._repr_mimebundle_() or {}
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {**data, "text/plain": bd.report(), "text/html": static_html(bd, uid=explorer.uid)}, metadata


def to_html(bd: Breakdown, path: str | os.PathLike[str], **options: Any) -> Path:
    """Write ``bd`` as one HTML file that explores without a kernel or a network; ``title`` may be given."""
    return write(bd, path, **options)
