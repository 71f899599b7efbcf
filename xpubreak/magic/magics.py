"""``%%xpu_breakdown``, ``%xpu_trace`` and ``%xpu_share``, and how they get into a shell."""

from __future__ import annotations

import ast
import os
import re
import sys

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from xpubreak.breakdown import display as hooks
from xpubreak.capture.vllm.injection import install_extension, remove_extension
from xpubreak.errors import XpubreakError
from xpubreak.latest import load_breakdown, remember
from xpubreak.magic.arguments import (
    HelpRequested,
    breakdown_parser,
    documented_by,
    parse_breakdown,
    parse_trace,
    trace_parser,
)
from xpubreak.magic.cell import awaits, compile_cell
from xpubreak.magic.session import NESTED, CellSession, present
from xpubreak.magic.share import parse_share, share_parser

_AWAIT_HINT = (
    "This cell awaits, and so cannot be run from within another magic or a call of run_cell_magic. "
    "Make %%xpu_breakdown the first line of the cell, or use\n"
    "    async with xb.profile() as p:\n"
    "        ...\n"
    "    p.breakdown"
)
_MAGIC_CALL = re.compile(r"^get_ipython\(\)\.run_cell_magic\('xpu_breakdown', ")


_NESTED = re.compile(r"\s*%%xpu_breakdown\b")


@magics_class
class XpuMagics(Magics):
    """The magics of xpubreak."""

    @cell_magic
    @documented_by(breakdown_parser())
    def xpu_breakdown(self, line: str, cell: str) -> None:
        __tracebackhide__ = True  # IPython leaves frames with this name out of tracebacks
        session = self._session(line, cell)
        if session is None:
            return
        if session.cell.is_async:
            raise UsageError(_AWAIT_HINT)
        session.run()

    async def xpu_breakdown_awaiting(self, line: str, cell: str) -> None:
        """Run a cell that awaits at top level; `await_magic` makes such cells await this."""
        __tracebackhide__ = True
        session = self._session(self.shell.var_expand(line), cell)
        if session is None:
            return
        await session.run_async()

    @line_magic
    @documented_by(trace_parser())
    def xpu_trace(self, line: str) -> None:
        __tracebackhide__ = True
        try:
            options = parse_trace(line)
            source = options.paths[0] if len(options.paths) == 1 else list(options.paths)
            breakdown = load_breakdown(source, title=options.title or None)
        except HelpRequested:
            return
        except XpubreakError as error:
            raise UsageError(str(error)) from None
        remember(breakdown)
        present(self.shell, breakdown, options)

    @line_magic
    @documented_by(share_parser())
    def xpu_share(self, line: str) -> None:
        __tracebackhide__ = True
        try:
            options = parse_share(line)
            written = hooks.call("share", options.notebook, options.output, redact=options.redact)
        except HelpRequested:
            return
        except XpubreakError as error:
            raise UsageError(str(error)) from None
        sys.stdout.write(written.report())

    def _session(self, line: str, body: str) -> CellSession | None:
        __tracebackhide__ = True
        try:
            options = parse_breakdown(line)
        except HelpRequested:
            return None
        if not body.strip():
            raise UsageError("The cell below %%xpu_breakdown is empty.")
        if _NESTED.match(body):
            raise UsageError(NESTED)
        return CellSession(self.shell, options, compile_cell(self.shell, body))


class AwaitMagic:
    """Input transformer: where the body of ``%%xpu_breakdown`` awaits, the cell awaits the magic.

    A cell magic is an ordinary call, and in a notebook the event loop is running already: it could neither wait for a
    coroutine nor start a loop of its own. A cell that awaits is run as a coroutine by IPython, so the call becomes one.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def __call__(self, lines: list[str]) -> list[str]:
        if len(lines) != 1 or not _MAGIC_CALL.match(lines[0]):
            return lines
        try:
            call = ast.parse(lines[0].strip(), mode="eval").body
            _, line, body = (ast.literal_eval(argument) for argument in call.args)  # type: ignore[attr-defined]
        except (SyntaxError, ValueError):
            return lines
        if not (self._shell.autoawait and awaits(self._shell, body)):
            return lines
        magics = f"get_ipython().magics_manager.registry[{XpuMagics.__name__!r}]"
        return [f"await {magics}.xpu_breakdown_awaiting({line!r}, {body!r})\n"]


def register(shell: InteractiveShell) -> None:
    """Put the magics into a shell, and make the vLLM engines that are built from now on recordable.

    That is ``%load_ext xpubreak``; ``XPUBREAK_VLLM_EXTENSION=0`` leaves vLLM alone.
    """
    shell.register_magics(XpuMagics)
    unregister(shell)  # loading twice leaves one transformer
    shell.input_transformers_post.append(AwaitMagic(shell))
    if os.environ.get("XPUBREAK_VLLM_EXTENSION", "1") != "0":
        install_extension()


def unregister(shell: InteractiveShell) -> None:
    """``%unload_ext xpubreak``. The magics' names stay: IPython has no way to take them back."""
    remove_extension()
    shell.input_transformers_post[:] = [
        transform for transform in shell.input_transformers_post if not isinstance(transform, AwaitMagic)
    ]
