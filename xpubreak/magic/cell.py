"""Run the body of a cell as IPython would have run it: once, in the user's namespace, with the user's line numbers.

Not by a nested ``run_cell``, which swallows exceptions (*Run All* would go on) and writes a second history entry; and
not as text pasted into a template, which changes multi-line strings.
"""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import dataclass
from types import CodeType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell

_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


@dataclass(frozen=True)
class Cell:
    """Compiled code of a cell.

    Parameters
    ----------
    codes
        To be run in order; the value of the last one is the value of the cell.
    is_silent
        A semicolon ends the cell: its value is not shown.
    """

    codes: tuple[CodeType, ...]
    is_silent: bool

    @property
    def is_async(self) -> bool:
        """Whether it awaits at top level."""
        return any(_is_coroutine(code) for code in self.codes)

    def run(self, shell: InteractiveShell) -> Any:
        """Run it; returns the value of its last expression, None where it does not end in one."""
        __tracebackhide__ = True  # IPython leaves frames with this name out of tracebacks
        value = None
        for code in self.codes:
            value = eval(code, shell.user_global_ns, shell.user_ns)  # noqa: S307 - the user's own cell
        return value

    async def run_async(self, shell: InteractiveShell) -> Any:
        """Run it in the running event loop; as `run` else."""
        __tracebackhide__ = True
        value = None
        for code in self.codes:
            value = eval(code, shell.user_global_ns, shell.user_ns)  # noqa: S307 - the user's own cell
            if _is_coroutine(code):
                value = await value
        return value

    def show(self, value: Any) -> None:
        """Show its value as ``Out[…]``, and keep it in ``_``, unless it is silent."""
        if value is not None and not self.is_silent:
            sys.displayhook(value)


def compile_cell(shell: InteractiveShell, body: str) -> Cell:
    """Compile the body of a cell magic.

    Parameters
    ----------
    shell
        Whose transformers, ``__future__`` flags and interactivity apply.
    body
        Text of the cell below the magic's line.

    Raises
    ------
    SyntaxError
        As for any cell, with the cell's line numbers.
    """
    # The magic's own line comes first, and IPython drops blank lines at the beginning: both are put back.
    above = "\n" * (1 + _leading_blank_lines(body))
    source = above + shell.transform_cell(body)
    name = shell.compile.cache(source, shell.displayhook.prompt_count)
    tree = shell.transform_ast(shell.compile.ast_parse(source, filename=name))
    with shell.compile.extra_flags(_AWAIT if shell.autoawait else 0):
        codes = tuple(shell.compile(node, name, mode) for node, mode in _units(tree.body, shell.ast_node_interactivity))
    return Cell(codes, DisplayHook.semicolon_at_end_of_expression(source))


def awaits(shell: InteractiveShell, body: str) -> bool:
    """Whether the body of a cell awaits at top level; False for one that does not compile."""
    try:
        # Not through the shell's compiler, which would remember the body's __future__ flags.
        source = shell.transform_cell(body)
        code = compile(source, "<cell>", "exec", flags=_AWAIT | shell.compile.flags, dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return False
    return _is_coroutine(code)


def _units(nodes: list[ast.stmt], interactivity: str) -> list[tuple[ast.AST, str]]:
    """Nodes with the mode to compile them in, by IPython's `ast_node_interactivity`."""
    if not nodes:
        return []
    if interactivity == "last_expr_or_assign":
        nodes = [*nodes, *_assigned_name(nodes[-1])]
    if interactivity == "all":
        return [_interactive(node) for node in nodes]
    last = nodes[-1]
    units: list[tuple[ast.AST, str]] = [(ast.Module([node], []), "exec") for node in nodes[:-1]]
    if interactivity != "none" and isinstance(last, ast.Expr):
        # As an expression, not in "single" mode: the value is shown when the recording is over, since showing a tensor
        # runs operators too.
        units.append((ast.Expression(last.value), "eval"))
    elif interactivity == "last":
        units.append(_interactive(last))
    else:
        units.append((ast.Module([last], []), "exec"))
    return units


def _interactive(node: ast.stmt) -> tuple[ast.AST, str]:
    return ast.Interactive([node]), "single"


def _assigned_name(node: ast.stmt) -> list[ast.stmt]:
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        target = node.target
    if not isinstance(target, ast.Name):
        return []
    return [ast.fix_missing_locations(ast.copy_location(ast.Expr(ast.Name(target.id, ast.Load())), node))]


def _leading_blank_lines(body: str) -> int:
    lines = body.splitlines()
    return next((number for number, line in enumerate(lines) if line.strip()), 0)


def _is_coroutine(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_COROUTINE)
