"""A reduced breakdown lies about nothing: every sum is the exact one, and only the smallest leaves are folded.

Compared number by number, for arbitrary traces and every bundled sample, from folding nothing to folding everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xpubreak as xb
from tests.strategies import traces
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.facts import group_by
from xpubreak.trace import kineto
from xpubreak.view.reduce import Reduced, reduced

DIMENSIONS = (
    "role", "category", "confidence", "layer", "position", "phase", "step", "stream", "rank", "module",
)  # fmt: skip
SUMS = ("device_ns", "host_ns", "count")
NOTHING, EVERYTHING = 0.0, 2.0
THRESHOLDS = (NOTHING, 1e-5, 1e-3, 0.01, 0.1, 0.5, 1.0, EVERYTHING)


@pytest.fixture(scope="module", params=xb.samples.names())
def sample(request: pytest.FixtureRequest) -> Breakdown:
    return xb.load(xb.samples.path(request.param))


def sums(facts: Any, *dimensions: str) -> dict[tuple[int, ...], tuple[int, ...]]:
    """Exact sums by some dimensions, in whole numbers of any size."""
    if not len(facts):
        return {}
    first, group = group_by([getattr(facts, name) for name in dimensions])
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(first)))
    columns = [np.add.reduceat(getattr(facts, name)[order], starts).tolist() for name in SUMS]
    keys = zip(*(getattr(facts, name)[first].tolist() for name in dimensions), strict=True)
    return dict(zip(keys, zip(*columns, strict=True), strict=True))


def agrees(bd: Breakdown, less: Reduced) -> None:
    for name in DIMENSIONS:
        assert sums(less.facts, name) == sums(bd.facts, name), name
    # A selection narrows several at once, so pairs, and all of them together, have to be exact as well.
    for pair in combinations(DIMENSIONS, 2):
        assert sums(less.facts, *pair) == sums(bd.facts, *pair), pair
    assert sums(less.facts, *DIMENSIONS) == sums(bd.facts, *DIMENSIONS)


def leaves(bd: Breakdown) -> dict[tuple[int, int], float]:
    """The larger of a leaf's shares of device and host time, by call path and name."""
    shares: Counter[tuple[int, int]] = Counter()
    device, host = (max(int(getattr(bd.facts, name).sum()), 1) for name in SUMS[:2])
    for node, name, device_ns, host_ns in zip(
        *(getattr(bd.facts, column).tolist() for column in ("node", "name", "device_ns", "host_ns")), strict=True
    ):
        shares[node, name] += max(device_ns / device, host_ns / host)
    return dict(shares)


def paths(tree: Any, strings: Any) -> list[tuple[tuple[str, int], ...]]:
    found: list[tuple[tuple[str, int], ...]] = []
    for parent, name, kind in zip(tree.parent.tolist(), tree.name.tolist(), tree.kind.tolist(), strict=True):
        found.append((*(found[parent] if parent >= 0 else ()), (strings[name], kind)))
    return found


def subtree_sums(facts: Any, tree: Any) -> Iterator[tuple[int, ...]]:
    own = np.zeros((len(tree) + 1, len(SUMS)), dtype=np.int64)
    np.add.at(own, facts.node, np.stack([getattr(facts, name) for name in SUMS], axis=1))
    running = np.concatenate([np.zeros((1, len(SUMS)), np.int64), np.cumsum(own[:-1], axis=0)])
    for node, end in enumerate(tree.subtree_end.tolist()):
        yield tuple((running[end + 1] - running[node]).tolist())


def check(bd: Breakdown, least_frac: float) -> Reduced:
    less = reduced(bd, least_frac)
    agrees(bd, less)
    whole_ns = bd.totals.device_ns if bd.weight == "device" else bd.totals.host_ns
    assert 0 <= less.folded_ns <= whole_ns
    assert (less.facts.name <= len(bd.strings)).all()
    assert len(less.facts) <= len(bd.facts)
    assert (less.facts.node < len(less.nodes)).all()
    assert (less.nodes.parent < np.arange(len(less.nodes))).all(), "parents come first"
    is_folded = less.facts.name == len(bd.strings)
    column = less.facts.device_ns if bd.weight == "device" else less.facts.host_ns
    assert int(column[is_folded].sum()) == less.folded_ns, "what is said to be folded is what is called so"
    assert bool(less.folded_names) == bool(is_folded.any())
    return less


@pytest.mark.parametrize("least_frac", THRESHOLDS)
def test_sums_of_every_sample_are_exact(sample: Breakdown, least_frac: float) -> None:
    check(sample, least_frac)


@given(traces(), st.sampled_from(THRESHOLDS) | st.floats(0, 1))
@settings(deadline=None, max_examples=80)
def test_sums_of_made_up_traces_are_exact(entries: list[dict[str, object]], least_frac: float) -> None:
    check(xb.load(kineto.from_dicts(entries)), least_frac)


@given(traces(), st.floats(0, 1))
@settings(deadline=None, max_examples=60)
def test_what_is_folded_is_smaller_than_what_is_left(entries: list[dict[str, object]], least_frac: float) -> None:
    bd = xb.load(kineto.from_dicts(entries))
    less = reduced(bd, least_frac)
    kept = {(bd.strings[name] if name < len(bd.strings) else None) for name in less.facts.name.tolist()}
    for (_, name), share in leaves(bd).items():
        if share >= least_frac + 1e-9:
            assert bd.strings[name] in kept, "a leaf that large has its own name"
    # Every named row that is left stands for a leaf that is large enough.
    large = {bd.strings[name] for (_, name), share in leaves(bd).items() if share >= least_frac - 1e-9}
    assert kept - {None} <= large


def test_smallest_go_first(sample: Breakdown) -> None:
    steps = [reduced(sample, least_frac) for least_frac in THRESHOLDS]
    assert steps[0].folded_names == 0
    for less, more in pairwise(steps):
        assert less.folded_ns <= more.folded_ns
        assert less.folded_names <= more.folded_names
        assert len(less.nodes) >= len(more.nodes)
    whole_ns = sample.totals.device_ns if sample.weight == "device" else sample.totals.host_ns
    assert steps[-1].folded_ns == whole_ns, "the last one folds every name"
    assert len(steps[-1].nodes) == 0


@pytest.mark.parametrize("least_frac", (1e-3, 0.01))
def test_frames_that_are_left_are_as_wide_as_they_were(sample: Breakdown, least_frac: float) -> None:
    less = reduced(sample, least_frac)
    before = dict(zip(paths(sample.nodes, sample.strings), subtree_sums(sample.facts, sample.nodes), strict=True))
    after = dict(zip(paths(less.nodes, sample.strings), subtree_sums(less.facts, less.nodes), strict=True))
    assert after.items() <= before.items()


@pytest.mark.parametrize("least_frac", (1e-4, 0.01, EVERYTHING))
def test_what_is_selected_is_what_was_selected(sample: Breakdown, least_frac: float) -> None:
    """A reader of the copy who clicks on a backend, then a layer, sees the numbers that Python would say."""
    facts = reduced(sample, least_frac).facts
    for role in np.unique(sample.facts.role).tolist()[:3]:
        for layer in np.unique(sample.facts.layer).tolist()[:3]:
            expected = sample.select(backend=_key(role), layer=layer).totals
            chosen = (facts.role == role) & (facts.layer == layer)
            assert int(facts.device_ns[chosen].sum()) == expected.device_ns
            assert int(facts.host_ns[chosen].sum()) == expected.host_ns


def _key(role: int) -> str:
    from xpubreak.classify.backend import Role

    return Role(role).key


@pytest.mark.parametrize("least_frac", (NOTHING, 1e-3, EVERYTHING))
def test_without_modules_all_other_sums_stay(sample: Breakdown, least_frac: float) -> None:
    less = reduced(sample, least_frac, with_modules=False)
    others = tuple(name for name in DIMENSIONS if name != "module")
    assert sums(less.facts, *others) == sums(sample.facts, *others)
    assert (less.facts.module == -1).all()
    assert less.has_modules == bool((sample.facts.module == -1).all())
