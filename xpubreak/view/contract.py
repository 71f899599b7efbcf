"""What goes to the browser: one JSON header and one binary of little-endian columns, each aligned to 8 bytes.

Mirrored by ``js/src/data/contract.ts``; ``tests/view/test_contract.py`` keeps the two in step. Whoever changes a column
raises `VERSION`: pages and kernels of two installations can meet in one browser tab.
"""

from __future__ import annotations

FORMAT = "xpubreak"
VERSION = 3

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("nodes", "parent", "i32"),
    ("nodes", "name", "i32"),
    ("nodes", "kind", "u8"),
    ("facts", "node", "i32"),
    ("facts", "name", "i32"),
    ("facts", "role", "u8"),
    ("facts", "category", "u8"),
    ("facts", "confidence", "u8"),
    ("facts", "evidence", "i32"),
    ("facts", "layer", "i32"),
    ("facts", "position", "u8"),
    ("facts", "phase", "u8"),
    ("facts", "step", "i32"),
    ("facts", "stream", "i32"),
    ("facts", "rank", "i32"),
    ("facts", "module", "i32"),
    ("facts", "device_ns", "f64"),
    ("facts", "host_ns", "f64"),
    ("facts", "count", "u32"),
)
"""Table, name and dtype of every column, the widest that its numbers may need: what travels is the narrowest of
`NARROWER` that holds them all, as the header says, and is widened in the browser. −1 means none in signed columns, 255
in ``phase``."""

EVENT_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("events", "fact", "i32"),
    ("events", "row", "i32"),
    ("events", "launch", "i32"),
    ("events", "shapes", "i32"),
    ("events", "start_ns", "f64"),
    ("events", "dur_ns", "f64"),
    ("events", "host_ns", "f64"),
)
"""Columns of a second packet, one entry per activity and span: it is larger, and the views are drawn without it first.

Entries are ordered by lane, row of bars, start, so that each row of bars is a stretch of them. ``launch`` is the entry
of the launching call, ``row`` the number that ``select(row=…)`` takes, ``dur_ns`` the whole duration, ``host_ns`` the
self time of a span. Times are exact: integers below 2^53."""

TALLEST_LANE = 64
"""Rows of bars of a lane that are drawn; what lies deeper comes after all lanes, for sums and details only."""

NODE_KINDS = ("operator", "annotation", "runtime", "driver", "python", "kernel", "memcpy", "memset")
"""What a node of the call tree is; the code in ``nodes.kind`` is the position in this tuple."""

NUMPY_OF_DTYPE = {
    "i8": "|i1", "i16": "<i2", "i32": "<i4", "u8": "|u1", "u16": "<u2", "u32": "<u4", "f64": "<f8",
}  # fmt: skip
NARROWER = {"i32": ("i8", "i16"), "u32": ("u8", "u16"), "f64": ("u8", "u16", "u32")}
"""Dtypes that a column may travel in, narrowest first: most numbers are small, and columns are sent over a network."""

ALIGNMENT_BYTES = 8
