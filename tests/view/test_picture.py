"""Pictures: real ones, sharp, and with strangers' names as text."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import xpubreak as xb
from tests.strategies import traces
from tests.view import fake
from xpubreak.errors import XpubreakError
from xpubreak.trace import kineto
from xpubreak.view import picture
from xpubreak.view.icicle import Frame, icicle
from xpubreak.view.palette import FILLS, HATCHES
from xpubreak.view.surface import blended, fitted, readable_on, width_of, wrapped

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {f"{SVG}{tag}" for tag in ("svg", "defs", "pattern", "path", "rect", "text")}
EVIL = '</text></svg><script>window.__pwned=1</script><image href="http://a.test/x"/>]]>&nbsp;\u202e\ufffe\ud800\x00'


def parsed(text: str) -> ElementTree.Element:
    """By an XML parser: it refuses what browsers forgive."""
    return ElementTree.fromstring(text.encode("utf-8"))


def attributes(root: ElementTree.Element) -> set[str]:
    return {name for element in root.iter() for name in element.attrib}


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def share_of(image: np.ndarray, fill: str) -> int:
    colour = np.array([int(fill[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.abs(image - colour).max(axis=2) <= 6).sum())


@pytest.fixture(scope="module")
def bd() -> xb.Breakdown:
    return xb.load(xb.samples.path("h200-vllm-eager"))


def test_png_is_sharp_and_small(bd: xb.Breakdown) -> None:
    data = picture.png(bd)
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    assert image.width == 2 * picture.WIDTH
    assert image.info["dpi"] == pytest.approx((144, 144), abs=0.1)
    assert len(data) < 60_000
    assert "torch-cuda-ops 64.1 %" in image.info["Description"]


def test_colours_take_the_room_of_their_shares(bd: xb.Breakdown) -> None:
    """The bar of the totals, measured in pixels, says what the table says."""
    image = pixels(picture.png(bd, parts=()))
    rows = image[2 * 74 - 8 : 2 * 74 + 8, 2 * 20 : -2 * 20]  # as high as a tile of what hatches them
    table = bd.by("backend").set_index("backend")["device_ns"]
    for key in ("vllm", "torch", "triton"):
        expected = table[key] / table.sum()
        plain, strokes = (share_of(rows, fill) for fill in (FILLS[key], blended(FILLS[key], "#000000", 0.72)))
        assert (plain + strokes) / rows[..., 0].size == pytest.approx(expected, abs=0.003)
        assert (0.05 < strokes / plain < 0.3) if key in HATCHES else strokes == 0, "hatched, and quietly"


def test_svg_is_well_formed_and_holds_nothing_but_shapes_and_text(bd: xb.Breakdown) -> None:
    root = parsed(picture.svg(bd))
    assert {element.tag for element in root.iter()} <= DRAWN
    assert root.get("viewBox") == f"0 0 {picture.WIDTH} {root.get('height')}"
    written = [element.text for element in root.iter(f"{SVG}text")]
    assert "aten::mm" in written
    assert "layers ×6" in written
    assert "torch-cuda-ops 64.1 %" in written


@pytest.mark.parametrize("parts", [picture.PARTS, ("flame",), ("layers",), ("kernels",)])
def test_hostile_names_are_text(parts: tuple[str, ...]) -> None:
    bd = fake.decoder(4, hostile=True)
    bd.title = bd.metadata.device_name = EVIL
    bd.issues = (*bd.issues, xb.Issue("x", "warning", EVIL))
    text = picture.svg(bd, parts=parts)
    root = parsed(text)
    assert {element.tag for element in root.iter()} <= DRAWN
    assert not {name for name in attributes(root) if name.startswith("on") or "href" in name or name == "style"}
    assert any("<script>window.__pwned=1</script>" in (element.text or "") for element in root.iter(f"{SVG}text"))
    assert "\u202e" not in text
    data = picture.png(bd, parts=parts)
    assert Image.open(io.BytesIO(data)).size[0] == 2 * picture.WIDTH
    assert data.count(b"iTXt") == 1


@given(traces(), st.text(max_size=60))
@settings(deadline=None, max_examples=25)
def test_any_trace_and_title_gives_both(entries: list[dict[str, Any]], title: str) -> None:
    bd = xb.load(kineto.from_dicts(entries))
    assert {element.tag for element in parsed(picture.svg(bd, title=title)).iter()} <= DRAWN
    Image.open(io.BytesIO(picture.png(bd, title=title, scale=1))).load()


@pytest.mark.parametrize("name", xb.samples.names())
def test_frames_hold_what_is_in_them(name: str) -> None:
    bd = xb.load(xb.samples.path(name))
    root = icicle(bd)
    assert root.total_ns == (bd.totals.device_ns if bd.weight == "device" else bd.totals.host_ns)

    def check(frame: Frame) -> None:
        assert sum(child.total_ns for child in frame.children.values()) <= frame.total_ns
        for child in frame.children.values():
            check(child)

    check(root)


def test_texts_lie_within_the_picture(bd: xb.Breakdown) -> None:
    root = parsed(picture.svg(bd))
    height = float(root.get("height", "0"))
    for element in root.iter(f"{SVG}text"):
        assert float(element.get("x", "0")) + float(element.get("textLength", "0")) <= picture.WIDTH
        assert 0 < float(element.get("y", "0")) < height


def test_an_empty_profile_says_why_in_full() -> None:
    bd = xb.load(xb.samples.path("cpu-vllm-driver-only"))
    written = " ".join(element.text or "" for element in parsed(picture.svg(bd)).iter(f"{SVG}text"))
    [message] = [issue.message for issue in bd.issues if issue.severity == "error"]
    assert message in written


def test_what_a_profile_lacks_is_written_on_it() -> None:
    bd = fake.decoder(4)
    bd.issues = (xb.Issue("a", "warning", "Half of it is missing."), xb.Issue("b", "error", "So is the rest."))
    written = [element.text for element in parsed(picture.svg(bd)).iter(f"{SVG}text")]
    assert "! Half of it is missing. (and 1 more)" in written


def test_synthetic_is_said_once() -> None:
    bd = fake.decoder(4)
    assert picture.svg(bd).count("synthetic") == 1
    bd.metadata.device_name = "Intel Arc (synthetic)"
    assert picture.svg(bd).count("synthetic") == 1


def test_lettering_has_contrast() -> None:
    for fill in FILLS.values():
        assert readable_on(fill) in ("#ffffff", "#14161a")


def test_texts_are_cut_where_there_is_no_room() -> None:
    assert fitted("gemm_kernel", 11, 500) == "gemm_kernel"
    cut = fitted("gemm_kernel_with_a_long_name", 11, 60)
    assert cut.endswith("…")
    assert width_of(cut, 11) <= 60
    assert fitted("gemm", 11, 3) == ""
    lines = wrapped("one two three four five six " * 9, 12, 120, most=3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(width_of(line, 12) <= 120 for line in lines)
    assert wrapped("one two", 12, 500, most=3) == ["one two"]


def test_to_image_writes_what_the_name_says(bd: xb.Breakdown, tmp_path: Path) -> None:
    png, svg = (bd.to_image(tmp_path / f"run.{kind}") for kind in ("png", "svg"))
    assert png.read_bytes().startswith(b"\x89PNG")
    assert parsed(svg.read_text(encoding="utf-8")).tag == f"{SVG}svg"
    assert Image.open(bd.to_image(tmp_path / "small.PNG", scale=1)).width == picture.WIDTH
    with pytest.raises(XpubreakError, match=r"'run.gif': pictures are written as .png or .svg"):
        bd.to_image(tmp_path / "run.gif")
    assert not (tmp_path / "run.gif").exists()


def test_a_picture_names_no_place_on_the_machine(bd: xb.Breakdown) -> None:
    assert not re.search(r"/(root|home|work)/", picture.svg(bd))
