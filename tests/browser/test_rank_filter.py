"""One explorer over many ranks: the filter of ranks, over single events and over sums."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.browser.reading import agrees
from tests.browser.shim import Shim
from xpubreak.samples.cluster import synthesize_cluster

PARTS = ("header", "filters", "kernels")
TP2 = [xb.samples.path(f"cpu-vllm-tp2-rank{rank}") for rank in range(2)]


@pytest.fixture(scope="session")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ranks")
    synthesize_cluster(ranks=8, straggler=5).save(folder)
    return folder


def load(kind: str, traces: Path) -> Any:
    if kind == "tp2":
        return xb.load(TP2)
    return xb.load(traces, store=traces.with_name(f"{traces.name}-store")) if kind == "sums" else xb.load(traces)


@pytest.mark.parametrize(("kind", "ranks"), [("tp2", 2), ("synthetic", 8), ("sums", 8)])
def test_one_rank_of_many(shim: Shim, traces: Path, kind: str, ranks: int) -> None:
    bd = load(kind, traces)
    shim.show(bd, parts=PARTS)
    assert f"{ranks}" in shim.page.locator(".header").inner_text()
    shim.page.locator(".add").click()
    shim.page.locator(".menu-item[data-dimension=rank]").click()
    assert shim.page.locator(".choice").count() == ranks
    shim.page.locator(".choice").nth(1).hover()
    shim.page.locator(".choice .only").nth(1).click()
    assert shim.selection == {"rank": [1]}
    agrees(shim, bd)
    assert bd.select(shim.selection).by("rank")["rank"].tolist() == [1]


def test_sums_say_what_is_not_there(shim: Shim, traces: Path) -> None:
    shim.show(load("sums", traces), parts=("header", "timeline"))
    header = shim.page.locator(".header").text_content() or ""
    assert "added up where they were read" in header
    assert "bd.detail(rank)" in (shim.page.locator(".timeline").text_content() or "")
