"""The container of the layers: of all lists of modules in a model, the one that holds attention once each."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from xpubreak.attribute.moduletree import ModuleTree
from xpubreak.trace.columns import NONE, CodeArray

# Of torch.fx: pieces of a compiled model, not modules of its author.
_NO_LAYERS = ("GraphModule", "OptimizedModule", "InterpreterModule")

_DIGITS = 5
MAX_LAYERS = 10**_DIGITS
"""More are no layers; views draw a bar of each, which a file of a few bytes must not make them do without end."""


@dataclass(frozen=True)
class LayerModules:
    """Which modules are layers.

    Parameters
    ----------
    number
        Layer number of every layer's own node.
    prefix
        Where paths tell: what stands before the number, with its dot; empty otherwise.
    """

    number: dict[int, int]
    prefix: str = ""

    def is_layer(self, node: int) -> bool:
        """Whether a node is a layer itself."""
        return node in self.number

    def layers(self, tree: ModuleTree) -> list[int]:
        """Layer of every node, −1 outside of layers."""
        found: list[int] = []
        for node, parent in enumerate(tree.parent):
            if tree.is_path[node]:
                container = split_path(tree.name[node])
                found.append(container[1] if container is not None and container[0] == self.prefix else NONE)
            elif node in self.number:
                found.append(self.number[node])
            else:
                found.append(found[parent] if parent >= 0 else NONE)
        return found


NO_LAYER_MODULES = LayerModules({}, "\0")


def split_path(path: str) -> tuple[str, int] | None:
    """Split ``model.layers.3.mlp.experts.5`` at its first number: ``("model.layers.", 3)``; None without a number."""
    before = ""
    for part in path.split("."):
        if part.isascii() and part.isdigit() and len(part) <= _DIGITS:
            return before, int(part)
        before += f"{part}."
    return None


def in_same_layer(path: str, caller: str) -> str:
    """Name a module after the layer that calls it.

    Layers share modules (rotary embeddings), which go by the name that the first layer gave them:
    ``model.layers.0.self_attn.rotary_emb`` below ``model.layers.3.self_attn`` is the third layer's.
    """
    mine, callers = split_path(path), split_path(caller)
    if mine is None or callers is None or mine[0] != callers[0] or mine[1] == callers[1]:
        return path
    rest = path[len(mine[0]) :].partition(".")
    return f"{mine[0]}{callers[1]}{rest[1]}{rest[2]}"


def find_container(tree: ModuleTree, attentions: CodeArray) -> LayerModules:
    """Choose the layers among the modules.

    Parameters
    ----------
    tree
        All modules.
    attentions
        int32[m]: for every attention, the node of the innermost module around it.

    Returns
    -------
    LayerModules
        The list of modules with most members that hold attention, and of these the one with most attention.
    """
    if any(tree.is_path):
        return _by_path(tree, Counter(attentions.tolist()))
    return _by_class(tree, Counter(attentions.tolist()))


def _by_path(tree: ModuleTree, attentions: Counter[int]) -> LayerModules:
    members: dict[str, set[int]] = defaultdict(set)
    attentive: dict[str, set[int]] = defaultdict(set)
    amount: Counter[str] = Counter()
    for node, path in enumerate(tree.name):
        found = split_path(path)
        if found is None:
            continue
        prefix, number = found
        members[prefix].add(number)
        if attentions[node]:
            attentive[prefix].add(number)
            amount[prefix] += attentions[node]
    if not members:
        return NO_LAYER_MODULES
    best = max(members, key=lambda prefix: (len(attentive[prefix]), amount[prefix], len(members[prefix])))
    return LayerModules({}, best)


def _by_class(tree: ModuleTree, attentions: Counter[int]) -> LayerModules:
    amount = [attentions[node] for node in range(len(tree))]
    for node in range(len(tree) - 1, -1, -1):  # children come after their parents
        if tree.parent[node] >= 0:
            amount[tree.parent[node]] += amount[node]
    children = tree.children()
    best: tuple[tuple[int, int, int], list[int]] | None = None
    for siblings in children:
        by_class: dict[str, list[int]] = defaultdict(list)
        for node in siblings:
            if children[node] and tree.cls(node) not in _NO_LAYERS:
                by_class[tree.cls(node)].append(node)
        for alike in by_class.values():
            attentive = [node for node in alike if amount[node]]
            score = (len(attentive), sum(amount[node] for node in alike), len(alike))
            if len(alike) > 1 and (best is None or score > best[0]):
                # Other classes in between (state-space layers among attention layers) are layers too.
                first, last = alike[0], alike[-1]
                best = score, [node for node in siblings if first <= node <= last and children[node]]
    return LayerModules({node: number for number, node in enumerate(best[1])}) if best else NO_LAYER_MODULES
