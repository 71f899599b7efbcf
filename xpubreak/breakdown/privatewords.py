"""Private words: names that are known to be private, wherever they occur in a text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import Enum
from itertools import takewhile

from xpubreak.breakdown.privateforms import LISTED
from xpubreak.breakdown.privatenames import DOMAIN, has_number, is_host, is_of_a_program

_NOBODY = frozenset((
    "admin", "amd64", "aarch64", "app", "compute", "data", "default", "gemm", "home", "host", "intel", "jovyan",
    "kernel", "linear", "local", "localhost", "machine", "master", "models", "node", "none", "null", "nvidia", "pod",
    "public", "python", "python3", "ray", "root", "runner", "server", "shared", "system", "torch", "ubuntu", "user",
    "users", "vllm", "work", "worker", "workspace", "x86_64",
))  # fmt: skip
_TELLING = re.compile(r"^(?=.{6})(?=.*[\d.-])(?=.*[A-Za-z])")
_LEAST = 3
"""Shorter names occur within words of any kind; they are left out of where they are called a name, and nowhere else."""
_LONGEST = 1 << 14
"""Of a list: what is behind it goes where the list stands, and is not looked for elsewhere."""
_DEEPEST = 24
_MOST_RANGES = 64
"""Of more, any number of as many digits counts."""
_NODES = re.compile(r"(?P<stem>[A-Za-z][\w.-]{0,62}?)\[(?P<ranges>\d[\d,-]*)\]?(?P<rest>[\w.-]{0,62})")
_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_PORT = re.compile(r"([^:]+):\d{1,5}")


def is_telling(name: str) -> bool:
    """Whether a name has a number or a dash in it, as gpu-node7 has: it means nothing else wherever it occurs."""
    return bool(_TELLING.search(name))


def pattern_of(hosts: Collection[str], users: Collection[str], met: Collection[str]) -> re.Pattern[str] | None:
    """Find these as words of their own: not part of an identifier, such as ``aten::linear``.

    Parameters
    ----------
    hosts, users
        Names that are called so, or lists of nodes (``gpu[01-03]``); telling ones are found within words, too.
    met
        Names of hosts that only look like it; they are found as whole words.
    """
    found: dict[_Form, set[str]] = {}
    for name in {*hosts, *users, *met}:
        form = _form_of(name, hosts, users)
        if form:
            found.setdefault(form, set()).add(name)
    wanted = [form.around(found[form]) for form in _Form if form in found]
    return re.compile("|".join(wanted)) if wanted else None


class _Form(Enum):
    """What stands before and behind a name; those of the first are looked for first."""

    # A number goes on to its end: what is behind it would be taken for that of another host.
    TELLING_HOST = "", rf"(?:(?<=\d)\d+)?{DOMAIN}"
    TELLING_USER = "", ""
    HOST = r"(?<!\w)(?<!::)", rf"{DOMAIN}(?![A-Za-z0-9]|::)"
    USER = r"(?<!\w)(?<!::)", r"(?![A-Za-z0-9]|::)"
    # What only looks like a host is none where it is part of a name in a program, a path, or a shape.
    MET = r"(?<![\w.</*-])(?<!::)", r"(?![\w</*-]|::|\.(?!(?:log|out|err)\b)\w)"

    def around(self, names: Collection[str]) -> str:
        """Return a pattern of all names that are looked for in this way."""
        flag = "i" if self.name.startswith("TELLING") else ""
        either = "|".join([*filter(None, map(_nodes_in, sorted(names))), _either(sorted(names))])
        return f"{self.value[0]}(?{flag}:{either}){self.value[1]}"


def _form_of(name: str, hosts: Collection[str], users: Collection[str]) -> _Form | None:
    sample = sample_of(name)
    if len(sample) < _LEAST or sample.lower() in _NOBODY:
        return None
    if name not in hosts:
        form = _Form.TELLING_USER if is_telling(sample) else _Form.USER
        return form if name in users else _Form.MET
    if is_of_a_program(name) and not has_number(name):
        return None
    return _Form.TELLING_HOST if is_telling(sample) else _Form.HOST


def _either(words: list[str], depth: int = 0) -> str:
    """Return a pattern of words, the longest first, in which what begins alike is written once.

    Of a mere list of alternatives, each would be tried at each letter of each text.
    """
    if depth > _DEEPEST:
        return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    rests: dict[str, list[str]] = {}
    for word in filter(None, words):
        rests.setdefault(word[0], []).append(word[1:])
    parts = []
    for first, behind in rests.items():
        same = _beginning(behind)
        inner = [rest[len(same) :] for rest in behind]
        parts.append(re.escape(first + same) + (f"(?:{_either(inner, depth + 1)})" if len(inner) > 1 else ""))
    return "|".join([*parts, *([""] if "" in words else [])])


def _beginning(words: Collection[str]) -> str:
    """Return what all words begin with."""
    pairs = zip(min(words), max(words), strict=False)
    return "".join(letter for letter, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def each_of(names: str, *, is_list: bool) -> Iterator[str]:
    """Names in what is called a host: without port and domain; of a list, each one (``gpu[01-03]`` of Slurm is one).

    Parameters
    ----------
    names
        ``node7:29500``, ``gpu[01-03],login1``.
    is_list
        It is called a list; else a part has to look like a host, for ``cpu,gpu`` may be called a machine.
    """
    if len(names) > _LONGEST:
        names = names[: names.rfind(",", 0, _LONGEST) + 1]
    parts = [part.strip() for part in LISTED.findall(names)]
    for part in parts:
        has_port = _PORT.fullmatch(part)
        bare = has_port[1] if has_port else part
        if len(parts) > 1 and not is_list and not (is_host(bare) and (has_number(bare) or is_telling(bare))):
            continue
        yield bare
        if "[" not in bare and re.match(r"[A-Za-z]|\d+[A-Za-z]", bare):  # not the first number of an address
            yield bare.partition(".")[0]


def sample_of(name: str) -> str:
    """Return the first of a list of nodes; else the name itself."""
    found = _NODES.fullmatch(name)
    return f"{found['stem']}{_RANGE.match(found['ranges'])[1]}{found['rest']}" if found else name  # type: ignore[index]


def _nodes_in(name: str) -> str:
    """Return a pattern of what ``gpu[01-03,7]`` means: each node is not written, for there may be ten thousand."""
    found = _NODES.fullmatch(name)
    if not found:
        return ""
    ranges = [(first, last or first) for first, last in _RANGE.findall(found["ranges"])]
    if len(ranges) > _MOST_RANGES:
        numbers = rf"\d{{{min(len(first) for first, _ in ranges)},{max(len(last) for _, last in ranges)}}}"
    else:
        numbers = "|".join(_numbers(first, last) for first, last in ranges)
    return f"{re.escape(found['stem'])}(?:{numbers}){re.escape(found['rest'])}"


def _numbers(first: str, last: str) -> str:
    """Return a pattern of the numbers from one to another, as wide as the first or, without zeros before, wider."""
    size = len(first)
    if size < len(last):
        return f"{_numbers('1' + '0' * size, last)}|{_numbers(first, '9' * size)}"
    if size > len(last) or first > last:
        return re.escape(first)
    same = len(_beginning([first, last]))
    if same == size:
        return first
    head, low, high = first[:same], first[same:], last[same:]
    rest = size - same - 1
    if set(low) == {"0"} and set(high) == {"9"}:
        return rf"{head}\d{{{rest + 1}}}"
    parts = [
        low[0] + f"(?:{_numbers(low[1:], '9' * rest)})",
        *([f"[{int(low[0]) + 1}-{int(high[0]) - 1}]\\d{{{rest}}}"] if int(high[0]) - int(low[0]) > 1 else []),
        high[0] + f"(?:{_numbers('0' * rest, high[1:])})",
    ]
    return f"{head}(?:{'|'.join(parts)})"
