"""Damage never becomes a number: what is in a file is what was written, or it is refused."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

import xpubreak as xb
from xpubreak.breakdown.archive import Members
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.store import NO_ARCHIVE
from xpubreak.samples import synthesize

FLIPS = 120


@pytest.fixture(scope="module")
def bd(tmp_path_factory: pytest.TempPathFactory) -> Breakdown:
    path = tmp_path_factory.mktemp("damage") / "rank0.json"
    synthesize(layers=2, decode_steps=2).save(path)
    return xb.load(path, cache=False)


def flipped(content: bytes, chance: random.Random) -> bytes:
    """The same but for one bit."""
    damaged = bytearray(content)
    damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def test_whatever_bit_of_an_archive_flips_its_members_are_the_same_or_refused() -> None:
    parts = {"header.json": b'{"a": 1}', "rows.arrow": bytes(range(90))}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    whole = file.getvalue()
    refused = 0
    for place in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        try:
            members = Members(memoryview(damaged))
            found = {name: bytes(members[name]) for name in parts}
        except NO_ARCHIVE:
            refused += 1
        else:
            assert found == parts, f"bit {place % 8} of byte {place // 8}"
    assert refused > 8 * sum(map(len, parts.values())), "at least that of all content"


@pytest.mark.parametrize("compress", [True, False])
def test_a_flipped_bit_of_a_saved_file_is_no_other_number(bd: Breakdown, compress: bool, tmp_path: Path) -> None:
    path = bd.save(tmp_path / "run.xpb", compress=compress, redact=False)
    whole, chance, refused = path.read_bytes(), random.Random(5), 0
    for _ in range(FLIPS):
        path.write_bytes(flipped(whole, chance))
        try:
            found = xb.open(path)
        except xb.NotATraceError as error:
            assert str(path) in str(error)
            refused += 1
        else:
            assert found.totals == bd.totals
            assert found.by("kernel", "step", "layer").equals(bd.by("kernel", "step", "layer"))
    assert refused > FLIPS * 0.8, "places in the archive that say nothing are few"
