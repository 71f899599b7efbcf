"""What of two runs has the same values: whatever tables of a comparison add up, parts have."""

from __future__ import annotations

import pytest

import xpubreak as xb
from xpubreak.errors import SelectionError


@pytest.fixture(scope="module")
def cmp() -> xb.Comparison:
    runs = [xb.load(xb.samples.path(name)) for name in ("h200-vllm-eager", "h200-vllm-compiled")]
    return xb.compare(*runs, titles=["eager", "compiled"])


@pytest.mark.parametrize("name", ["backend", "category", "kernel", "op", "layer", "position", "phase", "stream"])
def test_parts_have_what_tables_add_up(cmp: xb.Comparison, name: str) -> None:
    table = cmp.by(name)
    for value, a_ns, b_ns in table[[name, "a_total_ns", "b_total_ns"]].itertuples(index=False):
        a, b = cmp.parts(**{name: value})
        assert (a.totals.device_ns, b.totals.device_ns) == (a_ns, b_ns), value
    whole = [part.totals.device_ns for part in cmp.parts(**{name: table[name].tolist()})]
    assert whole == [cmp.a.totals.device_ns, cmp.b.totals.device_ns]


def test_kernels_that_were_renamed_have_one_name(cmp: xb.Comparison) -> None:
    renamed = next(match for match in cmp.matched.axes.kernels if match.a and match.b and set(match.a) != set(match.b))
    for name in (renamed.label, renamed.a[0], renamed.b[0]):
        a, b = cmp.parts(kernel=name)
        assert (set(a.kernels["display_name"]), set(b.kernels["display_name"])) == (set(renamed.a), set(renamed.b))
    assert str(a.selection).count("row") == 0, "names select, where there are any"


def test_all_clauses_have_to_hold(cmp: xb.Comparison) -> None:
    a, b = cmp.parts(category="attention", layer=[2, 3])
    for part, whole in ((a, cmp.a), (b, cmp.b)):
        expected = whole.select(category="attention", layer=[2, 3])
        assert part.totals.device_ns == expected.totals.device_ns > 0
        assert set(part.by("layer")["layer"]) == {2, 3}


def test_a_comparison_of_parts_is_one_of_the_same_part(cmp: xb.Comparison) -> None:
    again = xb.compare(*cmp.parts(category="attention"))
    assert "other-selection" not in {note.code for note in again.notes}
    assert again.by("category")["category"].tolist() == ["attention"]


def test_no_clause_is_everything(cmp: xb.Comparison) -> None:
    assert cmp.parts() == (cmp.a, cmp.b)


def test_a_value_of_one_run_has_nothing_of_the_other(cmp: xb.Comparison) -> None:
    alone = next(match for match in cmp.matched.axes.kernels if not match.a)
    a, b = cmp.parts(kernel=alone.label)
    assert a.totals.activities == 0 < b.totals.activities


@pytest.mark.parametrize(
    "clauses", [{"colour": "red"}, {"backend": "red"}, {"layer": [1, 99]}, {"layer": [[1]]}, {"node": 3}]
)
def test_what_neither_run_has_is_an_error(cmp: xb.Comparison, clauses: dict[str, object]) -> None:
    with pytest.raises(SelectionError):
        cmp.parts(**clauses)


def test_parts_of_parts(cmp: xb.Comparison) -> None:
    """A comparison of selections counts rows of the whole profile."""
    small = xb.compare(cmp.a.select(phase="decode"), cmp.b.select(phase="decode"))
    a, b = small.parts(category="attention")
    for part, whole in ((a, cmp.a), (b, cmp.b)):
        assert part.totals.device_ns == whole.select(phase="decode", category="attention").totals.device_ns
