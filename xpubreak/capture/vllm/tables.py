"""vLLM's profiler without its tables: some 100 lines a worker in the cell, after up to 80 µs an event."""

from __future__ import annotations

from typing import Any

from xpubreak.capture.vllm.unannotated import replaced

_TABLES = ("dump_cpu_time_total", "dump_device_time_total")


def without_tables(profiler: Any) -> None:
    """Let vLLM's profiler stop once without printing; afterwards it is as it was, without anybody undoing it.

    Parameters
    ----------
    profiler
        The wrapper that a worker, or the front end of an ``AsyncLLM``, has.
    """
    stop = getattr(profiler, "stop", None)
    undo = [replaced(profiler, name, False) for name in _TABLES if getattr(profiler, name, False)]
    if stop is None or not undo:
        for take_back in undo:
            take_back()
        return

    def stop_quietly(*args: Any, **options: Any) -> Any:
        try:
            return stop(*args, **options)
        finally:
            while undo:
                undo.pop()()

    undo.append(replaced(profiler, "stop", stop_quietly))
