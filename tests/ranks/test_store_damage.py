"""A bit that flips in a store is no other number: sums are made again, single events are refused."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import xpubreak as xb
from xpubreak.breakdown import rankjob
from xpubreak.breakdown.storefile import sealed, unsealed
from xpubreak.samples import synthesize

FLIPS = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("ranks")
    synthesize(layers=1, decode_steps=2).save(found / "rank0.json")
    return found


@pytest.fixture(scope="module")
def store(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("store")
    xb.load(folder, store=found, cache=False)
    return found


def flip(path: Path, chance: random.Random) -> bytes:
    """Flip a bit of a file; returns what it held."""
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(damaged))
    return whole


@pytest.mark.parametrize("kind", ["facts", "meta"])
def test_sums_that_are_damaged_are_made_again(
    kind: str, folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, chance, reads = xb.load(folder, cache=False), random.Random(7), []
    read_rank = rankjob.read_rank
    monkeypatch.setattr(rankjob, "read_rank", lambda *what: (reads.append(what), read_rank(*what))[1])
    for _ in range(FLIPS // 3):
        (path,) = (file for file in (store / kind).rglob("*") if file.is_file())
        flip(path, chance)
        found = xb.load(folder, store=store, cache=False)
        assert found.totals == plain.totals
        assert found.by("kernel", "step", "layer").equals(plain.by("kernel", "step", "layer"))
        assert not [issue for issue in found.issues if issue.severity == "error"]
    assert len(reads) > FLIPS / 6
    reads.clear()
    for path in [file for file in (store / kind).rglob("*") if file.is_file()]:
        path.write_bytes(path.read_bytes()[:40])
    assert xb.load(folder, store=store, cache=False).totals == plain.totals
    assert xb.load(folder, store=store, cache=False).totals == plain.totals
    assert len(reads) == 1, "and kept whole again"


@pytest.mark.parametrize("kind", ["device", "host", "paths", "meta"])
def test_single_events_that_are_damaged_are_refused(kind: str, folder: Path, store: Path) -> None:
    bd, chance, refused = xb.load(folder, store=store, cache=False), random.Random(11), 0
    plain = bd.detail(0)
    (path,) = (file for file in (store / kind).rglob("*") if file.is_file())
    for _ in range(FLIPS):
        whole = flip(path, chance)
        try:
            found = bd.detail(0)
        except xb.DetailError:
            refused += 1
        else:
            assert found.totals == plain.totals
            assert found.by("kernel", "step", "layer").equals(plain.by("kernel", "step", "layer"))
        path.write_bytes(whole)
    assert refused > FLIPS / 3


def test_what_earlier_versions_wrote_has_no_checksum() -> None:
    content = {"rank": 3, "run": {"x": [1.5, "é\ud800"]}}
    assert unsealed(sealed(content)) == content
    assert unsealed(b'{"rank": 3}') == {"rank": 3}
    for damaged in (sealed(content).replace(b"3", b"4", 1), b"[]", b"{"):
        with pytest.raises(ValueError, match=r"checksum|mapping|Expecting"):
            unsealed(damaged)
