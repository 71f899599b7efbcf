"""Compiled models keep working: no graph break, no further compilation, whatever is hooked around them."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from tests.capture.decoder import Block, Decoder, drawing, prompt  # noqa: E402
from xpubreak.capture.capture import Capture  # noqa: E402
from xpubreak.capture.spans import without_unused_compiled  # noqa: E402


@pytest.fixture
def counter():
    from torch._dynamo.testing import CompileCounter

    torch._dynamo.reset()
    yield CompileCounter()
    torch._dynamo.reset()


def compiled(model, counter):
    # fullgraph: a hook that breaks the graph is an error
    return torch.compile(model, backend=counter, fullgraph=True)


@pytest.mark.parametrize("is_warm", [False, True])
@pytest.mark.parametrize("how", ["wrapped", "wrapped, plain one visible", "in place"])
def test_a_compiled_model_is_compiled_once(counter, how, is_warm):
    model = Decoder()
    if how == "in place":
        model.compile(backend=counter, fullgraph=True)
        call, namespace = model, {"model": model}
    else:
        call = compiled(model, counter)
        namespace = {"call": call} if how == "wrapped" else {"call": call, "model": model}
    if is_warm:
        call(prompt())
    with Capture(namespace=namespace) as capture:
        call(prompt())
        call(prompt())
    call(prompt())
    assert counter.frame_count == 1
    assert drawing(capture.trace_path) == []


def test_hooks_are_empty_where_dynamo_traces_them(counter):
    model = Decoder()

    @torch.compile(backend=counter, fullgraph=True)
    def run(x):
        return model(x) * 2

    with Capture(namespace={"model": model, "run": run}) as capture:
        run(prompt())
        run(prompt())
        assert counter.frame_count == 1
    assert drawing(capture.trace_path) == []
    assert torch.equal(run(torch.ones(2, 8)), model(torch.ones(2, 8)) * 2)


def test_a_function_that_was_compiled_before_is_not_compiled_again(counter):
    model = Decoder()
    run = torch.compile(lambda x: model(x) * 2, backend=counter, fullgraph=True)
    run(prompt())
    with Capture(namespace={"model": model}):
        run(prompt())
    run(prompt())
    assert counter.frame_count == 1


def test_a_compiled_part_is_left_alone_and_its_neighbours_are_not(counter):
    model = Decoder()
    model.layers[0] = compiled(Block(), counter)
    with Capture(namespace={"model": model}) as capture:
        model(prompt())
    assert drawing(capture.trace_path) == [
        "<root>:Decoder",
        "  layers.1:Block",
        "    layers.1.norm:LayerNorm",
        "    layers.1.mlp:Linear",
    ]
    assert counter.frame_count == 1


def test_beside_an_unused_compiled_twin_the_plain_model_has_its_modules(counter):
    model = Decoder(1)
    namespace = {"model": model, "fast": compiled(model, counter)}
    with Capture(namespace=without_unused_compiled(namespace, used={"model"})) as capture:
        model(prompt())
    assert drawing(capture.trace_path)[:2] == ["<root>:Decoder", "  layers.0:Block"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_scripted_module_is_left_alone():
    scripted = torch.jit.trace(Block(), prompt())
    with Capture(namespace={"scripted": scripted}) as capture:
        scripted(prompt())
    assert drawing(capture.trace_path) == []
