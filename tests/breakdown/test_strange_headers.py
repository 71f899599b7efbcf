"""A header whose fields are not of their types is refused when the file is opened, not in the middle of a view."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from xpubreak.attribute.container import MAX_LAYERS

MUTATIONS = [
    # where, field, value that is none
    ("run", "layer_count", 10**8),
    ("run", "layer_count", -5),
    ("run", "layer_count", MAX_LAYERS + 1),
    ("run", "layer_count", "x"),
    ("run", "layer_count", True),
    ("run", "sources", 5),
    ("run", "sources", {"step": 5}),
    ("run", "clamped", "x"),
    ("run", "overlapping", None),
    ("run", "sums", {"device_ns": 1}),
    ("run", "issues", [{"code": "x", "severity": "nope", "message": "m"}]),
    ("run", "issues", [{"code": "x", "severity": "info", "message": 5}]),
    ("run", "issues", [{"code": "x", "severity": ["info"], "message": "m"}]),
    ("run", "tracks", [{"side": "host", "pid": 1, "tid": "1"}]),
    ("run", "metadata", 5),
    ("metadata", "device_name", 5),
    ("metadata", "device", None),
    ("metadata", "extra", 5),
    ("metadata", "versions", {"a": 5}),
    ("metadata", "operators", [5]),
    ("metadata", "start_time_ns", "x"),
    ("metadata", "start_time_ns", 10**30),
    ("metadata", "synthetic", "yes"),
    ("metadata", "rank", 0.5),
    ("step", "name", 5),
    ("step", "phase", "zz"),
    ("step", "phase", 4),
    ("step", "phase", -1),
    ("step", "start_ns", 10**30),
    ("evidence", "rule", 5),
    ("header", "folded", [5]),
    ("header", "folded", "steps"),
]


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(parts: dict[str, bytes], where: str, field: str, value: object) -> dict[str, bytes]:
    header: dict[str, Any] = json.loads(parts["header.json"])
    run = header["runs"][0]
    held = {
        "header": header,
        "run": run,
        "metadata": run["metadata"],
        "step": run["steps"][0],
        "evidence": header["evidences"][0],
    }
    held[where][field] = value
    return {**parts, "header.json": json.dumps(header).encode()}


def packed(parts: dict[str, bytes], path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("run")
    return parts_of(xb.load(xb.samples.path("h200-torch-graph")).save(folder / "run.xpb"))


@pytest.mark.parametrize(("where", "field", "value"), MUTATIONS)
def test_a_field_that_is_not_of_its_type_is_refused(
    parts: dict[str, bytes], where: str, field: str, value: object, tmp_path: Path
) -> None:
    path = packed(changed(parts, where, field, value), tmp_path / "strange.xpb")
    with pytest.raises(xb.NotATraceError, match=r"strange\.xpb is damaged"):
        xb.open(path)


@pytest.mark.parametrize("header", [b"[]", b"null", b'"xpubreak-breakdown"', b"5", b"true", b"", b"{}", b"\xff"])
def test_a_header_that_is_no_object_is_refused(parts: dict[str, bytes], header: bytes, tmp_path: Path) -> None:
    path = packed({**parts, "header.json": header}, tmp_path / "strange.xpb")
    with pytest.raises(xb.NotATraceError, match=r"strange\.xpb is no saved breakdown"):
        xb.open(path)


@pytest.mark.parametrize("header", [b"[]", b"null", b'"xpubreak-comparison"', b"5", b"{}"])
def test_nor_is_one_of_a_comparison(header: bytes, tmp_path: Path) -> None:
    path = packed({"comparison.json": header}, tmp_path / "strange.xpb")
    with pytest.raises(xb.NotATraceError, match=r"strange\.xpb is no saved comparison"):
        xb.open(path)


def test_a_comparison_is_refused_with_its_run(tmp_path: Path) -> None:
    bd = xb.load(xb.samples.path("h200-torch-graph"))
    saved = parts_of(xb.compare(bd, bd).save(tmp_path / "both.xpb"))
    (tmp_path / "run1.xpb").write_bytes(saved["run1.xpb"])
    strange = packed(changed(parts_of(tmp_path / "run1.xpb"), "run", "layer_count", 10**8), tmp_path / "run1.xpb")
    path = packed({**saved, "run1.xpb": strange.read_bytes()}, tmp_path / "strange.xpb")
    with pytest.raises(xb.NotATraceError, match=r"strange\.xpb is damaged"):
        xb.open(path)


def test_as_many_layers_as_a_trace_can_have_are_read(parts: dict[str, bytes], tmp_path: Path) -> None:
    bd = xb.open(packed(changed(parts, "run", "layer_count", MAX_LAYERS), tmp_path / "deep.xpb"))
    assert bd.layer_count == MAX_LAYERS
