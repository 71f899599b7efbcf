"""The captured traces that come with the package: what each one is good for."""

from __future__ import annotations

import difflib
from pathlib import Path

from xpubreak.errors import XpubreakError

DATA = Path(__file__).parent / "data"
_SUFFIX = ".pt.trace.json.gz"

# Short name: (file without suffix, what it is). Hardware, versions and settings are in data/PROVENANCE.md.
_CAPTURED: dict[str, tuple[str, str]] = {
    "h200-vllm-eager": (
        "h200-vllm0.24-qwen3-6l-eager-flash-attn",
        "vLLM 0.24 on one NVIDIA H200: 6-layer Qwen3-like decoder, eager, FlashAttention 3; 1 prefill, 7 decode steps.",
    ),
    "h200-vllm-compiled": (
        "h200-vllm0.24-qwen3-6l-compiled-cudagraph-triton-attn",
        "The same model compiled, Triton attention: decode steps are CUDA graph replays, kernels without operators.",
    ),
    "h100-vllm-eager": (
        "h100-vllm0.24-qwen3-6l-eager-triton-attn",
        "vLLM 0.24 on one NVIDIA H100, recorded by xpubreak: the 6-layer decoder, eager, Triton attention; 25 steps.",
    ),
    "h100-vllm-compiled": (
        "h100-vllm0.24-qwen3-6l-compiled-cudagraph-pair",
        "The same GPU, settings, prompts and steps as h100-vllm-eager, but compiled with CUDA graphs: made to compare.",
    ),
    "h100-vllm-tp2-rank0": (
        "h100-vllm0.24-qwen3-6l-tp2-rank0",
        "The same model on two NVIDIA H100, tensor parallel 2, eager, NCCL: rank 0, whose host launches late.",
    ),
    "h100-vllm-tp2-rank1": (
        "h100-vllm0.24-qwen3-6l-tp2-rank1",
        "The same run: rank 1, which waits in each collective.",
    ),
    "h200-transformers": (
        "h200-transformers-qwen3-6l-eager-stack-modules",
        "transformers 5.17 on one NVIDIA H200, no vLLM: 6 layers, eager, Python stacks and nn.Module frames, no steps.",
    ),
    "h200-torch-graph": (
        "h200-torch2.11-decoder-6l-cudagraph-replay",
        "A 6-layer decoder in plain torch on one NVIDIA H200: five replays of one CUDA graph, no annotations at all.",
    ),
    "cpu-vllm-eager": (
        "cpu-vllm0.32-qwen3-4l-eager-modulespans",
        "vLLM 0.32 on a CPU: 4-layer Qwen3-like decoder, eager, module spans; a CPU target has no device activities.",
    ),
    "cpu-vllm-stack": (
        "cpu-vllm0.32-qwen3-4l-eager-stack-shapes",
        "The same CPU run with Python stacks and shapes instead of module spans.",
    ),
    "cpu-vllm-compiled": (
        "cpu-vllm0.32-qwen3-4l-compiled-shapes",
        "The same CPU model under torch.compile: Inductor's C++ kernels leave no event of their own.",
    ),
    "cpu-vllm-compiled-cpp": (
        "cpu-vllm0.32-qwen3-4l-compiled-cpp-kernels",
        "The same with Inductor's cpp.enable_kernel_profile: generated C++ kernels appear as operators.",
    ),
    "cpu-vllm-piecewise": (
        "cpu-vllm0.32-qwen3-4l-piecewise-modulespans",
        "Piecewise compilation as GPUs and XPUs use it: 5 compiled pieces a step around 4 attention operators.",
    ),
    "cpu-vllm-moe": (
        "cpu-vllm0.32-qwen3moe-4l-eager-customscopes",
        "vLLM 0.32 on a CPU: 4-layer mixture of 8 experts, eager, with vLLM's own gpu_model_runner scopes.",
    ),
    "cpu-vllm-tp2-rank0": (
        "cpu-vllm0.32-qwen3-4l-tp2-rank0",
        "vLLM 0.32 on a CPU, tensor parallel 2, module spans: rank 0.",
    ),
    "cpu-vllm-tp2-rank1": (
        "cpu-vllm0.32-qwen3-4l-tp2-rank1",
        "The same run: rank 1.",
    ),
    "cpu-vllm-driver-only": (
        "cpu-vllm0.32-driver-only-empty",
        "What profiling the notebook's process records while the engine works in another one: nothing.",
    ),
}


class UnknownSampleError(XpubreakError, KeyError):
    """No bundled trace has that name."""

    __str__ = Exception.__str__  # KeyError would show the message in quotes


def names() -> tuple[str, ...]:
    """Short names of the bundled captures, most telling first."""
    return tuple(_CAPTURED)


def path(name: str) -> Path:
    """Return where a bundled capture lies.

    Parameters
    ----------
    name
        One of `names`.

    Returns
    -------
    Path
        A ``.pt.trace.json.gz`` file, to be read and not to be changed.

    Raises
    ------
    UnknownSampleError
        No capture has that name; the message lists the nearest ones.
    """
    return DATA / (_entry(name)[0] + _SUFFIX)


def describe(name: str) -> str:
    """Return one sentence on a bundled capture.

    Parameters
    ----------
    name
        One of `names`.

    Returns
    -------
    str
        Plain text.

    Raises
    ------
    UnknownSampleError
        No capture has that name; the message lists the nearest ones.
    """
    return _entry(name)[1]


def _entry(name: str) -> tuple[str, str]:
    found = _CAPTURED.get(name)
    if found is None:
        near = difflib.get_close_matches(name, _CAPTURED, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(_CAPTURED)}."
        raise UnknownSampleError(f"There is no bundled trace {name!r}; {hint}")
    return found
