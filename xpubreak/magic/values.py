"""What the options of the magics take: each checked before the cell runs, since a run must not be lost to a typo."""

from __future__ import annotations

import argparse
import keyword
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

_MAX_COUNT = 1 << 20


def variable(name: str) -> str:
    """A name to assign to."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise argparse.ArgumentTypeError(f"{name!r} is no name for a variable")
    return name


def dotted_name(text: str) -> str:
    """A variable, or attributes of one: ``runner.llm``."""
    for part in text.split("."):
        variable(part)
    return text


def trace_file(text: str) -> Path:
    """A file to keep a trace in."""
    path = Path(text).expanduser()
    if not path.name.endswith((".json", ".json.gz")):
        raise argparse.ArgumentTypeError(f"{text!r} ends neither in .json nor in .json.gz")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written")
    return path


def folder(text: str) -> Path:
    """A folder that is there."""
    path = Path(text).expanduser()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return path


def url(text: str) -> str:
    """Where a server listens."""
    try:
        parts = urlsplit(text)
        _ = parts.port
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # a port that is none, half a bracket
        is_one = False
    if not is_one or re.search(r"\s", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no URL such as http://localhost:8000")
    return text


def count(text: str) -> int:
    """How often, 0 included."""
    if not re.fullmatch(r"\d+", text) or int(text) > _MAX_COUNT:
        raise argparse.ArgumentTypeError(f"{text!r} is no count")
    return int(text)


def positive_count(text: str) -> int:
    """How often, at least once."""
    found = count(text)
    if not found:
        raise argparse.ArgumentTypeError("at least 1")
    return found


def step_range(text: str) -> tuple[int, int]:
    """``A:B``, steps A to B-1, from 0 as Python's ranges; A may be left out."""
    found = re.fullmatch(r"(\d*):(\d+)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of steps such as 4:12")
    first, end = count(found[1] or "0"), count(found[2])
    if first >= end:
        raise argparse.ArgumentTypeError(f"{text!r} is empty: steps count from 0, and the last one is left out")
    return first, end
