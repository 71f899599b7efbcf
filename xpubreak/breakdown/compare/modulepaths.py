"""Module paths of two runs, written alike."""

from __future__ import annotations

from collections.abc import Iterable

_WRAPPERS = frozenset(("_orig_mod", "_fsdp_wrapped_module", "module", "_checkpoint_wrapped_module", "model"))
"""Parts that torch.compile, FSDP and DDP put into paths; ``model`` stands at the front or does not."""


def plain(path: str) -> str:
    """A path without wrappers and without what stands before the layers."""
    parts = [part for part in path.split(".") if part not in _WRAPPERS]
    if "layers" in parts:
        parts = parts[parts.index("layers") :]
    return ".".join(parts)


def match_modules(a: Iterable[str], b: Iterable[str]) -> dict[str, str]:
    """What each path of either run is called in a comparison.

    A path that the other run does not know goes by its nearest ancestor that it does know: one run may have recorded
    modules, and of the other only layers are known.
    """
    sides = [{path: plain(path) for path in side} for side in (a, b)]
    known = [{above for path in side.values() for above in _and_above(path)} for side in sides]
    leaves = [set(side.values()) for side in sides]
    found: dict[str, str] = {}
    for side, other in ((0, 1), (1, 0)):
        for path, short in sides[side].items():
            shared = next((above for above in _and_above(short) if above in leaves[other]), None)
            deeper = short in known[other]  # the other run has modules below: they come up to this one
            found[path] = short if shared is None or deeper else shared
    return found


def _and_above(path: str) -> list[str]:
    """The path, and its ancestors, nearest first."""
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)] if path else []
