"""Generate `xpubreak/classify/registry/*.json` from what is published on PyPI.

    python tools/build_registry.py            # write
    python tools/build_registry.py --check    # regenerate and compare; exit status 1 where a file differs

Wheels are downloaded once into a cache folder (about 2.5 GB); nothing of them is installed or imported.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from registry.aten import native_functions, read_aten  # noqa: E402 - found through the path set above
from registry.intel import read_onednn, read_sycl_libraries  # noqa: E402
from registry.library import Library  # noqa: E402
from registry.vllm import read_vllm  # noqa: E402
from registry.wheel import fetch  # noqa: E402
from registry.xpu_kernels import read_xpu_kernels  # noqa: E402

REGISTRY = ROOT / "xpubreak" / "classify" / "registry"
XPU_KERNELS = ("0.1.3.1", "0.1.12.3", "0.1.14.1", "0.1.15.4", "0.1.16.2")
VLLM = ("0.16.0", "0.24.0", "0.27.0", "0.30.0", "0.33.0")
TORCH = ("2.13.0",)
ONECCL = "2022.2.0"
ONEMKL = "2026.2.0"


def libraries(cache: Path) -> Iterator[Library]:
    """Read everything, one registry file after the other."""
    for version in XPU_KERNELS:
        yield read_xpu_kernels(fetch("vllm-xpu-kernels", version, cache), version)
    for version in VLLM:
        yield read_vllm(fetch("vllm", version, cache), version)
    for version in TORCH:
        yield read_aten(native_functions(version, cache), version)
    yield read_sycl_libraries("oneccl", ONECCL, "collectives", [fetch("oneccl", ONECCL, cache)])
    onemkl = [fetch(f"onemkl-sycl-{part}", ONEMKL, cache) for part in ("dft", "rng")]
    yield read_sycl_libraries("onemkl", ONEMKL, "torch", onemkl)
    yield read_onednn()


def main(arguments: list[str]) -> int:
    """Write or compare; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with what is there instead of writing")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "xpubreak-wheels")
    options = parser.parse_args(arguments)
    texts = {library.file_name: library.text() for library in libraries(options.cache)}
    present = {path.name: path.read_text() for path in REGISTRY.glob("*.json")}
    changed = sorted(name for name in texts.keys() | present.keys() if texts.get(name) != present.get(name))
    if options.check:
        print("\n".join(f"differs: {name}" for name in changed) or "up to date")
        return 1 if changed else 0
    REGISTRY.mkdir(exist_ok=True)
    for name in changed:
        if name in texts:
            (REGISTRY / name).write_text(texts[name])
        else:
            (REGISTRY / name).unlink()
        print(f"{'written' if name in texts else 'removed'}: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
