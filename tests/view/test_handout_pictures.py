"""Pictures say whether names were left out when they were drawn; a handout reads it where no copy does."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import xpubreak as xb
from tests.view.test_handout import notebook
from xpubreak.version import __version__
from xpubreak.view.comparison.widget import bundles
from xpubreak.view.drawn import NAMING, REDACTED, UNSAID, state_of, states_in
from xpubreak.view.handout import prepare
from xpubreak.view.show import outputs_of
from xpubreak.view.surface import Pixels, Svg

NAMED = "In [1]: a picture in it was drawn with names: draw it again without --no-redact or redact=False"
SILENT = "In [1]: a picture in it does not say whether names were left out when it was drawn: draw it again"
NO_COPY = "In [1]: what it shows is not marked as redacted: run it again without --no-redact"


@pytest.fixture(scope="module")
def bd() -> xb.Breakdown:
    return xb.load(xb.samples.path("h200-torch-graph"))


def written(data: bytes) -> str:
    return base64.b64encode(data).decode()


def drawn(bd: xb.Breakdown, folder: Path, name: str, *, redact: bool) -> bytes:
    return bd.to_image(folder / name, redact=redact).read_bytes()


def saved(data: dict[str, Any]) -> dict[str, Any]:
    """As Jupyter writes it to a file."""
    return {kind: written(value) if isinstance(value, bytes) else value for kind, value in data.items()}


def silent() -> bytes:
    """As versions drew it whose pictures said nothing."""
    data = Pixels(1120, 40).png("Breakdown: cpu 100 %", redacted=True)
    for keyword in (b"xpubreak:redacted", b"Software"):
        at = data.index(b"tEXt" + keyword) - 4
        data = data[:at] + data[at + 12 + int.from_bytes(data[at : at + 4], "big") :]
    Image.open(io.BytesIO(data)).load()
    return data


def told(*bundles: dict[str, Any]) -> tuple[str, ...]:
    return prepare(notebook(list(bundles))).problems


@pytest.mark.parametrize("of", [outputs_of, lambda bd, **options: bundles(xb.compare(bd, bd), **options)])
@pytest.mark.parametrize("redact", [True, False])
def test_a_picture_without_its_copy_is_judged(bd: xb.Breakdown, of: Any, redact: bool) -> None:
    picture, copy, *_ = [saved(data) for data, _ in of(bd, redact=redact)]
    assert told(picture, copy) == (() if redact else (NO_COPY,)), "once, and by the copy"
    assert told(picture) == (() if redact else (NAMED,))
    assert prepare(notebook([picture])).cells[0].holds == ("picture",)
    assert prepare(notebook([picture]), redact=False).problems == ()


@pytest.mark.parametrize("form", [";utf8,{}", ",{}", ";charset=utf-8,{}", ";charset=utf-8;base64,{}"])
@pytest.mark.parametrize("redact", [True, False])
def test_so_is_an_svg_in_an_address(bd: xb.Breakdown, tmp_path: Path, form: str, redact: bool) -> None:
    svg = drawn(bd, tmp_path, "a.svg", redact=redact).decode()
    expected = [] if redact else [NAMED]
    anew = svg.replace("'", "&apos;").replace('"', "'")
    for said in (svg, anew):
        text = written(said.encode()) if "base64" in form else quote(said)
        image = f'<img src="data:image/svg+xml{form.format(text)}">'
        assert [problem for problem in told({"text/html": image}) if "picture" in problem] == expected
    assert [problem for problem in told({"image/svg+xml": anew}) if "picture" in problem] == expected


def test_comparisons_of_what_was_redacted_before_say_so(bd: xb.Breakdown, tmp_path: Path) -> None:
    less = bd.redacted()
    of_redacted = (xb.compare(less, less), xb.compare(bd, bd, titles=["run of bob at /home/bob/x", "b"]).redacted())
    of_named = (xb.compare(less, less, titles=["bob's", "b"]), xb.compare(less, bd), xb.compare(bd, bd))
    for cmp in (*of_redacted, *of_named):
        state = REDACTED if cmp in of_redacted else NAMING
        assert state_of(cmp.to_image(tmp_path / "a.png", redact=False).read_bytes()) == state
        page = cmp.to_html(tmp_path / "a.html", redact=False).read_text(encoding="utf-8")
        assert ('data-redacted="1"' in page) == (cmp in of_redacted)


def test_what_was_redacted_before_says_so(bd: xb.Breakdown, tmp_path: Path) -> None:
    assert state_of(drawn(bd.redacted(), tmp_path, "a.png", redact=False)) == REDACTED
    named = bd.redacted().to_image(tmp_path / "b.png", redact=False, title="run of bob")
    assert state_of(named.read_bytes()) == NAMING


@pytest.mark.parametrize("name", ["run.png", "run.svg"])
@pytest.mark.parametrize("redact", [True, False])
def test_so_is_a_file_that_a_cell_shows(bd: xb.Breakdown, tmp_path: Path, name: str, redact: bool) -> None:
    data = drawn(bd, tmp_path, name, redact=redact)
    expected = [] if redact else [NAMED]
    kind, text = ("image/png", written(data)) if name.endswith("png") else ("image/svg+xml", data.decode())
    inline = f'<img src="data:{kind};base64,{written(data)}">'
    for bundle in ({kind: text}, {"text/html": inline}, {"text/markdown": f"![x](data:{kind};base64,{written(data)})"}):
        assert [problem for problem in told(bundle) if "picture" in problem] == expected, list(bundle)
    if kind == "image/png":
        lines = [f"{text[at : at + 76]}\n" for at in range(0, len(text), 76)]
        assert [problem for problem in told({kind: lines}) if "picture" in problem] == expected  # type: ignore[dict-item]


def test_so_are_attachments_of_texts(bd: xb.Breakdown, tmp_path: Path) -> None:
    made = notebook([{"text/plain": "x"}])
    png = written(drawn(bd, tmp_path, "a.png", redact=False))
    cell = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": f"![](data:image/png;base64,{png})"}
    made["cells"] = [{**cell, "source": "", "attachments": {"a.png": {"image/png": png}}}, cell, *made["cells"]]
    problem = NAMED.replace("In [1]", "markdown cell")
    assert prepare(made).problems[-2:] == (problem, problem)
    assert png in json.dumps(prepare(made).notebook), "and stays as it is"


def test_one_that_says_nothing_is_judged_by_its_copy(bd: xb.Breakdown) -> None:
    old = written(silent())
    copy = f'<div data-xpubreak-static="u" data-xpubreak-picture="{old[-64:]}" data-redacted="1"></div>'
    assert [problem for problem in told({"image/png": old}) if "picture" in problem] == [SILENT]
    assert told({"image/png": old}, {"text/html": copy}) == ()
    bare = copy.replace(' data-redacted="1"', "")
    assert told({"image/png": old}, {"text/html": bare}) == (NO_COPY,)
    svg = Svg(1120, 40).svg()
    assert SILENT in told({"image/svg+xml": svg.replace(f' data-xpubreak-drawn="{__version__} naming"', "")})


def test_a_copy_that_says_otherwise_does_not_speak_for_its_picture(bd: xb.Breakdown) -> None:
    picture = saved(outputs_of(bd, redact=False)[0][0])
    tail = picture["image/png"][-64:]
    copy = f'<div data-xpubreak-static="u" data-xpubreak-picture="{tail}" data-redacted="1"></div>'
    assert told(picture, {"text/html": copy}) == (NAMED,)


def test_pictures_of_others_are_not_judged() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (2240, 20)).save(buffer, "PNG")
    plot = '<svg viewBox="0 0 10 10"><path d="M0 0"/></svg>'
    for bundle in ({"image/png": written(buffer.getvalue())}, {"image/svg+xml": plot}, {"image/png": "iVBORw0KGgo="}):
        assert told(bundle) == ("no breakdown is shown in it: run it, save it, and share it then",)


def test_pages_say_it_too(bd: xb.Breakdown, tmp_path: Path) -> None:
    for redact in (True, False):
        pages = [bd.to_html(tmp_path / "a.html", redact=redact)]
        pages.append(xb.compare(bd, bd).to_html(tmp_path / "b.html", redact=redact))
        for page in pages:
            text = page.read_text(encoding="utf-8")
            assert ('data-redacted="1"' in text) is redact
            assert [state for state, _ in states_in("text/html", text)] == [REDACTED if redact else NAMING]


@pytest.mark.parametrize(("redact", "state"), [(True, REDACTED), (False, NAMING)])
def test_what_a_picture_says_is_what_others_read_in_it(
    bd: xb.Breakdown, tmp_path: Path, redact: bool, state: str
) -> None:
    data = drawn(bd, tmp_path, "a.png", redact=redact)
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["xpubreak:redacted"] == str(int(redact))
        assert image.info["Software"] == f"xpubreak {__version__}"
    assert state_of(data) == state


@given(st.data())
def test_damaged_pictures_are_no_error(data: st.DataObject) -> None:
    png = bytearray(Pixels(1120, 4, 1).png("x"))
    for _ in range(data.draw(st.integers(0, 3))):
        png[data.draw(st.integers(0, len(png) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(png[: data.draw(st.integers(0, len(png)))])
    assert state_of(cut) in ("", REDACTED, NAMING, UNSAID)
    list(states_in("image/png", data.draw(st.text()) + written(cut)))
    list(states_in("text/html", f"<svg {data.draw(st.text())}> data:image/png;base64,{written(cut)}"))
