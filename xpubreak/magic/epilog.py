"""What the help of ``%%xpu_breakdown`` ends with."""

from __future__ import annotations

EPILOG = """\
The cell runs as it would without the magic: its last expression shows, `await` works, its exception
stops Run All (the breakdown of what ran until then is shown all the same). The breakdown is also in
`xb.last`. Layers come from the forwards of torch modules: of those that variables hold when the cell
starts, and of the models inside vLLM engines; compiled modules are left alone.

A vLLM engine usually computes in other processes, and they are recorded there. How, is found out from
the engine and said in the notes of the breakdown. Engines that are built after `%load_ext xpubreak`
can always be recorded; set XPUBREAK_VLLM_EXTENSION=0 before it to leave engines as they are.

examples:
  %%xpu_breakdown
  %%xpu_breakdown --into eager --title "eager, batch 8"
  %%xpu_breakdown --into compiled --compare eager
  %%xpu_breakdown --device cpu --save run7.json.gz --quiet
  %%xpu_breakdown --llm llm --warmup 1 --steps 4:12 --measure-overhead
  %%xpu_breakdown --server http://localhost:8000 --trace-dir /data/traces"""
