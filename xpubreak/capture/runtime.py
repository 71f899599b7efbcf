"""The torch of this process: found late, and missed in words that say what to install."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from xpubreak.errors import CaptureError

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
        return importlib.import_module("torch.profiler") and importlib.import_module("torch")
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == "torch":
            raise CaptureError(
                f"Profiling needs PyTorch, which {sys.executable} does not have.\n{INSTALL_HINT}"
            ) from error
        raise CaptureError(f"PyTorch is installed but lacks a package that it needs: {error.name}.") from error
    except (ImportError, OSError) as error:
        # A missing shared library (Level Zero, SYCL runtime, CUDA) surfaces here.
        raise CaptureError(f"PyTorch is installed but does not load: {error}") from error
