"""What cells printed, without names of people, hosts and places: the rules are those of redacted breakdowns.

Names of users are recognised by where they stand (in a path, before an ``@``), never as bare words: printed text is
anybody's, and a user called max would take the name of a column away.
"""

from __future__ import annotations

import html
import re
import socket
from collections.abc import Iterator

from xpubreak.breakdown import privateforms as forms
from xpubreak.breakdown.privatepaths import PERSONAL
from xpubreak.breakdown.privatetexts import HOST, PATH, SECRET, USER, PrivateTexts
from xpubreak.view import divided
from xpubreak.view.encoded import is_encoded, without_base64
from xpubreak.view.markup import attributes, pieces, runs, shown
from xpubreak.view.spelling import CONTROLS, spellings

_LEAST = 6
_LONGEST = 16_000
"""Of a line that is rewritten at once; longer ones would be cut."""
_PARTING = " \"',;>"
_PARTED = re.compile(f"[{_PARTING}]")
_TELLING = re.compile(r"(?=.{6})(?=.*[\d-])(?=.*[A-Za-z])")
_DIVIDER = re.compile(f"({CONTROLS.pattern})")
_LINK = re.compile(r"\A(\x1b\][^\x07\x1b]*?;[^\x07\x1b;]*?;)([^\x07\x1b]+)")
"""An order to a terminal that holds an address."""
_DRAWN = frozenset(("class", "d", "id", "points", "style", "transform", "type", "viewbox", "xmlns"))
"""Attributes that say how something looks: only what cannot be mistaken is looked for there."""
_LIKE_A_HOST = re.compile(
    r"\d[\w.-]{0,60}\]?:(?:22|80|443|[1-9]\d{3,4})(?!\d)|\d[\w.-]{0,60}\.(?:svc|local|internal|lan|corp|intra|home|gov|edu"
    r"|mil|com|org|ac)\b|(?:ip|ec2)-\d|[dh]gx-?[\da]|nid\d{5}|x\d{3,5}c\d"
    r"|(?:ADDR|HOST|HOSTS|LIST|NAME|SERVER|FQDN|_IP|master[-_]addr)['\"\]\s]{0,4}[=:]| [NR]CCL ",
    re.IGNORECASE,
)
"""What a program without any of these holds, names no machine for sure; to look closer takes time."""
_AROUND = 160
_WRITTEN = re.compile(r"\b(?:host|user)-\d+\b")
"""What we write for names."""
_RAW = re.compile(r"\A(<!--|<!\[CDATA\[)(.*?)(--!?>|\]\]>|)\Z", re.IGNORECASE | re.DOTALL)
"""A comment, or text that has no entities: begin, text, end."""
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
        self._spelled: dict[str, bool] = {}
        """Libraries are megabytes, and in a notebook more than once."""

    def meet(self, text: str) -> None:
        """Remember which hosts a text names, for all of the notebook."""
        self._spelled.clear()
        for piece in _pieces_of_lines(CONTROLS.sub("", text)):
            for private in (self._private, self._judge):
                private.meet(piece)

    def text(self, text: str) -> str:
        """Rewrite line by line; what is not private stays to the letter."""
        lines = self._private.without_keys(text).splitlines(keepends=True)
        return "".join(map(self._line, lines))

    def html(self, text: str) -> str:
        """Rewrite texts and comments; tags, scripts and styles stay."""
        parts = list(pieces(text))
        for run in runs(parts):
            plain = [html.unescape(parts[at]) for at in run]
            for at, before, after in zip(run, plain, divided.rewritten(plain, self.text, self._judged), strict=True):
                if after != before:
                    parts[at] = html.escape(after, quote=False)
        parts[1::2] = [_RAW.sub(lambda raw: raw[1] + self.text(raw[2]) + raw[3], tag) for tag in parts[1::2]]
        return "".join(parts)

    def names_something(self, text: str) -> bool:
        """Whether a text, without its colours, would be rewritten."""
        lines = CONTROLS.sub("", text).splitlines()
        return any(self._judged(line) != line for line in lines if line.strip())

    def markup_names_something(self, markup: str) -> bool:
        """Whether attributes, styles or scripts of HTML, which are not rewritten, name something."""
        tags = [tag for tag in list(pieces(markup))[1::2] if not _HELD.match(tag)]
        if self.code_names_something("\n".join(tags)):
            return True
        for name, value in (
            pair for tag in tags if tag[1:2].isalpha() and not _is_code(tag) for pair in attributes(tag)
        ):
            if name in _DRAWN or name.startswith("xmlns:") or is_encoded(value):
                continue
            if name == "srcdoc":
                if self.markup_names_something(value) or self.names_something(shown(value)):
                    return True
            elif self.names_something(value):
                return True
        return False

    def spells_something(self, text: str) -> bool:
        """Whether a text that was rewritten holds what cannot be mistaken all the same, in some spelling."""
        known = self._spelled.get(text)
        if known is None:
            known = self._spelled[text] = any(map(self._is_surely_private, (text, *spellings(text))))
        return known

    def code_names_something(self, code: str) -> bool:
        """Whether a program holds a home folder, a secret or a host, or what was left out elsewhere.

        Other forms of paths and addresses are too much like programs: ``a /b/ c``.
        """
        found = self._private.found
        known = [text for kind in (PATH, HOST, USER, SECRET) for text in found[kind] if len(text) >= _LEAST]
        return self.spells_something(code) or any(text in code for text in known)

    def __str__(self) -> str:
        counts = [(len(found), kind) for kind, found in self._private.found.items() if found]
        return ", ".join(
            f"{count} {kind}{'s' if count > 1 and not kind.endswith('s') else ''}" for count, kind in counts
        )

    def _is_surely_private(self, text: str) -> bool:
        bare = _WRITTEN.sub("", without_base64(text))
        words = self._judge.known_words()
        if PERSONAL.search(bare) or forms.SECRET.search(bare) or (words and words.search(bare)):
            return True
        aside = PrivateTexts()
        for match in _LIKE_A_HOST.finditer(bare):
            aside.meet(bare[max(0, match.start() - _AROUND) : match.end() + _AROUND])
        return aside.known_words() is not None

    def _line(self, line: str) -> str:
        parts = _DIVIDER.split(line)
        if len(parts) > 1:
            parts[::2] = divided.rewritten(parts[::2], self._whole_line, self._judged)
            parts[1::2] = [_LINK.sub(lambda link: link[1] + self._whole_line(link[2]), order) for order in parts[1::2]]
            return "".join(parts)
        return self._whole_line(line)

    def _whole_line(self, line: str) -> str:
        return _rewritten(line, self._private)

    def _judged(self, text: str) -> str:
        return "".join(_rewritten(line, self._judge) for line in text.splitlines(keepends=True))


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
        parts = list(pieces(text))
        for run in runs(parts):
            plain = [html.unescape(parts[at]) for at in run]
            for said in dict.fromkeys((*plain, "".join(plain))):
                self.text(said)
        return text


def _is_code(tag: str) -> bool:
    return tag[:7].lower() == "<script" or tag[:6].lower() == "<style"


def _rewritten(line: str, private: PrivateTexts) -> str:
    bare = line.rstrip("\r\n")
    if not bare.strip():
        return line
    said = [bare] if forms.COMMAND.match(bare) else _pieces_of(bare)
    return "".join(map(private.text, said)) + line[len(bare) :]


def _pieces_of_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from _pieces_of(line)


def _pieces_of(line: str) -> Iterator[str]:
    """Divide a line that is too long behind a blank, or what else ends a name."""
    at = 0
    while len(line) - at > _LONGEST:
        end = max(line.rfind(sign, at, at + _LONGEST) for sign in _PARTING) + 1
        if not end:
            later = _PARTED.search(line, at + _LONGEST)
            end = later.end() if later else len(line)
        yield line[at:end]
        at = end
    if at < len(line):
        yield line[at:]
