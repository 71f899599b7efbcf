"""Draw the pictures of the documentation: the explorer over the synthetic trace, light and dark, at three widths.

::

    python tools/pictures.py            # docs/images/explorer-{light,dark}-{wide,medium,narrow}.png
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import xpubreak as xb

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
WIDTHS = {"wide": 1400, "medium": 900, "narrow": 420}
_DRAWN = """() => {
  const root = document.querySelector('.xpubreak')?.shadowRoot;
  return root?.querySelector('.plot-overlay')?.style.width && root.querySelector('canvas.tracks')?.width > 1;
}"""


def main() -> None:
    """Draw all of them."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        trace = xb.samples.synthetic_xpu(Path(folder) / "trace.json.gz")
        bd = xb.load(trace, title="Qwen3, synthetic trace")
        page_path = bd.to_html(Path(folder) / "page.html")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            for name, width in WIDTHS.items():
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                page.goto(page_path.resolve().as_uri())
                page.wait_for_function(_DRAWN)
                page.wait_for_timeout(400)  # the last frame of Bokeh's and ours
                target = IMAGES / f"explorer-{scheme}-{name}.png"
                page.screenshot(path=target, full_page=True)
                page.close()
                print(f"{target} {target.stat().st_size / 1e3:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
