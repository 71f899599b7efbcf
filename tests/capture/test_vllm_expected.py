"""How large a recording of engines or of a server will be: by what they are, else by what is assumed and said."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

import xpubreak as xb  # noqa: E402
from tests.capture.standin_engine import Worker, make_engine  # noqa: E402
from xpubreak.capture.estimate import Room, Workload  # noqa: E402
from xpubreak.capture.vllm import engine_capture  # noqa: E402
from xpubreak.capture.vllm.engine_capture import EngineCapture  # noqa: E402
from xpubreak.capture.vllm.expected import refuse_without_room, server_room, server_workload  # noqa: E402
from xpubreak.capture.vllm.server_facts import ServerFacts  # noqa: E402
from xpubreak.capture.vllm.window import Window  # noqa: E402


@pytest.fixture
def little_room(monkeypatch):
    monkeypatch.setattr(engine_capture, "engine_room", lambda _anatomies: Room(10_000, 10_000, "/tmp"))


@pytest.mark.usefixtures("little_room")
def test_xb_profile_is_refused_before_its_block_unless_forced():
    llm = make_engine(Worker())
    with pytest.raises(xb.CaptureError, match=r"llm: 2 layers make about .*force=True"), xb.profile(llm=llm):
        pytest.fail("the block ran")
    assert llm.calls == []
    with EngineCapture(llm, force=True) as capture:
        llm.generate(1)
    assert capture.trace_paths


@pytest.mark.usefixtures("little_room")
def test_it_can_be_told_before_a_warm_up():
    with pytest.raises(xb.CaptureError, match="/tmp has room for 8 kB"):
        EngineCapture(make_engine(Worker())).check()


def test_engines_share_the_room():
    workload = Workload(layer_count=10, steps=16)
    room = Room(disk_bytes=25_000_000)
    refuse_without_room([("one", workload)], room)
    with pytest.raises(xb.CaptureError, match=r"^two: "):
        refuse_without_room([("one", workload), ("two", workload)], room)


def test_the_profiler_that_an_engine_was_built_with_counts_as_it_was_built(monkeypatch):
    monkeypatch.setattr(engine_capture, "engine_room", lambda _anatomies: Room(10_000, 10_000, "/tmp"))
    profiler = SimpleNamespace(
        profiler="torch",
        torch_profiler_dir="/tmp",
        torch_profiler_with_stack=True,
        torch_profiler_record_shapes=False,
        torch_profiler_use_gzip=True,
    )
    llm = make_engine(Worker(), profiler=profiler)
    with pytest.raises(xb.CaptureError) as refused:
        EngineCapture(llm, stacks=False, shapes=True).check()
    assert "compressed" in str(refused.value)
    assert "stacks=False" not in str(refused.value)  # not to be had by asking for it


def test_a_model_that_does_not_say_how_deep_it_is(monkeypatch):
    monkeypatch.setattr(engine_capture, "engine_room", lambda _anatomies: Room(10_000, 10_000, "/tmp"))
    llm = make_engine(Worker())
    llm.llm_engine.vllm_config.model_config.hf_text_config = None
    with pytest.raises(xb.CaptureError, match=r"80 layers make .*\(80 layers: assumed, not known\)"):
        EngineCapture(llm).check()


def test_a_server_that_tells_nothing_is_assumed_to_be_large():
    workload = server_workload(ServerFacts(), Window(max_steps=4))
    assert (workload.layer_count, workload.rank_count, workload.steps) == (80, 8, 4)
    assert workload.assumed == ("80 layers", "8 ranks", "an eager model", "Python stacks as by vLLM's default")
    facts = ServerFacts(layer_count=2, rank_count=4, is_eager=False, stacks=False, shapes=True, is_packed=False)
    known = server_workload(facts, Window())
    assert (known.layer_count, known.rank_count, known.is_compiled) == (2, 4, True)
    assert (known.stacks, known.shapes, known.is_packed, known.assumed) == (False, True, False, ())


def test_of_a_server_elsewhere_only_a_disk_that_is_seen_counts(tmp_path):
    far = server_room(tmp_path / "not" / "here", is_here=False)
    assert (far.disk_bytes, far.memory_bytes) == (None, None)
    shared = server_room(tmp_path, is_here=False)
    assert shared.disk_bytes > 0
    assert shared.memory_bytes is None
    assert server_room(tmp_path / "later", is_here=True).disk_bytes > 0
