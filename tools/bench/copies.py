"""Sizes of what sharing writes: copies in notebooks, pages, pictures.

::

    python tools/bench/copies.py                      # every sample, and a synthetic profile of 100,000 events
    python tools/bench/copies.py --events 1000000     # and of another size
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import xpubreak as xb
from bench import workload
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.view import picture
from xpubreak.view.comparison import picture as comparison_picture
from xpubreak.view.comparison.copy import copy_html as comparison_html
from xpubreak.view.comparison.copy import plain_html
from xpubreak.view.copy import COPY_BYTES, copy_html
from xpubreak.view.plain import static_html
from xpubreak.view.runtime import compressed_bokehjs
from xpubreak.view.saved import save

BASE64 = 4 / 3
COLUMNS = ("events", "facts", "none", "small", "of it picture", "full", "to_html", "png", "svg", "folded", "CPU s")


def breakdowns(events: int) -> Iterator[tuple[str, Breakdown]]:
    """Every sample, then a synthetic profile: four ranks of a 64-layer decoder."""
    for name in xb.samples.names():
        yield name, xb.load(xb.samples.path(name))
    bd = workload.breakdown(events)
    yield f"synthetic, {len(bd):,} events, {len(bd.ranks)} ranks", bd


def sizes_of(bd: Breakdown, folder: Path) -> list[str]:
    """One line of the table; sizes as they are in the file, base64 and all."""
    image = picture.png(bd)
    started = time.process_time()
    small = len(copy_html(bd, with_bokehjs=False, picture=image).encode())
    spent_s = time.process_time() - started
    full = len(copy_html(bd, with_bokehjs=False, budget_bytes=None).encode())
    folded = next((note for note in save(bd, budget_bytes=COPY_BYTES // 2).notes if "smallest" in note), "")
    in_base64 = round(len(image) * BASE64)
    return [
        f"{len(bd):,}",
        f"{len(bd.facts):,}",
        kilobytes(len(static_html(bd).encode())),
        kilobytes(small + in_base64),
        kilobytes(in_base64),
        kilobytes(full + in_base64),
        kilobytes(bd.to_html(folder / "x.html", redact=False).stat().st_size),
        kilobytes(len(image)),
        kilobytes(bd.to_image(folder / "x.svg", redact=False).stat().st_size),
        folded.partition("together ")[2].partition(" of the")[0] or "–",
        f"{spent_s:.2f}",
    ]


PAIRS = (("h200-vllm-eager", "h200-vllm-compiled"), ("h100-vllm-eager", "h100-vllm-compiled"))


def sizes_of_comparison(cmp: xb.Comparison, folder: Path) -> list[str]:
    """The same of a comparison."""
    image = comparison_picture.png(cmp)
    in_base64 = round(len(image) * BASE64)
    copies = [
        len(comparison_html(cmp, uid="u", image=image, budget_bytes=size).encode()) for size in (COPY_BYTES, None)
    ]
    return [
        f"{len(cmp.kernels):,}",
        kilobytes(len(plain_html(cmp).encode())),
        *(kilobytes(size + in_base64) for size in copies),
        kilobytes(in_base64),
        kilobytes(cmp.to_html(folder / "x.html", redact=False).stat().st_size),
    ]


def kilobytes(size: int) -> str:
    """As the table writes sizes."""
    return f"{size / 1e3:,.0f} kB"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    asked = parser.parse_args()
    print("|" + " | ".join(("profile", *COLUMNS)) + "|")
    print("|---|" + "---:|" * len(COLUMNS))
    with tempfile.TemporaryDirectory() as folder:
        for name, bd in breakdowns(asked.events):
            print(f"| {name} | " + " | ".join(sizes_of(bd, Path(folder))) + " |", flush=True)
        print("\n| comparison | kernels | none | small | full | of it picture | to_html |\n|---|" + "---:|" * 6)
        for names in PAIRS:
            cmp = xb.compare(*(xb.load(xb.samples.path(name)) for name in names))
            print(f"| {' → '.join(names)} | {' | '.join(sizes_of_comparison(cmp, Path(folder)))} |", flush=True)
    print(f"\nThe first copy in a notebook adds BokehJS: {kilobytes(round(len(compressed_bokehjs()) * BASE64))}.")


if __name__ == "__main__":
    main()
