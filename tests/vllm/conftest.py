"""Real vLLM on the CPU over tiny models. `make test-vllm` installs the one and makes the others."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from tests.livekernel import STACKS, LiveKernel, live_kernel

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
MODELS = Path(os.environ.get("XPUBREAK_VLLM_MODELS", ROOT / ".cache" / "vllm-models")).resolve()

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "VLLM_LOGGING_LEVEL": "WARNING",
    "OMP_NUM_THREADS": "1",  # two threads on two busy cores make operators up to forty times slower
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",  # else engines of tests that run beside each other share one core
}

# For a kernel: what every test's cells begin with.
PREPARE = f"""{STACKS}
import os, signal, sys; sys.path.insert(0, {str(ROOT)!r})
import xpubreak as xb
from vllm import LLM
from tests.vllm.running import *
DENSE, EXPERTS = {str(MODELS / "qwen3")!r}, {str(MODELS / "qwen3_moe")!r}
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    is_absent = importlib.util.find_spec("vllm") is None
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.vllm)
            if is_absent:
                item.add_marker(pytest.mark.skip(reason="vLLM is not installed here; `make test-vllm` does it"))


@pytest.fixture(scope="session", autouse=True)
def environment():
    """What vLLM needs on a small machine without a network; kernels and engines inherit it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setenv("PYTHONPATH", str(ROOT))
        yield


@pytest.fixture(scope="session")
def models() -> Path:
    """Folder with the models ``qwen3`` and ``qwen3_moe``, of four layers each."""
    assert (MODELS / "qwen3" / "config.json").is_file(), f"{MODELS}: run tools/vllm/models.py"
    return MODELS


@pytest.fixture(scope="module")
def kernel(models, tmp_path_factory) -> LiveKernel:
    """A kernel for the tests of a module, with `PREPARE` run; loading xpubreak's magics is theirs.

    Cells have five minutes: the first engine on a busy machine takes two.
    """
    folder = str(tmp_path_factory.mktemp("kernel"))
    with live_kernel(timeout_seconds=300, folder=folder) as ready:
        ready.run(PREPARE)
        yield ready
