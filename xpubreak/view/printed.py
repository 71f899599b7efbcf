"""What cells printed, without names of people, hosts and places: the rules are those of redacted breakdowns.

Names of users are recognised by where they stand (in a path, before an ``@``), never as bare words: printed text is
anybody's, and a user called max would take the name of a column away.
"""

from __future__ import annotations

import html
import re
import socket
from bisect import bisect_left
from collections.abc import Callable, Iterator

from xpubreak.breakdown import privateforms as forms
from xpubreak.breakdown.privatepaths import PERSONAL
from xpubreak.breakdown.privatetexts import HOST, PATH, SECRET, USER, PrivateTexts
from xpubreak.view.encoded import is_encoded

_OPENING = re.compile(r"<(?:(script|style)\b|[A-Za-z/!?])", re.IGNORECASE)
_ENDS = {
    "": re.compile(">"),
    **{name: re.compile(f"</{name}\\s{{0,9}}>", re.IGNORECASE) for name in ("script", "style")},
}
_LEAST = 6
_MOST_MET = 1 << 14
_TELLING = re.compile(r"(?=.{6})(?=.*[\d-])(?=.*[A-Za-z])")


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_VALUE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_DRAWN = frozenset(("class", "d", "id", "points", "style", "transform", "type", "viewbox", "xmlns", "xmlns:xlink"))
"""Attributes that say how something looks."""
_HELD = re.compile(r"<script type=\"text/plain\" data-xpubreak=\"[^\"]*\"[^>]*>[A-Za-z0-9+/=\s]*</script>$")
"""What our copies consist of, compressed."""


class Printed:
    """Rewrites texts of a notebook, and counts what it left out."""

    def __init__(self) -> None:
        host = socket.gethostname()
        hosts = [host] if _TELLING.match(host) else []
        self._private = PrivateTexts(hosts=hosts)
        self._judge = PrivateTexts(hosts=hosts)
        """Counts nothing of what is only looked at."""

    def meet(self, text: str) -> None:
        """Remember which hosts a text names, for all of the notebook."""
        for line in _COLOUR.sub("", text).splitlines():
            for private in (self._private, self._judge):
                private.meet(line[:_MOST_MET])

    def text(self, text: str) -> str:
        """Rewrite line by line; what is not private stays to the letter."""
        return "".join(self._line(line) for line in self._private.without_keys(text).splitlines(keepends=True))

    def html(self, text: str) -> str:
        """Rewrite what is between tags; tags, scripts and styles stay."""
        return between_tags(text, self.text)

    def names_something(self, text: str) -> bool:
        """Whether a text, without its colours, would be rewritten."""
        lines = _COLOUR.sub("", text).splitlines()
        return any(self._judge.text(line) != line for line in lines if line.strip())

    def markup_names_something(self, markup: str) -> bool:
        """Whether attributes or scripts of HTML, which are not rewritten, name something."""
        for tag in list(pieces(markup))[1::2]:
            if tag[:7].lower() == "<script":
                if not _HELD.match(tag) and self.code_names_something(tag):
                    return True
            elif tag.startswith("<!--"):
                if self.names_something(tag[4:].rstrip("->")):
                    return True
            elif tag[1:2].isalpha() and tag[:6].lower() != "<style":
                for name, *values in _VALUE.findall(tag):
                    value = html.unescape("".join(values))
                    is_shown = name.lower() not in _DRAWN and not is_encoded(value)
                    if is_shown and self.names_something(value):
                        return True
        return False

    def code_names_something(self, code: str) -> bool:
        """Whether a program holds a home folder or a secret, or what was left out elsewhere.

        Other forms of paths and addresses are too much like programs: ``a /b/ c``.
        """
        found = self._private.found
        known = [text for kind in (PATH, HOST, USER, SECRET) for text in found[kind] if len(text) >= _LEAST]
        return bool(PERSONAL.search(code) or forms.SECRET.search(code)) or any(text in code for text in known)

    def __str__(self) -> str:
        counts = [(len(found), kind) for kind, found in self._private.found.items() if found]
        return ", ".join(
            f"{count} {kind}{'s' if count > 1 and not kind.endswith('s') else ''}" for count, kind in counts
        )

    def _line(self, line: str) -> str:
        bare = line.rstrip("\r\n")
        return self._private.text(bare) + line[len(bare) :] if bare.strip() else line


class Meeting:
    """Goes through a notebook as `Printed` does, and changes nothing: it remembers which hosts are named there."""

    def __init__(self, printed: Printed) -> None:
        self._printed = printed

    def text(self, text: str) -> str:
        """Meet what a text names."""
        self._printed.meet(text)
        return text

    def html(self, text: str) -> str:
        """Meet what is between tags."""
        return between_tags(text, self.text)


def between_tags(markup: str, rewrite: Callable[[str], str]) -> str:
    """Rewrite the texts of a fragment of HTML."""
    parts = list(pieces(markup))
    for at in range(0, len(parts), 2):  # tags are at the odd places
        plain = html.unescape(parts[at])
        written = rewrite(plain)
        if written != plain:
            parts[at] = html.escape(written, quote=False)
    return "".join(parts)


def pieces(markup: str) -> Iterator[str]:
    """Split HTML into texts and, at the odd places, tags, scripts and styles; each letter is looked at once.

    A regular expression would, at each tag that is never closed, look for its end through all of the rest.
    """
    ends = {name: [match.end() for match in pattern.finditer(markup)] for name, pattern in _ENDS.items()}
    begun = at = 0
    while match := _OPENING.search(markup, at):
        name = (match[1] or "").lower()
        later = bisect_left(ends[name], match.end())
        if later < len(ends[name]):
            at = ends[name][later]
        elif name:
            at = len(markup)  # as browsers have it: what is never closed goes on to the end
        else:
            break
        yield markup[begun : match.start()]
        yield markup[match.start() : at]
        begun = at
    yield markup[begun:]
