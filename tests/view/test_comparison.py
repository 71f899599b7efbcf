"""A comparison as picture, as saved copy, as page: what is in them, and what never is."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.breakdown.noisy import DECODE, PREFILL, noisy_run
from xpubreak.trace import kineto
from xpubreak.units import format_ns
from xpubreak.view.comparison.copy import plain_html
from xpubreak.view.comparison.payload import packed
from xpubreak.view.comparison.widget import ComparisonExplorer, outputs_of

DIMENSIONS = ("phase", "backend", "category", "layer", "op", "kernel")
EVIL = '</script><script>window.__pwned=1</script><img src=x onerror="window.__pwned=1">'


@pytest.fixture(scope="module")
def story() -> xb.Comparison:
    runs = [xb.load(xb.samples.path(name)) for name in ("h200-vllm-eager", "h200-vllm-compiled")]
    return xb.compare(*runs, titles=["eager", "compiled"])


def unpacked(cmp: xb.Comparison) -> Any:
    return json.loads(gzip.decompress(packed(cmp)))


def test_what_the_page_gets_adds_up(story: xb.Comparison) -> None:
    (pair,) = unpacked(story)["pairs"]
    whole = story.differences().estimates
    for side, expected in (("a", whole.a_ns[0]), ("b", whole.b_ns[0])):
        for name in DIMENSIONS:
            assert sum(row[side] for row in pair[name]) == pytest.approx(expected, abs=0.1), name
        assert sum(pair["leaves"][side]) == pytest.approx(expected, abs=0.1)
    for name in DIMENSIONS:
        assert [row["key"] for row in pair[name]] == list(range(len(pair[name])))
        for side in ("a", "b"):
            sums = [0.0] * len(pair[name])
            for key, ns in zip(pair["leaves"][name], pair["leaves"][side], strict=True):
                sums[key] += ns
            assert sums == pytest.approx([row[side] for row in pair[name]], abs=0.1)
    assert [row["label"] for row in pair["layer"]] == ["before", "0", "1", "2", "3", "4", "5", "after"]


def two_phases(factor: float = 1.2) -> xb.Comparison:
    """Twelve steps of each phase; the operator ``aten::mm`` slower in B."""
    steps = [DECODE, PREFILL, DECODE] * 8
    slower = {"gemm_a": factor, "gemm_b": factor}
    return xb.compare(noisy_run(1, step_names=steps), noisy_run(2, step_names=steps, slower=slower), draws=300)


def test_the_operators_of_a_category_add_up_to_it(story: xb.Comparison) -> None:
    leaves = unpacked(story)["pairs"][0]["leaves"]
    categories = {row["label"]: row["key"] for row in unpacked(story)["pairs"][0]["category"]}
    operators = [row["label"] for row in unpacked(story)["pairs"][0]["op"]]
    table = story.by("category", "op").set_index(["category", "op"])
    for category, key in categories.items():
        for side in ("a", "b"):
            of_op: dict[str, float] = {}
            for at, ns in enumerate(leaves[side]):
                if leaves["category"][at] == key:
                    of_op[operators[leaves["op"][at]]] = of_op.get(operators[leaves["op"][at]], 0.0) + ns
            expected = {op: ns for op, ns in table.loc[category][f"{side}_ns"].items() if ns}
            assert {op: ns for op, ns in of_op.items() if ns} == pytest.approx(expected, abs=0.1)
            whole = story.by("category").set_index("category").loc[category, f"{side}_ns"]
            assert sum(of_op.values()) == pytest.approx(whole, abs=0.1)


def test_phases_add_up_to_the_whole_in_every_row() -> None:
    cmp = two_phases()
    (pair,) = unpacked(cmp)["pairs"]
    assert [(row["label"], row["steps"]) for row in pair["phase"]] == [("prefill", [8, 8]), ("decode", [16, 16])]
    assert [row["share"] for row in pair["phase"]] == pytest.approx([1 / 3, 2 / 3])
    for name in DIMENSIONS[1:]:
        for side in ("a", "b"):
            sums = [0.0] * len(pair[name])
            for phase, row in zip(pair["within"], pair["phase"], strict=True):
                assert sum(phase[name][side]) == pytest.approx(row[side], abs=0.1)
                for key, ns in zip(phase[name]["key"], phase[name][side], strict=True):
                    sums[key] += ns
            assert sums == pytest.approx([row[side] for row in pair[name]], abs=0.1)


def test_each_phase_has_its_own_verdicts() -> None:
    cmp = two_phases()
    (pair,) = unpacked(cmp)["pairs"]
    operators = [row["label"] for row in pair["op"]]
    table = cmp.by("phase", "op").set_index(["phase", "op"])
    for phase, row in zip(pair["within"], pair["phase"], strict=True):
        columns = [phase["op"][name] for name in ("key", "low", "high", "verdict")]
        for key, low, high, verdict in zip(*columns, strict=True):
            mine = table.loc[(row["label"], operators[key])]
            assert (low, high) == pytest.approx((mine["low_ns"], mine["high_ns"]), abs=0.01)
            assert verdict == mine["verdict"]
            assert (verdict == "slower") == (operators[key] == "aten::mm")


def test_phases_are_in_the_table_for_where_no_script_runs(story: xb.Comparison) -> None:
    cmp = two_phases()
    table = plain_html(cmp).split("part per step of")[1].split("</table>")[0]
    for row in cmp.by("phase").to_dict("records"):
        assert f">{row['phase']}</td>" in table
        assert f">{format_ns(row['a_ns'])}</td>" in table
        assert f">{row['verdict']}</td>" in table
    assert "part per step of" not in plain_html(story), "one phase has all of it: the totals say so"


def test_one_phase_needs_no_rows_of_its_own(story: xb.Comparison) -> None:
    (pair,) = unpacked(story)["pairs"]
    assert pair["within"] == []
    assert [(row["label"], row["share"]) for row in pair["phase"]] == [("prefill", None), ("decode", 1.0)]


def test_all_pairs_of_several_runs_are_there(story: xb.Comparison) -> None:
    cmp = xb.compare(*story.runs, story.a, titles=["a", "b", "c"])
    assert [pair["title"] for pair in unpacked(cmp)["pairs"]] == ["a → b", "a → c"]


def test_few_steps_travel_without_intervals(tmp_path: Path) -> None:
    runs = [
        xb.load(xb.samples.synthesize(decode_steps=2, seed=seed).save(tmp_path / f"{seed}.json")) for seed in (1, 2)
    ]
    (pair,) = unpacked(xb.compare(*runs))["pairs"]
    assert not pair["testable"]
    assert {row["low"] for row in pair["kernel"]} == {None}
    assert "synthetic" in pair["sides"][0]["device"]


def test_three_outputs(story: xb.Comparison) -> None:
    picture, copy, live = (data for data, _ in outputs_of(ComparisonExplorer(story)))
    assert picture["image/png"].startswith(b"\x89PNG")
    assert "faster" in picture["text/plain"]
    assert "data-xpubreak-static" in copy["text/html"]
    assert len(copy["text/html"]) + len(picture["image/png"]) * 4 / 3 < 300_000
    assert "application/vnd.jupyter.widget-view+json" in live
    plain = outputs_of(ComparisonExplorer(story, snapshot="none"))
    assert len(plain) == 2
    assert plain[0][0]["text/html"].count("<script") == 1, "it hides what JupyterLab writes for a widget that is gone"


def test_names_are_text_everywhere(tmp_path: Path) -> None:
    event = {"ph": "X", "cat": "kernel", "name": EVIL, "pid": 0, "tid": 1, "ts": 0, "dur": 5}
    evil = xb.load(kineto.from_dicts([event]), title=EVIL)
    cmp = xb.compare(evil, evil)
    page = cmp.to_html(tmp_path / "evil.html").read_text(encoding="utf-8")
    assert EVIL not in page
    assert "<script>window" not in page
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page
    assert "default-src 'none'" in page
    assert "<img" not in cmp.to_image(tmp_path / "evil.svg").read_text()
    code = page.split('<script type="module">')[1]
    assert code.count("</script>") == 1, "the bundle holds no closing script tag"


def test_pictures_are_png_or_svg(tmp_path: Path, story: xb.Comparison) -> None:
    assert story.to_image(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "norm" in story.to_image(tmp_path / "a.svg").read_text()
    with pytest.raises(xb.XpubreakError, match=r"\.png or \.svg"):
        story.to_image(tmp_path / "a.jpg")
    with pytest.raises(xb.XpubreakError, match="small"):
        story.explore(snapshot="large")


def test_the_copy_holds_what_the_widget_sends(story: xb.Comparison) -> None:
    html = outputs_of(ComparisonExplorer(story))[1][0]["text/html"]
    held = re.search(r'data-xpubreak="comparison">([^<]+)<', html)
    assert held
    assert base64.b64decode(held[1]) == packed(story)
