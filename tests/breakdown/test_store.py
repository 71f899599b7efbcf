"""A saved breakdown is the breakdown; a file that is damaged, newer or somebody else's is refused in a sentence."""

from __future__ import annotations

import json
import random
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpubreak as xb
from xpubreak.breakdown.packing import everywhere, pack
from xpubreak.breakdown.packing import unpacked as rebuilt
from xpubreak.breakdown.rows import Rows
from xpubreak.trace import kineto

SAMPLES = ("h200-vllm-compiled", "cpu-vllm-eager", "h200-torch-graph")


def assert_same(one: xb.Breakdown, other: xb.Breakdown) -> None:
    for field in fields(one.rows):
        assert np.array_equal(getattr(one.rows, field.name), getattr(other.rows, field.name)), field.name
    assert one.report() == other.report()
    assert one.kernels.equals(other.kernels)
    assert one.ops.equals(other.ops)
    assert one.steps.equals(other.steps)
    assert one.issues == other.issues
    assert one.sources == other.sources
    assert np.array_equal(one.timeline.depth, other.timeline.depth)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("compress", [True, False])
def test_what_is_saved_comes_back(name: str, compress: bool, tmp_path: Path) -> None:
    bd = xb.load(xb.samples.path(name))
    path = bd.save(tmp_path / "run.xpb", compress=compress, redact=False)
    assert_same(xb.open(path), bd)
    assert list(tmp_path.iterdir()) == [path], "nothing else is left"


def test_ranks_and_a_selection_come_back(tmp_path: Path) -> None:
    whole = xb.load([xb.samples.path("cpu-vllm-eager"), xb.samples.path("cpu-vllm-compiled")])
    part = whole.select(backend="torch", duration_ns=(1000, None))
    again = xb.open(part.save(tmp_path / "part.xpb", redact=False))
    assert_same(again, part)
    assert again.selection == part.selection
    assert again.ranks == whole.ranks


def test_damaged_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    path = xb.load(xb.samples.path("h200-torch-graph")).save(tmp_path / "run.xpb")
    whole = path.read_bytes()
    chance = random.Random(3)
    for _ in range(150):
        data = bytearray(whole)
        if chance.random() < 0.4:
            del data[chance.randrange(len(data)) :]
        else:
            for _ in range(chance.choice([1, 4, 30])):
                data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(bytes(data))
        try:
            found = xb.open(path)
        except xb.NotATraceError as error:
            assert str(path) in str(error)
        else:  # the damage hit times, padding or texts
            found.report()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 99}, "newer xpubreak"),
        ({"format": "other"}, "no saved breakdown"),
        ({"runs": []}, "damaged"),
        ({"evidences": []}, "damaged"),
    ],
)
def test_headers_that_do_not_fit(change: dict[str, object], said: str, tmp_path: Path) -> None:
    path = xb.load(xb.samples.path("h200-torch-graph")).save(tmp_path / "run.xpb")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["header.json"] = json.dumps({**json.loads(parts["header.json"]), **change}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(xb.NotATraceError, match=said):
        xb.open(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"{}", b"\x80\x04\x95cos\nsystem\n."])
def test_other_files(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.xpb"
    path.write_bytes(content)
    with pytest.raises(xb.NotATraceError, match=r"x\.xpb"):
        xb.open(path)
    with pytest.raises(xb.NotATraceError, match="cannot be read"):
        xb.open(tmp_path / "missing.xpb")


def packed(parts: dict[str, bytes], path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def arrow(table: pa.Table, codec: str | None = "zstd") -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, bytes]:
    return unpacked(xb.load(xb.samples.path("h200-torch-graph")).save(tmp_path / "run.xpb"))


def test_columns_that_unpack_to_far_more_than_the_file_are_refused(parts: dict[str, bytes], tmp_path: Path) -> None:
    zeros = {field.name: pa.array(np.zeros(1 << 23, dtype=np.int64)) for field in fields(Rows)}
    bomb = arrow(pa.table(zeros))
    assert len(bomb) < 1 << 20, "a bomb is small"
    with pytest.raises(xb.NotATraceError, match=r"damaged.*would unpack .* bytes to [\d,]+: no breakdown does"):
        xb.open(packed({**parts, "rows.arrow": bomb}, tmp_path / "bomb.xpb"))


def test_a_buffer_that_lies_about_its_length_asks_for_no_memory(parts: dict[str, bytes], tmp_path: Path) -> None:
    rows = parts["rows.arrow"]
    table = pa.ipc.open_file(pa.BufferReader(rows)).read_all()
    length = len(table) * table.schema.types[-1].bit_width // 8
    at = rows.rindex(length.to_bytes(8, "little"))  # the length in front of the last packed column
    lie = rows[:at] + (1 << 45).to_bytes(8, "little") + rows[at + 8 :]
    with pytest.raises(xb.NotATraceError, match="would unpack"):
        xb.open(packed({**parts, "rows.arrow": lie}, tmp_path / "lie.xpb"))


@pytest.mark.parametrize(
    ("packing", "said"),
    [
        ({"constants": {field.name: 1 for field in fields(Rows) if field.name != "event"}}, "would unpack"),
        ({"constants": {"event": 1}}, "of other columns"),
        ({"constants": {"what": 1}}, "of other columns"),
        ({"constants": {"count": 1 << 70}}, "damaged"),
        ({"constants": {"count": "many"}}, "damaged"),
        ({"constants": [1]}, "is none"),
        ({"differences": ["name"]}, "damaged"),
        ({"more": 1}, "damaged"),
    ],
)
def test_packings_that_do_not_fit(
    parts: dict[str, bytes], packing: dict[str, object], said: str, tmp_path: Path
) -> None:
    rows = arrow(pa.table({"event": pa.array(np.zeros(1 << 22, dtype=np.int64))})) if said == "would unpack" else None
    header = json.dumps({**json.loads(parts["header.json"]), "packing": packing}).encode()
    changed = {**parts, "header.json": header, **({"rows.arrow": rows} if rows else {})}
    with pytest.raises(xb.NotATraceError, match=said):
        xb.open(packed(changed, tmp_path / "x.xpb"))


def test_files_of_the_version_before_are_read(tmp_path: Path) -> None:
    bd = xb.load(xb.samples.path("h200-torch-graph"))
    parts = unpacked(bd.save(tmp_path / "run.xpb", compress=False, redact=False))
    header = json.loads(parts["header.json"])
    del header["packing"]
    older = json.dumps({**header, "version": 3}).encode()
    assert_same(xb.open(packed({**parts, "header.json": older}, tmp_path / "older.xpb")), bd)
    oldest = json.dumps({**header, "version": 2}).encode()
    with pytest.raises(xb.NotATraceError, match="older xpubreak"):
        xb.open(packed({**parts, "header.json": oldest}, tmp_path / "oldest.xpb"))


def test_files_whose_columns_are_as_wide_as_documented_are_read(tmp_path: Path) -> None:
    bd = xb.load(xb.samples.path("h200-torch-graph"))
    parts = unpacked(bd.save(tmp_path / "run.xpb", redact=False))
    header = json.dumps({**json.loads(parts["header.json"]), "version": 4}).encode()
    table = pa.ipc.open_file(pa.BufferReader(parts["rows.arrow"])).read_all()
    widths = {name: getattr(bd.rows, name).dtype for name in table.column_names}
    wide = pa.table({name: table[name].cast(pa.from_numpy_dtype(width)) for name, width in widths.items()})
    assert wide.nbytes > table.nbytes
    assert_same(xb.open(packed({**parts, "header.json": header, "rows.arrow": arrow(wide)}, tmp_path / "4.xpb")), bd)


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1, max_size=50))
def test_packed_columns_are_the_columns(numbers: list[int]) -> None:
    column = np.array(numbers, dtype=np.int64)
    columns = dict.fromkeys(("event", "start_ns", "count", "layer"), column)
    stored, packing = pack(columns)
    ones = {name: everywhere(value, len(column), np.int64) for name, value in packing.constants.items()}
    again = rebuilt({**stored, **ones}, packing, dict.fromkeys(columns, np.int64))
    for name in columns:
        assert again[name].dtype == np.int64
        assert np.array_equal(again[name], column), name
    assert ("start_ns" in stored) == (len(set(numbers)) > 1)
    assert "event" in stored, "says how many there are"


def test_texts_that_overlap_are_refused(parts: dict[str, bytes], tmp_path: Path) -> None:
    offsets = np.array([0, 1 << 16] * 5000 + [0], dtype=np.int32)
    text = pa.py_buffer(b"x" * (1 << 16))
    made = pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, pa.py_buffer(offsets.tobytes()), text])
    with pytest.raises(xb.NotATraceError, match="damaged"):
        xb.open(packed({**parts, "strings.arrow": arrow(pa.table({"text": made}), None)}, tmp_path / "x.xpb"))


@pytest.mark.parametrize("length", [5, 1 << 30])
def test_nulls_are_no_columns(parts: dict[str, bytes], length: int, tmp_path: Path) -> None:
    none = pa.Array.from_buffers(pa.null(), length, [None])
    nulls = pa.table({field.name: none for field in fields(Rows)})
    with pytest.raises(xb.NotATraceError, match="damaged"):
        xb.open(packed({**parts, "rows.arrow": arrow(nulls)}, tmp_path / "x.xpb"))


def test_compressed_members_and_endless_headers_are_refused(parts: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "zip.xpb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(xb.NotATraceError, match="is compressed"):
        xb.open(path)
    with pytest.raises(xb.NotATraceError, match="its header takes"):
        xb.open(packed({**parts, "header.json": b" " * (1 << 26) + parts["header.json"]}, path))


def test_what_was_there_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bd = xb.load(xb.samples.path("h200-torch-graph"))
    path = bd.save(tmp_path / "run.xpb")
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises(xb.XpubreakError, match=r"run\.xpb: cannot be written \(No space left on device\)"):
        bd.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path], "nothing else is left"


def test_uncompressed_columns_are_mapped_not_copied(tmp_path: Path) -> None:
    path = xb.load(xb.samples.path("h200-torch-graph")).save(tmp_path / "run.xpb", compress=False)
    rows = xb.open(path).tables.rows
    assert not rows.device_ns.flags.owndata
    assert not rows.device_ns.flags.writeable


def test_a_layer_that_most_steps_lack_comes_back(tmp_path: Path) -> None:
    spans = [
        ("xpb:model.layers.0.mlp:Qwen3MLP", 1, 0, 0),
        ("aten::linear", 3, 0.001, 0.001),
        ("xpb:model.layers.1.self_attn:Qwen3Attention", 3, 0.001, 0.001),
    ]
    events = [
        {"ph": "X", "cat": "cpu_op", "name": name, "pid": 1, "tid": tid, "ts": ts, "dur": dur, "args": {}}
        for name, tid, ts, dur in spans
    ]
    bd = xb.load(kineto.from_dicts(events))
    assert (bd.layer_count, int(bd.rows.layer.max())) == (1, 1)
    assert_same(bd, xb.open(bd.save(tmp_path / "one.xpb", redact=False)))
