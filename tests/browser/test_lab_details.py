"""Header, findings, details and roofline in JupyterLab: what they say and select is what the kernel has."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.browser.live import SAMPLE, Live, hit
from tests.browser.reading import metrics_of, ns_of
from tests.browser.test_roofline import place_of
from tests.browser.tracks import Tracks
from xpubreak.view.roofline import roofline_packet

BODY = ".details-body"


def near(text: str, expected_ns: float) -> bool:
    return abs(ns_of(text) - expected_ns) <= 0.006 * expected_ns + 0.5


def test_the_header_says_what_the_kernel_sums(live: Live) -> None:
    totals, coverage = live.bd.totals, live.bd.coverage
    shown = metrics_of(live, ".header")
    for name in ("device", "busy", "wall"):
        assert near(shown[name], getattr(totals, f"{name}_ns")), name
    assert shown["idle"] == f"{100 * totals.idle_frac:.1f} %"
    assert shown["layers"] == str(live.bd.layer_count)
    assert shown["steps"] == str(len(live.bd.steps))
    covers = dict(text.replace("\u202f", " ").split("\n") for text in live.page.locator(".cover").all_inner_texts())
    assert covers["linked"] == f"{100 * coverage.linked_ns / coverage.weight_ns:.0f} %"
    with live.nothing_selected_anew():
        notes = live.page.locator(".notes")
        notes.locator("summary").click()
        for issue in live.bd.issues:
            assert issue.message.split(". ")[0] in notes.inner_text()


def test_a_profile_that_was_cut_off_says_so_in_a_banner(live_of: Callable[[str, Any], Live], tmp_path: Path) -> None:
    whole = gzip.decompress(Path(xb.samples.path(SAMPLE)).read_bytes())
    path = tmp_path / "cut.json"
    path.write_bytes(whole[: len(whole) * 9 // 10])
    cut = xb.load(path)
    live = live_of(f"xb.load({str(path)!r})", cut)
    [truncated] = [issue for issue in cut.issues if issue.code == "truncated-file"]
    assert truncated.message.split(". ")[0] in live.text(".header .banners")
    assert live.told()["activities"] == cut.totals.activities
    assert live.text(".left strong") == f"{cut.totals.activities:,}"


def test_a_part_of_the_bar_selects_its_backend(live: Live) -> None:
    for row in live.bd.by("backend").query("device_ns > 0").itertuples():
        part = live.page.locator(f".backend-part[data-key={row.backend}]")
        said = str(part.get_attribute("aria-label")).replace("\u202f", " ")
        assert f": {100 * row.share:.1f} % of device time" in said
        part.click()
        assert live.selects({"backend": [row.backend]})["device time"][0] == row.device_ns
    live.page.locator(".backend-part[data-key=torch]").click()
    live.selects({"backend": ["torch"]})
    live.page.locator(".backend-part[data-key=vllm]").click(modifiers=["Control"])
    assert set(live.selects_only("backend")["selection"]["backend"]) == {"torch", "vllm"}
    live.page.locator(".backend-part[data-key=torch]").focus()
    live.page.keyboard.press("Enter")
    live.page.keyboard.press("Enter")
    live.selects({})


def test_a_finding_selects_its_evidence(live: Live) -> None:
    titles = live.page.locator(".finding-title").all_inner_texts()
    assert titles == [finding.title for finding in live.bd.findings[:5]]
    for place, finding in enumerate(live.bd.findings[:5]):
        button = live.page.locator(".finding").nth(place)
        button.click()
        told = live.selects(finding.evidence.to_json())
        assert told["activities"] == live.bd.select(finding.evidence).totals.activities
        body = live.page.locator(".finding-body:visible").inner_text()
        assert finding.arithmetic in body
        assert finding.advice in body
        same = f"print(view.selected == bd.select(bd.findings[{place}].evidence))"
        assert live.notebook.python(same) == "True"
        button.click()
        live.selects({})


def test_details_of_a_kernel_and_the_same_kernel_in_another_layer(live: Live) -> None:
    name = str(live.bd.select(layer=3).kernels.display_name.astype(str).value_counts().index[0])
    live.notebook.python(f"view.selection = {{'kernel': [{name!r}]}}")
    peers = live.page.locator(".peer")
    peers.nth(2).wait_for()
    kernels = live.bd.select(kernel=name).kernels
    shown = metrics_of(live, ".event-sections") | metrics_of(live, BODY)
    assert shown["calls"] == f"{live.agreed()['activities']:,}" == f"{len(kernels):,}"
    assert near(shown["device time"], kernels.device_ns.sum())
    for label, ns in (("min", kernels.device_ns.min()), ("p95", kernels.device_ns.quantile(0.95))):
        assert near(shown[label], ns)
    why = live.text(BODY)
    for fact in (
        "Why this backend",
        str(kernels.rule.iloc[0]),
        str(kernels.confidence.iloc[0]),
        str(kernels.op.iloc[0]),
    ):
        assert fact in why
    layers = sorted(set(kernels.layer[kernels.layer >= 0]))
    assert peers.count() == len(layers)
    peers.nth(2).click()
    told = live.selects({"kernel": [name], "layer": [int(layers[2])]})
    said = str(peers.nth(2).get_attribute("aria-label")).replace("\u202f", " ")
    assert near(said.split(": ")[1].split(" mean")[0], told["device time"][0] / told["activities"])
    live.page.keyboard.press("ArrowRight")
    live.page.keyboard.press("Enter")
    live.selects({"kernel": [name], "layer": [int(layers[3])]})


def test_details_of_one_event(live: Live) -> None:
    tracks = Tracks(live, live.bd)
    aim = tracks.longest(lane=0)
    tracks.click(aim)
    row = int(tracks.row[hit(live, tracks, aim)[0]])
    facts = live.page.locator(".event-sections .facts")
    facts.first.wait_for()
    names, values = facts.locator("dt").all_inner_texts(), facts.locator("dd").all_inner_texts()
    said = {key: value.replace("\u202f", " ") for key, value in zip(names, values, strict=True)}
    kernel = live.bd.select(row=row).kernels.iloc[0]
    assert said["in Python"] == f"bd.select(row={row})"
    assert live.notebook.python(f"print({said['in Python']} == view.selected)") == "True"
    assert near(said["duration"], kernel.device_ns)
    assert near(said["launch delay"], kernel.start_ns - kernel.launch_ns)
    assert said["ran on"] == f"stream {kernel.stream}"
    assert said["operator"] == kernel.op


def test_a_point_of_the_roofline_selects_its_operator(live: Live) -> None:
    packet = roofline_packet(live.bd)
    points = packet["points"]
    point = min((one for one in points if one["op"] == "_C::rotary_embedding"), key=lambda one: one["time_ns"])
    live.page.mouse.move(*place_of(live, point, packet["ranges"]))
    assert live.text(".tooltip-title") == "_C::rotary_embedding"
    with live.repainted(".roofline .plot"):
        live.page.mouse.click(*place_of(live, point, packet["ranges"]))
        live.selects({"op": ["_C::rotary_embedding"]})
    live.page.mouse.click(*place_of(live, point, packet["ranges"]))
    live.selects({})
    live.page.locator(".roof-overlay").focus()
    for key in ("ArrowRight", "Home", "Enter"):
        live.page.keyboard.press(key)
    told = live.selects({"op": [points[0]["op"]]})
    ops = live.notebook.python(f"print(bd.select(op={points[0]['op']!r}).totals.activities)")
    assert told["activities"] == int(ops)


@pytest.mark.parametrize("part", ["flame", "timeline", "layers", "kernels"])
def test_parts_are_put_away_and_brought_back(live: Live, part: str) -> None:
    with live.nothing_selected_anew():
        live.page.locator(".parts-menu").click()
        live.page.locator(f"[data-part={part}]").uncheck()
        panel = live.page.locator(f".panel.{part}")
        assert panel.is_hidden()
        live.page.locator(f"[data-part={part}]").check()
        assert panel.is_visible()
        live.page.keyboard.press("Escape")
