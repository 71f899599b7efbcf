"""The torch of this process: found late, and missed in words that say what to install."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
import sys
from types import ModuleType

from xpubreak.errors import CaptureError

_IPEX = "intel_extension_for_pytorch"
_FIRST_TORCH_WITH_XPU = (2, 5)
_LAST_VLLM_WITH_IPEX = (0, 14)
_ipex_failure: list[str] = []
INSTALL_HINT = (
    "Install the build for your device (https://pytorch.org/get-started/locally): for Intel XPUs\n"
    "    pip install torch --index-url https://download.pytorch.org/whl/xpu\n"
    "xpubreak does not install it for you, because pip would replace the build that your stack needs."
)


def import_torch() -> ModuleType:
    """Import torch with its profiler.

    Raises
    ------
    CaptureError
        torch is not installed, or does not load.
    """
    try:
        torch = importlib.import_module("torch.profiler") and importlib.import_module("torch")
        _import_ipex(torch)
        return torch
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == "torch":
            raise CaptureError(
                f"Profiling needs PyTorch, which {sys.executable} does not have.\n{INSTALL_HINT}"
            ) from error
        raise CaptureError(f"PyTorch is installed but lacks a package that it needs: {error.name}.") from error
    except (ImportError, OSError) as error:
        # A missing shared library (Level Zero, SYCL runtime, CUDA) surfaces here.
        raise CaptureError(f"PyTorch is installed but does not load: {error}") from error


def ipex_failure() -> str:
    """Why intel_extension_for_pytorch, which brings the device on old stacks, does not load; empty where it does."""
    return _ipex_failure[0] if _ipex_failure else ""


def _import_ipex(torch: ModuleType) -> None:
    """Bring in the device and its profiler on stacks of the IPEX era, before anything asks for them.

    Before torch 2.5 they were part of intel_extension_for_pytorch, and up to vLLM 0.14 so were vLLM's operators.
    """
    if _ipex_failure or _IPEX in sys.modules or not _is_ipex_era(torch):
        return
    if importlib.util.find_spec(_IPEX) is None:
        return
    try:
        importlib.import_module(_IPEX)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it calls exit(127) beside a torch of another version
        said = f"exit({error.code})" if isinstance(error, SystemExit) else f"{type(error).__name__}: {error}"
        _ipex_failure.append(f"{_IPEX} does not load ({said}); it has to be of the same version as torch.")


def _is_ipex_era(torch: ModuleType) -> bool:
    if _before(str(torch.__version__), _FIRST_TORCH_WITH_XPU):
        return True
    try:
        version = importlib.metadata.version("vllm")
    except importlib.metadata.PackageNotFoundError:
        return False
    major, minor = _LAST_VLLM_WITH_IPEX
    # Builds from a checkout call themselves 0.1.dev or so, of whatever age they are.
    return _before(version, (major, minor + 1)) and not version.startswith(("0.0", "0.1.dev"))


def _before(version: str, first: tuple[int, int]) -> bool:
    match = re.match(r"(\d+)\.(\d+)", version)
    return match is not None and (int(match[1]), int(match[2])) < first
