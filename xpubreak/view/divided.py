"""Divided texts: what tags or colours part and a reader sees as one, rewritten where only all of it names something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

_IN_NAME = re.compile(r"[^\s\"'<>()\[\]{},;:=]")
_LONGEST = 1 << 14
"""Of a line that is looked at as a whole."""


def rewritten(parts: Sequence[str], rewrite: Callable[[str], str], judge: Callable[[str], str]) -> list[str]:
    """Rewrite parts of a text, each where it stands.

    Parameters
    ----------
    parts
        Texts that are read as one.
    rewrite
        Rewrites a text.
    judge
        Does the same, and nobody counts it.
    """
    if sum(map(bool, parts)) < 2 or _is_said_singly(parts, judge):
        return [rewrite(part) for part in parts]
    made = [""] * len(parts)
    for places, texts in _lines(parts):
        written = [*texts]
        if len(texts) > 1 and not _is_said_singly(texts, judge):
            written = spread(texts, rewrite("".join(texts)))
        for at, text in zip(places, written, strict=True):
            made[at] += rewrite(text)
    return made


def spread(parts: Sequence[str], written: str) -> list[str]:
    """Divide what was written for a text as that was: what changed stands where it began."""
    whole = "".join(parts)
    begin = _same(whole, written)
    most = min(len(whole), len(written)) - begin
    same = _same(whole[len(whole) - most :][::-1], written[len(written) - most :][::-1])
    # What was written is never parted itself: what is left of a path is one, too.
    while begin and _IN_NAME.match(whole, begin - 1):
        begin -= 1
    while same and _IN_NAME.match(whole, len(whole) - same):
        same -= 1
    end = len(whole) - same
    changed = written[begin : len(written) - same]
    made, at = [], 0
    for part in parts:
        first, at = at, at + len(part)
        is_here = bool(changed) and (begin < at or at == len(whole))
        made.append(part[: max(0, begin - first)] + (changed if is_here else "") + part[max(0, end - first) :])
        changed = "" if is_here else changed
    return made


def _is_said_singly(parts: Sequence[str], judge: Callable[[str], str]) -> bool:
    """Whether all of it names nothing, or nothing more than its parts do."""
    whole = "".join(parts)
    said = judge(whole)
    return said == whole or said == "".join(map(judge, parts))


def _lines(parts: Sequence[str]) -> Iterator[tuple[list[int], list[str]]]:
    """Lines, each as the parts that it has and their places; a line that is too long is more than one."""
    places: list[int] = []
    texts: list[str] = []
    size = 0
    for at, part in enumerate(parts):
        for text in part.splitlines(keepends=True):
            if texts and (_ends(texts[-1]) or size + len(text) > _LONGEST):
                yield places, texts
                places, texts, size = [], [], 0
            places.append(at)
            texts.append(text)
            size += len(text)
    if texts:
        yield places, texts


def _same(one: str, other: str) -> int:
    """How many letters two texts have in common at their beginning."""
    least = min(len(one), len(other))
    return next((at for at in range(least) if one[at] != other[at]), least)


def _ends(text: str) -> bool:
    return text != "".join(text.splitlines())
