"""vLLM engines are found by class name, without vLLM and without a call into them."""

from __future__ import annotations

import pytest

from xpubreak.capture.engines import engines_elsewhere, explain_elsewhere, find_engines


def vllm_class(name, *bases):
    return type(name, bases, {"__module__": f"vllm.v1.{name.lower()}"})


class Untouchable:
    """Stands for parts of an engine that must not be called or even asked."""

    def __getattr__(self, name):
        if name.startswith("__"):  # pytest itself looks for names of parameters
            raise AttributeError(name)
        pytest.fail(f"the engine was asked for {name}")


def engine(core, executor=None, outer="LLM"):
    made = vllm_class("LLMEngine", Untouchable)()
    made.__dict__["engine_core"] = vllm_class(core, Untouchable)()
    if executor:
        made.__dict__["model_executor"] = vllm_class(executor, Untouchable)()
    if outer == "LLMEngine":
        return made
    llm = vllm_class(outer, Untouchable)()
    llm.__dict__["llm_engine"] = made
    return llm


def async_engine():
    made = vllm_class("AsyncLLM", Untouchable)()
    made.__dict__["engine_core"] = vllm_class("AsyncMPClient", Untouchable)()
    return made


@pytest.mark.parametrize(
    ("made", "class_name", "is_in_process"),
    [
        (engine("SyncMPClient"), "LLM", False),
        (engine("SyncMPClient", outer="LLMEngine"), "LLMEngine", False),
        (engine("InprocClient", "UniProcExecutor"), "LLM", True),
        (engine("InprocClient", "MultiprocExecutor"), "LLM", False),
        (engine("InprocClient", "RayDistributedExecutor"), "LLM", False),
        (engine("InprocClient"), "LLM", True),
        (async_engine(), "AsyncLLM", False),
    ],
)
def test_engines_and_where_they_compute(made, class_name, is_in_process):
    (found,) = find_engines({"llm": made})
    assert (found.variable, found.class_name, found.is_in_process) == ("llm", class_name, is_in_process)


def test_subclasses_of_the_user_count_and_namesakes_do_not():
    own = type("MyLLM", (type(engine("SyncMPClient")),), {"__module__": "__main__"})()
    own.__dict__.update(engine("SyncMPClient").__dict__)
    namesake = type("LLM", (), {"__module__": "langchain.llms"})()
    found = find_engines({"own": own, "again": own, "_own": own, "namesake": namesake, "LLM": type(own), "x": 3})
    assert [engine.variable for engine in found] == ["own"]


def used_by(source, **namespace):
    namespace = {"__name__": "__main__", **namespace}
    for part in source[:-1]:
        exec(part, namespace)
    return [engine.variable for engine in engines_elsewhere([compile(source[-1], "<cell>", "exec")], namespace)]


@pytest.mark.parametrize(
    "source",
    [
        ["llm.generate('x')"],
        ["def bench():\n    return [llm.generate(p) for p in 'ab']", "bench()"],
        ["def inner():\n    llm.generate('x')", "def outer():\n    inner()", "outer()"],
        ["class Runner:\n    def run(self):\n        llm.generate('x')", "Runner().run()"],
        ["f = lambda: llm", "if True:\n    f()"],
    ],
)
def test_a_cell_that_uses_an_engine_elsewhere_is_known_by_its_names(source):
    assert used_by(source, llm=engine("SyncMPClient")) == ["llm"]


@pytest.mark.parametrize("source", [["model(x)"], ["def bench():\n    llm.generate('x')", "1 + 1"], ["'llm'"]])
def test_a_cell_that_does_not_use_it_is_left_in_peace(source):
    assert used_by(source, llm=engine("SyncMPClient")) == []


def test_an_engine_in_this_process_is_no_obstacle():
    assert used_by(["llm.generate('x')"], llm=engine("InprocClient", "UniProcExecutor")) == []


def test_recursive_functions_end():
    assert used_by(["def f():\n    f()\n    llm", "f()"], llm=engine("SyncMPClient")) == ["llm"]


def test_the_explanation_names_the_engine_and_the_way_out():
    text = explain_elsewhere(find_engines({"llm": engine("SyncMPClient")}))
    assert "llm (LLM, its engine core is a process of its own)" in text
    assert "%%xpu_breakdown --llm llm" in text
