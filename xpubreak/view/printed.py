"""What cells printed, without names of people, hosts and places: the rules are those of redacted breakdowns.

Names of users are recognised by where they stand (in a path, before an ``@``), never as bare words: printed text is
anybody's, and a user called max would take the name of a column away.
"""

from __future__ import annotations

import html
import re
import socket
from collections.abc import Callable

from xpubreak.breakdown.privatetexts import PrivateTexts

_MARKUP = re.compile(r"(<script\b.*?</script>|<style\b.*?</style>|<[^>]*>)", re.DOTALL | re.IGNORECASE)
_TELLING = re.compile(r"(?=.{6})(?=.*[\d-])(?=.*[A-Za-z])")


class Printed:
    """Rewrites texts of a notebook, and counts what it left out."""

    def __init__(self) -> None:
        host = socket.gethostname()
        self._private = PrivateTexts(hosts=[host] if _TELLING.match(host) else [])

    def text(self, text: str) -> str:
        """Rewrite line by line; what is not private stays to the letter."""
        return "".join(self._line(line) for line in text.splitlines(keepends=True))

    def html(self, text: str) -> str:
        """Rewrite what is between tags; tags, scripts and styles stay."""
        return between_tags(text, self.text)

    def names_something(self, text: str) -> bool:
        """Whether a text would be rewritten."""
        return self.text(text) != text

    def __str__(self) -> str:
        counts = [(len(found), kind) for kind, found in self._private.found.items() if found]
        return ", ".join(
            f"{count} {kind}{'s' if count > 1 and not kind.endswith('s') else ''}" for count, kind in counts
        )

    def _line(self, line: str) -> str:
        bare = line.rstrip("\r\n")
        return self._private.text(bare) + line[len(bare) :] if bare.strip() else line


def between_tags(markup: str, rewrite: Callable[[str], str]) -> str:
    """Rewrite the texts of a fragment of HTML."""
    parts = _MARKUP.split(markup)
    for at in range(0, len(parts), 2):  # tags are at the odd places
        plain = html.unescape(parts[at])
        written = rewrite(plain)
        if written != plain:
            parts[at] = html.escape(written, quote=False)
    return "".join(parts)
