"""What is saved fits its budget, says what it leaves out, and unpacks to the same sums."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from tests.view import fake
from tests.view.test_wire import unpack
from xpubreak.view import saved as saved_module
from xpubreak.view import wire
from xpubreak.view.copy import COPY_BYTES, copy_html
from xpubreak.view.reduce import FOLDED_NAME
from xpubreak.view.saved import Saved, save
from xpubreak.view.wire import Packet

HELD = re.compile(r'<script type="text/plain" data-xpubreak="([a-z-]+)"[^>]*>([^<]*)</script>')


@pytest.fixture(scope="module")
def bd() -> xb.Breakdown:
    return xb.load(xb.samples.path("h200-vllm-eager"))


def opened(saved: Saved) -> tuple[dict[str, Any], dict[tuple[str, str], np.ndarray]]:
    meta = json.loads(gzip.decompress(saved.parts["meta"]))["meta"]
    return meta, unpack(Packet(meta, gzip.decompress(saved.parts["columns"])))


@pytest.mark.parametrize("name", xb.samples.names())
@pytest.mark.parametrize("budget_bytes", [None, 100_000, 30_000, 0])
def test_sums_of_what_is_saved_are_those_of_the_whole(name: str, budget_bytes: int | None) -> None:
    bd = xb.load(xb.samples.path(name))
    meta, columns = opened(save(bd, budget_bytes=budget_bytes))
    for key in ("role", "layer", "phase", "step", "stream", "rank", "category"):
        for column in ("device_ns", "host_ns", "count"):
            expected = sums(np.asarray(getattr(bd.facts, key)), np.asarray(getattr(bd.facts, column)))
            assert sums(columns["facts", key], columns["facts", column]) == expected, (key, column)
    assert meta["totals"]["device_ns"] == bd.totals.device_ns


def sums(keys: np.ndarray, values: np.ndarray) -> dict[int, int]:
    return {int(key): int(values[keys == key].sum()) for key in np.unique(keys)}


def test_everything_is_saved_where_there_is_room(bd: xb.Breakdown) -> None:
    saved = save(bd)
    assert set(saved.parts) == {"meta", "columns", "events-meta", "events"}
    assert saved.notes == ()


def test_events_go_first(bd: xb.Breakdown) -> None:
    whole = save(bd)
    without = save(bd, budget_bytes=whole.size_bytes - 300)
    assert set(without.parts) == {"meta", "columns"}
    assert opened(without)[0]["issues"] == opened(whole)[0]["issues"], "nothing else is missing"
    [note] = without.notes
    assert "no single events" in note


def test_then_the_smallest_leaves(bd: xb.Breakdown) -> None:
    facts = save(bd, budget_bytes=save(bd).size_bytes - 300)
    less = save(bd, budget_bytes=facts.size_bytes - 300)
    assert less.size_bytes < facts.size_bytes
    meta, columns = opened(less)
    folded = columns["facts", "name"] == meta["strings"].index(FOLDED_NAME)
    share = 100 * columns["facts", "device_ns"][folded].sum() / bd.totals.device_ns
    assert 0 < share < 100
    [told] = [issue for issue in meta["issues"] if issue["code"] == "saved-copy-folded"]
    assert f"{share:.1f} % of the device time" in told["message"]
    assert less.notes[0] == told["message"]


def test_the_reader_of_the_table_is_told_too(bd: xb.Breakdown) -> None:
    html = copy_html(bd, budget_bytes=0)
    plain = html[: html.index("data-xpubreak-place")]
    assert re.search(r"the [\d,]+ smallest of its names as “\(smaller\)”, together [\d.]+ % of the device time", plain)
    assert "no single events" in plain


@pytest.mark.parametrize("name", xb.samples.names())
def test_a_copy_with_its_picture_fits(name: str) -> None:
    bd = xb.load(xb.samples.path(name))
    picture = bytes(60_000)
    html = copy_html(bd, title="t", with_bokehjs=False, picture=picture)
    assert len(html.encode()) + len(picture) * 4 / 3 <= COPY_BYTES


def test_copies_of_small_breakdowns_hold_everything() -> None:
    held = dict(HELD.findall(copy_html(fake.decoder(4), with_bokehjs=True)))
    assert set(held) == {"meta", "columns", "events-meta", "events", "bokehjs", "code", "later"}
    assert "bokehjs" not in dict(HELD.findall(copy_html(fake.decoder(4), with_bokehjs=False)))


def test_hostile_names_stay_within_their_scripts() -> None:
    bd = fake.decoder(4, hostile=True)
    bd.title = "</script><script>window.__pwned=1</script>"
    html = copy_html(bd, uid='"><script>', title=bd.title, group='"><img>', selection={"kernel": ["</script>"]})
    left = HELD.sub("", html)
    assert len(re.findall("<script", left)) == 1, "the one that boots"
    assert "<img" not in left
    assert "__pwned=1</script>" not in left


def test_modules_go_after_names_and_the_reader_is_told() -> None:
    bd = xb.load(xb.samples.path("cpu-vllm-eager"))
    saved = save(bd, budget_bytes=0)
    meta, columns = opened(saved)
    assert (columns["facts", "module"] == -1).all()
    assert any("holds no modules" in note for note in saved.notes)
    assert [issue["message"] for issue in meta["issues"] if issue["code"] == "saved-copy-folded"] == list(
        saved.notes[:-1]
    )
    assert any("stream and rank are exact" in note and "module," not in note for note in saved.notes)


def test_ranks_are_added_up_at_last_and_the_reader_is_told() -> None:
    bd = xb.load([xb.samples.path(f"h100-vllm-tp2-rank{rank}") for rank in range(2)])
    apart, together = save(bd, budget_bytes=60_000), save(bd, budget_bytes=0)
    for saved, has_ranks in ((apart, True), (together, False)):
        meta, columns = opened(saved)
        assert (set(columns["facts", "rank"].tolist()) == {0, 1}) == has_ranks
        assert any("all ranks together" in note for note in saved.notes) != has_ranks
        assert meta["ranks"] == [0, 1], "how many there were is still said"
        for key in ("role", "category", "layer", "phase", "step", "stream"):
            for column in ("device_ns", "host_ns", "count"):
                expected = sums(np.asarray(getattr(bd.facts, key)), np.asarray(getattr(bd.facts, column)))
                assert sums(columns["facts", key], columns["facts", column]) == expected, (key, column)
    assert together.size_bytes < apart.size_bytes


def test_what_is_said_of_a_breakdown_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bd = xb.load(xb.samples.path("h200-torch-graph"))
    asked: list[Any] = []
    monkeypatch.setattr(wire, "roofline_packet", asked.append)
    save(bd, budget_bytes=10_000)
    assert len(asked) == 1, "however often a size is tried"


@pytest.mark.parametrize("part", ["roofline_packet", "pack_findings"])
@pytest.mark.parametrize("budget_bytes", [None, 10_000])
def test_a_part_that_fails_is_told_and_keeps_nothing_back(
    part: str, budget_bytes: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bd = xb.load(xb.samples.path("h200-torch-graph"))

    def fail(*arguments: Any) -> None:
        raise ZeroDivisionError("no step")

    monkeypatch.setattr(wire, part, fail)
    meta, columns = opened(save(bd, budget_bytes=budget_bytes))
    [told] = [issue["message"] for issue in meta["issues"] if issue["code"] == "part-failed"]
    assert "ZeroDivisionError: no step" in told
    assert int(columns["facts", "device_ns"].sum()) == bd.totals.device_ns


def test_findings_that_fail_as_a_whole_leave_the_breakdown_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    from xpubreak.breakdown import judged

    def fail(*arguments: Any) -> None:
        raise MemoryError("too many steps")

    monkeypatch.setattr(judged, "find_all", fail)
    bd = xb.load(xb.samples.path("h200-torch-graph"))
    assert any("MemoryError: too many steps" in issue.message for issue in bd.issues)
    meta, _ = opened(save(bd))
    assert meta["findings"]["items"] == []
    assert "MemoryError" in str(meta["issues"])
    assert "MemoryError" in bd.report()


def test_events_that_fail_leave_a_copy_of_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    bd = xb.load(xb.samples.path("h200-torch-graph"))

    def fail(bd: Any) -> None:
        raise IndexError("lane 7")

    monkeypatch.setattr(saved_module, "encode_events", fail)
    found = save(bd)
    assert set(found.parts) == {"meta", "columns"}
    assert found.notes == ("Single events could not be made (IndexError: lane 7): not shown here.",)
