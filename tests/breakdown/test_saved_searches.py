"""A pattern in a file is a program of a stranger's: what it found is saved beside it, and it is never run again."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xpubreak as xb
from tests.breakdown.test_strange_headers import packed, parts_of
from xpubreak.breakdown import searchtext
from xpubreak.breakdown.savedselection import LEFT_OUT
from xpubreak.breakdown.searchtext import FoundText, is_steady
from xpubreak.command.main import main
from xpubreak.trace.kineto import from_dicts

LOOKS_AHEAD = "/^(?!.*(?:split|norm)).*(?:kernel|nvjet)/"
TRACE = xb.samples.path("h200-torch-graph")


@pytest.fixture(scope="module")
def whole() -> xb.Breakdown:
    return xb.load(TRACE)


@pytest.fixture
def never(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pattern is run but steady ones."""

    def refuse(text: str) -> re.Pattern[str]:
        assert is_steady(text), f"{text} was run"
        return re.compile(re.escape(text))

    monkeypatch.setattr(searchtext, "pattern_of", refuse)


def saved(bd: xb.Breakdown, path: Path, **header: Any) -> Path:
    """As a file whose header says something else; None leaves it out."""
    bd.save(path, redact=False)
    parts = parts_of(path)
    changed = {**json.loads(parts["header.json"]), **header}
    written = {name: value for name, value in changed.items() if value is not None}
    return packed({**parts, "header.json": json.dumps(written).encode()}, path)


def test_what_a_pattern_found_comes_back(whole: xb.Breakdown, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    part = whole.select(text=[LOOKS_AHEAD, "kernel"])
    assert 0 < len(part) < len(whole.select(text="kernel"))
    path = part.save(tmp_path / "part.xpb", redact=False)
    compared = xb.compare(part, part).save(tmp_path / "both.xpb", redact=False)
    layer = part.select(layer=0)
    request.getfixturevalue("never")
    again = xb.open(path)
    assert again.selection == part.selection
    assert np.array_equal(again.row_numbers, part.row_numbers)
    assert np.array_equal(again.select(layer=0).row_numbers, layer.row_numbers)
    assert np.array_equal(again.select(again.selection.to_json()).row_numbers, part.row_numbers)
    assert np.array_equal(pickle.loads(pickle.dumps(again)).select(layer=0).row_numbers, layer.row_numbers)
    assert LOOKS_AHEAD in again.report()
    for one in (again, again.redacted()):
        assert np.array_equal(xb.open(one.save(tmp_path / "twice.xpb")).row_numbers, part.row_numbers)
    assert np.array_equal(xb.open(compared).a.row_numbers, part.row_numbers)


def test_redaction_rewrites_what_was_found(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    names = ("load /home/bob/acme/x.py", "load /home/bob/acme/y.py", "other")
    events = [
        {"ph": "X", "cat": "cpu_op", "name": name, "pid": 1, "tid": 1, "ts": 10 * i, "dur": 5}
        for i, name in enumerate(names)
    ]
    (tmp_path / "run.json").write_text(json.dumps({"traceEvents": events}), encoding="utf-8")
    part = xb.load(tmp_path / "run.json").select(text=r"/lo[a-z]+ .*\.py/")
    path = part.save(tmp_path / "part.xpb", redact=False)
    request.getfixturevalue("never")
    shown = xb.open(path).redacted()
    assert len(shown) == 2
    assert "acme" not in repr([(text, sorted(text.names)) for _, values in shown.selection.clauses for text in values])
    assert len(xb.open(shown.save(tmp_path / "shown.xpb"))) == 2


@pytest.mark.usefixtures("never")
def test_a_pattern_that_never_ends_is_not_run(whole: xb.Breakdown, tmp_path: Path) -> None:
    path = saved(whole, tmp_path / "evil.xpb", selection={"text": ["/(a+)+$/", "aten"]}, found=None)
    bd = xb.open(path)
    assert bd.selection == xb.Selection.of(text="aten")
    assert "/(a+)+$/" in next(issue.message for issue in bd.issues if issue.code == LEFT_OUT)
    claimed = saved(whole, tmp_path / "claimed.xpb", selection={"text": ["/(a+)+$/"]}, found={"/(a+)+$/": []})
    assert len(xb.open(claimed)) == 0


def test_nothing_is_judged_by_more_than_was_saved(
    whole: xb.Breakdown, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(whole, tmp_path / "old.xpb", selection={"text": ["/ge+mm/"]}, found=None)
    assert main(["table", str(path)]) == 0
    assert "error: More is selected here than when this was saved" in capsys.readouterr().err
    assert main(["table", str(path), "--fail-if", "backend=cpu > 5%"]) == 2
    assert "cannot be decided: More is selected here" in capsys.readouterr().err
    with pytest.raises(xb.SelectionError, match="More is selected here"):
        xb.open(path).assert_within(whole, "5%")


@pytest.mark.parametrize("text", ["nvjet", "<bf16, long", "/nvjet|layer_norm/", "/^nvjet.sm90_/"])
def test_files_from_before_open_as_they_were(whole: xb.Breakdown, text: str, tmp_path: Path) -> None:
    part = whole.select(text=text)
    assert len(part)
    again = xb.open(saved(part, tmp_path / "old.xpb", found=None))
    assert np.array_equal(again.row_numbers, part.row_numbers)
    assert LEFT_OUT not in {issue.code for issue in again.issues}


@pytest.mark.parametrize("text", ["/a+/", "/a*/", "/a?/", "/a{3}/", "/(a|a)/", "/[ab]/", r"/\d/"])
def test_what_takes_longer_than_its_names_is_not_steady(text: str) -> None:
    assert not is_steady(text)


@pytest.mark.parametrize(
    "found", [{"/a+/": [10**9]}, {"/a+/": [-1]}, {"/a+/": "1"}, {"/a+/": [None]}, {"/a+/": 5}, ["/a+/"]]
)
def test_matches_that_lead_nowhere_are_refused(whole: xb.Breakdown, found: object, tmp_path: Path) -> None:
    with pytest.raises(xb.NotATraceError, match=r"strange\.xpb is damaged"):
        xb.open(saved(whole, tmp_path / "strange.xpb", selection={"text": ["/a+/"]}, found=found))


def test_a_found_text_is_a_text_that_keeps_its_names() -> None:
    text = FoundText("/a+/", ["aa"], ["b"])
    assert text == "/a+/"
    assert {text} == {"/a+/"}
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(text, protocol))
        assert (type(again), again, again.names, again.others) == (FoundText, "/a+/", {"aa"}, {"b"})


def test_what_was_found_says_nothing_of_names_that_were_not_there(tmp_path: Path) -> None:
    """Another profile has kernels that the pattern finds, and the file does not know of them."""
    pattern = "/[a-z]+mm$/"
    first, other = (of_names("aten::mm", name) for name in ("aten::addmm", "aten::bmm"))
    opened = xb.open(first.select(text=pattern).save(tmp_path / "part.xpb"))
    assert len(opened) == len(first.select(opened.selection)) == 1
    with pytest.raises(xb.SelectionError, match="whether it finds 'aten::bmm'"):
        other.select(opened.selection)
    assert len(other.select(text=pattern)) == 1


def of_names(*names: str) -> xb.Breakdown:
    return xb.load(
        from_dicts(
            {"ph": "X", "cat": "cpu_op", "name": name, "pid": 1, "tid": 1, "ts": 10 * i, "dur": 5}
            for i, name in enumerate(names)
        )
    )
