"""Every activity and span travels once, in the order in which it is drawn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpubreak as xb
from xpubreak.view.contract import NUMPY_OF_DTYPE
from xpubreak.view.eventwire import _drawing_order, encode_events
from xpubreak.view.wire import Packet

SAMPLES = ("h200-vllm-eager", "h200-torch-graph", "cpu-vllm-eager")


def unpack(packet: Packet) -> dict[str, np.ndarray]:
    return {
        column["name"]: np.frombuffer(packet.blob, NUMPY_OF_DTYPE[column["dtype"]], column["length"], column["offset"])
        for column in packet.meta["columns"]
    }


@pytest.fixture(scope="module", params=SAMPLES)
def bd(request: pytest.FixtureRequest) -> xb.Breakdown:
    return xb.load(xb.samples.path(request.param))


def test_rows_travel_once(bd: xb.Breakdown) -> None:
    columns = unpack(encode_events(bd))
    assert np.array_equal(np.sort(columns["row"]), bd.row_numbers)
    row = columns["row"]
    assert np.array_equal(columns["dur_ns"], bd.rows.total_ns[row])
    assert np.array_equal(columns["host_ns"], bd.rows.host_ns[row])
    assert np.array_equal(columns["fact"], bd.fact_of_row[row])


def test_facts_are_the_sums_of_their_events(bd: xb.Breakdown) -> None:
    columns = unpack(encode_events(bd))
    facts = bd.facts
    on_device = facts.stream[columns["fact"]] >= 0
    device_ns = np.bincount(columns["fact"], weights=columns["dur_ns"] * on_device, minlength=len(facts))
    host_ns = np.bincount(columns["fact"], weights=columns["host_ns"], minlength=len(facts))
    assert np.array_equal(device_ns, facts.device_ns)
    assert np.array_equal(host_ns, facts.host_ns)
    assert np.array_equal(np.bincount(columns["fact"], minlength=len(facts)), facts.count)


def test_bars_of_a_row_start_one_after_another(bd: xb.Breakdown) -> None:
    packet = encode_events(bd)
    columns = unpack(packet)
    covered = 0
    for lane in packet.meta["lanes"]:
        for low, high in zip(lane["first"][:-1], lane["first"][1:], strict=True):
            start = columns["start_ns"][low:high]
            assert np.all(np.diff(start) >= 0)
            covered += high - low
            if lane["kind"] == "stream":
                assert np.all(start[1:] >= (start + columns["dur_ns"][low:high])[:-1])
    assert covered + packet.meta["undrawn"] == len(bd)


def test_launches_point_at_the_launching_call(bd: xb.Breakdown) -> None:
    columns = unpack(encode_events(bd))
    launched = np.flatnonzero(columns["launch"] >= 0)
    launch_ns = bd.rows.launch_ns[columns["row"][launched]] + bd.origins_ns[bd.ranks[0]]
    assert np.array_equal(columns["start_ns"][columns["launch"][launched]], launch_ns)
    assert len(launched) == int((bd.rows.launch_ns >= 0).sum())


def test_part_of_a_breakdown_keeps_its_row_numbers(bd: xb.Breakdown) -> None:
    part = bd.select(duration_ns=(20_000, None))
    packet = encode_events(part)
    columns = unpack(packet)
    assert np.array_equal(np.sort(columns["row"]), part.row_numbers)
    assert part.select(row=columns["row"][:3].tolist()) == bd.select(row=columns["row"][:3].tolist())
    assert json.loads(json.dumps(packet.meta, allow_nan=False)) == packet.meta


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=9), st.sampled_from((1, 1 << 20)))
def test_the_drawing_order_is_by_row_of_bars_then_start(items: list[tuple[int, int]], stride: int) -> None:
    bar, start_ns = (np.array([item[i] for item in items], dtype=np.int64) for i in (0, 1))
    assert _drawing_order(bar * stride, start_ns).tolist() == np.lexsort((start_ns, bar)).tolist()
