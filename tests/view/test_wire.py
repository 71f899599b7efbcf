"""What is packed can be unpacked, and no nanosecond is lost on the way."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpubreak as xb
from tests.view import fake
from xpubreak.view.contract import COLUMNS, NUMPY_OF_DTYPE
from xpubreak.view.wire import Packet, encode, pack

SAMPLES = ("h200-vllm-eager", "h200-vllm-compiled", "cpu-vllm-eager")


def unpack(packet: Packet) -> dict[tuple[str, str], np.ndarray]:
    return {
        (column["table"], column["name"]): np.frombuffer(
            packet.blob, NUMPY_OF_DTYPE[column["dtype"]], column["length"], column["offset"]
        )
        for column in packet.meta["columns"]
    }


@pytest.fixture(scope="module", params=[*SAMPLES, "made up", "empty"])
def bd(request: pytest.FixtureRequest) -> Any:
    if request.param in SAMPLES:
        return xb.load(xb.samples.path(request.param))
    return fake.decoder(4) if request.param == "made up" else fake.empty()


def test_columns_come_back_as_they_were(bd: Any) -> None:
    packet = encode(bd)
    columns = unpack(packet)
    strings = packet.meta["strings"]
    assert list(columns) == [(table, name) for table, name, _ in COLUMNS]
    for (table, name), column in columns.items():
        sent = np.asarray(getattr(getattr(bd, table), name))
        if (table, name) in (("nodes", "name"), ("facts", "name"), ("facts", "module")):
            said = [strings[i] if i >= 0 else None for i in column.tolist()]
            assert said == [bd.strings[i] if i >= 0 else None for i in sent.tolist()]
        else:
            assert np.array_equal(column, sent)


def test_time_is_conserved(bd: Any) -> None:
    packet = encode(bd)
    columns = unpack(packet)
    assert int(columns["facts", "device_ns"].sum()) == packet.meta["totals"]["device_ns"]
    assert int(columns["facts", "host_ns"].sum()) == packet.meta["totals"]["host_ns"]


def test_columns_are_aligned_and_parents_come_first(bd: Any) -> None:
    packet = encode(bd)
    assert all(column["offset"] % 8 == 0 for column in packet.meta["columns"])
    parent = unpack(packet)["nodes", "parent"]
    assert np.all(parent < np.arange(len(parent)))


@given(st.lists(st.integers(-(1 << 31), (1 << 31) - 1)), st.sampled_from(("i32", "f64")))
def test_numbers_survive_the_narrowest_dtype(numbers: list[int], dtype: str) -> None:
    column = np.array(numbers, dtype=np.int64)
    [entry], blob = pack((("table", "column", dtype),), {("table", "column"): column})
    sent = np.frombuffer(blob, NUMPY_OF_DTYPE[entry["dtype"]], entry["length"], entry["offset"])
    assert sent.tolist() == numbers
    assert sent.itemsize <= np.dtype(NUMPY_OF_DTYPE[dtype]).itemsize


def test_header_is_plain_json(bd: Any) -> None:
    meta = encode(bd, title="a title").meta
    assert json.loads(json.dumps(meta, allow_nan=False)) == meta
    assert meta["title"] == "a title"
    assert [role["key"] for role in meta["roles"]][:2] == ["vllm", "torch"]


def test_only_strings_in_use_travel() -> None:
    bd = fake.decoder(2)
    before = len(encode(bd).meta["strings"])
    bd.strings.append("never shown")
    assert len(encode(bd).meta["strings"]) == before


def test_lone_surrogates_can_travel() -> None:
    bd = fake.decoder(2)
    bd.strings[bd.strings.index("gemm_kernel")] = "gemm\ud800"
    assert "gemm?" in encode(bd).meta["strings"]
