"""What goes to the browser: one JSON header and one binary of little-endian columns, each aligned to 8 bytes.

Mirrored by ``js/src/data/contract.ts``; ``tests/view/test_contract.py`` keeps the two in step. Whoever changes a column
raises `VERSION`: pages and kernels of two installations can meet in one browser tab.
"""

from __future__ import annotations

FORMAT = "xpubreak"
VERSION = 1

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
"""Table, name and dtype of every column. −1 means none in signed columns, 255 in ``phase``."""

NODE_KINDS = ("operator", "annotation", "runtime", "driver", "python", "kernel", "memcpy", "memset")
"""What a node of the call tree is; the code in ``nodes.kind`` is the position in this tuple."""

NUMPY_OF_DTYPE = {"i32": "<i4", "u8": "<u1", "i16": "<i2", "u32": "<u4", "f64": "<f8"}
ALIGNMENT_BYTES = 8
