"""``xb.profile``: the magic without the magic."""

from __future__ import annotations

import asyncio

import pytest

import xpubreak as xb

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("stand_in")]


def test_the_breakdown_is_there_after_the_block():
    with xb.profile() as p:
        torch.ones(3).sin()
        with pytest.raises(xb.CaptureError, match="when the `with` block has been left"):
            _ = p.breakdown
    assert "aten::sin" in p.breakdown.operators
    assert xb.last is p.breakdown
    assert p.breakdown.title == "profile"


def test_modules_are_found_among_the_caller_s_variables():
    model = torch.nn.Linear(3, 3)
    with xb.profile() as p:
        model(torch.ones(3))
    assert p.breakdown.modules == ["xpb:<root>:Linear"]


def test_modules_can_be_passed_or_left_out():
    model = torch.nn.Linear(3, 3)
    for modules, expected in [({"net": model}, ["xpb:<root>:Linear"]), (None, [])]:
        with xb.profile(modules=modules) as p:
            model(torch.ones(3))
        assert p.breakdown.modules == expected


def test_an_exception_passes_and_what_ran_is_there():
    with pytest.raises(ValueError, match="mine"), xb.profile() as p:
        torch.ones(3).sin()
        raise ValueError("mine")
    assert "aten::sin" in p.breakdown.operators
    assert p.failure is None


def test_an_exception_comes_before_a_failure_of_ours(monkeypatch):
    def fail(source, *, title=None):
        raise xb.NotATraceError("torn")

    monkeypatch.setitem(vars(xb), "load", fail)
    with pytest.raises(ValueError, match="mine"), xb.profile() as p:
        raise ValueError("mine")
    with pytest.raises(xb.NotATraceError, match="torn"):
        _ = p.breakdown
    with pytest.raises(xb.NotATraceError, match="torn"), xb.profile():
        pass


def test_it_waits_too():
    async def run():
        async with xb.profile(title="T") as p:
            torch.ones(3).sin()
            await asyncio.sleep(0)
            torch.ones(3).cos()
        return p.breakdown

    breakdown = asyncio.run(run())
    assert {"aten::sin", "aten::cos"} <= set(breakdown.operators)
    assert breakdown.title == "T"


def test_the_trace_can_be_kept(tmp_path):
    with xb.profile(save=tmp_path / "t.json.gz") as p:
        torch.ones(3).sin()
    assert p.breakdown.trace.metadata.source == str(tmp_path / "t.json.gz")
    with pytest.raises(xb.CaptureError, match="could not be saved"), xb.profile(save=tmp_path / "no" / "t.json") as p:
        torch.ones(3).sin()
    assert "aten::sin" in p.breakdown.operators


def test_two_at_once_are_refused_and_the_first_one_goes_on():
    with xb.profile() as p:
        with pytest.raises(xb.CaptureError, match="already active"), xb.profile():
            pytest.fail("the body ran")
        torch.ones(3).sin()
    assert "aten::sin" in p.breakdown.operators


def test_it_is_the_function_whatever_was_imported_before():
    import importlib

    importlib.import_module("xpubreak.profile")
    assert callable(xb.profile)
