"""Laws of comparisons, over arbitrary traces: antisymmetry, nothing from nothing, sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import xpubreak as xb
from tests.breakdown.noisy import DECODE, PREFILL, noisy_run
from tests.strategies import traces
from xpubreak.breakdown.compare.kernelmatch import HOW, Kernel, match_kernels
from xpubreak.trace import kineto

ALL = ("backend", "category", "layer", "phase", "op", "kernel", "module", "position")
MIRROR = {"slower": "faster", "faster": "slower", "only in A": "only in B", "only in B": "only in A"}
QUICK = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def runs() -> st.SearchStrategy[Any]:
    arbitrary = traces().map(lambda events: xb.load(kineto.from_dicts(events)))
    steps = st.lists(st.sampled_from([DECODE, PREFILL]), min_size=1, max_size=14)
    noisy = st.builds(lambda seed, names: noisy_run(seed, step_names=names), st.integers(0, 99), steps)
    return arbitrary | noisy


def tables(cmp: xb.Comparison) -> dict[str, Any]:
    return {name: cmp.by(name) for name in ALL}


@QUICK
@given(runs(), runs())
def test_the_other_way_round_is_the_same_with_other_signs(a: Any, b: Any) -> None:
    there, back = xb.compare(a, b, draws=200), xb.compare(b, a, draws=200)
    for name in ("backend", "category", "phase"):
        one = there.by(name).sort_values(name).reset_index(drop=True)
        other = back.by(name).sort_values(name).reset_index(drop=True)
        assert one[name].tolist() == other[name].tolist()
        assert np.array_equal(one["a_ns"], other["b_ns"])
        assert np.array_equal(one["delta_ns"], -other["delta_ns"])
        np.testing.assert_allclose(one["low_ns"], -other["high_ns"], rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(one["p"], other["p"], rtol=1e-9)
        assert [MIRROR.get(word, word) for word in one["verdict"]] == other["verdict"].tolist()


@QUICK
@given(runs())
def test_a_run_does_not_differ_from_itself(run: Any) -> None:
    cmp = xb.compare(run, run, draws=200)
    for table in tables(cmp).values():
        assert not table["delta_ns"].any()
        assert set(table["verdict"]) <= {"same", "too few steps"}
        assert not np.nan_to_num(table["low_ns"]).any()
        assert not np.nan_to_num(table["high_ns"]).any()


@QUICK
@given(runs(), runs())
def test_differences_add_up_at_every_level(a: Any, b: Any) -> None:
    cmp = xb.compare(a, b, draws=200)
    whole = cmp.differences()
    for name, table in [*tables(cmp).items(), ("both", cmp.by("backend", "kernel")), ("kernels", cmp.kernels)]:
        # To the nanosecond: everything that was recorded.
        assert int(table["a_total_ns"].sum()) == int(a.weights_ns.sum()), name
        assert int(table["b_total_ns"].sum()) == int(b.weights_ns.sum()), name
        # Per step: to the precision of floats.
        for column, expected in (("a_ns", whole.estimates.a_ns), ("delta_ns", whole.estimates.delta_ns)):
            size = max(float(table["a_ns"].sum() + table["b_ns"].sum()), 1.0)
            assert float(table[column].sum()) == pytest.approx(float(expected[0]), abs=1e-9 * size), name


def summed(table: Any, by: str, column: str) -> dict[Any, Any]:
    """Not by ``groupby``: for pandas 2 a text ends at its first NUL."""
    found: dict[Any, Any] = {}
    for key, value in zip(table[by].tolist(), table[column].tolist(), strict=True):
        found[key] = found.get(key, 0) + value
    return found


@QUICK
@given(runs(), runs())
def test_parts_add_up_to_what_they_are_parts_of(a: Any, b: Any) -> None:
    cmp = xb.compare(a, b, draws=200)
    for whole, part in (("category", "op"), ("op", "kernel"), ("layer", "op"), ("op", "phase"), ("kernel", "phase")):
        parts, expected = cmp.by(whole, part), cmp.by(whole).set_index(whole)
        for total in ("a_total_ns", "b_total_ns"):
            assert summed(parts, whole, total) == expected[total].to_dict(), (whole, part)
        for mean in ("a_ns", "b_ns"):
            sums = summed(parts, whole, mean)
            assert sums == pytest.approx(expected[mean].to_dict(), rel=1e-9, abs=1e-6), (whole, part)


@QUICK
@given(runs(), runs())
def test_times_alone_are_those_of_the_table(a: Any, b: Any) -> None:
    cmp = xb.compare(a, b, draws=200)
    for dimensions in ((), ("phase",), ("category", "op", "kernel")):
        values, a_ns, b_ns = cmp.matched.times(dimensions)
        found = cmp.differences(*dimensions)
        assert values == found.values
        np.testing.assert_allclose(a_ns, found.estimates.a_ns, rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(b_ns, found.estimates.b_ns, rtol=1e-9, atol=1e-6)


@QUICK
@given(runs(), runs())
def test_a_report_is_text_of_single_lines(a: Any, b: Any) -> None:
    lines = xb.compare(a, b, draws=200).report(90).splitlines()
    assert all(len(line) <= 91 for line in lines)
    assert not any(letter in line for line in lines for letter in "\x1b\u202e\x00")


_KERNELS = st.lists(
    st.builds(
        Kernel,
        st.sampled_from(
            [
                "gemm<1>",
                "gemm<2>",
                "triton_poi_fused_add_rms_norm_0",
                "triton_poi_fused_add_rms_norm_1",
                "norm",
                "x",
                "",
            ]
        )
        | st.text(max_size=4),
        st.sampled_from(["gemm", "norm", "other", "attention"]),
        st.frozensets(st.sampled_from(["aten::mm", "_C::rms_norm", "_C::fused_add_rms_norm"]), max_size=2),
        st.frozensets(st.integers(0, 2), max_size=2),
    ),
    unique_by=lambda kernel: kernel.name,
    max_size=8,
)


@given(_KERNELS, _KERNELS)
def test_every_kernel_is_matched_once(a: list[Kernel], b: list[Kernel]) -> None:
    found = match_kernels(a, b)
    assert sorted(name for match in found for name in match.a) == sorted(kernel.name for kernel in a)
    assert sorted(name for match in found for name in match.b) == sorted(kernel.name for kernel in b)
    assert all((match.how == "one side") == (not (match.a and match.b)) for match in found)
    assert all(match.how in HOW for match in found)


@given(_KERNELS, _KERNELS)
def test_matching_does_not_depend_on_the_side(a: list[Kernel], b: list[Kernel]) -> None:
    there = {(frozenset(one.a), frozenset(one.b), one.how) for one in match_kernels(a, b)}
    back = {(frozenset(one.b), frozenset(one.a), one.how) for one in match_kernels(b, a)}
    assert there == back
