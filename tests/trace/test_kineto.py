"""Reading trace files: what each kind of file says, and what damage costs."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from xpubreak.errors import NotATraceError
from xpubreak.trace import kineto
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace


def event(name: str, ts: Any = 0, dur: Any = 1, cat: str = "cpu_op", **fields: Any) -> dict[str, Any]:
    return {"ph": "X", "cat": cat, "name": name, "pid": 1, "tid": 1, "ts": ts, "dur": dur, **fields}


def kernel(name: str, ts: Any, dur: Any, correlation: int = 0) -> dict[str, Any]:
    return event(name, ts, dur, "kernel", pid=0, tid=7, args={"correlation": correlation})


def names(trace: Trace) -> list[str]:
    return [trace.name(row) for row in range(len(trace.events))]


def issues(trace: Trace) -> dict[str, int]:
    return {issue.code: issue.count for issue in trace.issues}


def test_rows_are_ordered_by_track_start_and_length() -> None:
    trace = kineto.from_dicts([event("late", 9), event("inner", 0, 2), kernel("k", 3, 1), event("outer", 0, 5)])
    assert names(trace) == ["outer", "inner", "late", "k"]
    assert trace.events.start_ns.tolist() == [0, 0, 9_000, 3_000]
    assert [trace.tracks[track].side for track in trace.events.track] == ["host"] * 3 + ["device"]


def test_an_operator_its_runtime_call_and_its_driver_call_of_equal_times_nest_in_that_order() -> None:
    trace = kineto.from_dicts(
        [event("zeAppend", cat="xpu_driver"), event("urEnqueue", cat="xpu_runtime"), event("aten::mm")]
    )
    assert names(trace) == ["aten::mm", "urEnqueue", "zeAppend"]


@pytest.mark.parametrize("packed", [False, True], ids=["json", "gz"])
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("is_array", [False, True], ids=["object", "array"])
def test_forms_of_the_file(tmp_path: Path, packed: bool, indent: int | None, is_array: bool) -> None:
    events = [event("a"), event("b", 2)]
    data = json.dumps(events if is_array else {"schemaVersion": 1, "traceEvents": events}, indent=indent).encode()
    path = tmp_path / "t.bin"  # recognised by content
    path.write_bytes(gzip.compress(data) if packed else data)
    assert names(kineto.read(path)) == ["a", "b"]


def test_absolute_microseconds_keep_their_nanoseconds() -> None:
    text = b'[{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":0,"ts":1712195495505543.201,"dur":0.003},'
    text += b'{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":0,"ts":1712195495505543.204,"dur":0.001}]'
    trace = kineto.read_bytes(text)
    assert trace.events.start_ns.tolist() == [0, 3]
    assert trace.metadata.start_time_ns == 1_712_195_495_505_543_201


def test_base_time_is_added() -> None:
    trace = kineto.from_dicts([event("a", 5)], baseTimeNanoseconds=1_000_000)
    assert trace.metadata.start_time_ns == 1_005_000


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("kernel", Kind.KERNEL),
        ("gpu_memcpy", Kind.MEMCPY),
        ("gpu_memset", Kind.MEMSET),
        ("xpu_runtime", Kind.RUNTIME),
        ("cuda_runtime", Kind.RUNTIME),
        ("xpu_driver", Kind.DRIVER),
        ("xpu_sync", Kind.SYNC),
        ("collective_comm", Kind.COLLECTIVE_SPAN),
        ("overhead", Kind.OVERHEAD),
        ("Trace", Kind.PROFILER),
        ("gpu_user_annotation", Kind.DEVICE_ANNOTATION),
        ("python_function", Kind.PYTHON),
        ("made_up", Kind.OTHER),
    ],
)
def test_categories(category: str, kind: Kind) -> None:
    trace = kineto.from_dicts([event("x", cat=category)])
    assert trace.events.kind.tolist() == [kind]
    assert bool(trace.events.is_activity[0]) == (kind in (Kind.KERNEL, Kind.MEMCPY, Kind.MEMSET))
    assert ("unknown-category" in issues(trace)) == (kind == Kind.OTHER)


def test_the_scope_profilers_twins_are_no_kernels() -> None:
    trace = kineto.from_dicts([kernel("gemm_kernel", 1, 4), kernel("metrics: gemm_kernel", 1, 4)])
    assert trace.events.dur_ns[trace.events.is_activity].sum() == 4_000


@pytest.mark.parametrize(
    ("events", "top_level", "device"),
    [
        ([event("urEnqueueKernelLaunch", cat="xpu_runtime"), kernel("k", 1, 1)], {}, "xpu"),
        ([event("cudaLaunchKernel", cat="cuda_runtime"), kernel("k", 1, 1)], {}, "cuda"),
        ([event("hipLaunchKernel", cat="cuda_runtime"), kernel("k", 1, 1)], {"roctracer_version": 4.1}, "rocm"),
        ([event("aten::mm")], {}, "cpu"),
        ([kernel("k", 1, 1)], {"deviceProperties": [{"id": 0, "name": "Intel(R) Arc(TM) Pro B60"}]}, "xpu"),
    ],
)
def test_device(events: list[dict[str, Any]], top_level: dict[str, Any], device: str) -> None:
    assert kineto.from_dicts(events, **top_level).metadata.device == device


@pytest.mark.parametrize("info", [{"rank": 3, "world_size": 8}, "{'rank': 3, 'world_size': 8}"])
def test_rank_as_object_or_as_text_of_one(info: Any) -> None:
    metadata = kineto.from_dicts([event("a")], distributedInfo=info, vllm_version="0.33.0").metadata
    assert (metadata.rank, metadata.world_size, metadata.versions["vllm"]) == (3, 8, "0.33.0")


def test_metadata_behind_the_events_and_what_capture_stamped() -> None:
    text = b'{"traceEvents": [], "xpubreak": {"versions": {"torch": "2.13"}, "operators": ["_C::rms_norm"]}, "x": [1]}'
    metadata = kineto.read_bytes(text).metadata
    assert metadata.versions == {"torch": "2.13"}
    assert metadata.operators == {"_C::rms_norm"}
    assert metadata.extra["x"] == [1]


def test_launches_without_kernels_are_an_error_with_the_workaround() -> None:
    trace = kineto.from_dicts([event("urEnqueueKernelLaunchWithArgsExp", cat="xpu_runtime")])
    (found,) = [issue for issue in trace.issues if issue.code == "no-kernel-records"]
    assert found.severity == "error"
    assert "SYCL_UR_USE_LEVEL_ZERO_V2=0" in found.message


class TestDamage:
    """Everything readable is kept; the rest is counted."""

    def test_truncated_anywhere(self) -> None:
        text = json.dumps({"traceEvents": [event(f"e{i}", i) for i in range(30)]}).encode()
        for cut in range(20, len(text) - 2, 7):
            trace = kineto.read_bytes(text[:cut])
            assert issues(trace)["truncated-file"] == 1
            assert names(trace) == [f"e{i}" for i in range(len(trace.events))]

    def test_truncated_and_damaged_gzip(self) -> None:
        noise = random.Random(0)
        data = json.dumps([event(f"e{noise.random()}", i) for i in range(3000)]).encode()
        packed = gzip.compress(data)
        cut = kineto.read_bytes(packed[: len(packed) // 2])
        assert issues(cut)["damaged-gzip"] == 1
        assert len(cut.events) > 1000
        hurt = bytearray(packed)
        hurt[len(packed) // 2] ^= 0xFF
        assert "damaged-gzip" in issues(kineto.read_bytes(bytes(hurt)))

    def test_concatenated_gzip_members(self) -> None:
        data = json.dumps([event("a"), event("b", 2)]).encode()
        assert names(kineto.read_bytes(gzip.compress(data[:40]) + gzip.compress(data[40:]))) == ["a", "b"]

    @pytest.mark.parametrize(
        ("entry", "code"),
        [
            ('{"ph":"X","name":"x","ts":NaN,"dur":1}', "bad-time"),
            ('{"ph":"X","name":"x","ts":1e400,"dur":1}', "bad-time"),
            ('{"ph":"X","name":"x","dur":1}', "bad-time"),
            ('{"ph":"X","name":"x","ts":2,"dur":Infinity}', "bad-duration"),
            ('{"ph":"X","name":"x","ts":2}', "bad-duration"),
            ('{"ph":"X","name":"x","ts":2,"dur":-5}', "negative-duration"),
            ('{"ph":"X","name":"x","ts":2,"dur":1}', "missing-thread"),
            ('{"name":"no phase"}', "broken-event"),
            ('{"ph":"B","name":"begin","ts":1}', "unpaired-phase"),
            ('"text"', "broken-event"),
            ("[1, 2]", "broken-event"),
            ('{"ph":"X","name":' + "[" * 100_000 + "]" * 100_000 + "}", "broken-event"),
        ],
    )
    def test_odd_entries_are_counted_and_their_neighbours_read(self, entry: str, code: str) -> None:
        good = json.dumps(event("good"))
        trace = kineto.read_bytes(f'{{"traceEvents": [{good}, {entry}, {good}]}}'.encode())
        assert names(trace).count("good") == 2
        assert issues(trace).get(code, 0) >= 1

    @pytest.mark.parametrize(
        "name", [b"\xff\xfe", b"a\x01b", b"tab\there", rb"\u0000", rb"\ud800", b"<img onerror=x>", b"](javascript:1)"]
    )
    def test_odd_names_are_text(self, name: bytes) -> None:
        text = b'[{"ph":"X","cat":"cpu_op","name":"' + name + b'","pid":1,"tid":1,"ts":1,"dur":1}]'
        trace = kineto.read_bytes(text)
        assert len(trace.events) == 1

    @pytest.mark.parametrize(
        "fields",
        [
            {"pid": "Spans", "tid": ""},
            {"pid": -1, "tid": None},
            {"tid": 1.5},
            {"args": [1]},
            {"args": {"correlation": "x"}},
        ],
    )
    def test_odd_fields(self, fields: dict[str, Any]) -> None:
        trace = kineto.from_dicts([{**event("odd"), **fields}, event("good", 5)])
        assert names(trace).count("good") == 1
        assert len(trace.events) == 2

    def test_a_name_of_a_megabyte(self) -> None:
        assert len(kineto.from_dicts([event("x" * 2_000_000), event("b", 5)]).events) == 2

    @pytest.mark.parametrize("text", [b"[]", b'{"traceEvents": []}', b'{"traceEvents":[]', b"["])
    def test_empty(self, text: bytes) -> None:
        assert len(kineto.read_bytes(text).events) == 0

    @pytest.mark.parametrize(
        "text", [b"", b"  ", b"hello", b"{}", b'{"events": []}', b"\x1f\x8b", b"PK\x03\x04", b"12", b'"x"', b"null"]
    )
    def test_what_is_no_trace(self, text: bytes, tmp_path: Path) -> None:
        path = tmp_path / "report.txt"
        path.write_bytes(text)
        with pytest.raises(NotATraceError, match=r"report\.txt.*torch\.profiler trace"):
            kineto.read(path)

    @pytest.mark.parametrize(
        ("start", "words"),
        [
            (b"\x28\xb5\x2f\xfd\x04", "Zstandard.*zstd -d"),
            (b"\xfd7zXZ\x00\x00", "xz -d"),
            (b"BZh91AY&SY", "bzip2 -d"),
            (b"\x04\x22\x4d\x18d", "lz4 -d"),
            (b"PK\x03\x04", "ZIP archive.*xb.open"),
            (gzip.compress(gzip.compress(b"[]")), "twice"),
            (gzip.compress(b"rank0.json".ljust(257, b"\0") + b"ustar\x0000"), "tar -xf"),
            ("[]".encode("utf-16"), "iconv"),
            (b"hello", r"begins with b'hello'"),
        ],
        ids=["zstd", "xz", "bzip2", "lz4", "zip", "gzip-twice", "tar.gz", "utf-16", "text"],
    )
    def test_what_else_it_is_and_what_to_do(self, start: bytes, words: str) -> None:
        with pytest.raises(NotATraceError, match=words):
            kineto.read_bytes(start)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(NotATraceError, match="cannot be read"):
            kineto.read(tmp_path / "nowhere.json")
        with pytest.raises(NotATraceError, match="cannot be read"):
            kineto.read(tmp_path)
