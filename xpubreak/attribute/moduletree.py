"""Module tree: every module instance once, below the module that called it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xpubreak.attribute.modulename import read_frame
from xpubreak.trace.columns import NONE

if TYPE_CHECKING:
    from xpubreak.attribute.container import LayerModules


class ModuleTree:
    """Module instances, in order of their first call; a module's parent comes before it."""

    def __init__(self) -> None:
        self.parent: list[int] = []
        self.name: list[str] = []
        self.is_path: list[bool] = []
        self._node_of: dict[tuple[int, str], int] = {}

    def __len__(self) -> int:
        return len(self.parent)

    def child(self, parent: int, name: str) -> int:
        """Node of a module frame below another one; a shared module has a node below each of its callers."""
        return self._intern(parent, name, is_path=False)

    def path(self, path: str) -> int:
        """Node of a module that is known by its whole path."""
        return self._intern(NONE, path, is_path=True)

    def cls(self, node: int) -> str:
        """Class of a module frame; empty for other nodes."""
        found = None if self.is_path[node] else read_frame(self.name[node])
        return found[0] if found else ""

    def children(self) -> list[list[int]]:
        """Children of every node, in order of first call."""
        found: list[list[int]] = [[] for _ in self.parent]
        for node, parent in enumerate(self.parent):
            if parent >= 0:
                found[parent].append(node)
        return found

    def paths(self, container: LayerModules) -> list[str]:
        """Path of every node.

        Frames know classes, not attribute names. Layers are called ``layers.<number>``, a layer's own attention and
        feed-forward ``self_attn`` and ``mlp``, everything else goes by its class, with a number where a module has
        several parts of one class: ``Qwen3ForCausalLM.Qwen3Model.layers.3.self_attn.Linear_2``.
        """
        layers = container.layers(self)
        children = self.children()
        found: list[str] = []
        for node, parent in enumerate(self.parent):
            if self.is_path[node]:
                found.append(self.name[node])
                continue
            is_layer = container.is_layer(node)
            name = f"layers.{layers[node]}" if is_layer else self._part(node, parent, children, container)
            found.append(f"{found[parent]}.{name}" if parent >= 0 else name)
        return found

    def _part(self, node: int, parent: int, children: list[list[int]], container: LayerModules) -> str:
        cls = self.cls(node)
        alike = [other for other in children[parent] if self.cls(other) == cls] if parent >= 0 else [node]
        if len(alike) > 1:
            return f"{cls}_{alike.index(node)}"
        if parent >= 0 and container.is_layer(parent):
            if cls.endswith("Attention"):
                return "self_attn"
            if cls.endswith(("MLP", "FeedForward")):
                return "mlp"
        return cls

    def _intern(self, parent: int, name: str, *, is_path: bool) -> int:
        node = self._node_of.get((parent, name))
        if node is None:
            node = self._node_of[(parent, name)] = len(self.parent)
            self.parent.append(parent)
            self.name.append(name)
            self.is_path.append(is_path)
        return node
