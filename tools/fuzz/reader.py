"""Fuzz the reader for as long as one likes, guided by coverage.

::

    pip install atheris
    mkdir -p out/fuzz && python tools/fuzz/reader.py out/fuzz tests/trace/corpus -max_total_time=600

The laws are those of ``tests/trace/laws.py``. libFuzzer writes an input that breaks one to the working directory;
make it small (``-minimize_crash=1``), put it into ``tests/trace/corpus``, and the tests have it from then on.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
with atheris.instrument_imports(include=["xpubreak.trace"]):
    from tests.trace.laws import check

WAYS = ("1", "0") if importlib.util.find_spec("numba") else ("0",)


def one_input(data: bytes) -> None:
    """Check one input."""
    check(data, WAYS)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
