"""Names of two runs: what is left out of them, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

import xpubreak as xb
from xpubreak.trace import kineto


def _run_of(names: list[str]) -> xb.Breakdown:
    """One after another, each takes longer than the one before."""
    ops = [
        {"ph": "X", "cat": "cpu_op", "name": name, "pid": 1, "tid": 1, "ts": 100 * at, "dur": 20 + at}
        for at, name in enumerate(names)
    ]
    return xb.load(kineto.from_dicts(ops, traceName="/tmp/bob/trace.json"), title="run")


def test_what_is_left_out_of_both_runs_keeps_one_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["/home/bob/a/op.py(1): f", "/home/bob/b/op.py(1): f"]
    cmp = xb.compare(_run_of(names), _run_of(names[::-1]))
    told = cmp.redacted()
    numbers = ["a_ns", "b_ns", "delta_ns"]
    assert told.kernels[numbers].equals(cmp.kernels[numbers])
    assert not told.kernels.map(str).apply(lambda column: column.str.contains("bob")).any(axis=None)
    cmp.to_csv(tmp_path / "cmp.csv")
    assert capsys.readouterr().out == "cmp.csv: left out 2 paths (…/op.py); redact=False keeps it.\n"
    assert cmp.pair(0, 1).redacted().left_out


def test_half_a_letter_in_a_name_breaks_no_table(tmp_path: Path) -> None:
    names = ["aten::\ud800", "aten::\ud801", "aten::mm"]
    cmp = xb.compare(_run_of(names), _run_of(names))
    assert list(cmp.by("kernel")["kernel"]) == list(cmp.kernels["a_kernel"])
    assert cmp.kernels["a_total_ns"].sum() == int(cmp.a.weights_ns.sum())
    assert "aten::?" in set(cmp.ops["op"])
    cmp.to_csv(tmp_path / "cmp.csv")
    cmp.to_html(tmp_path / "cmp.html")
