"""The kernel table in JupyterLab: its lines are the kernel's sums, and what is clicked is what it selects."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.browser.live import Live
from tests.browser.reading import ns_of

KEY = ["display_name", "backend", "category"]
LINES = ".kernels tr[data-group]"


def sums(bd: Any) -> Any:
    """One line for each distinct kernel, most time first."""
    kernels = bd.kernels.astype(dict.fromkeys(KEY, str))
    found = kernels.groupby(KEY).device_ns.agg(["size", "sum"])
    return found.sort_values("sum", ascending=False)


def test_lines_are_sorted_and_hold_what_the_kernel_sums(live: Live) -> None:
    expected = sums(live.bd)
    with live.nothing_selected_anew():
        for key, column in (("calls", "size"), ("total", "sum")):
            head = live.page.locator(".kernels thead th", has_text=key)
            met = set()
            for _ in range(2):
                head.locator("button").click()
                met.add(order := head.get_attribute("aria-sort"))
                cells = [line.split("\t") for line in live.page.locator(LINES).all_inner_texts()]
                shown = [int(texts[3].replace(",", "")) if key == "calls" else ns_of(texts[4]) for texts in cells]
                sorted_by_python = expected[column].sort_values(ascending=order == "ascending")
                assert shown == pytest.approx(sorted_by_python.head(len(shown)).tolist(), rel=0.005)
            assert met == {"ascending", "descending"}
        live.page.locator(".kernels .pager .more").click()
        assert live.page.locator(LINES).count() == len(expected)


def test_a_line_selects_its_calls_and_ctrl_adds(live: Live) -> None:
    rows = live.page.locator(LINES)
    name, _, _, calls, total = rows.nth(0).locator("td").all_inner_texts()[:5]
    with live.repainted(".flame canvas", ".layers .plot"):
        rows.nth(0).locator(".line-name").click()
        told = live.selects({"kernel": [name.strip()]})
    assert told["activities"] == int(calls)
    assert told["device time"][0] == pytest.approx(ns_of(total), rel=0.005)
    second = rows.nth(1).locator("td").all_inner_texts()[0].strip()
    rows.nth(1).locator(".line-name").click(modifiers=["Control"])
    both = live.until(live.agreed, lambda found: len(found["selection"].get("kernel", [])) == 2)
    assert set(both["selection"]["kernel"]) == {name.strip(), second}, both
    assert live.page.locator("tr.chosen").count() == 2
    live.page.locator(".chip-close").first.click()
    live.selects({})


def test_other_filters_leave_the_lines_of_their_kernels(live: Live) -> None:
    live.page.locator(".pill", has_text="triton").click()
    told = live.selects({"backend": ["triton"]})
    assert live.text(".kernels .panel-head .muted") == f"{told['kernels']} distinct"
    names = {text.strip() for text in live.page.locator(".kernels td.name").all_inner_texts()}
    kernels = live.notebook.python("print('\\n'.join(sorted(set(view.selected.kernels.display_name.astype(str)))))")
    assert names == set(kernels.split("\n"))


def test_a_line_opens_into_its_launches_and_one_is_selected(live: Live) -> None:
    first = live.page.locator(LINES).first
    name = first.locator(".line-name").inner_text()
    with live.nothing_selected_anew():
        first.locator(".expander").click()
        shown = live.page.locator(".launch-table tbody tr")
        took = [round(ns_of(text)) for text in shown.locator("td:nth-child(2)").all_inner_texts()]
        longest = live.bd.select(kernel=name).kernels.device_ns.sort_values(ascending=False)
        assert took == longest.head(20).tolist()
    third = shown.nth(2)
    _, _, layer, step = third.locator("td").all_inner_texts()[:4]
    third.locator("button").click()
    told = live.selects_only("row")
    assert told["device time"][0] == took[2]
    assert told["activities"] == 1
    where = live.notebook.python("print(*view.selected.kernels[['layer', 'step']].iloc[0])")
    assert where == f"{layer} {step}"
    live.page.locator(".launch[aria-pressed=true]").click()
    live.selects({})
    live.page.locator(".expander").first.click()
    assert live.page.locator(".launches").count() == 0


def test_copy_and_csv_hold_all_lines_under_the_filters(live: Live) -> None:
    live.page.locator(".pill", has_text="vllm").click()
    live.selects({"backend": ["vllm"]})
    expected = sums(live.bd.select(backend="vllm"))
    with live.nothing_selected_anew():
        live.page.locator(".table-tools button", has_text="Copy").click()
        live.page.locator(".said", has_text=f"{len(expected)} lines copied").wait_for()
        head, *lines = live.page.evaluate("navigator.clipboard.readText()").split("\n")
        assert len(lines) == len(expected)
        assert {line.count("\t") for line in lines} == {head.count("\t")}
        with live.page.expect_download() as download:
            live.page.locator("button", has_text="Save CSV").click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert [int(line["total_ns"]) for line in table] == expected["sum"].tolist()
    assert sum(int(line["total_ns"]) for line in table) == live.agreed()["device time"][0]


def test_keys_walk_open_and_select(live: Live) -> None:
    press = live.page.keyboard.press
    live.page.locator(".line-name").first.focus()
    with live.nothing_selected_anew():
        for key in ("ArrowDown", "ArrowRight"):
            press(key)
        assert live.page.locator(".expander").nth(1).get_attribute("aria-expanded") == "true"
        press("ArrowLeft")
        assert live.page.locator(".launches").count() == 0
    name = live.page.locator(".line-name").nth(1).inner_text()
    press("Enter")
    live.selects({"kernel": [name]})
