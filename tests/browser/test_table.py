"""The kernel table: its numbers are those of Python, a line selects what it says, and all of it can be taken along."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import xpubreak as xb
from tests.browser.reading import ns_of
from tests.browser.shim import Shim
from tests.view import fake
from xpubreak.classify.category import CATEGORIES

ON_DEVICE = xb.load(xb.samples.path("h200-vllm-compiled"))
ON_HOST = xb.load(xb.samples.path("cpu-vllm-eager"))
DECODER = fake.decoder(28)
KEY = ["name", "backend", "category"]


def calls_of(bd: Any, selection: dict[str, Any]) -> pd.DataFrame:
    """Every call that has a line in the table, with what it took."""
    part = bd.select(selection)
    rows = part.rows
    took_ns = rows.device_ns if bd.weight == "device" else rows.host_ns
    frame = pd.DataFrame(
        {
            "name": [part.strings[i] for i in rows.display.tolist()],
            "backend": [bd.backend_label(role) for role in rows.role.tolist()],
            "category": np.array(CATEGORIES)[rows.category],
            "layer": rows.layer,
            "took_ns": took_ns,
        }
    )
    return frame[(rows.is_activity == (bd.weight == "device")) & (took_ns > 0)]


def lines_of(bd: Any, selection: dict[str, Any]) -> pd.DataFrame:
    """The table, computed by pandas and numpy."""
    groups = calls_of(bd, selection).groupby(KEY)

    def percentile(share: int) -> Any:
        return groups["took_ns"].agg(lambda took: int(np.percentile(took, share, method="inverted_cdf")))

    return pd.DataFrame(
        {
            "calls": groups.size(),
            "total_ns": groups["took_ns"].sum(),
            "p50_ns": percentile(50),
            "p95_ns": percentile(95),
        }
    ).sort_index()


def saved(shim: Shim) -> tuple[str, str]:
    """What "Save CSV" saves: name and text."""
    with shim.page.expect_download() as download:
        shim.page.locator("button", has_text="Save CSV").click()
    return download.value.suggested_filename, Path(download.value.path()).read_text(encoding="utf-8-sig")


def saved_lines(shim: Shim) -> pd.DataFrame:
    frame = pd.DataFrame(list(csv.DictReader(io.StringIO(saved(shim)[1]))))
    frame = frame.rename(columns={"kernel": "name", "operator": "name"}).set_index(KEY)
    return frame[["calls", "total_ns", "p50_ns", "p95_ns"]].astype("int64").sort_index()


def has_events(shim: Shim) -> Shim:
    shim.page.wait_for_function(
        "() => !document.querySelector('.xpubreak').shadowRoot.querySelector('td.p50')?.textContent.includes('…')"
    )
    return shim


def line(shim: Shim, name: str) -> Any:
    return shim.page.locator("tr[data-group]", has=shim.page.get_by_text(name, exact=True))


SELECTIONS: list[tuple[Any, dict[str, Any]]] = [
    (ON_DEVICE, {}),
    (ON_DEVICE, {"phase": ["decode"], "layer": [0, 2, 3]}),
    (ON_DEVICE, {"duration_ns": [[2000, 20000]]}),
    (ON_DEVICE, {"backend": ["triton"], "step": [1, 2, 3]}),
    (ON_HOST, {}),
    (ON_HOST, {"backend": ["torch"], "phase": ["prefill"]}),
    (ON_HOST, {"text": ["/copy/"], "duration_ns": [[1000, 9000000]]}),
]


@pytest.mark.parametrize(("bd", "selection"), SELECTIONS, ids=[f"{bd.device}-{sel}" for bd, sel in SELECTIONS])
def test_every_line_is_what_numpy_says(shim: Shim, bd: Any, selection: dict[str, Any]) -> None:
    has_events(shim.show(bd, selection=selection, parts=("kernels",)))
    expected = lines_of(bd, selection)
    assert len(expected) > 1
    pd.testing.assert_frame_equal(saved_lines(shim), expected, check_dtype=False)
    assert shim.text(".kernels .panel-head [role=status]") == f"{len(expected)} distinct"


@pytest.mark.parametrize("bd", [ON_DEVICE, ON_HOST], ids=["device", "host"])
def test_a_line_selects_its_calls_and_no_others(shim: Shim, bd: Any) -> None:
    has_events(shim.show(bd, parts=("kernels",)))
    rows = shim.page.locator("tr[data-group]")
    for place in range(0, 15, 2):
        name, backend, category, calls, total = rows.nth(place).locator("td").all_inner_texts()[:5]
        rows.nth(place).locator(".line-name").click()
        found = calls_of(bd, shim.selection)
        assert len(found) == int(calls.replace(",", "")), shim.selection
        assert found["took_ns"].sum() == pytest.approx(ns_of(total), rel=0.005)
        assert set(found["name"]) == {name.strip()}
        assert set(found["backend"]) == {backend.strip()}
        assert set(found["category"]) == {category.strip()}


def shared_name() -> Any:
    """A decoder in which two backends, and two categories of one of them, share a kernel's name."""
    bd = fake.decoder(4)
    names = {bd.strings[i]: i for i in set(bd.facts.name.tolist())}
    for name in ("triton_poi_fused_mul_silu_0", "vllm::rms_norm_kernel<sycl::half, 8>", "Memcpy D2H"):
        bd.facts.name[(bd.facts.name == names[name]) & (bd.facts.stream >= 0)] = names["gemm_kernel"]
    return bd


def test_lines_that_share_a_name_are_told_apart(shim: Shim) -> None:
    bd = shared_name()
    shim.show(bd, parts=("filters", "kernels"))
    lines = shim.page.locator("tr[data-group]", has=shim.page.get_by_text("gemm_kernel", exact=True))
    assert lines.count() == 4
    for place in range(4):
        _, backend, _, calls, *_ = lines.nth(place).locator("td").all_inner_texts()
        lines.nth(place).locator(".line-name").click()
        assert shim.selection["kernel"] == ["gemm_kernel"]
        assert shim.page.locator("tr.chosen").count() == 1
        assert shim.page.locator(".left strong").first.inner_text() == calls, backend
    lines.nth(3).locator(".line-name").click()
    assert shim.selection == {}


def test_opens_into_single_calls_longest_first(shim: Shim) -> None:
    has_events(shim.show(ON_DEVICE, parts=("kernels",)))
    first = shim.page.locator("tr[data-group]").first
    name = first.locator(".line-name").inner_text()
    first.locator(".expander").click()
    assert first.locator(".expander").get_attribute("aria-expanded") == "true"
    calls = calls_of(ON_DEVICE, {"kernel": [name]}).sort_values("took_ns", ascending=False)
    shown = shim.page.locator(".launch-table tbody tr")
    assert shown.count() == 20
    took = [ns_of(text) for text in shown.locator("td:nth-child(2)").all_inner_texts()]
    assert [round(ns) for ns in took] == calls["took_ns"].head(20).tolist()
    shim.page.locator(".launches .more").click()
    assert shown.count() == min(120, len(calls))


def test_a_single_call_is_selected_by_its_row(shim: Shim) -> None:
    has_events(shim.show(ON_DEVICE, parts=("filters", "kernels")))
    shim.page.locator(".expander").first.click()
    call = shim.page.locator(".launch-table tbody tr").nth(2)
    took, layer, step, phase = call.locator("td").all_inner_texts()[1:5]
    call.locator("button").click()
    assert set(shim.selection) == {"row"}
    rows = ON_DEVICE.select(shim.selection).rows
    assert [(int(rows.total_ns[0]), str(rows.layer[0]), str(rows.step[0]))] == [(round(ns_of(took)), layer, step)]
    assert set(ON_DEVICE.select(shim.selection).by("phase")["phase"]) == {phase}
    assert shim.page.locator("tr[data-group]").count() == 15  # the table stays
    shim.page.locator(".launch[aria-pressed=true]").click()
    assert shim.selection == {}


@pytest.mark.parametrize("key", ["kernel", "backend", "category", "calls", "total", "share", "mean", "p50", "p95"])
def test_every_column_sorts_from_the_keyboard(shim: Shim, key: str) -> None:
    has_events(shim.show(DECODER, parts=("kernels",)))
    head = shim.page.locator(".kernels thead").first.locator("th", has_text=key)
    column = shim.page.locator(".kernels thead th").all_inner_texts()
    place = next(i for i, text in enumerate(column) if key in text)
    is_text = key in ("kernel", "backend", "category")
    head.locator("button").focus()
    shim.page.keyboard.press("Enter")
    wanted = head.get_attribute("aria-sort")
    values = shim.page.locator(f"tr[data-group] > td:nth-child({place + 1})").all_inner_texts()
    if is_text:
        read: Any = str.strip
    elif key == "calls":
        read = int
    elif key == "share":
        read = share_of
    else:
        read = ns_of
    assert values == sorted(values, key=read, reverse=wanted == "descending")
    shim.page.keyboard.press("Enter")  # the focus is still there
    assert head.get_attribute("aria-sort") == {"ascending": "descending", "descending": "ascending"}[str(wanted)]


def share_of(text: str) -> float:
    return 0 if text.startswith("<") else float(text.split("\u202f", maxsplit=1)[0])


def test_keyboard_walks_opens_and_closes(shim: Shim) -> None:
    has_events(shim.show(DECODER, parts=("kernels",)))
    press = shim.page.keyboard.press
    shim.page.locator(".line-name").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowRight"):
        press(key)
    assert shim.page.locator(".expander").nth(1).get_attribute("aria-expanded") == "true"
    press("ArrowLeft")
    assert shim.page.locator(".launches").count() == 0
    press("End")
    press("Enter")
    assert shim.page.locator("tr[data-group]").last.get_attribute("class") == "chosen"


def test_csv_holds_hostile_names_as_text(shim: Shim) -> None:
    bd = fake.decoder(2)
    names = {bd.strings[i]: i for i in set(bd.facts.name.tolist())}
    bd.strings[names["gemm_kernel"]] = '=cmd|"/c calc"!A1'
    bd.strings[names["Memcpy D2H"]] = "@SUM(1,\n2)"
    has_events(shim.show(bd, parts=("kernels",)))
    name, text = saved(shim)
    assert name == "Qwen3-8B-eager-1-prefill-6-decode-steps-kernels.csv"
    header, *lines = list(csv.reader(io.StringIO(text)))
    assert header[:5] == ["kernel", "backend", "category", "calls", "total_ns"]
    assert {'\'=cmd|"/c calc"!A1', "'@SUM(1,\n2)"} < {cells[0] for cells in lines}
    assert all(len(cells) == len(header) and cells[4].isdigit() for cells in lines)


def test_copies_all_lines_under_the_filters(shim: Shim) -> None:
    has_events(shim.show(ON_DEVICE, selection={"backend": ["torch"]}, parts=("kernels",)))
    shim.page.locator(".table-tools button", has_text="Copy").click()
    expected = lines_of(ON_DEVICE, {"backend": ["torch"]})
    shim.page.locator(".said", has_text=f"{len(expected)} lines copied").wait_for()
    shim.page.evaluate("document.body.append(document.createElement('textarea'))")
    shim.page.locator("body > textarea").last.focus()
    shim.page.keyboard.press("Control+V")
    header, *lines = shim.page.locator("body > textarea").last.input_value().split("\n")
    assert len(lines) == len(expected)
    assert {text.count("\t") for text in lines} == {header.count("\t")}


def test_a_refused_clipboard_is_said(shim: Shim) -> None:
    shim.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false"
    )
    shim.show(DECODER, parts=("kernels",))
    shim.page.locator(".table-tools button", has_text="Copy").click()
    shim.page.locator(".said", has_text="may not use the clipboard").wait_for()


def test_is_a_real_table_for_those_who_listen(shim: Shim) -> None:
    has_events(shim.show(DECODER, parts=("kernels",)))
    assert "Kernels under the filters, sorted by total, largest first" in shim.page.locator("caption").inner_text()
    heads = shim.page.locator(".kernels thead th")
    assert {head.get_attribute("scope") for head in heads.all()} == {"col"}
    assert shim.page.locator("th[aria-sort]").count() == 1
    assert shim.page.locator(".expander[aria-expanded=false]").count() == 12
    assert "Single calls of gemm_kernel" in str(shim.page.locator(".expander").first.get_attribute("aria-label"))


def test_a_narrow_table_keeps_every_column(shim: Shim) -> None:
    shim.page.set_viewport_size({"width": 420, "height": 800})
    has_events(shim.show(DECODER, parts=("kernels",)))
    heads = shim.page.locator(".kernels thead th")
    assert [text.replace("↓", "").strip() for text in heads.all_inner_texts()][:4] == [
        "kernel",
        "total",
        "share",
        "calls",
    ]
    assert heads.count() == 10
    right = shim.page.locator(".table-scroll").bounding_box()
    calls = heads.nth(3).bounding_box()
    assert calls["x"] + calls["width"] <= right["x"] + right["width"]
    assert shim.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_count_as_weight_has_no_times_but_percentiles(shim: Shim) -> None:
    has_events(shim.show(DECODER, parts=("header", "flame", "kernels")))
    shim.page.locator("select").filter(has_text="calls").first.select_option("count")
    heads = shim.page.locator(".kernels thead th").all_inner_texts()
    assert "mean" not in heads
    assert {"p50", "p95"} <= set(heads)
    assert line(shim, "gemm_kernel").locator("td.total").inner_text() == "791"
