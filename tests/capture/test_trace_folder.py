"""Private folders vanish with their owner, unless traces in them are left; the line told opens just those."""

from __future__ import annotations

import gc
import re
import shutil

import pytest

from xpubreak.breakdown.load import find
from xpubreak.capture.trace_folder import leave, make_folder, rescue


class Owner:
    """Somebody."""


def test_a_folder_goes_with_its_owner():
    owner = Owner()
    folder = make_folder(owner)
    assert folder.stat().st_mode & 0o777 == 0o700
    del owner
    gc.collect()
    assert not folder.exists()


@pytest.mark.parametrize("what", ["folder", "trace", "a trace below"])
def test_what_is_left_stays(what):
    owner = Owner()
    folder = make_folder(owner)
    trace = folder / "merged" / "t.json" if what == "a trace below" else folder / "t.json"
    trace.parent.mkdir(exist_ok=True)
    trace.touch()
    leave([folder if what == "folder" else trace])
    del owner
    gc.collect()
    assert trace.exists()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("here", "ours"),
    [
        (["a.json"], ["a.json"]),
        (["a.json", "b.json.gz", "token"], ["a.json", "b.json.gz"]),
        (["old.json", "x_r0.json", "x_r1.json"], ["x_r0.json", "x_r1.json"]),
        (["x_r0.json", "x_r1.json", "x_r2.json"], ["x_r0.json", "x_r1.json"]),
        (["a.json", "x[1]_0.json", "x[1]_1.json", "x1_2.json"], ["x[1]_0.json", "x[1]_1.json"]),
        (["a.json", "below/b.json"], ["a.json", "below/b.json"]),
    ],
)
def test_the_line_opens_these_traces_and_no_other(tmp_path, here, ours):
    for name in here:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    paths = [tmp_path / name for name in ours]
    said = rescue(paths)
    assert said.startswith(f"The traces stay in {tmp_path}: xb.load(")
    opened = eval(re.search(r"xb\.load\((.*)\) opens them\.$", said)[1])
    found = [path for item in (opened if isinstance(opened, list) else [opened]) for path in find(item)]
    assert sorted(found) == sorted(paths)
