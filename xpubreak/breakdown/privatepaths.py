"""Private paths: how a path looks in a text, where it ends, and what looks like one and is none."""

from __future__ import annotations

import re

INSTALLED = re.compile(r"(?:site|dist)-packages[\\/]")
STANDARD_LIBRARY = re.compile(r"(?:(?<=[\\/]lib[\\/])|(?<=[\\/]lib64[\\/]))python3(?:\.\d+)?t?[\\/]")
CACHED_MODEL = re.compile(r"models--[^\\/]+")
_LETTER = r"[^\s\\/'\"<>|:;,(){}\[\]=]"
_PART = rf"{_LETTER}+"
_MORE = rf"(?:[ ](?!-[A-Z]/){_PART})*"  # an option begins anew
_PARTS = rf"{_PART}{_MORE}"  # blanks are within a name only where a separator follows
_INSIDE = r"[^()\[\]{}<>\\/'\"\n]{0,80}"
_GROUP = rf"(?:\({_INSIDE}\)|\[{_INSIDE}\]|\{{{_INSIDE}\}})"
# Other signs, too, and only where the same folder goes on behind them and ends with a separator.
_FOLDER = (
    rf"(?:{_PARTS}|(?:{_PARTS}(?<!\$)[ ]?)?{_GROUP}(?:[ ]?{_GROUP})*(?:{_PART}|[ ]\d{{1,3}})?"  # Project (copy) 2
    rf"|{_PART}(?:(?<=\w)\\{{0,3}}'(?=\w){_PART})+{_MORE}"  # bob's files, or bob\'s where it is quoted
    rf"|(?:{_PART}(?!{_LETTER})|{_GROUP}|(?<=[\w)\]}}.-])[=,;:|](?={_LETTER}|[(\[{{]))+"  # lr=0.1,seed=7
    rf"|<{_INSIDE}>)"
)
# What a form begins with is asked first, which halves the time.
# No repetition of folders is followed by anything that has to be there: what is tried once, is not tried again.
_BELOW = rf"(?:{_FOLDER}/+)*(?:{_PART})?"
_BELOW_ANY = rf"(?:{_FOLDER}[\\/]+)*(?:{_PART})?"  # of Windows; doubled, where a path is quoted
_OPTION = r"(?<=(?<![\w-])-[A-Z])"  # -I/opt/include of compilers; -I/4/a is of an equation
ABSOLUTE = re.compile(
    rf"""(?=[/~fiu])(?:(?<![\w.\-/\\~…)\]])|{_OPTION}(?=~|[/f][A-Za-z_]))(?:(?:file|ipc|unix)://(?:localhost)?)?(?:/{_PARTS}/+{_BELOW}|~[\w.\-]*/(?:{_PARTS}/+{_BELOW}|(?:{_PART})?))
    |(?=[A-Za-z\\][:\\])(?:(?<!\\)\\{{2,}}[?.]\\+)?(?:(?<![A-Za-z0-9%])|{_OPTION})[A-Za-z]:[\\/]+{_BELOW_ANY}
    |(?=\\)(?<!\\)(?:\\{{2}}{_PART}\\|\\{{4}}{_PART}\\{{2}}|\\{{8}}{_PART}\\{{4}})(?!\\){_BELOW_ANY}
    |(?=//)(?<![\w:.\-/\\…)\]*])//[A-Za-z][\w.-]*/(?={_LETTER}){_BELOW}
    |(?=\.)(?<![\w./\\(])(?:\.\./)+(?:[\w@+-][\w.@+-]*/)+[\w.@+-]+
    |(?=[sgaho])(?:\b|{_OPTION})(?:s3|gs|gcs|abfss?|az|hdfs|oss)://[^\s'"<>]+
    |(?:[\\/]|(?<![A-Za-z]))(?:home|Users)[\\/]+(?={_LETTER}){_BELOW_ANY}""",
    re.VERBOSE,
)
TOP = re.compile(
    r"(?:(?<![\w.\-/\\~…)\]}<%|*])|(?<=(?<![\w-])-[IL]))(?:file://(?:localhost)?)?/(?P<name>[A-Za-z_][\w.+@-]+[\w+@-])"
    r"(?![\w+@/\\|<>*^$?-]|\.\w)"
)
"""A path of one component: a folder or file at the root of a machine."""
_DIVIDED = re.compile(r"(?:\d ?(?:[µnm]?s|[kKMGT]?i?B|[kMGT]?FLOPs?|tokens?|%)?(?:/s)?|[)\]])\s+$")
"""Before a slash that divides: ``12 ms /step``."""
_REQUESTED = re.compile(r"\b(?:GET|POST|PUT|DELETE|HEAD|PATCH|OPTIONS) $")
_TOP_OF_ALL = frozenset((
    "app", "bin", "boot", "content", "data", "dev", "docs", "etc", "generate", "health", "home", "lib", "lib32",
    "lib64", "metrics", "mnt", "media", "model", "models", "openapi.json", "opt", "ping", "proc", "root", "run",
    "sbin", "srv", "sys", "tmp", "usr", "var", "version", "work", "workspace",
    "batch", "call", "device", "gpu", "iteration", "kernel", "layer", "rank", "request", "second", "sec", "step",
    "token", "tokens",
))  # fmt: skip
"""At the root of many machines, asked of many servers, or divided by: they name nobody."""
SUFFIX = re.compile(r"\.[A-Za-z]\w{0,11}$")
HOME = re.compile(r"(?:^|[\\/])(?:home|Users|users)[\\/]+(?P<user>[^\\/\s:;,'\"]+(?: [^\\/\s:;,'\"]+)*?)(?=[\\/]|$)")
PERSONAL = re.compile(r"(?:[\\/]|\b[A-Za-z]:[\\/]+)(?:home|Users|users)[\\/]+[\w.-]|torchinductor_\w")
"""A folder of a person, in whatever stands around it."""
INDUCTOR = re.compile(r"torchinductor_(?P<user>[\w.-]+)")
_PLACE = re.compile(r"\(\d+\): ")


def frame_in(text: str) -> tuple[str, str]:
    """Split a Python frame, ``/a/x.py(12): f``, into its file and its place; without a file where it is none."""
    at = -1
    for match in _PLACE.finditer(text):
        at = match.start()
    file = text[: max(at, 0)]
    return (file, text[at:]) if "/" in file or "\\" in file else ("", text)


def is_shared_folder(name: str) -> bool:
    """Whether a folder of this name is at the root of many machines."""
    return name in _TOP_OF_ALL


def is_top(match: re.Match[str]) -> bool:
    """Whether what looks like a path of one component (`TOP`) is one that tells something."""
    name = match["name"]
    before = match.string[max(0, match.start() - 24) : match.start()]
    return not (
        name in _TOP_OF_ALL or len(name) <= 2 or re.fullmatch(r"v\d+", name) or _DIVIDED.search(before)
        or _REQUESTED.search(before)
    )  # fmt: skip


def is_absolute(path: str) -> bool:
    """Whether the file of a frame is named from a root on."""
    return bool(re.match(r"\s*(?:[\\/~]|[A-Za-z]:[\\/]|file:|(?:home|Users)[\\/])", path))
