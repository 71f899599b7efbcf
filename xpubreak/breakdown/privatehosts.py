"""Private hosts: where names of machines stand in a text that calls them by no name.

To spoil a kernel's name is worse than to miss a machine's. So a bare ``NAME:NUMBER`` counts where the name is one that
machines are given and the number one that servers have, or where words before it say that something is reached there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from xpubreak.breakdown.privateforms import LISTED
from xpubreak.breakdown.privatenames import (
    DOMAIN,
    ONLY_HOSTS,
    is_host,
    is_machine,
    is_usual_port,
    may_be_port,
)

# Every repetition has a limit, and nothing begins within a word: no text takes more time than its length.
_LABEL = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_NAME = rf"(?=[\d.-]{{0,30}}[A-Za-z]){_LABEL}(?:\.{_LABEL}){{0,8}}"
_NUMBERED = rf"(?=[A-Za-z-]{{0,62}}\d)(?=[\d-]{{0,62}}[A-Za-z]){_LABEL}"
_BEGIN = r"(?<![\w.$%-])(?<!::)"
_END = r"(?![\w$(-]|::|\.[A-Za-z0-9])"
_OF_PROCESS = r"(?=_\d{1,8}\.)"  # HOST_PID.TIME.pt.trace.json, as torch calls its files
_PORT = r"(?P<port>[1-9]\d{1,4})(?![\w-]|[.:]\d|::)"

_OWN_NETWORK = r"local|internal|lan|corp|intranet|intra|localdomain|home\.arpa"
_INSTITUTION = r"gov|edu|mil|com|org|ac\.[a-z]{2}"
_TOLD_APART = r"(?=[A-Za-z]{0,62}[\d-])"
_ALONE = rf"{_BEGIN}(?P<name>(?:{ONLY_HOSTS}){DOMAIN})(?:{_END}|{_OF_PROCESS})"
_TRACED = rf"{_BEGIN}(?P<name>(?=[A-Za-z]{{0,62}}[\d-]){_NAME})(?=_\d{{1,8}}\.\d{{4,20}}\.pt\.trace)"
_INSIDE = rf"{_BEGIN}(?P<name>{_TOLD_APART}(?:{_LABEL}\.){{1,8}}(?:svc|{_OWN_NETWORK})){_END}"
_OUTSIDE = (
    rf"{_BEGIN}(?P<name>(?=[A-Za-z-]{{0,62}}\d)(?!(?:s3|www\d)[.-])(?:{_LABEL}\.){{2,8}}(?:{_INSTITUTION})){_END}"
)
_PORTED = rf"{_BEGIN}(?P<name>{_NUMBERED}(?:\.{_LABEL}){{0,8}})(?=:{_PORT})"
_NCCL = rf"(?:^|(?<=\s))(?P<name>{_NAME})(?=:\d{{1,8}}:\d{{1,8}} \[\d{{1,3}}\] [NR]CCL )"

_TO = r"\b(?:connect\w{0,3}|listen\w{0,3}|bind|bound|binding|rendezvous)\s{1,3}(?:to|on|at|with|from)\s{1,3}"
_CALLS = (
    r"\b(?:host_?name|host|server|master|master_addr(?:ess)?|peer|endpoint|addr(?:ess)?|remote|rdzv|rendezvous)['\"]?"
)
_REACHED = rf"(?i:{_TO}|{_CALLS}\s{{0,2}}[=:]\s{{0,2}})['\"(]?(?P<name>{_NAME})(?=:{_PORT})"
_AS_A_PAIR = rf"(?i:{_TO})\((?P<name>{_NAME})(?=, {_PORT}\))"
_BRACKETED = rf"(?i:{_TO}['\"(]?|\]:\d{{2,5}} on )\[(?P<name>{_NAME})(?=\]?:{_PORT})"  # as c10d writes it
_IN_BRACKETS = rf"(?<![\w)\]])\[(?P<name>{_NUMBERED}(?:\.{_LABEL}){{0,8}})(?=\]:{_PORT})"
_AFTER_BLANK = rf"(?i:{_CALLS})\s{{1,2}}['\"(\[]?(?P<name>{_NUMBERED}(?:\.{_LABEL}){{0,8}})(?=:{_PORT})"
_SPOKEN = (
    r"(?i:\bconnect(?:ed|ing|s)? (?:to|with)|\bon (?:host|machine|server)|\bhost_?name:?)\s{1,2}['\"(]?"
    rf"(?P<name>{_NUMBERED}{DOMAIN}){_END}"
)
_NODES = r"(?:\[[\d,-]{1,200}\])?"
_OPTION = (
    r"(?<![\w-])--?(?:master[-_]addr(?:ess)?|host(?:[-_]?name)?|hosts|head[-_](?:node|address)|dist[-_]init[-_]addr"
    r"|node[-_]?list|rdzv[-_]endpoint|node[-_]ip(?:[-_]address)?|server[-_](?:name|addr(?:ess)?)|data[-_]parallel[-_]address)"
    rf"(?:=|\s{{1,2}}(?=['\"]?[A-Za-z]{{0,62}}[\d.\[-]))['\"]?"
    rf"(?P<name>(?![A-Z_]+\b){_NAME}{_NODES}(?:,{_NAME}{_NODES}){{0,63}})(?![\w/(]|://)"
)
_WEB = rf"(?<=://)(?P<name>{_NUMBERED}(?:\.{_LABEL}){{0,8}})(?=[:/]|\s|$)"
SUSPECT = re.compile(
    r":[1-9]\d|\.(?:svc|local|internal|lan|corp|intra|home\.arpa|gov|edu|mil|com|org|ac\.)|(?:ip|ec2)-\d|[dh]gx-?\d"
    r"|[dh]gx-[a-z]|x\d{3,5}c\d|nid\d{5}|-[b-z2-9]{5}(?![\w-])|connect|on (?:host|machine|server)|host_?name|--|://"
    r"| [NR]CCL |\.pt\.trace",
    re.IGNORECASE,
)
"""What a text without any of these holds, is no host by its form."""


@dataclass(frozen=True)
class _Form:
    """How a name stands in a text.

    Parameters
    ----------
    pattern
        Finds it, with its port where it needs one.
    is_sure
        Nothing but a machine stands there: it is worth looking for in other texts.
    needs_machine
        The name itself has to be one that machines are given.
    is_port
        Tells a port from a length or a line.
    """

    pattern: re.Pattern[str]
    is_sure: bool = True
    needs_machine: bool = False
    is_port: Callable[[str], bool] = may_be_port

    def holds(self, match: re.Match[str]) -> bool:
        """Whether what was found is a machine as far as its port and its name say."""
        port = match.groupdict().get("port")
        return (port is None or self.is_port(port)) and (not self.needs_machine or is_machine(match["name"]))


_FORMS = (
    *(_Form(re.compile(text)) for text in (_ALONE, _TRACED, _INSIDE, _OUTSIDE, _NCCL, _OPTION, _WEB)),
    _Form(re.compile(_PORTED), needs_machine=True, is_port=is_usual_port),
    _Form(re.compile(_IN_BRACKETS), needs_machine=True),
    _Form(re.compile(_BRACKETED)),
    _Form(re.compile(_AFTER_BLANK), is_sure=False, needs_machine=True),
    _Form(re.compile(_REACHED), is_sure=False),
    _Form(re.compile(_AS_A_PAIR), is_sure=False),
    _Form(re.compile(_SPOKEN), is_sure=False),
)
_REACHED_BY_NAME = re.compile(rf"{_BEGIN}(?P<name>{_NAME})(?=\]?:{_PORT})")
_NUMBERED_BY_DASH = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}-\d{2,6}")


def rewritten(text: str, write: Callable[[str], str], known: Collection[str] = ()) -> str:
    """Write something else for each host; names that are known are hosts where a usual port is behind them."""
    parts, end = [], 0
    for begin, stop, _ in _places(text, known):
        parts += [text[end:begin], write(text[begin:stop])]
        end = stop
    return "".join([*parts, text[end:]]) if parts else text


def names_in(text: str) -> Iterator[str]:
    """Names of what surely is a host; without a domain, too, if that is as well known."""
    for begin, stop, is_sure in _places(text):
        name = text[begin:stop]
        first, dot, _ = name.partition(".")
        if is_sure:
            yield name
        if is_sure and dot and (is_machine(first) or _NUMBERED_BY_DASH.fullmatch(first)):
            yield first


def _places(text: str, known: Collection[str] = ()) -> Iterator[tuple[int, int, bool]]:
    """Begin and end of each host, in order, none within another; and whether it is surely one."""
    if not SUSPECT.search(text):
        return
    found: dict[tuple[int, int], bool] = {}
    for form in _FORMS:
        for match in form.pattern.finditer(text):
            for part in LISTED.finditer(text, *match.span("name")) if form.holds(match) else ():
                found[part.span()] = form.is_sure or found.get(part.span(), False)
    for match in _REACHED_BY_NAME.finditer(text) if known else ():
        if match["name"] in known and is_usual_port(match["port"]):
            found.setdefault(match.span("name"), False)
    end = 0
    for begin, stop in sorted(found, key=lambda span: (span[0], -span[1])):
        if begin >= end and is_host(text[begin:stop]):
            yield begin, stop, found[begin, stop]
            end = stop
