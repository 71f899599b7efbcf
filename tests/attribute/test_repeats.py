"""Repeats: where layers begin and end in a sequence of kernels."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xpubreak.attribute.align import extend
from xpubreak.attribute.repeats import find_layers
from xpubreak.attribute.work import Work

ATTENTION = ("ATTN", "SLIDING", "LINEAR", "reduce")


def work(names: Sequence[str]) -> Work:
    """Say what kernels are by their names: mm multiplies, norm normalises, emb looks up, ar communicates."""
    ids: dict[str, int] = {}
    symbol = np.array([ids.setdefault(name, len(ids)) for name in names], dtype=np.int64)
    norm = np.array(["norm" in name for name in names], dtype=bool)
    return Work(
        symbol=symbol,
        family=np.where(norm, -1, symbol),
        anchor=np.array([name in ATTENTION for name in names], dtype=bool),
        heavy=np.array(["mm" in name for name in names], dtype=bool),
        norm=norm,
        embedding=np.array(["emb" in name for name in names], dtype=bool),
        collective=np.array([name.startswith("ar") for name in names], dtype=bool),
    )


def parted(text: str) -> str:
    """Find the layers of kernels in a text and write ``|`` where each begins and ``||`` behind the last."""
    names = text.replace("|", " ").split()
    layers = find_layers(work(names))
    words = []
    for index, name in enumerate([*names, ""]):
        words += ["|"] * (index in layers.starts) + ["||"] * (len(layers) > 0 and index == layers.end) + [name]
    return " ".join(words).strip()


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(
            "copy emb | norm1 mm1 rope ATTN mm2 addnorm mm3 act mm4"
            " | addnorm mm1 rope ATTN mm2 addnorm mm3 act mm4 | addnorm mm1 rope ATTN mm2 addnorm mm3 act mm4"
            " || addnorm mm5 sample",
            id="fused add-and-norm belongs to the layer that follows, the last one to none",
        ),
        pytest.param(
            "copy embnorm | mm1 rope ATTN mm2 addnorm mm3 act mm4"
            " | addnorm mm1 rope ATTN mm2 addnorm mm3 act mm4 || addnorm mm5",
            id="fused with the embedding it is before the layers",
        ),
        pytest.param(
            "copy fused0 | mm1 rope ATTN mm2 addnorm mm3 act mm4"
            " | addnorm mm1 rope ATTN mm2 addnorm mm3 act mm4 || addnorm mm5",
            id="also where its name does not tell",
        ),
        pytest.param(
            "emb | mm1 rope ATTN mm2 norm2 mm3 mm4 norm4 | mm1 rope ATTN mm2 norm2 mm3 mm4 norm4 || norm5 mm5",
            id="norms behind the blocks",
        ),
        pytest.param(
            "emb | norm1 mm1 ATTN mm2 norm2 addnorm mm3 mm4 norm4"
            " | addnorm mm1 ATTN mm2 norm2 addnorm mm3 mm4 norm4 || addnorm mm5",
            id="norms before and behind the blocks",
        ),
        pytest.param(
            "emb cos sin | pow mean mul mm1 rope ATTN mm2 add pow mean mul mm3 act mm4 add"
            " | pow mean mul mm1 rope ATTN mm2 add pow mean mul mm3 act mm4 add || pow mean mul mm5 argmax",
            id="norms in pieces",
        ),
        pytest.param(
            "emb ar | norm1 mm1 ATTN mm2 ar addnorm mm3 mm4 ar | addnorm mm1 ATTN mm2 ar addnorm mm3 mm4 ar"
            " || addnorm mm5 ar2",
            id="tensor parallel: all-reduces end the embedding and the blocks",
        ),
        pytest.param(
            "emb | norm1 mm1 SLIDING mm2 addnorm mm3 mm4 | addnorm mm1 ATTN reduce mm2 addnorm mm3 mm4"
            " | addnorm mm1 SLIDING mm2 addnorm mm3 mm4 | addnorm mm1 ATTN reduce mm2 addnorm mm3 mm4 || addnorm mm5",
            id="alternating attention: a period is two layers",
        ),
        pytest.param(
            "emb | norm1 mm1 ATTN mm2 addnorm mm3 mm4 | addnorm mm1 ATTN mm2 addnorm router mmx1 mmx2 sum"
            " | addnorm mm1 ATTN mm2 addnorm router mmx1 mmx2 sum | addnorm mm1 ATTN mm2 addnorm router mmx1 mmx2 sum"
            " || addnorm mm5",
            id="the first layer is dense, the others have experts",
        ),
        pytest.param(
            "emb | norm1 mma normq mmb normk ATTN mm2 addnorm mm3 mm4"
            " | addnorm mma normq mmb normk ATTN mm2 addnorm mm3 mm4 || addnorm mm5",
            id="norms between the matrix products before attention",
        ),
        pytest.param(
            "plan ATTN copy emb | norm1 mm1 SLIDING mm2 addnorm mm3 mm4 | addnorm mm1 SLIDING mm2 addnorm mm3 mm4"
            " | addnorm mm1 SLIDING mm2 addnorm mm3 mm4 || addnorm mm5",
            id="preparation of attention is no layer",
        ),
        pytest.param(
            "emb norm1 | mm1 ATTN mm2 || addnorm mm3 mm4 addnorm mm5".replace("emb norm1 |", "emb | norm1").replace(
                "mm2 || addnorm mm3 mm4", "mm2 addnorm mm3 mm4 ||"
            ),
            id="a single layer, by its norms alone",
        ),
        pytest.param("emb mm1 norm mm2", id="no attention, no layers"),
    ],
)
def test_boundaries(expected: str) -> None:
    assert parted(expected) == expected


def test_the_layers_of_a_draft_model_lie_apart() -> None:
    layer = ["addnorm", "mm1", "ATTN", "mm2", "addnorm", "mm3", "mm4"]
    far = [f"sample{number}" for number in range(60)]
    names = ["emb", *layer * 6, "addnorm", "mm5", *far, "emb", *layer, "addnorm", "mm5"]
    layers = find_layers(work(names))
    assert len(layers) == 6
    assert layers.starts.tolist() == [1 + 7 * number for number in range(6)]
    assert layers.end == 43


def plant(
    count: int, n_before: int, n_behind: int, kinds: int, head: int, tail: int, noise: Sequence[int] = ()
) -> tuple[list[str], list[int]]:
    """Kernels of a step and their layers, −1 outside; stray kernels, in inner layers, have −2."""
    names = [f"head{number}" for number in range(head)]
    truth = [-1] * head
    for layer in range(count):
        names += [f"in{number}" for number in range(n_before)] + [ATTENTION[layer % kinds]]
        names += [f"out{number}" for number in range(n_behind)]
        truth += [layer] * (n_before + 1 + n_behind)
    names += [f"tail{number}" for number in range(tail)]
    truth += [-1] * tail
    inner = head + n_before + n_behind + 1, (count - 2) * (n_before + n_behind + 1)
    for number, place in enumerate(sorted({inner[0] + at % inner[1] for at in noise}, reverse=True)):
        names.insert(place, f"noise{number}")
        truth.insert(place, -2)
    return names, truth


@given(
    count=st.integers(1, 80),
    n_before=st.integers(0, 14),
    n_behind=st.integers(1, 15),
    kinds=st.integers(1, 3),
    head=st.integers(0, 40),
    tail=st.integers(0, 40),
)
def test_planted_layers_are_found(count: int, n_before: int, n_behind: int, kinds: int, head: int, tail: int) -> None:
    names, truth = plant(count, n_before, n_behind, kinds, head, tail)
    layers = find_layers(work(names))
    assert len(layers) == count
    if count > 1:
        assert layers.of(len(names)).tolist() == truth
    else:  # nothing repeats: only attention itself is sure
        assert layers.of(len(names))[names.index("ATTN")] == 0


@given(
    count=st.integers(4, 80),
    n_before=st.integers(3, 14),
    n_behind=st.integers(3, 15),
    kinds=st.integers(1, 3),
    head=st.integers(0, 40),
    tail=st.integers(0, 40),
    noise=st.lists(st.integers(0, 3000), min_size=1, max_size=5),
)
def test_a_stray_kernel_blurs_at_most_the_layer_that_it_lies_in(
    count: int, n_before: int, n_behind: int, kinds: int, head: int, tail: int, noise: list[int]
) -> None:
    names, truth = plant(count, n_before, n_behind, kinds, head, tail, noise)
    layers = find_layers(work(names))
    found = layers.of(len(names))
    assert found[[index for index, name in enumerate(names) if name in ATTENTION]].tolist() == list(range(count))
    wrong = sum(got != true for got, true in zip(found.tolist(), truth, strict=True) if true != -2)
    assert wrong <= len(noise) * (n_before + n_behind)


@given(
    st.lists(
        st.sampled_from(["mm", "ATTN", "SLIDING", "norm", "emb", "embnorm", "ar", "x", "y", "reduce"]), max_size=120
    )
)
def test_whatever_comes_the_layers_are_in_order_and_hold_attention(names: list[str]) -> None:
    layers = find_layers(work(names))
    bounds = [*layers.starts.tolist(), layers.end]
    assert bounds == sorted(bounds)
    assert all(0 <= bound <= len(names) for bound in bounds)
    for first, end in itertools.pairwise(bounds):
        assert any(name in ATTENTION for name in names[first:end])


@settings(max_examples=20)
@given(st.lists(st.integers(0, 5), max_size=60), st.lists(st.integers(0, 5), max_size=60))
def test_alignment_covers_no_more_than_there_is(left: list[int], right: list[int]) -> None:
    first, second = ([(symbol, symbol) for symbol in side] for side in (left, right))
    in_left, in_right = extend(first, second)
    assert 0 <= in_left <= len(left)
    assert 0 <= in_right <= len(right)
    assert extend(first, first) == (len(first), len(first))


def test_a_hundred_thousand_kernels() -> None:
    layer = ["norm", "mm1", *(f"k{number}" for number in range(20)), "ATTN", "mm2", "addnorm", "mm3"]
    names = ["emb", *layer * (100_000 // len(layer)), "norm", "mm4"]
    noisy = [name if number % 97 else f"noise{number}" for number, name in enumerate(names)]
    for sequence in (names, noisy):
        drawn = work(sequence)
        assert len(find_layers(drawn)) > 3500
