"""Markup in pieces: texts, and what stands between them; which of the texts a reader sees as one."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterator

_OPENING = re.compile(r"<(?:(script|style)(?=[\s/>]|$)|(!--)|(!\[CDATA\[)|[A-Za-z/!?])", re.IGNORECASE)
_ENDS = {name: re.compile(f"</{name}\\s{{0,9}}>", re.IGNORECASE) for name in ("script", "style")}
_COMMENT_END = re.compile(r"--!?>")
_IN_TAG = re.compile(r"""=\s*(["'])|>""")
_NAME = re.compile(r"</?([A-Za-z][\w:.-]*)")
_UNSEEN = re.compile(r"<(?:script|style|!--|\?)", re.IGNORECASE)
_WITHIN_A_LINE = frozenset((
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
    "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "textpath", "tspan", "tt", "u",
    "var", "wbr",
))  # fmt: skip
"""Elements that begin no line of their own: texts on both sides of their tags are read as one."""
_VALUE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def pieces(markup: str) -> Iterator[str]:
    """Split markup into texts and, at the odd places, tags, comments, scripts and styles.

    Each letter is looked at a few times at most. A regular expression would, at each tag that is never closed, look
    for its end through all of the rest.
    """
    ends = {name: [match.end() for match in pattern.finditer(markup)] for name, pattern in _ENDS.items()}
    begun = at = 0
    is_quoted = True
    while match := _OPENING.search(markup, at):
        name = (match[1] or "").lower()
        if name:
            later = bisect_left(ends[name], match.end())
            at = ends[name][later] if later < len(ends[name]) else len(markup)  # browsers have it so
        elif match[2]:
            end = _COMMENT_END.search(markup, match.start() + 2)
            at = end.end() if end else len(markup)
        else:
            end_of = markup.find("]]>", match.end()) + 3 if match[3] else 2
            if end_of == 2:
                end_of = _end_of_tag(markup, match.end()) if is_quoted else -1
                is_quoted = end_of > 0  # one that is never closed tells that quotes cannot be relied on
                end_of = end_of if is_quoted else markup.find(">", match.end()) + 1
            if not end_of:
                break
            at = end_of
        yield markup[begun : match.start()]
        yield markup[match.start() : at]
        begun = at
    yield markup[begun:]


def _end_of_tag(markup: str, at: int) -> int:
    """Where a tag ends that may have ``>`` in its attributes; -1 where it does not."""
    while match := _IN_TAG.search(markup, at):
        if match[0] == ">":
            return match.end()
        at = markup.find(match[1], match.end()) + 1
        if not at:
            return -1
    return -1


def runs(parts: list[str]) -> Iterator[list[int]]:
    """Places of texts (`pieces`) that are read as one: only tags within a line, or nothing that is seen, between."""
    run: list[int] = []
    for at in range(0, len(parts), 2):
        if run and not _is_within(parts[at - 1]):
            yield run
            run = []
        if parts[at]:
            run.append(at)
    if run:
        yield run


def _is_within(tag: str) -> bool:
    name = _NAME.match(tag)
    return bool(_UNSEEN.match(tag)) or (name is not None and name[1].lower() in _WITHIN_A_LINE)


def shown(markup: str) -> str:
    """All texts of markup, without what stands between them."""
    return "".join(html.unescape(text) for text in list(pieces(markup))[::2])


def attributes(tag: str) -> Iterator[tuple[str, str]]:
    """Names and values of a tag's attributes, in small letters and in letters."""
    for name, *values in _VALUE.findall(tag):
        yield name.lower(), html.unescape("".join(values))
