"""Lists of hosts: each one is left out, what a list merely may be spoils no names, and none takes long."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.breakdown.test_redact import loaded
from xpubreak.breakdown.privatetexts import PrivateTexts
from xpubreak.breakdown.privatewords import each_of, pattern_of
from xpubreak.breakdown.redact import redact

PROGRAMS = ("copy gpu to cpu", "cpu_op", "self.attention(x)", "uvicorn/main.py", "k<x86_64>")


@pytest.mark.parametrize(
    "named",
    [
        {"machine": "cpu,gpu"}, {"machine": "cpu"}, {"machine": "x86_64"}, {"server": "uvicorn,attention"},
        {"server": "uvicorn"}, {"hosts": "cpu,gpu"}, {"node": "cpu"}, {"server": "magrathea7,attention"},
    ],
)  # fmt: skip
def test_what_is_called_a_machine_may_be_a_part_of_a_program(named: dict[str, str]) -> None:
    redaction = redact(loaded(**named))
    [(key, value)] = named.items()
    assert redaction.breakdown.metadata.extra[key] != value
    assert [redaction.texts.text(text) for text in PROGRAMS] == list(PROGRAMS)


@pytest.mark.parametrize(
    ("nodes", "within", "beyond"),
    [
        ("frontier[00001-01000]", "frontier00900", "frontier01001"),
        ("frontier[00001-01000,02000]", "frontier02000", "frontier01999"),
        ("gpunode[1-12]", "gpunode9", "gpunode0"),
        ("gpu[07-12],login1", "gpu10", "gpu13"),
        ("gpu[07-12],login1", "login1", "login2"),
        ("zq-[1-3]-ib", "zq-2-ib", "zq-4-ib"),
        ("alpha,node7", "alpha", "beta"),
        ("node7:8000,node8:8000", "node8", "node9"),
    ],
)
def test_each_of_a_list_is_left_out(nodes: str, within: str, beyond: str) -> None:
    redaction = redact(loaded(SLURM_NODELIST=nodes))
    written = redaction.texts.text(f"{within} was slow, {beyond} was not")
    assert re.fullmatch(rf"host-\d+ was slow, {beyond} was not", written)


@given(st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 20_000), st.booleans())
def test_a_range_is_all_numbers_of_it_and_no_others(first: int, size: int, number: int, padded: bool) -> None:
    last, width = first + size, 5 if padded else 1
    pattern = pattern_of([f"zqx[{first:0{width}d}-{last:0{width}d}]"], [], [])
    assert pattern is not None
    for n in (number, first, last, last + 1, max(first - 1, 0)):
        found = pattern.fullmatch(f"zqx{n:0{width}d}")
        if first <= n <= last and len(f"{first:0{width}d}") >= 3:
            assert found
        # What goes on as a number of the list does, is another host: gpu71 besides gpu7.
        elif padded:
            assert not found


def test_names_that_begin_alike_are_found_the_longest_first() -> None:
    names = ["zq-node", "zq-node7", "zq-node7-ib", "zq-nodes", "zq-n"]
    private = PrivateTexts(hosts=names)
    text = ", ".join(sorted(names))
    assert private.text(text) == "host-1, host-2, host-3, host-4, host-5"
    assert private.text("zq-node71") == "host-6"


HOSTILE = {
    "commas": "," * 20_000,
    "hosts": ",".join(f"node{number:05d}" for number in range(40_000)),
    "odd hosts": ",".join(f"{number * 7919 % 99_991:x}zq{number}" for number in range(40_000)),
    "open": "a[1," * 20_000,
    "ranges": f"frontier[{'00001-00500,' * 5_000}00900]",
    "one more": ",".join("a" * number + "1" for number in range(1, 200)),
    "closed": "]" * 20_000,
    "deep": "[" * 20_000,
    "hexadecimal": "1" * 16_000 + "z",
    "wide": "frontier[00001-99999]",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("key", ["SLURM_NODELIST", "machine", "hosts", "hostname"])
def test_no_list_takes_more_time_than_its_length(key: str, value: str) -> None:
    begun_s = process_time()
    redaction = redact(loaded(**{key: value}))
    for number in range(1_000):
        redaction.texts.text(f"aten::mm_{number} void gemm<float, {number}>(int) frontier0{number}")
    redaction.texts.text(f"NODELIST={value}")
    assert process_time() - begun_s < 1.5, "some 0.1 s"


def test_of_a_long_list_no_name_is_cut() -> None:
    names = list(each_of(",".join(f"node{number:05d}" for number in range(5_000)), is_list=True))
    assert 1_000 < len(names) < 5_000 * 2
    assert all(re.fullmatch(r"node\d{5}", name) for name in names)
