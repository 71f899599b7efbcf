"""Phases, where no annotation tells: the first product has a row per token, the last one a row per request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attribute.labelled import Labelled, label_trace
from xpubreak.trace.kineto import from_dicts

Shapes = list[Any]


def steps(*products: tuple[str, Shapes]) -> Labelled:
    """One profiler step with operators of these names and shapes."""
    step = {"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#1", "pid": 1, "tid": 1, "ts": 0, "dur": 1000}
    ops = [
        {
            **step, "cat": "cpu_op", "name": name, "ts": 10 + 10 * place, "dur": 5,
            "args": {"Input Dims": shapes},
        }
        for place, (name, shapes) in enumerate(products)
    ]  # fmt: skip
    return label_trace(from_dicts([step, *ops]))


@pytest.mark.parametrize(
    ("first", "last", "phase"),
    [
        (("aten::mm", [[512, 64], [64, 64]]), ("aten::mm", [[4, 64], [64, 999]]), "prefill"),
        (("aten::mm", [[4, 64], [64, 64]]), ("aten::mm", [[4, 64], [64, 999]]), "decode"),
        (("aten::linear", [[4, 128, 64], [64, 64], []]), ("aten::linear", [[4, 1, 64], [64, 999]]), "prefill"),
        (("aten::addmm", [[64], [4, 64], [64, 64]]), ("_C::onednn_mm", [[4, 99], [4, 64]]), "decode"),
    ],
)
def test_phases_from_shapes(first: tuple[str, Shapes], last: tuple[str, Shapes], phase: str) -> None:
    found = steps(first, last)
    assert (found.phases, found.labels.phase_source) == ([phase], "shapes")


@pytest.mark.parametrize(("ids", "phase"), [([2, 64], "prefill"), ([2, 1], "decode")])
def test_token_ids_of_several_requests_tell_the_phase_even_where_logits_are_of_all_tokens(
    ids: list[int], phase: str
) -> None:
    rows = ids[0] * ids[1]
    products = [("aten::mm", [[rows, 64], [64, 64]]), ("aten::mm", [[rows, 64], [64, 999]])]
    found = steps(("aten::embedding", [[999, 64], ids, [], [], []]), *products)
    assert found.phases == [phase]
    (step,) = found.labels.steps
    counts = (step.context_requests, step.context_tokens, step.generation_requests, step.generation_tokens)
    assert counts == ((2, 128, 0, 0) if phase == "prefill" else (0, 0, 2, 2))


def test_products_of_other_things_do_not_count() -> None:
    found = steps(
        ("aten::bmm", [[1, 64, 1], [1, 1, 512]]),
        ("aten::mm", [[4, 64], [64, 64]]),
        ("aten::mm", [[4, 64], [64, 999]]),
    )
    assert found.phases == ["decode"]
    step = found.labels.steps[0]
    assert (step.generation_requests, step.generation_tokens) == (4, 4)


@pytest.mark.parametrize("shapes", [[], [[]], "x", [["a", "b"]], [[2.5, 3]], [[64]], {"a": 1}])
def test_shapes_that_say_nothing(shapes: Any) -> None:
    found = steps(("aten::mm", shapes), ("aten::mm", shapes))
    assert (found.phases, found.labels.phase_source) == (["unknown"], "none")
