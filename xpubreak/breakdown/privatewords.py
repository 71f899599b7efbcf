"""Private words: names that are known to be private, wherever they occur in a text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from xpubreak.breakdown.privatehosts import DOMAIN, has_number

_NOBODY = frozenset((
    "admin", "app", "data", "default", "gemm", "home", "host", "intel", "jovyan", "kernel", "linear", "local",
    "localhost", "models", "none", "null", "nvidia", "public", "python", "python3", "root", "runner", "shared",
    "system", "torch", "ubuntu", "user", "users", "vllm", "work", "workspace",
))  # fmt: skip
_TELLING = re.compile(r"^(?=.{6})(?=.*[\d.-])(?=.*[A-Za-z])")
_LEAST = 3
"""Shorter names occur within words of any kind; they are left out of where they are called a name, and nowhere else."""
_NODES = re.compile(r"([A-Za-z][\w.-]{0,62}?)\[([\d,-]{1,200})\]?")
_MOST_NODES = 512
_BETWEEN = re.compile(r",(?![^\[\]]*\])")
_PORT = re.compile(r"([^:]+):\d{1,5}")


def is_telling(name: str) -> bool:
    """Whether a name has a number or a dash in it, as gpu-node7 has: it means nothing else wherever it occurs."""
    return bool(_TELLING.search(name))


def pattern_of(hosts: Collection[str], users: Collection[str], met: Collection[str]) -> re.Pattern[str] | None:
    """Find these as words of their own: not part of an identifier, such as ``aten::linear``.

    Parameters
    ----------
    hosts, users
        Names that are called so; telling ones are found within words, too.
    met
        Names of hosts that only look like it; they are found as whole words.
    """
    names = {*hosts, *users, *met}
    known = {name for name in names if len(name) >= _LEAST and name.lower() not in _NOBODY}
    wanted = [_form_of(name, hosts, users) for name in sorted(known, key=lambda name: (-len(name), name))]
    return re.compile("|".join(wanted)) if wanted else None


def _form_of(name: str, hosts: Collection[str], users: Collection[str]) -> str:
    is_called = name in hosts or name in users
    domain = "" if name in users and name not in hosts else DOMAIN
    if is_called and is_telling(name):
        # A number goes on to its end: what is behind it would be taken for that of another host.
        number = r"\d*" if domain and name[-1].isdigit() else ""
        return f"(?i:{re.escape(name)}){number}{domain}"
    if domain and has_number(name):
        return rf"(?<!\w)(?<!::){re.escape(name)}{domain}(?![A-Za-z0-9]|::)"
    return rf"(?<![\w:]){re.escape(name)}{domain}(?![A-Za-z0-9:])"


def each_of(names: str) -> Iterator[str]:
    """Names in what is called a host: without port and domain, of a list, of nodes as Slurm has it (``gpu[01-03]``)."""
    for name in _BETWEEN.split(names):
        has_port = _PORT.fullmatch(name.strip())
        bare = has_port[1] if has_port else name.strip()
        yield bare
        if re.match(r"[A-Za-z]|\d+[A-Za-z]", bare):  # not the first number of an address
            yield bare.partition(".")[0]
        yield from _nodes_of(bare)


def _nodes_of(names: str) -> Iterator[str]:
    found = _NODES.match(names)
    for part in found[2].split(",") if found else ():
        first, _, last = part.partition("-")
        last = last or first
        if found and first.isdigit() and last.isdigit():
            stop = min(int(last), int(first) + _MOST_NODES)
            yield from (f"{found[1]}{number:0{len(first)}d}" for number in range(int(first), stop + 1))
