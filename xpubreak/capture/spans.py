"""Module spans: while a capture runs, every forward of an ``nn.Module`` is a span with its qualified name.

The spans are named ``xpb:<qualified name>:<class>``, the root ``xpb:<root>:<class>``; the attribute floor reads layers
and modules from them. They come from forward hooks that live as long as the capture.

Compiled modules
----------------
Nothing at or below a module that was compiled (``torch.compile(module)``, ``module.compile()``, TorchScript) is
hooked: its inner forwards are not called, a hook that is there when dynamo first traces would be traced with it
(``record_function`` breaks the graph), and taking it away would compile once more. Where dynamo reaches a hooked module
all the same (``torch.compile`` of a function that calls it), the hook is empty, since
``torch.compiler.is_compiling()`` is a constant to dynamo; only a first compilation during the capture is repeated after
it. The layers of compiled models come from operator counts and repeats instead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from xpubreak.capture.stamp import plain_text

PREFIX = "xpb:"
ROOT = "<root>"


class ModuleSpans:
    """Hooks on modules, installed between `install` and `remove`.

    Parameters
    ----------
    torch
        The imported module.
    roots
        Root modules by name. With a single root the names are the true qualified ones
        (``model.layers.3.mlp``); with several, each is prefixed by its root's name.
    closed
        Identities of modules to leave alone, see `compiled_parts`.
    """

    def __init__(self, torch: ModuleType, roots: Mapping[str, Any], closed: Iterable[int] = ()) -> None:
        self._closed = frozenset(closed)
        self._roots = dict(roots)
        self._handles: list[Any] = []
        self._open = threading.local()  # a span is closed on the thread that opened it
        self._record_function = torch.autograd.profiler.record_function
        compiler = getattr(torch, "compiler", None)
        self._is_compiling = getattr(compiler, "is_compiling", None) or (lambda: False)
        self._script_class = torch.jit.ScriptModule

    @property
    def is_installed(self) -> bool:
        """Whether hooks are in place."""
        return bool(self._handles)

    def install(self) -> int:
        """Hook the modules; returns how many."""
        hooked = 0
        for label, module in self._labels():
            before, after = self._hooks(label)
            # first in, last out: the span encloses the hooks of others
            self._handles.append(module.register_forward_pre_hook(before, prepend=True))
            self._handles.append(module.register_forward_hook(after, always_call=True))
            hooked += 1
        self._roots = {}  # a model that is deleted meanwhile is not kept alive
        return hooked

    def remove(self) -> None:
        """Take all hooks away and close the spans that an interrupt left open. May be called twice."""
        while self._handles:
            self._handles.pop().remove()
        stack = self._stack()
        while stack:
            stack.pop()[1].__exit__(None, None, None)

    def _labels(self) -> Iterator[tuple[str, Any]]:
        is_single = len(self._roots) == 1
        seen = set(self._closed)
        for name, root in self._roots.items():
            for path, module in walk(root, self._is_compiled, seen):
                qualified = path if is_single else f"{name}.{path}".strip(".")
                yield plain_text(f"{PREFIX}{qualified or ROOT}:{type(module).__name__}"), module

    def _is_compiled(self, module: Any) -> bool:
        return is_compiled(module) or isinstance(module, self._script_class)

    def _stack(self) -> list[tuple[str, Any]]:
        stack = getattr(self._open, "stack", None)
        if stack is None:
            stack = self._open.stack = []
        return stack

    def _hooks(self, label: str) -> tuple[Any, Any]:
        is_compiling, record_function, open_stack = self._is_compiling, self._record_function, self._stack

        def before(_module: Any, _inputs: Any) -> None:
            if is_compiling():
                return
            span = record_function(label)
            span.__enter__()
            open_stack().append((label, span))

        def after(_module: Any, _inputs: Any, _output: Any) -> None:
            if is_compiling():
                return
            stack = open_stack()
            # An interrupt skips the hooks of the forwards that it leaves: their spans end with their parent's.
            if any(opened == label for opened, _ in reversed(stack)):
                while stack:
                    opened, span = stack.pop()
                    span.__exit__(None, None, None)
                    if opened == label:
                        break

        return before, after


def walk(root: Any, is_closed: Callable[[Any], bool], seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield a module and all below it with their paths, depth first.

    Parameters
    ----------
    root
        Where to begin; its own path is empty.
    is_closed
        Modules to leave out, with all that is below them.
    seen
        Identities of the modules met so far, added to: a shared module keeps its first path.
    """
    pending = [("", root)]
    while pending:
        path, module = pending.pop()
        if module is None or id(module) in seen or is_closed(module):
            continue
        seen.add(id(module))
        yield path, module
        children = [(f"{path}.{name}" if path else name, child) for name, child in module._modules.items()]
        pending.extend(reversed(children))


def is_compiled(module: Any) -> bool:
    """Whether calling the module runs compiled code."""
    # Only what the object holds: asked of every variable, among them objects that answer to any name.
    if getattr(module, "__dict__", {}).get("_compiled_call_impl") is not None:  # module.compile()
        return True
    # torch.compile(module) wraps it; the class is found by name, since importing dynamo takes a second.
    return any(base.__name__ == "OptimizedModule" for base in type(module).__mro__)


def find_roots(torch: ModuleType, namespace: Mapping[str, Any]) -> tuple[dict[str, Any], set[int]]:
    """Find the modules among a namespace's variables.

    Names that begin with an underscore (IPython's ``_``, ``_3``) do not count.

    Returns
    -------
    roots : dict
        Module by name: no compiled ones nor parts of them, no parts of others, no further names of the same module.
    closed : set of int
        Identities of the compiled modules and all their parts, which are not to be hooked under another name either.
    """
    found: dict[int, tuple[str, Any]] = {}
    for name, value in list(namespace.items()):
        if not name.startswith("_") and isinstance(value, torch.nn.Module):
            found.setdefault(id(value), (name, value))
    closed = {id(part) for _, root in found.values() if is_compiled(root) for part in root.modules()}
    inner: set[int] = set()
    for key, (_, root) in found.items():
        if key not in closed:
            inner |= {id(part) for part in root.modules()} - {key}
    roots = {name: root for key, (name, root) in found.items() if key not in inner and key not in closed}
    return roots, closed


def without_unused_compiled(namespace: Mapping[str, Any], used: Container[str]) -> dict[str, Any]:
    """Leave out compiled modules that some code does not name.

    Beside ``compiled = torch.compile(model)`` a cell that runs ``model`` alone is recorded with its modules.
    """
    return {name: value for name, value in namespace.items() if name in used or not is_compiled(value)}
