"""A real IPython shell."""

from __future__ import annotations

import atexit
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import xpubreak
from tests.magic.standin import StandIn


@pytest.fixture
def stand_in(monkeypatch):
    """Make ``xb.load`` give stand-ins."""
    monkeypatch.setitem(vars(xpubreak), "load", lambda source, *, title=None: StandIn(source, title))
    return StandIn


@dataclass
class Notebook:
    """Runs cells, and tells what they showed."""

    shell: InteractiveShell
    capture: Any

    def run(self, source, *, fails=None):
        """Run a cell with history, as a front end does; returns what it wrote to stdout."""
        self.shell.display_pub.outputs.clear()
        self.result = self.shell.run_cell(source, store_history=True)
        error = self.result.error_before_exec or self.result.error_in_exec
        out, self.err = self.capture.readouterr()
        if fails is None and error is not None:
            raise AssertionError(f"the cell failed: {error!r}\n{out}") from error
        if fails is not None:
            assert isinstance(error, fails), f"expected {fails}, got {error!r}\n{out}"
        return out

    @property
    def shown(self):
        """Plain text of what was displayed, but for the cell's own value."""
        return [output["data"]["text/plain"] for output in self.shell.display_pub.outputs]

    def __getitem__(self, name):
        return self.shell.user_ns[name]


@pytest.fixture
def notebook(capsys):
    main = sys.modules["__main__"]
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell.display_pub = CapturingDisplayPublisher()
    xpubreak.load_ipython_extension(shell)
    yield Notebook(shell, capsys)
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)  # it can be done once only
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main
