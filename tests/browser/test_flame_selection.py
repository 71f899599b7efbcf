"""A frame of the flame graph is told to Python in dimensions that select exactly what lies under it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.browser.flamegraph import canvas, left, stack_by
from tests.browser.shim import Shim
from tests.view import fake
from xpubreak.breakdown.breakdown import Breakdown

DECODER = fake.decoder(28)
WAYS = list(itertools.product(("model", "backend", "call"), ("none", "phase", "step"), (False, True)))


@pytest.fixture(scope="module")
def compiled() -> Breakdown:
    """Of a real engine, with graph replays: kernels without operators."""
    return xb.load(xb.samples.path("h200-vllm-compiled"))


def frames(shim: Shim) -> Iterator[str]:
    """Click the first frame of every lane, and one further right."""
    lanes = round(canvas(shim).bounding_box()["height"] / 22)
    for lane, share in itertools.product(range(1, lanes), (0.02, 0.6)):
        before = shim.selection
        shim.click_frame(lane, share)
        shim.page.wait_for_timeout(20)
        if shim.selection != before:
            yield f"lane {lane} at {share}"


@pytest.mark.parametrize(("stack", "top", "inverted"), WAYS)
def test_python_selects_what_lies_under_a_frame(
    shim: Shim, compiled: Breakdown, stack: str, top: str, inverted: bool
) -> None:
    shim.show(compiled, parts=("filters", "flame"))
    stack_by(shim, stack, top, inverted=inverted)
    seen = 0
    for where in frames(shim):
        chosen = compiled.select(shim.selection)
        share = f"{100 * chosen.totals.device_ns / compiled.totals.device_ns:.1f} %"
        assert left(shim)[0] == f"{chosen.totals.activities:,}", where
        assert left(shim)[1] in (share, "< 0.1 %", "> 99.9 %", "100 %"), where
        seen += 1
    assert seen >= 3


def test_calls_of_python_functions_are_subtrees(shim: Shim) -> None:
    with_python = xb.load(xb.samples.path("h200-transformers"))
    shim.show(with_python, parts=("filters", "flame"))
    stack_by(shim, "call")
    shim.click_frame(lane=6, x_frac=0.1)
    (node,) = shim.selection["under"]
    tree = with_python.nodes
    assert with_python.strings.text(tree.name[node]).startswith("nn.Module")
    frame = with_python.select(shim.selection).kernels
    assert left(shim)[0] == f"{len(frame):,}"
    assert len(frame) < len(with_python.kernels)


def test_who_calls_this_kernel(shim: Shim) -> None:
    shim.show(DECODER, parts=("flame", "details"))
    stack_by(shim, "call", inverted=True)
    shim.click_frame(lane=1, x_frac=0.1)
    assert shim.selection == {"kernel": ["gemm_kernel"]}
    shim.click_frame(lane=2, x_frac=0.1)
    nodes = shim.selection["node"]
    names = {DECODER.strings[DECODER.nodes.name[DECODER.nodes.parent[node]]] for node in nodes}
    assert names == {"aten::mm"}


def test_steps_and_phases_on_top(shim: Shim) -> None:
    shim.show(DECODER, parts=("filters", "flame"))
    stack_by(shim, "backend", "phase")
    shim.click_frame(lane=1, x_frac=0.01)
    assert shim.selection == {"phase": ["prefill"]}
    share = left(shim)
    stack_by(shim, "model", "step")
    assert (shim.selection, left(shim)) == ({"phase": ["prefill"]}, share)  # in words that this stack has, too
    shim.page.locator(".reset").click()
    shim.click_frame(lane=1, x_frac=0.99)
    assert shim.selection == {"step": [6]}


@pytest.mark.parametrize("way", ["[data-stack=backend]", "text=inverted", "text=fold equal layers"])
def test_other_ways_to_stack_keep_what_is_selected(shim: Shim, way: str) -> None:
    shim.show(DECODER, parts=("filters", "flame"))
    shim.click_frame(lane=1, x_frac=0.5)
    seen = (shim.selection, left(shim), shim.page.evaluate("saves"))
    assert seen[0] == {"layer": list(range(28))}
    shim.page.locator(way).click()
    assert (shim.selection, left(shim), shim.page.evaluate("saves")) == seen
    assert shim.text(".chip").replace("\n", " ") == "layer 0–27 ×"
    shim.page.locator(".undo").click()
    assert shim.text(".chip").startswith("frame")
    assert (shim.selection, left(shim)) == seen[:2]


def test_files_of_their_own_have_it_too(page: Any, tmp_path: Path, compiled: Breakdown) -> None:
    page.goto(compiled.to_html(tmp_path / "run.html").as_uri())
    page.locator("[data-stack=call]").click()
    page.get_by_role("button", name="inverted").click()
    page.locator(".flame canvas").click(position={"x": 30, "y": 33})
    chip = page.locator(".chip-text").inner_text()
    assert page.locator(".left strong").first.inner_text() == f"{len(compiled.select(kernel=chip)):,}"


def test_what_takes_none_of_the_weight_is_said_and_seen_by_another(shim: Shim, compiled: Breakdown) -> None:
    """Host calls that are selected on a device's profile, as findings about them do."""
    rows = compiled.rows
    call = int(compiled.row_numbers[~rows.is_activity & (rows.host_ns > 0)][0])
    shim.show(compiled, selection={"row": [call]}, parts=("filters", "flame"))
    assert shim.text(".flame .empty") == "Nothing is left under these filters that has any device time."
    shim.page.get_by_label("Weight").select_option("host")
    shim.page.locator(".flame .empty").wait_for(state="hidden")
    assert canvas(shim).is_visible()
