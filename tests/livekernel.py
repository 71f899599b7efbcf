"""A real Jupyter kernel in which tests run cells one by one."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbclient
import nbformat

STACKS_FILE = "stacks.txt"
# For a kernel whose cells may hang: its stacks are part of the failure then.
STACKS = f"""
import faulthandler, signal
faulthandler.register(signal.SIGUSR1, file=open({STACKS_FILE!r}, "w"), all_threads=True)
"""


class LiveKernel:
    """Runs cells in one kernel, as a front end does."""

    def __init__(self, client: nbclient.NotebookClient) -> None:
        self.client = client
        self.count = 0
        self.stuck = ""

    def run(self, source: str, *, fails: str | None = None) -> list[tuple[str, str]]:
        """Run a cell; returns its outputs as (type, text) pairs.

        A kernel that hangs is not asked again: each of its tests would wait as long.
        """
        assert not self.stuck, f"An earlier cell did not end: {self.stuck}"
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells.append(cell)
        try:
            self.client.execute_cell(cell, self.count)
        except nbclient.exceptions.CellExecutionError as error:
            assert fails, error
            assert error.ename == fails
        except nbclient.exceptions.CellTimeoutError as error:
            self.stuck = source
            raise AssertionError(f"The cell did not end:\n{source}\n\n{self._stacks()}") from error
        else:
            assert fails is None, f"no {fails}"
        finally:
            self.count += 1
        return [(output.output_type, text_of(output)) for output in cell.outputs]

    def value(self, expression: str) -> str:
        """Give the value of an expression, as its representation."""
        return next(text for kind, text in self.run(expression) if kind == "execute_result")

    def _stacks(self) -> str:
        """What the kernel's threads are at, where a cell has run `STACKS`."""
        folder = self.client.resources.get("metadata", {}).get("path", "")
        file = Path(folder, STACKS_FILE)
        if not folder or not file.exists():
            return ""
        with suppress(AttributeError, ProcessLookupError):
            os.kill(self.client.km.provisioner.process.pid, signal.SIGUSR1)
            time.sleep(1)
        return file.read_text()

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return int(self.value("import os; os.getpid()"))


# What a breakdown's picture is followed by.
_COPY_AND_WIDGET = re.compile(r"xpubreak explorer(, saved copy)?")


def kinds(outputs: list[tuple[str, str]]) -> list[str]:
    """Types of a cell's outputs; "breakdown" for the three that show one. Streams are left out: vLLM writes a lot."""
    told = [(kind, text) for kind, text in outputs if kind != "stream"]
    kept = [kind for kind, text in told if not _COPY_AND_WIDGET.fullmatch(text)]
    if len(told) - len(kept) == 2:
        kept[kept.index("display_data")] = "breakdown"
    return kept


def refusal(outputs: list[tuple[str, str]]) -> str:
    """What a magic that does not run its cell says; nothing but that may have been shown."""
    assert kinds(outputs) == []
    return "".join(text for _, text in outputs).partition("UsageError: ")[2].rstrip()


def text_of(output: Any) -> str:
    """What an output says to a reader without a browser."""
    if output.output_type == "stream":
        return output.text
    return output.ename if output.output_type == "error" else output.data.get("text/plain", "")


@contextmanager
def live_kernel(*, timeout_seconds: float = 300, folder: str | None = None) -> Iterator[LiveKernel]:
    """Start a kernel of this very Python; ends it on leaving."""
    resources = {"metadata": {"path": folder}} if folder else {}
    client = nbclient.NotebookClient(
        nbformat.v4.new_notebook(),
        timeout=timeout_seconds,
        startup_timeout=timeout_seconds,
        kernel_name="python3",
        resources=resources,
    )
    with client.setup_kernel():
        yield LiveKernel(client)
