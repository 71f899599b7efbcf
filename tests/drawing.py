'''Draw a tiny trace as text: events become bars in lanes, so that a test reads like the picture of what it tests.

::

    draw("""
    host 1  | aten::linear---------------------------
            |   aten::mm---------------------
            |      !urEnqueueKernelLaunch#7
    queue 0 |                                   gemm_kernel#7=======
    """)

A line is ``lane | bars``. One column is one unit of time (1 µs), and column 0 is the second one behind the ``|``, so
that a blank may follow it. A lane is ``host THREAD`` (process 1), ``host PROCESS:THREAD``, ``queue NUMBER`` (device 0)
or ``queue DEVICE:NUMBER``; without a name it is that of the line above. Bars of one lane may stand on any number of
lines; only columns count.

A bar begins at its first character and ends behind its last:

=====================  ===========================================================================================
``name``               an operator; in a queue a kernel, or a copy or fill where the name begins with Memcpy, Memset
``!name``              a runtime call
``!!name``             a driver call
``[name]``             an annotation; in a queue the device's copy of it
``~name``              a python frame
``"a name"``           a name with blanks or any of the characters that mean something here
``name#7``             with correlation id 7
``name^5``             with External id 5
``name----``           longer than its name; in queues ``name====``
``name'``              an instant: no duration, whatever it is wide
``a = long name``      a line without ``|``: wherever a bar is called a, the event is called ``long name``
=====================  ===========================================================================================
'''

from __future__ import annotations

import re
from typing import Any

from xpubreak.trace.trace import Trace
from xpubreak.tree.nest import Nesting, nest

Event = dict[str, Any]

_SIGILS = {"": "cpu_op", "!": "{vendor}_runtime", "!!": "{vendor}_driver", "~": "python_function"}
_LANE = re.compile(r"(host|queue)\s+(?:(\d+):)?(\d+)\Z")
_ALIAS = re.compile(r"\s*(\S+) = (.+?)\s*\Z")


def draw(picture: str, *, unit_us: float = 1.0, vendor: str = "xpu") -> list[Event]:
    """Turn a picture into events, as `xpubreak.trace.kineto.from_dicts` takes them.

    Parameters
    ----------
    picture
        As described above; common indentation does not matter.
    unit_us
        Microseconds per column.
    vendor
        ``"xpu"`` or ``"cuda"``: whose runtime calls they are.

    Returns
    -------
    list of dict
        In the order of lines, then columns.

    Raises
    ------
    ValueError
        Something in the picture is no bar or no lane.
    """
    lines = [line for line in picture.splitlines() if line.strip()]
    bars = [line for line in lines if "|" in line]
    aliases = dict(_alias(line) for line in lines if "|" not in line)
    events: list[Event] = []
    lane: tuple[str, int, int] | None = None
    for line in bars:
        label, _, content = line.partition("|")
        if label.strip():
            lane = _lane(label.strip())
        if lane is None:
            raise ValueError(f"The first line names no lane: {line!r}")
        events += _events(content, lane, aliases, unit_us, vendor)
    return events


def format_tree(trace: Trace, nesting: Nesting | None = None) -> str:
    """Write the nesting of host spans as an indented list: ``- name (total, self)`` in µs, roots at the left.

    Parameters
    ----------
    trace
        Whose names to write.
    nesting
        Of some of its events; all host spans by default.

    Returns
    -------
    str
        One line a span; where several threads are involved, each begins with a line ``thread TID``.
    """
    nesting = nest(trace.events, trace.spans) if nesting is None else nesting
    tracks = trace.events.track[nesting.rows].tolist()
    lines: list[str] = []
    for i, row in enumerate(nesting.rows.tolist()):
        if len(set(tracks)) > 1 and (i == 0 or tracks[i] != tracks[i - 1]):
            lines.append(f"thread {trace.tracks[tracks[i]].tid}")
        times = f"{nesting.total_ns[i] / 1000:g}, {nesting.self_ns[i] / 1000:g}"
        lines.append(f"{'  ' * int(nesting.depth[i])}- {trace.name(row)} ({times})")
    return "\n".join(lines)


def _alias(line: str) -> tuple[str, str]:
    found = _ALIAS.match(line)
    if found is None:
        raise ValueError(f"Neither a lane nor 'short = name': {line!r}")
    return found[1], found[2]


def _lane(label: str) -> tuple[str, int, int]:
    found = _LANE.match(label)
    if found is None:
        raise ValueError(f"Not a lane: {label!r}")
    side, owner, number = found.groups()
    return side, int(owner or (1 if side == "host" else 0)), int(number)


def _events(
    content: str, lane: tuple[str, int, int], aliases: dict[str, str], unit_us: float, vendor: str
) -> list[Event]:
    side, pid, tid = lane
    fill = "-" if side == "host" else "="
    pattern = re.compile(
        rf"""(?P<sigil>!!|!|~|)
        (?: "(?P<quoted>[^"]*)" | \[(?P<scope>[^\]]*)\] | (?P<plain>[^\s"\[\]\#^'!~{fill}]+) )
        (?: \#(?P<correlation>\d+) )?
        (?: \^(?P<external>\d+) )?
        (?: (?P<instant>') | {fill}* )""",
        re.VERBOSE,
    )
    if content[:1].strip():
        raise ValueError(f"A blank belongs behind the bar of the lane: {content!r}")
    events: list[Event] = []
    at = 1
    while at < len(content):
        if content[at].isspace():
            at += 1
            continue
        found = pattern.match(content, at)
        if found is None:
            raise ValueError(f"No bar begins with {content[at:]!r}")
        short = next(part for part in (found["quoted"], found["scope"], found["plain"]) if part is not None)
        name = aliases.get(short, short)
        args = {"correlation": found["correlation"], "External id": found["external"]}
        width = 0 if found["instant"] else found.end() - at
        events.append(
            {
                "ph": "X",
                "cat": _category(side, found["sigil"], found["scope"] is not None, name, vendor),
                "name": name,
                "pid": pid,
                "tid": tid,
                "ts": round((at - 1) * unit_us, 3),
                "dur": round(width * unit_us, 3),
                "args": {key: int(value) for key, value in args.items() if value is not None},
            }
        )
        at = found.end()
    return events


def _category(side: str, sigil: str, is_scope: bool, name: str, vendor: str) -> str:
    if side == "host":
        return "user_annotation" if is_scope else _SIGILS[sigil].format(vendor=vendor)
    if sigil:
        raise ValueError(f"{sigil}{name} stands in a queue, but runs on the host")
    if is_scope:
        return "gpu_user_annotation"
    return {"Memcpy": "gpu_memcpy", "Memset": "gpu_memset"}.get(name[:6], "kernel")
