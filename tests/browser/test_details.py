"""The details pane: its numbers are those of pandas for the same selection."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tests.browser.shim as shims
import xpubreak as xb
from tests.browser.reading import agrees, metrics_of, ns_of
from tests.browser.shim import Shim
from tests.view import fake
from xpubreak.view.eventwire import encode_events
from xpubreak.view.wire import Packet

PARTS = ("filters", "details")
COMPILED = xb.load(xb.samples.path("h200-vllm-compiled"))
EAGER = xb.load(xb.samples.path("h200-vllm-eager"))
ON_CPU = xb.load(xb.samples.path("cpu-vllm-eager"))
SELECTIONS: tuple[dict[str, Any], ...] = (
    {"backend": ["triton"]},
    {"layer": [2, 3], "phase": ["decode"]},
    {"category": ["gemm"], "duration_ns": [[3000, 9000]]},
)


def near(shown: str, expected_ns: float) -> bool:
    return abs(ns_of(shown) - expected_ns) <= 0.006 * expected_ns + 0.5


@pytest.mark.parametrize("selection", SELECTIONS)
def test_durations_are_those_of_pandas(shim: Shim, selection: dict[str, Any]) -> None:
    shim.show(COMPILED, selection=selection, parts=PARTS)
    durations = COMPILED.select(shim.selection).kernels.device_ns
    shown = metrics_of(shim, ".event-sections")
    assert near(shown["min"], durations.min())
    assert near(shown["p50"], durations.quantile(0.5))
    assert near(shown["p95"], durations.quantile(0.95))
    assert near(shown["max"], durations.max())
    assert metrics_of(shim, ".details-body")["calls"] == f"{len(durations):,}"


@pytest.mark.parametrize("selection", SELECTIONS)
def test_delays_are_those_of_the_table(shim: Shim, selection: dict[str, Any]) -> None:
    shim.show(COMPILED, selection=selection, parts=PARTS)
    part = COMPILED.select(shim.selection)
    launched = part.kernels[part.kernels.launch_ns >= 0]
    delay = launched.start_ns - launched.launch_ns
    whole = COMPILED.timeline
    rows = part.row_numbers[COMPILED.rows.is_activity[part.row_numbers]]
    call = whole.launch[rows]
    queue = np.maximum(0, whole.start_ns[rows] - whole.start_ns[call] - COMPILED.rows.total_ns[call])[call >= 0]
    launch_line, queue_line = shim.page.locator(".small-table tbody tr").all_inner_texts()[:2]
    name, median, p95 = launch_line.split("\t")
    assert name == "launch"
    assert near(median, delay.quantile(0.5))
    assert near(p95, delay.quantile(0.95))
    name, median, p95 = queue_line.split("\t")
    assert name == "queue"
    assert near(median, np.quantile(queue, 0.5))
    assert near(p95, np.quantile(queue, 0.95))


def test_shapes_of_operators(shim: Shim) -> None:
    every = ON_CPU.ops
    name = str(every[every.shapes.str.contains(",")].name.astype(str).value_counts().index[0])
    shim.show(ON_CPU, selection={"op": [name]}, parts=PARTS)
    operators = ON_CPU.select(shim.selection).ops
    assert len(operators) > 10
    expected = operators.groupby("shapes").total_ns.agg(["size", "mean"]).sort_values("size", ascending=False)
    shown = [
        line.split("\t")
        for line in shim.page.locator(".detail", has_text="Input shapes").locator("tbody tr").all_inner_texts()
    ]
    assert [int(calls.replace(",", "")) for _, calls, _ in shown] == expected["size"].head(5).tolist()
    assert not any(shapes.startswith("[") for shapes, _, _ in shown)
    top = expected.index[expected["size"] == expected["size"].max()]
    if len(top) == 1:
        assert near(shown[0][2], expected["mean"].iloc[0])


def test_shapes_of_kernels_are_those_of_the_operator_that_launched_them(shim: Shim) -> None:
    kernels = EAGER.kernels
    gemm = (
        kernels[(kernels.op == "aten::mm") & (kernels.launch_ns >= 0)].display_name.astype(str).value_counts().index[0]
    )
    shim.show(EAGER, selection={"kernel": [gemm], "op": ["aten::mm"]}, parts=PARTS)
    mine = EAGER.select(shim.selection).kernels
    operators = EAGER.ops
    operators = operators[operators.name == "aten::mm"]
    around = [
        operators[(operators.start_ns <= at) & (at < operators.start_ns + operators.total_ns)].shapes.iloc[-1]
        for at in mine.launch_ns
    ]
    counts = sorted((around.count(shapes) for shapes in set(around)), reverse=True)
    lines = shim.page.locator(".detail", has_text="Input shapes").locator("tbody tr").all_inner_texts()
    assert [int(line.split("\t")[1].replace(",", "")) for line in lines] == counts[:5]


def test_the_same_kernel_in_other_layers(shim: Shim) -> None:
    kernel = COMPILED.select(layer=3).kernels.display_name.astype(str).value_counts().index[0]
    shim.show(COMPILED, selection={"kernel": [kernel]}, parts=PARTS)
    by_layer = COMPILED.select(kernel=kernel).by("layer")
    by_layer = by_layer[(by_layer.layer >= 0) & (by_layer["count"] > 0)]
    peers = shim.page.locator(".peer")
    assert peers.count() == len(by_layer)
    for peer, (_, line) in zip(peers.all(), by_layer.iterrows(), strict=True):
        said = peer.get_attribute("aria-label").replace("\u202f", " ")
        layer, rest = said.split(": ")
        assert layer == f"layer {int(line.layer)}"
        assert near(rest.split(" mean")[0], line.device_ns / line["count"])
        assert f"of {int(line['count']):,}" in rest
    peers.nth(2).click()
    assert shim.selection == {"kernel": [kernel], "layer": [int(by_layer.layer.iloc[2])]}
    agrees(shim, COMPILED)
    shim.page.keyboard.press("ArrowRight")
    shim.page.keyboard.press("Enter")
    assert shim.selection["layer"] == [int(by_layer.layer.iloc[3])]
    agrees(shim, COMPILED)


def test_the_odd_layer_is_marked(shim: Shim) -> None:
    shim.show(fake.decoder(28), selection={"category": ["attention"]}, parts=PARTS)
    assert shim.page.locator(".peer.odd").evaluate_all("(all) => all.map((one) => one.dataset.layer)") == ["11"]
    assert "layer 11 stands out" in shim.text(".details-body")


@pytest.mark.parametrize("name", ["h200", "cpu"])
def test_one_event_tells_its_own_facts(shim: Shim, name: str) -> None:
    bd = {"h200": EAGER, "cpu": ON_CPU}[name]
    counted = np.flatnonzero(bd.rows.is_activity if bd.weight == "device" else bd.rows.host_ns > 0)
    row = int(counted[len(counted) // 2])
    shim.show(bd, selection={"row": [row]}, parts=PARTS)
    facts = shim.page.locator(".event-sections .facts")
    names, values = facts.locator("dt").all_inner_texts(), facts.locator("dd").all_inner_texts()
    said = {key: value.replace("\u202f", " ") for key, value in zip(names, values, strict=True)}
    whole = bd.timeline
    assert near(said["start"], whole.start_ns[row])
    assert near(said["duration"], bd.rows.total_ns[row])
    assert said["ran on"] == whole.lanes[whole.lane[row]].label
    assert said["in Python"] == f"bd.select(row={row})"
    if bd.weight == "device":
        assert near(said["launch delay"], whole.start_ns[row] - whole.start_ns[whole.launch[row]])
        assert said["launched by"] == bd.strings[bd.rows.display[whole.launch[row]]]
    else:
        assert near(said["self time"], bd.rows.host_ns[row])
    agrees(shim, bd)


def test_a_kernel_of_a_graph_waits_as_long_in_the_timeline_as_in_the_details(shim: Shim) -> None:
    whole, rows = COMPILED.timeline, COMPILED.rows
    replay = np.bincount(whole.launch[whole.launch >= 0]).argmax()
    row = int(np.flatnonzero(whole.launch == replay)[-1])
    returned_ns = whole.start_ns[replay] + rows.total_ns[replay]
    queued_ns = whole.start_ns[row] - returned_ns
    before = rows.is_activity & (whole.start_ns < whole.start_ns[row])
    free_ns = whole.start_ns[row] - (whole.start_ns + rows.total_ns)[before].max()
    assert 0 < free_ns < queued_ns
    shim.show(COMPILED, selection={"row": [row]}, parts=("timeline", "details"))
    facts = shim.page.locator(".event-sections .facts")
    facts.first.wait_for()
    at = facts.locator("dt").all_inner_texts().index("queue delay")
    said = facts.locator("dd").nth(at).inner_text().replace("\u202f", " ")
    assert near(said, queued_ns)
    note = shim.text(".event-note")
    assert f"queue delay {said} · " in note
    assert near(note.split("of that stream free ")[1].split(" · ")[0], free_ns)


def test_steps_streams_and_layers_of_a_selection(shim: Shim) -> None:
    shim.show(COMPILED, selection={"step": [2, 3, 4], "backend": ["triton"]}, parts=PARTS)
    places = dict(line.split("\n", 1) for line in shim.page.locator(".places > div").all_inner_texts())
    kernels = COMPILED.select(shim.selection).kernels
    assert places["steps"] == "2–4"
    assert places["streams"].startswith(f"stream {kernels.groupby('stream').device_ns.sum().idxmax()}")
    layers = sorted(kernels.layer[kernels.layer >= 0].unique().tolist())
    assert places["layers"] == f"{layers[0]}–{layers[-1]}"


def test_the_full_name_is_copied(shim: Shim) -> None:
    bd = fake.decoder(2)
    name = "kernel<" + ", ".join(f"argument_{i}" for i in range(400)) + ">"
    bd.strings[bd.strings.index("triton_poi_fused_mul_silu_0")] = name
    shim.show(bd, selection={"backend": ["triton"]}, parts=PARTS)
    assert "…" in shim.text(".subject.code")
    shim.page.locator(".copy").click()
    assert shim.page.locator(".copy").get_attribute("aria-label") == "Copied"
    shim.page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), { id: 'here' }))")
    shim.page.locator("#here").focus()
    shim.page.keyboard.press("Control+v")
    assert shim.page.locator("#here").input_value() == name


def test_without_single_events_the_rest_is_there(shim: Shim, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encode_events(COMPILED)
    monkeypatch.setattr(shims, "encode_events", lambda bd: Packet(whole.meta, whole.blob[:64]))
    shim.show(COMPILED, selection={"backend": ["triton"]}, parts=PARTS)
    shim.page.wait_for_selector(".event-sections :text('cut short')")
    assert "Why this backend" in shim.text(".details-body")


def test_nothing_left_is_said(shim: Shim) -> None:
    shim.show(COMPILED, selection={"backend": ["cpu"]}, parts=PARTS)
    assert "Nothing is left" in shim.text(".details-body")


def test_wide_alone_its_sections_stay_apart_and_whole_in_two_columns(shim: Shim) -> None:
    shim.page.set_viewport_size({"width": 1200, "height": 800})
    kernel = COMPILED.select(layer=3).kernels.display_name.astype(str).value_counts().index[0]
    shim.show(COMPILED, selection={"kernel": [kernel]}, parts=("details",))
    shim.page.wait_for_selector(".peers")
    looks = shim.page.locator(".detail-group > *, .event-sections > :not([hidden])").evaluate_all(
        "(all) => all.map((one) => [getComputedStyle(one).marginBottom, getComputedStyle(one).breakInside])"
    )
    assert len(looks) > 6
    assert {tuple(look) for look in looks} == {("10px", "avoid")}
