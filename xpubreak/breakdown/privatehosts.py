"""Private hosts: how names of machines look in a text that calls them by no name, and what looks like them and is none.

To spoil a kernel's name is worse than to miss a machine's. So a bare ``NAME:NUMBER`` counts where the name is one that
machines are given and the number one that ports have, or where a word before it says that something is reached there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from xpubreak.breakdown.privateforms import is_public_site

_ENDINGS = (
    r"log|json|txt|py|pyx|pyi|gz|pt|trace|csv|out|err|xpb|html|part|prof|yaml|yml|toml|c|cc|cpp|cxx|cu|cuh|h|hpp|rs|go"
    r"|js|ts|md|ipynb|sh|so|cfg|ini|bin"
)
DOMAIN = rf"(?:\.(?!(?:{_ENDINGS})\b)[A-Za-z][A-Za-z0-9-]*(?![\w(]))*"
"""What follows the name of a host, where that is not a file named after it."""
_FILE = re.compile(rf"\.(?:{_ENDINGS})$", re.IGNORECASE)

# Every repetition has a limit, and nothing begins within a word: no text takes more time than its length.
_LABEL = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_NAME = rf"(?=[\d.-]{{0,30}}[A-Za-z]){_LABEL}(?:\.{_LABEL}){{0,8}}"
_NUMBERED = rf"(?=[A-Za-z-]{{0,62}}\d)(?=[\d-]{{0,62}}[A-Za-z]){_LABEL}"
_BEGIN = r"(?<![\w.$%-])(?<!::)"
_END = r"(?![\w$(-]|::|\.[A-Za-z0-9])"
_ANY_PORT = r"(?=:[1-9]\d{1,4}(?![\w-]|[.:]\d|::))"
_HIGH_PORT = r"(?=:[1-9]\d{3,4}(?![\w-]|[.:]\d|::))"

_HASH = r"(?=[a-z]{0,9}\d)[bcdf-hj-np-tv-xz2456789]"  # as Kubernetes writes them: no vowels, so no words
_ONLY_HOSTS = (
    r"(?:ip|ec2)-\d{1,3}(?:-\d{1,3}){3}"  # AWS
    r"|x\d{3,5}c\d{1,2}s\d{1,3}b\d{1,2}n\d{1,2}|nid\d{5,6}"  # Cray, Aurora among them
    r"|[dh]gx-[a-z]{1,2}\d{2,4}-\d{1,4}|[dh]gx-?0\d{1,3}"
    rf"|[a-z][a-z0-9-]{{0,60}}-{_HASH}{{8,10}}-{_HASH}{{5}}"
)
_OWN_NETWORK = r"local|internal|lan|corp|intranet|intra|localdomain|home\.arpa"
_INSTITUTION = r"gov|edu|mil|com|org|ac\.[a-z]{2}"
_TOLD_APART = r"(?=[A-Za-z]{0,62}[\d-])"
_ALONE = rf"{_BEGIN}(?P<name>(?:{_ONLY_HOSTS}){DOMAIN}){_END}"
_INSIDE = rf"{_BEGIN}(?P<name>{_TOLD_APART}(?:{_LABEL}\.){{1,8}}(?:svc|{_OWN_NETWORK})){_END}"
_OUTSIDE = (
    rf"{_BEGIN}(?P<name>(?=[A-Za-z-]{{0,62}}\d)(?!(?:s3|www\d)[.-])(?:{_LABEL}\.){{2,8}}(?:{_INSTITUTION})){_END}"
)

_MACHINE = r"(?:gpu|cpu|xpu|compute|head|worker)?nodes?|hosts?|srv|server|[dh]gx|compute|login|nid|rack|blade|vm"
_IN_NAMES = rf"{_MACHINE}|gpu|xpu|worker|head|master|ray|pod"
_PART = r"[A-Za-z0-9]{1,20}"
_PLAIN = rf"(?:{_MACHINE})-?\d{{1,5}}"
_DASHED = rf"(?=[A-Za-z-]{{0,62}}\d)(?:{_PART}-){{0,6}}(?:{_IN_NAMES})\d{{0,5}}(?:-{_PART}){{0,6}}"
_PORTED = rf"{_BEGIN}(?P<name>(?i:{_PLAIN}|{_DASHED})(?:\.{_LABEL}){{0,8}}){_HIGH_PORT}"
_OF_A_POOL = re.compile(r"(?:gpu|xpu|worker|head|master|ray|pod)-?\d*", re.IGNORECASE)
"""Cards and workers are numbered, too: with no more than this before a number, they are no machine."""
_FIRST = re.compile(rf"(?i:{_PLAIN}|{_DASHED})|{_ONLY_HOSTS}|[A-Za-z][A-Za-z0-9-]{{0,40}}-\d{{2,6}}")
"""Without its domain as well known as with it; urllib3.readthedocs.io is not."""
_NCCL = rf"(?:^|(?<=\s))(?P<name>{_NAME})(?=:\d{{1,8}}:\d{{1,8}} \[\d{{1,3}}\] [NR]CCL )"
_TORCH = rf"(?<![\w)\]])\[(?P<name>(?=[A-Za-z]{{0,62}}[\d.-]){_NAME})\]{_HIGH_PORT}"

_TO = r"\b(?:connect\w{0,3}|listen\w{0,3}|bind|bound|binding|rendezvous)\s{1,3}(?:to|on|at|with|from)\s{1,3}"
_IS = (
    r"\b(?:host_?name|host|server|master|master_addr(?:ess)?|peer|endpoint|addr(?:ess)?|remote|rdzv|rendezvous)"
    r"['\"]?(?:\s{0,2}[=:]\s{0,2}|\s{1,2}(?=[A-Za-z]{0,62}[\d.-]))"  # host memory:4096 is none
)
_CALLED = rf"(?i:{_TO}|{_IS})['\"(\[]?(?P<name>{_NAME}){_ANY_PORT}"
_MET = (
    r"(?i:\bconnect(?:ed|ing|s)? (?:to|with)|\bon (?:host|machine|server)|\bhost_?name:?)\s{1,2}['\"(]?"
    rf"(?P<name>{_NUMBERED}{DOMAIN}){_END}"
)
_OPTION = (
    r"(?<![\w-])--?(?:master[-_]addr(?:ess)?|host(?:[-_]?name)?|head[-_](?:node|address)|dist[-_]init[-_]addr|node[-_]?list"
    r"|rdzv[-_]endpoint|node[-_]ip(?:[-_]address)?|server[-_](?:name|addr(?:ess)?)|data[-_]parallel[-_]address)"
    rf"(?:=|\s{{1,2}}(?=['\"]?[A-Za-z]{{0,62}}[\d.-]))['\"]?(?P<name>(?![A-Z_]+\b){_NAME})(?![\w/(]|://)"
)
_WEB = rf"(?<=://)(?P<name>{_NUMBERED}(?:\.{_LABEL}){{0,8}})(?=[:/]|\s|$)"
_FORMS = tuple(map(re.compile, (_ALONE, _INSIDE, _OUTSIDE, _PORTED, _NCCL, _TORCH, _CALLED, _MET, _OPTION, _WEB)))
_NO_HOST = re.compile(
    r"(?:cuda|xpu|cpu|gpu|hpu|npu|mps|hip|rocm|sm|rank|tp|pp|dp|ep|layers?|step|dim|expert|head|block|stage|thread|stream"
    r"|device|card|tile|queue|cores?|socket|numa|port|eth|ib|mlx|line|cell|epoch|batch|bf|fp|u?int|float|tf|[fisu])[-_]?\d*"
    r"|localhost|none|null|true|false|unknown|any|all|default|self|this|the|x86|(?:conv|pool|norm|relu)\d[a-z]?",
    re.IGNORECASE,
)
"""Parts of a machine and of a model, types, and what means no machine."""
_OURS = re.compile(r"(?:host|user)-\d+(?:\.\w+)?$")
SUSPECT = re.compile(
    r":[1-9]\d|\.(?:svc|local|internal|lan|corp|intra|home\.arpa|gov|edu|mil|com|org|ac\.)|(?:ip|ec2)-\d|[dh]gx-?\d|[dh]gx-[a-z]"
    r"|x\d{3,5}c\d|nid\d{5}|-[b-z2-9]{5}(?![\w-])|[Cc]onnect|[Oo]n (?:host|machine|server)|[Hh]ost_?name|--|://",
)
"""What a text without any of these holds, is no host by its form."""


def rewritten(text: str, write: Callable[[str], str]) -> str:
    """Write something else for each host."""
    parts, end = [], 0
    for begin, stop in _places(text):
        parts += [text[end:begin], write(text[begin:stop])]
        end = stop
    return "".join([*parts, text[end:]]) if parts else text


def names_in(text: str) -> Iterator[str]:
    """Names of hosts that mean nothing else where they are words of their own; without a domain, too."""
    for begin, stop in _places(text):
        name = text[begin:stop]
        first, dot, _ = name.partition(".")
        if has_number(name):
            yield name
        if dot and _FIRST.fullmatch(first):
            yield first


def has_number(name: str) -> bool:
    """Whether a name is one of many like it, as node7 is."""
    return len(name) > 3 and bool(re.search(r"\d", name)) and bool(re.search(r"[A-Za-z]{2}", name))


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Begin and end of each host, in order, none within another."""
    if not SUSPECT.search(text):
        return
    end = 0
    spans = {match.span("name") for form in _FORMS for match in form.finditer(text)}
    for begin, stop in sorted(spans, key=lambda span: (span[0], -span[1])):
        if begin >= end and is_host(text[begin:stop]):
            yield begin, stop
            end = stop


def is_host(name: str) -> bool:
    """Whether what stands where a host would, is one: not a file, a card, a type, nor what is written for a host."""
    return not (
        _FILE.search(name)
        or _NO_HOST.fullmatch(name)
        or _OF_A_POOL.fullmatch(name)
        or _OURS.match(name)
        or is_public_site(name)
    )
