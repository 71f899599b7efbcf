"""Which way into an engine is taken, told from attributes alone."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")

from tests.capture.standin_engine import Worker, make_engine, vllm_class
from xpubreak.capture.vllm.anatomy import Anatomy
from xpubreak.capture.vllm.combined import join
from xpubreak.capture.vllm.routes import choose_route

TORCH = SimpleNamespace(profiler="torch", torch_profiler_dir="/tmp/traces")
REMOTE = SimpleNamespace(profiler="torch", torch_profiler_dir="gs://bucket/traces")
OTHER = SimpleNamespace(profiler="proton", torch_profiler_dir="")
JOINED = join("my.Extension")


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        ({"profiler": TORCH}, ("profiler-config", "worker-extension")),
        ({"profiler": TORCH, "extension": ""}, ("profiler-config", "")),
        ({"profiler": TORCH, "extension": "", "core": "InprocClient"}, ("profiler-config", "callables")),
        ({"profiler": REMOTE}, ("worker-extension", "worker-extension")),
        ({"profiler": OTHER}, ("worker-extension", "worker-extension")),
        ({}, ("worker-extension", "worker-extension")),
        ({"extension": JOINED}, ("worker-extension", "worker-extension")),
        ({"extension": "", "core": "InprocClient"}, ("in-process", "callables")),
        ({"extension": ""}, ("", "")),
        ({"extension": "my.Extension"}, ("", "")),
        ({"class_name": "AsyncLLM", "core": "AsyncMPClient"}, ("worker-extension", "worker-extension")),
    ],
)
def test_the_route_by_how_the_engine_was_built(engine, expected):
    made = make_engine(Worker(), **engine)
    route = choose_route(Anatomy(made))
    assert (route.name, route.by) == expected
    assert bool(route.obstacle) == (not route.name)
    assert made.calls == []


def test_workers_beside_a_local_core_take_functions():
    made = make_engine(Worker(), Worker(), extension="", core="InprocClient")
    made.llm_engine.model_executor = vllm_class("MultiprocExecutor")()
    anatomy = Anatomy(made)
    assert not anatomy.is_in_process
    assert choose_route(anatomy).name == "callables"


def with_process(kind, pid):
    made = make_engine(Worker(), extension="")
    process = type(kind, (), {"pid": pid})()
    manager = SimpleNamespace(processes=[process])
    made.llm_engine.engine_core.resources = SimpleNamespace(engine_manager=manager, engine_dead=False)
    return made


def sleeping(environment):
    """A process that began with these variables, and has begun: until then /proc shows none of them."""
    code = "import time; print(flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **environment}, stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


@pytest.mark.parametrize(
    ("here", "there", "route"), [("1", "1", "callables"), ("1", "0", ""), ("1", "", ""), ("", "1", ""), ("0", "1", "")]
)
def test_functions_are_sent_where_both_ends_allow_it(monkeypatch, here, there, route):
    name = "VLLM_ALLOW_INSECURE_SERIALIZATION"
    process = sleeping({name: there})
    try:
        monkeypatch.setenv(name, here)
        assert choose_route(Anatomy(with_process("SpawnProcess", process.pid))).name == route
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_of_a_forked_engine_only_what_was_there_from_the_beginning_is_certain(monkeypatch):
    monkeypatch.setenv("VLLM_ALLOW_INSECURE_SERIALIZATION", "1")
    assert choose_route(Anatomy(with_process("ForkProcess", 1))).name == ""


def test_the_way_out_is_one_line():
    obstacle = choose_route(Anatomy(make_engine(Worker(), extension="")), "engine").obstacle
    assert "%load_ext xpubreak" in obstacle
    assert "engine = LLM(...)" in obstacle
    far = make_engine(Worker(), extension="", parallel={"distributed_executor_backend": "ray"})
    assert (
        'worker_extension_cls="xpubreak.capture.vllm.extension.WorkerExtension"' in choose_route(Anatomy(far)).obstacle
    )
    bucket = make_engine(Worker(), extension="", profiler=REMOTE)
    assert "gs://bucket/traces" in choose_route(Anatomy(bucket)).obstacle


def test_a_dead_engine_is_not_called():
    made = with_process("SpawnProcess", None)
    made.llm_engine.engine_core.resources.engine_dead = True
    assert "Build it again" in choose_route(Anatomy(made)).obstacle


def test_before_0_13_a_variable_asks_for_the_profiler(monkeypatch):
    made = make_engine(Worker(), extension="", core="InprocClient")
    del made.llm_engine.vllm_config.profiler_config
    assert choose_route(Anatomy(made)).name == "in-process"
    monkeypatch.setenv("VLLM_TORCH_PROFILER_DIR", "/tmp/traces")
    assert choose_route(Anatomy(made)).name == "profiler-config"
    assert Anatomy(made).trace_folder == "/tmp/traces"


def test_facts_for_estimates():
    made = make_engine(Worker(), Worker())
    anatomy = Anatomy(made)
    assert (anatomy.layer_count, anatomy.rank_count, anatomy.is_compiled, anatomy.model_name) == (2, 2, False, "tiny")
    made.llm_engine.vllm_config.model_config.enforce_eager = False
    made.llm_engine.vllm_config.compilation_config.mode = 3
    made.llm_engine.engine_core.core_engines = [b"0", b"1"]
    assert (anatomy.is_compiled, anatomy.rank_count) == (True, 4)
