"""Forwards of modules become spans with the names that the attribute floor reads."""

from __future__ import annotations

import threading

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from tests.capture.decoder import WIDTH, Block, Decoder, drawing, names, prompt  # noqa: E402
from xpubreak.capture.capture import Capture  # noqa: E402
from xpubreak.capture.spans import find_roots  # noqa: E402


def hook_count(*modules):
    parts = [part for module in modules for part in module.modules()]
    return sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in parts)


def test_every_forward_is_a_span_with_its_qualified_name():
    model = Decoder()
    with Capture(namespace={"model": model}) as capture:
        model(prompt())
    assert drawing(capture.trace_path) == [
        "<root>:Decoder",
        "  layers.0:Block",
        "    layers.0.norm:LayerNorm",
        "    layers.0.mlp:Linear",
        "  layers.1:Block",
        "    layers.1.norm:LayerNorm",
        "    layers.1.mlp:Linear",
    ]
    assert hook_count(model) == 0


def test_several_roots_are_told_apart_by_their_variables():
    draft, target = Decoder(1), Decoder(1)
    with Capture(namespace={"draft": draft, "target": target}) as capture:
        draft(prompt())
        target(prompt())
    assert [line for line in drawing(capture.trace_path) if "Block" in line or "Decoder" in line] == [
        "draft:Decoder",
        "  draft.layers.0:Block",
        "target:Decoder",
        "  target.layers.0:Block",
    ]


def test_modules_can_be_named_passed_or_left_out():
    model = Decoder(1)
    for modules, expected in [
        (model, "<root>:Decoder"),
        ([model], "<root>:Decoder"),
        ({"net": model}, "<root>:Decoder"),
        (torch.nn.Sequential(model), "<root>:Sequential"),
        (None, ""),
    ]:
        with Capture(modules=modules, namespace={"model": model}) as capture:
            (modules if isinstance(modules, torch.nn.Sequential) else model)(prompt())
        assert next(iter(drawing(capture.trace_path)), "") == expected


def test_what_is_no_module_is_refused_before_anything_runs():
    from xpubreak.errors import CaptureError

    with pytest.raises(CaptureError, match=r"net is a int, not a torch\.nn\.Module"), Capture(modules={"net": 3}):
        pytest.fail("the body ran")


def test_hooks_go_when_the_body_fails():
    model = Decoder()
    with pytest.raises(ValueError, match="mine"), Capture(namespace={"model": model}):
        model(prompt())
        raise ValueError("mine")
    assert hook_count(model) == 0


def test_hooks_go_when_the_profiler_does_not_start(monkeypatch):
    from xpubreak.capture.recorder import Recorder
    from xpubreak.errors import CaptureError

    def fail(self):
        raise CaptureError("no")

    monkeypatch.setattr(Recorder, "start", fail)
    model = Decoder()
    with pytest.raises(CaptureError), Capture(namespace={"model": model}):
        pytest.fail("the body ran")
    assert hook_count(model) == 0


class Raises(torch.nn.Module):
    def __init__(self, error):
        super().__init__()
        self.error = error
        self.inner = Block()

    def forward(self, x):
        self.inner(x)
        raise self.error


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt()])
def test_a_forward_that_is_left_by_an_exception_still_ends(error):
    failing, healthy = Raises(error), Block()
    with Capture(namespace={"failing": failing, "healthy": healthy}) as capture:
        with pytest.raises(type(error)):
            failing(prompt())
        if isinstance(error, Exception):
            healthy(prompt())
    drawn = drawing(capture.trace_path)
    assert drawn[:2] == ["failing:Raises", "  failing.inner:Block"]
    if isinstance(error, Exception):
        assert "healthy:Block" in drawn  # beside, not inside


def test_a_shared_module_keeps_its_first_name_and_cycles_end():
    shared = torch.nn.Linear(WIDTH, WIDTH)
    model = torch.nn.Sequential(shared, shared)
    model._modules["self"] = model
    with Capture(namespace={"model": model}) as capture:
        shared(prompt())
        shared(prompt())
    assert drawing(capture.trace_path) == ["0:Linear", "0:Linear"]


def test_names_that_kineto_would_not_escape_leave_the_trace_readable():
    model = torch.nn.ModuleDict({'a"b\\c\n<img onerror=x>é': torch.nn.Linear(WIDTH, WIDTH)})
    with Capture(modules={"m": model}) as capture:
        next(iter(model.values()))(prompt())
    assert drawing(capture.trace_path) == ["a'b/c?<img onerror=x>?:Linear"]


def test_two_threads_do_not_mix_their_spans():
    model = Decoder()
    barrier = threading.Barrier(2)

    def work():
        barrier.wait()
        for _ in range(20):
            model(prompt())

    with Capture(namespace={"model": model}) as capture:
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = [name for name in names(capture.trace_path, "user_annotation") if name.startswith("xpb:")]
    assert len(found) == 2 * 20 * 7


def test_roots_are_the_outermost_modules_each_once():
    model = Decoder()
    namespace = {"block": model.layers[0], "model": model, "again": model, "_": model, "x": 3, "_12": Block()}
    roots, closed = find_roots(torch, namespace)
    assert roots == {"model": model}
    assert closed == set()
