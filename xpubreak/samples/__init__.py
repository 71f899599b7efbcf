"""Traces to try xpubreak on: real captures from GPUs and CPUs, and a generator of synthetic XPU traces.

>>> from xpubreak import samples
>>> samples.path("h200-vllm-compiled").name
'h200-vllm0.24-qwen3-6l-compiled-cudagraph-triton-attn.pt.trace.json.gz'
>>> sorted(role for role, in samples.synthesize().truth.total_ns("role"))
['cpu', 'framework', 'torch', 'triton', 'vllm']
"""

from __future__ import annotations

from xpubreak.samples.captured import UnknownSampleError, describe, names, path
from xpubreak.samples.synthetic import SynthesisError, SyntheticTrace, synthesize, synthetic_xpu

__all__ = [
    "SynthesisError",
    "SyntheticTrace",
    "UnknownSampleError",
    "describe",
    "names",
    "path",
    "synthesize",
    "synthetic_xpu",
]
