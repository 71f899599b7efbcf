"""What the profiler costs, as it is told."""

from __future__ import annotations

import pytest

from xpubreak.magic.overhead import Stopwatch, compare

MS = 1_000_000


def watch(*runs_ms):
    made = Stopwatch()
    made.runs_ns += [run * MS for run in runs_ms]
    return made


def test_the_ratio_is_of_means():
    assert compare(watch(100), watch(110, 130)).ratio == pytest.approx(1.2)


def test_starting_and_ending_inside_of_the_cell_is_left_out_and_told():
    found = compare(watch(100), watch(140, 120), switching_ns=20 * MS)
    assert found.ratio == pytest.approx(1.2)
    assert "inside of it took 20.0 ms more." in found.issue.message


@pytest.mark.parametrize(("plain", "profiled"), [(watch(), watch(1)), (watch(1), watch())])
def test_without_both_there_is_none(plain, profiled):
    assert compare(plain, profiled) is None


@pytest.mark.parametrize(
    ("runs_ms", "severity", "words"),
    [
        ([110], "info", "110 ms with the profiler and 100 ms without: 1.10×."),
        ([110, 130], "info", "120 ms with the profiler (mean of 2 runs) and 100 ms without: 1.20×."),
        ([200], "warning", "2.00×. Times on the host are longer"),
        ([80], "info", "0.80×. The run without it came first and was no faster: run once before with --warmup 1."),
    ],
)
def test_much_is_a_warning(runs_ms, severity, words):
    issue = compare(watch(100), watch(*runs_ms)).issue
    assert (issue.code, issue.severity) == ("overhead", severity)
    assert words in issue.message


def test_runs_that_fail_do_not_count():
    made = Stopwatch()
    with made:
        pass
    with pytest.raises(ValueError, match="mine"), made:
        raise ValueError("mine")
    assert len(made.runs_ns) == 1
