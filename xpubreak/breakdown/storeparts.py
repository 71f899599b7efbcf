"""Parts of a rank in a store: what its files are called, whether all are there, and which are nobody's any more."""

from __future__ import annotations

from typing import Any

FACTS = "facts"
_ENDINGS = {"device": "parquet", "host": "parquet", "paths": "parquet", FACTS: "xpb"}


def part_path(root: str, kind: str, rank: int, token: str) -> str:
    """Where one part is; each write has a token of its own."""
    return f"{root}/{kind}/rank={rank}/part-{token}.{_ENDINGS[kind]}"


def are_there(files: Any, root: str, rank: int, token: str) -> bool:
    """Whether a write left all of its parts: another one of the same rank may have swept since."""
    files.invalidate_cache()
    return all(files.exists(part_path(root, kind, rank, token)) for kind in _ENDINGS)


def sweep(files: Any, root: str, rank: int, token: str) -> None:
    """Remove what an earlier or interrupted write of a rank left."""
    for kind in _ENDINGS:
        for name in files.ls(f"{root}/{kind}/rank={rank}", detail=False):
            if f"part-{token}." not in str(name):
                files.rm_file(str(name))
