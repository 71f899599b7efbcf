"""A process that reads ranks: one JSON line in for each rank, one out when its tables, or its sums, are in a file.

Started by `xpubreak.breakdown.workers` as ``python -m xpubreak.breakdown.worker``. Columns travel through the file,
as `xpubreak.breakdown.store` writes them: the other side maps them. It ends when its input does, so that no process is
left when the one that started it is gone.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer
    from xpubreak.breakdown.breakdown import Breakdown  # noqa: PLC0415 - nothing may be printed before

    _ = Breakdown
    _answer(answers, {"ready": os.getpid()})
    for line in sys.stdin:
        _answer(answers, _served(json.loads(line)))


def _answer(answers: Any, content: dict[str, Any]) -> None:
    answers.write(json.dumps(content) + "\n")
    answers.flush()


def _served(request: dict[str, Any]) -> dict[str, Any]:
    from xpubreak.breakdown.access import Access  # noqa: PLC0415
    from xpubreak.breakdown.breakdown import Breakdown  # noqa: PLC0415
    from xpubreak.breakdown.rank import read_rank, rules_from_json  # noqa: PLC0415
    from xpubreak.breakdown.store import save  # noqa: PLC0415
    from xpubreak.errors import NotATraceError  # noqa: PLC0415
    from xpubreak.trace.ahead import one_thread  # noqa: PLC0415

    try:
        access = Access(json.loads(request["access"]))
        with one_thread() if request["one_thread"] else nullcontext():
            if "store" in request:
                from xpubreak.breakdown.rankjob import run_rank  # noqa: PLC0415

                facts = run_rank(request["source"], request["rules"], request["store"], request["uses_cache"], access)
                Path(request["target"]).write_bytes(facts)
                return {"done": request["target"]}
            tables = read_rank(request["source"], rules_from_json(request["rules"]), access)
        save(Breakdown(tables), request["target"], compress=False, is_narrow=request["is_narrow"])
    except NotATraceError as error:
        return {"no_trace": str(error)}
    except Exception as error:  # noqa: BLE001 - told to the one who asked
        return {"error": f"{type(error).__name__}: {error}"}
    return {"done": request["target"]}


if __name__ == "__main__":
    main()
