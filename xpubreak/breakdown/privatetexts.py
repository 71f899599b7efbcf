"""Private texts: what in a name says who ran it, where, and with which arguments; and what to write instead.

Shortening is one-to-one: two paths never become one text, so that names stay apart and sums by name stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from xpubreak.breakdown import privateforms as forms
from xpubreak.breakdown import privatehosts
from xpubreak.breakdown import privatepaths as paths
from xpubreak.breakdown.privatenames import has_number, is_host, may_be_port
from xpubreak.breakdown.privatewords import each_of, is_telling, pattern_of, sample_of
from xpubreak.breakdown.visible import visible

PATH, HOST, USER, ARGUMENTS, SECRET = "path", "host name", "user name", "process arguments", "secret"
_NO_ARGUMENTS, _NO_SECRET = "(arguments left out)", "secret-left-out"
KINDS = (PATH, HOST, USER, ARGUMENTS, SECRET)

_NAMED = ("kernel", "span", "name", "op", "module")
_SEARCHED = "text"
"""Dimensions of a selection."""
_BREAK = re.compile(r"(\n|\x1b\[[0-9;]*m)")
"""Between lines, and between the colours of a traceback."""
_LONGEST = 1 << 14
"""Longer ones are cut where they may hold something private: to look through them takes time that grows faster."""
_PORT = re.compile(r":(\d{2,5})\b")
_MAX_EXAMPLE = 60
_MOST_ESCAPES = 3
"""A path within a URL within a URL is written %25252F."""
_LOCAL = frozenset(("localhost", "127.0.0.1", "0.0.0.0", "[::1]", "[::]"))  # noqa: S104 - looked for, not bound to


class PrivateTexts:
    """Rewrites texts, and remembers what it left out.

    Parameters
    ----------
    hosts, users
        Names that are known to be private; more are learnt from paths (`learn`).
    reached
        Words that programs may use as well, and that are hosts where a usual port is behind them.
    """

    def __init__(self, hosts: Iterable[str] = (), users: Iterable[str] = (), reached: Iterable[str] = ()) -> None:
        self.found: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
        self.unheard: set[str] = set()
        """Texts that are not worth a word where it is said what was left out."""
        self._hosts = {name for name in hosts if name}
        self._users = {name for name in users if name}
        self._met: set[str] = set()
        """Hosts that nothing calls so, as yet: they look like it."""
        self._reached = set(reached)
        self._written: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._words: re.Pattern[str] | None = None
        self._times: dict[str, int] = {}

    def __reduce__(self) -> tuple[type[PrivateTexts], tuple[()]]:
        """Names stay in this process: what is pickled may leave the machine."""
        return PrivateTexts, ()

    def learn(self, texts: Iterable[str]) -> None:
        """Look for names in paths, addresses and assignments, so that they are found elsewhere, too."""
        for whole in texts:
            text = whole[:_LONGEST]
            if "%" in text:
                text = unquote(text)
            self.meet(text)
            for match in forms.ASSIGNED.finditer(text) if "=" in text or ":" in text else ():
                if match["said"] or match["said_user"]:
                    continue  # what is said once may be a node of a graph
                for name in forms.LISTED.findall(forms.named_in(match)):
                    if is_telling(sample_of(name)) and _is_called(match, name):
                        (self._hosts if match["host"] else self._users).add(name)
            if "/" in text or "\\" in text:
                self._users.update(match["user"] for match in paths.HOME.finditer(text))
                self._users.update(match["user"] for match in paths.INDUCTOR.finditer(text))
        self._words = None

    def meet(self, text: str) -> None:
        """Look for names of hosts alone, so that they are found elsewhere as words of their own."""
        found = set(privatehosts.names_in(text))
        for match in forms.ASSIGNED.finditer(text) if "=" in text or ":" in text else ():
            name = forms.named_in(match) if match["host"] and not match["said"] else ""
            found.update(one for one in each_of(name, is_list=bool(match["list"])) if _is_called(match, one))
        self._met.update(name for name in found if has_number(sample_of(name)))
        self._reached |= found - self._met
        if "://" in text:
            self._reached.update(match["host"] for match in forms.WEB.finditer(text))
        self._words = None

    def keep(self, texts: Iterable[str]) -> None:
        """Write none of these for another text: they are there already."""
        for text in texts:
            self._taken.setdefault(text, text)

    def text(self, text: str) -> str:
        """Return a text without what is private; the same for the same text, another one for another."""
        known = self._written.get(text)
        if known is None:
            known = self._rewritten(text)
            if known != text:
                known = self._own(known, text)
            self._written[text] = known
        return known

    def value(self, dimension: str, value: Any) -> Any:
        """Rewrite a value of a selection, where its dimension has names of the trace."""
        if not isinstance(value, str) or dimension not in (*_NAMED, _SEARCHED):
            return value
        # The slashes around a pattern do not make it a path.
        is_pattern = dimension == _SEARCHED and len(value) > 2 and value.startswith("/") and value.endswith("/")
        return f"/{self.text(value[1:-1])}/" if is_pattern else self.text(value)

    def path(self, text: str) -> str:
        """Shorten a text that is nothing but the location of something."""
        return self._path(text) if "/" in text or "\\" in text else self.text(text)

    def host(self, name: str) -> str:
        """Return what stands for a host."""
        return self._numbered(HOST, name, "host")

    def arguments(self, text: str) -> str:
        """Return what stands for arguments of a process."""
        return self.found[ARGUMENTS].setdefault(text, _NO_ARGUMENTS)

    def secret(self, text: str) -> str:
        """Return what stands for a token or a password."""
        return _NO_SECRET if text == _NO_SECRET else self.found[SECRET].setdefault(text, _NO_SECRET)

    def without_keys(self, text: str) -> str:
        """Leave private keys out, which go over many lines."""
        return forms.PEM.sub(lambda match: self.secret(match[0]), text) if "-----BEGIN" in text else text

    def summary(self) -> tuple[dict[str, int], dict[str, str]]:
        """Number of distinct texts that were left out, by kind, and what is written for one of each."""
        found = {
            kind: [short for text, short in texts.items() if text not in self.unheard]
            for kind, texts in self.found.items()
        }
        counts = {kind: len(shorts) for kind, shorts in found.items() if shorts}
        return counts, {kind: _example(found[kind][0]) for kind in counts}

    def _rewritten(self, text: str) -> str:
        if len(text) > _LONGEST and (forms.SUSPECT.search(text) or privatehosts.SUSPECT.search(text)):
            rest = f"… ({len(text) - _LONGEST:,} characters left out)"
            return self._rewritten(text[:_LONGEST]) + rest
        text = self.without_keys(text)
        if not _BREAK.search(text):
            return self._line(text)
        return "".join(part if at % 2 else self._line(part) for at, part in enumerate(_BREAK.split(text)))

    def _line(self, text: str, *, is_plain: bool = False) -> str:
        words = self.known_words()
        is_suspect = forms.SUSPECT.search(text) or privatehosts.SUSPECT.search(text)
        if not is_suspect and not (words and words.search(text)):
            return text
        command = forms.COMMAND.match(text)
        if command and forms.OPTION.search(text, command.end("program")):
            self.arguments(text[command.end("program") :])
            program = re.split(r"[\\/]", command["program"])[-1]
            return f"{program} {_NO_ARGUMENTS}"
        text = forms.SECRET.sub(lambda match: self.secret(match[0]), text)
        for form in (forms.BEARER, forms.PASSWORD) if forms.KEYED.search(text) else ():
            text = form.sub(self._keyed, text)
        if "%" in text and not is_plain:
            text = forms.WORD.sub(lambda match: self._unescaped(match[0]), text)
        text = forms.ASSIGNED.sub(self._assigned, text)
        file, place = paths.frame_in(text)
        text = self._path(file) + self._pieces(place) if file and paths.is_absolute(file) else self._pieces(text)
        if words:
            text = words.sub(lambda match: self._word(match[0]), text)
        return text

    def _keyed(self, match: re.Match[str]) -> str:
        is_short = match["name"] is None
        return match["short" if is_short else "name"] + self.secret(match["shortly" if is_short else "value"])

    def _unescaped(self, word: str) -> str:
        """Write what is in a word with %2F for a slash; where nothing private is, the word stays."""
        plain = word
        for _ in range(_MOST_ESCAPES):
            if not forms.ESCAPED.search(plain):
                break
            plain = unquote(plain)
        if plain == word:
            return word
        written = self._line(plain, is_plain=True)
        return word if written == plain else written

    def _assigned(self, match: re.Match[str]) -> str:
        name = forms.named_in(match)
        number = _PORT.match(match.string, match.end()) if match["said"] else None
        if not name or (number and not may_be_port(number[1])):
            return match[0]
        rest = match["value"][len(name) :]
        write = self.host if match["host"] else self.user
        return match["name"] + match["sign"] + forms.LISTED.sub(lambda part: write(part[0]), name) + rest

    def _pieces(self, text: str) -> str:
        if "://" in text:
            text = forms.WEB.sub(self._web, text)
        if "/" in text or "\\" in text:
            text = paths.ABSOLUTE.sub(lambda match: self._path(match[0]), text)
            text = paths.TOP.sub(lambda match: self._path(match[0]) if paths.is_top(match) else match[0], text)
        if "@" in text:
            text = forms.MAIL.sub(lambda match: f"{self.user(match['user'])}@{self.host(match['host'])}", text)
        for address in forms.long_addresses(text) if ":" in text or "-" in text else ():
            text = text.replace(address, self.host(address))
        text = forms.FOUR_NUMBERS.sub(lambda match: self.host(match[0]) if forms.is_address(match) else match[0], text)
        return privatehosts.rewritten(text, self.host, self._reached)

    def _web(self, match: re.Match[str]) -> str:
        host = match["host"]
        is_told = host.lower() in _LOCAL or forms.is_public_site(host)
        user, has_password, password = (match["login"] or "").rstrip("@").partition(":")
        if user and not re.fullmatch(r"git|user-\d+", user):
            self.user(user)
        if has_password and password:
            self.secret(password)
        return f"{match['scheme']}://{host if is_told else self.host(host)}"

    def _path(self, path: str) -> str:
        known = self.found[PATH].get(path)
        if known is not None:
            return known
        kept = paths.INSTALLED.search(path) or paths.STANDARD_LIBRARY.search(path)
        if kept and ".." not in path:
            # The tail of an installed file says which library it is of, and nothing of where it is installed.
            tail = re.sub(r"[\\/]+", "/", path[kept.start() :])
            number = self._count(tail)
            short = tail if number == 1 else tail.replace("/", f"({number})/", 1)
        else:
            model = paths.CACHED_MODEL.search(path)
            name = model[0] if model else re.split(r"[\\/]", path.rstrip("\\/"))[-1]
            is_home = paths.HOME.search(path.rstrip("\\/"))
            name = "" if name.endswith(":") or name.startswith("~") or (is_home and is_home["user"] == name) else name
            slash = "/" if path.endswith(("/", "\\")) and name else ""
            is_folder = bool(paths.TOP.fullmatch(path.rstrip("\\/"))) and not paths.SUFFIX.search(name)
            if is_folder and not paths.is_shared_folder(name):
                name = "folder"  # all of the path is in its name
            words = self.known_words()
            clean = words.sub(lambda match: self._word(match[0]), name) if words else name
            tail = f"/{clean}{slash}"
            number = self._count(tail)
            short = f"…{tail}" if number == 1 else f"…({number}){tail}"
        if short != path:
            self.found[PATH][path] = short
        return short

    def _count(self, tail: str) -> int:
        """How many paths end like this, with this one."""
        self._times[tail] = self._times.get(tail, 0) + 1
        return self._times[tail]

    def _own(self, text: str, original: str) -> str:
        """Keep texts apart that were different."""
        form, number = text, 1
        while self._taken.setdefault(form, original) != original:
            number += 1
            form = f"{text} ({number})"
        return form

    def user(self, name: str) -> str:
        """Return what stands for a user."""
        return self._numbered(USER, name, "user")

    def _word(self, name: str) -> str:
        return self.user(name) if name in self._users and name not in self._hosts else self.host(name)

    def _numbered(self, kind: str, name: str, word: str) -> str:
        if re.fullmatch(rf"{word}-\d+", name):
            return name  # written by us
        return self.found[kind].setdefault(name, f"{word}-{len(self.found[kind]) + 1}")

    def known_words(self) -> re.Pattern[str] | None:
        """Return what finds the names that are known so far; none where no name is."""
        if self._words is None:
            self._words = pattern_of(self._hosts, self._users, self._met)
        return self._words


def _example(text: str) -> str:
    text = visible(text).strip("()")
    return text if len(text) <= _MAX_EXAMPLE else f"{text[: _MAX_EXAMPLE - 1]}…"


def _is_called(match: re.Match[str], name: str) -> bool:
    """Whether an assignment names somebody for sure: ``node_name = conv2d`` is of a program, HOSTNAME of a machine."""
    return match["name"].isupper() or is_host(name)
