"""A line that tells what xpubreak is doing, and that becomes the breakdown when it is done.

A notebook has no way to take an output back. One display therefore goes through all stages and ends as the breakdown
itself, so that nothing is left over in the file. In a terminal it is a line that is wiped.
"""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Sequence
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import DisplayHandle, display

from xpubreak.capture.estimate import format_bytes

STAGES = ("capturing", "stopping", "collecting", "reading", "classifying")
_PAUSE_SECONDS = 0.2
_WIDTH = 20


class Progress:
    """Called with a stage, the bytes done and the bytes in all.

    Parameters
    ----------
    shell
        Where to show it.
    what
        Is being recorded, for people.
    is_shown
        Whether to show anything at all.
    from_bytes
        The smallest size that is worth a display; 0 shows the first stage at once.
    """

    def __init__(self, shell: InteractiveShell, what: str = "", *, is_shown: bool = True, from_bytes: int = 0) -> None:
        self._what = what
        self._from_bytes = from_bytes
        self._handle: DisplayHandle | None = None
        self._is_on_terminal = False
        self._has_notebook = is_shown and getattr(shell, "kernel", None) is not None
        self._has_terminal = is_shown and not self._has_notebook and sys.stderr.isatty()
        self._latest = ""
        self._shown_at = -_PAUSE_SECONDS

    def __call__(self, stage: str, done_bytes: int = 0, total_bytes: int | None = None) -> None:
        """Tell about a stage; cheap enough for every file and megabyte."""
        if not self.is_open and self._from_bytes and (total_bytes or done_bytes) < self._from_bytes:
            return
        now = time.monotonic()
        if stage == self._latest and now - self._shown_at < _PAUSE_SECONDS:
            return
        self._latest, self._shown_at = stage, now
        text = self._text(stage, done_bytes, total_bytes)
        if self._has_notebook:
            self._show(_bundle(stage, text, done_bytes, total_bytes))
        elif self._has_terminal:
            self._is_on_terminal = True
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    @property
    def is_open(self) -> bool:
        """Whether there is something to see of it."""
        return self._handle is not None or self._is_on_terminal

    @property
    def stage(self) -> str:
        """The latest one; empty before the first."""
        return self._latest

    def become(self, outputs: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        """Show a result in its place: the first of its outputs here, the others after it.

        Parameters
        ----------
        outputs
            Data and metadata by MIME type of each.
        """
        self._wipe()
        handle, self._handle = self._handle, None
        for number, (data, metadata) in enumerate(outputs):
            if handle is not None and number == 0:
                handle.update(data, metadata=metadata, raw=True)
            else:
                display(data, metadata=metadata, raw=True)

    def say(self, text: str) -> None:
        """Leave a last sentence where there is something to see of it, else on standard error."""
        if self._handle is None:
            self._wipe()
            sys.stderr.write(f"{text}\n")
        else:
            self.end(text)

    def end(self, text: str = "") -> None:
        """Leave a last sentence, or nothing; harmless where there is nothing to see of it."""
        self._wipe()
        if self._handle is not None:
            handle, self._handle = self._handle, None
            handle.update(
                {"text/plain": text, "text/html": f"<div>{html.escape(text)}</div>" if text else ""}, raw=True
            )

    def _show(self, bundle: dict[str, str]) -> None:
        if self._handle is None:
            self._handle = DisplayHandle()
            self._handle.display(bundle, raw=True)
        else:
            self._handle.update(bundle, raw=True)

    def _wipe(self) -> None:
        if self._is_on_terminal:
            self._is_on_terminal = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _text(self, stage: str, done_bytes: int, total_bytes: int | None) -> str:
        parts = ["xpubreak:", stage]
        if stage == STAGES[0] and self._what:
            parts.append(self._what)
        if total_bytes:
            done = round(_WIDTH * min(1.0, done_bytes / total_bytes))
            parts.append(
                f"{'█' * done}{'░' * (_WIDTH - done)} {format_bytes(done_bytes)} of {format_bytes(total_bytes)}"
            )
        elif done_bytes:
            parts.append(format_bytes(done_bytes))
        return " ".join(parts)


def _bundle(stage: str, text: str, done_bytes: int, total_bytes: int | None) -> dict[str, str]:
    at = STAGES.index(stage) if stage in STAGES else -1
    trail = " → ".join(
        f"<b>{name}</b>" if position == at else f'<span style="opacity:{1 if position < at else 0.5}">{name}</span>'
        for position, name in enumerate(STAGES)
    )
    if at < 0:
        trail = f"<b>{html.escape(stage)}</b>"
    has_size = total_bytes is not None and total_bytes > 0
    value = f' value="{done_bytes}" max="{total_bytes}"' if has_size else ""
    sizes = f"{format_bytes(done_bytes)} of {format_bytes(total_bytes or 0)}" if has_size else ""
    sizes = sizes or (format_bytes(done_bytes) if done_bytes else "")
    return {
        "text/plain": text,
        "text/html": (
            '<div style="display:flex;gap:1em;align-items:center;flex-wrap:wrap">'
            f"<progress{value}></progress><span>{trail}</span><span>{sizes}</span></div>"
        ),
    }
