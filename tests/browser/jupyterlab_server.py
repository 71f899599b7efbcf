"""A JupyterLab of its own, and notebooks in it, driven from outside."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import nbformat

_TOKEN = "xpubreak-tests"
_START_S = 60
_WORK_MS = 60_000
_REPOSITORY = Path(__file__).parents[2]
_IDLE = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
_EXECUTE = """
async ([code, patience_ms]) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const deadline = performance.now() + patience_ms;
  const isTelling = () => [...kernel._futures.values()].some(({ msg }) => msg.header.msg_type.startsWith('comm_'));
  do await new Promise((resolve) => setTimeout(resolve, 20));
  while (isTelling() && performance.now() < deadline);
  let out = '';
  const future = kernel.requestExecute({ code, silent: false, store_history: false });
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === 'stream') out += content.text;
    if (header.msg_type === 'error') out += content.traceback.join('\\n');
  };
  await future.done;
  return out;
}
"""


class JupyterLab:
    """A server with settings of its own: no news, widget state saved, the application in reach of scripts."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self.home = root, home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"{self.base}/{path}?token={_TOKEN}"

    def start(self) -> None:
        settings = {
            "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
            "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        }
        for plugin, values in settings.items():
            path = self.home / "settings" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        log = (self.home / "lab.log").open("w")
        options = [
            "--no-browser", "--allow-root", f"--port={self.port}", "--ip=127.0.0.1",
            f"--IdentityProvider.token={_TOKEN}", f"--ServerApp.root_dir={self.root}",
            "--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True",
            "--LabApp.news_url=", "--ServerApp.terminals_enabled=False",
        ]  # fmt: skip
        command = [sys.executable, "-m", "jupyterlab", *options]
        self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.home / "lab.log").read_text()[-3000:])
            time.sleep(0.1)

    @property
    def environment(self) -> dict[str, str]:
        """Of the server and its kernels: folders of its own."""
        places = {"CONFIG": "cfg", "RUNTIME": "run", "DATA": "data"}
        env = os.environ | {f"JUPYTER_{name}_DIR": str(self.home / place) for name, place in places.items()}
        env |= {
            "JUPYTERLAB_SETTINGS_DIR": str(self.home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.home / "workspaces"),
            "IPYTHONDIR": str(self.home / "ipython"),
            "PYTHONPATH": str(_REPOSITORY),
        }
        return env

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/api/status?token={_TOKEN}", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:  # it asks its kernels to end first, which may be many
                self.process.kill()
                self.process.wait()


class Notebook:
    """One notebook, open in JupyterLab."""

    def __init__(
        self, lab: JupyterLab, page: Any, name: str, cells: tuple[str, ...], source: Path | None = None
    ) -> None:
        self.lab, self.page, self.path = lab, page, lab.root / name
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook = made if source is None else nbformat.read(source, 4)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.path)

    def open(self) -> Notebook:
        self.page.goto(f"{self.lab.base}/lab/tree/{self.path.name}?token={_TOKEN}&reset")
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Notebook", timeout=_WORK_MS)
        self.page.wait_for_function(_IDLE, timeout=_WORK_MS)
        return self

    def open_without_kernel(self) -> Notebook:
        """Open it where no kernel is to be had, and say that there shall be none."""
        self.page.goto(f"{self.lab.base}/lab/tree/{self.path.name}?token={_TOKEN}&reset")
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Notebook", timeout=_WORK_MS)
        self.page.locator(".jp-Dialog button", has_text="No Kernel").click(timeout=_WORK_MS)
        self.page.wait_for_selector(".jp-Dialog", state="detached")
        return self

    def trust(self) -> None:
        """Sign it, as its author."""
        subprocess.run(
            [sys.executable, "-m", "jupyter", "trust", str(self.path)], env=self.lab.environment, check=True, timeout=60
        )

    def command(self, name: str, **arguments: Any) -> None:
        run = "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)"
        self.page.evaluate(run, [name, arguments])

    def run_all(self) -> Notebook:
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(_IDLE, timeout=_WORK_MS)
        return self

    def python(self, code: str) -> str:
        """Run code in the live kernel and return what it prints.

        First everything that the page has asked or told the kernel is settled. The widget manager holds changes back
        while the kernel works, and JupyterLab sends them to a thread of their own: what they bring would come after
        the code has begun, or in the midst of it.
        """
        printed: str = self.page.evaluate(_EXECUTE, [code, _WORK_MS])
        return printed.strip()

    def count_cells(self) -> int:
        found: int = self.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length")
        return found

    def saved(self) -> nbformat.NotebookNode:
        self.command("docmanager:save")
        return nbformat.read(self.path, 4)

    def shut_down(self) -> None:
        self.page.evaluate("() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.shutdown()")
