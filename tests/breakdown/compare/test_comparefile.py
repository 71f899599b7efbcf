"""A saved comparison is the comparison; what is damaged, newer or somebody else's is refused in a sentence."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path

import pytest

import xpubreak as xb
from tests.breakdown.noisy import noisy_run
from xpubreak.breakdown.store import open_saved


@pytest.fixture(scope="module")
def three() -> xb.Comparison:
    runs = [noisy_run(1, 8, title="old"), noisy_run(2, 8, title="new"), noisy_run(3, 8, slower={"gemm_a": 1.2})]
    return xb.compare(*runs, titles=("old", "new", "newest"), alpha=0.1, draws=500, seed=3)


def test_what_is_saved_comes_back(three: xb.Comparison, tmp_path: Path) -> None:
    path = three.save(tmp_path / "change.xpb")
    again = xb.open(path)
    assert isinstance(again, xb.Comparison)
    assert again.report() == three.report()
    assert again.kernels.equals(three.kernels)
    assert again.by("layer", "backend").equals(three.by("layer", "backend"))
    assert again.overview.equals(three.overview)
    assert again.confidence_text == "90 %"
    assert list(tmp_path.iterdir()) == [path], "nothing else is left"


def test_another_pair_comes_back_as_the_pair(three: xb.Comparison, tmp_path: Path) -> None:
    pair = three.pair("newest", "new")
    again = xb.open(pair.save(tmp_path / "change.xpb"))
    assert again.title == "new → newest"
    assert again.totals.equals(pair.totals)
    assert again.pair("new").report() == three.report()


def test_a_selection_stays_one(tmp_path: Path) -> None:
    cmp = xb.compare(*(noisy_run(seed, 8).select(category="gemm") for seed in (1, 2)), draws=300)
    again = xb.open(cmp.save(tmp_path / "change.xpb"))
    assert again.kernels.equals(cmp.kernels)


def test_names_of_places_stay_at_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [noisy_run(seed, 8, title="/home/alice/run.json") for seed in (1, 2)]
    path = xb.compare(*runs, draws=300).save(tmp_path / "change.xpb")
    assert b"alice" not in path.read_bytes()
    assert "left out" in capsys.readouterr().out
    assert b"alice" in xb.compare(*runs, draws=300).save(tmp_path / "mine.xpb", redact=False).read_bytes()


def test_a_breakdown_is_opened_as_one(tmp_path: Path) -> None:
    assert isinstance(xb.open(noisy_run(1, 8).save(tmp_path / "run.xpb")), xb.Breakdown)


def test_a_comparison_where_a_breakdown_is_wanted_is_called_one(three: xb.Comparison, tmp_path: Path) -> None:
    with pytest.raises(xb.NotATraceError, match=r"^[^:]*is a saved comparison.*xb\.open"):
        open_saved(three.save(tmp_path / "change.xpb"))


def test_damaged_files_are_refused_in_a_sentence(three: xb.Comparison, tmp_path: Path) -> None:
    whole = three.save(tmp_path / "change.xpb").read_bytes()
    chance = random.Random(5)
    for _ in range(60):
        data = bytearray(whole)
        if chance.random() < 0.4:
            del data[chance.randrange(len(data)) :]
        else:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path = tmp_path / "damaged.xpb"
        path.write_bytes(data)
        try:
            xb.open(path)
        except xb.NotATraceError as error:
            assert "damaged.xpb" in str(error)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"version": 99}, "newer xpubreak"), ({"titles": ["one"]}, "two runs"), ({"numbers": [0, 0]}, "same run"),
     ({"options": {}}, "alpha"), ({"titles": ["a"] * 5}, "run3"), ({"format": "other"}, "header")],
)  # fmt: skip
def test_headers_that_lie_are_refused(
    three: xb.Comparison, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    source, path = three.save(tmp_path / "change.xpb"), tmp_path / "other.xpb"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "comparison.json":
                content = json.dumps({**json.loads(content), **change}).encode()
            new.writestr(name, content)
    with pytest.raises(xb.NotATraceError, match=words):
        xb.open(path)
