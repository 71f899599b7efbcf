"""Bad input: equal to the reference parser or a counted issue, never a wrong number in silence; both readers alike.

`tools/fuzz/reader.py` runs the same laws under atheris for as long as one likes; what it finds goes into ``corpus``.
"""

from __future__ import annotations

import gzip
import importlib.util
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trace.laws import check, compared, read, rows
from tests.trace.reference import expected_of
from xpubreak.trace.trace import Trace

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())
WAYS = ("1", "0") if importlib.util.find_spec("numba") else ("0",)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_corpus(path: Path) -> None:
    check(path.read_bytes(), WAYS)


digits = st.text("0123456789", min_size=1, max_size=22)
numbers = st.one_of(
    st.integers(-(10**6), 10**16).map(str),
    st.builds(lambda whole, part: f"{whole}.{part}", st.integers(0, 10**16), digits),
    st.builds(lambda whole, power: f"{whole}e{power}", st.integers(0, 10**6), st.integers(-30, 30)),
    st.builds(lambda whole, part, power: f"-{whole}.{part}E+{power}", st.integers(0, 99), digits, st.integers(0, 9)),
    st.sampled_from(["0", "-0", "0.000", "-0.5", "1e400", "1E-400", "2305843009213693.951", "9999999999999999.999"]),
    st.sampled_from(
        ["9007199254740.992", "9007199254740.993", "281474976710656", "281474976710657", "2200000000000000"]
    ),
)
no_numbers = st.sampled_from(
    ["1_0", "+5", " 5", "5 ", "\\u0663", "٣", "5.", ".5", "0x5", "1e", "-", "--5", "", "NaN", "inf"]
)
quoted = st.one_of(numbers, numbers, st.integers(0, 99).map("00{}".format), no_numbers).map('"{}"'.format)
numbers = st.one_of(numbers, numbers, numbers, quoted, st.sampled_from(["true", "null", "[5]"]))
texts = st.one_of(st.sampled_from(["aten::mm", 'a\\"b', "\\u00e9", "\\ud83d\\ude00", "µ", "", "x" * 90]), st.just("n"))
scalars = st.one_of(
    numbers, texts.map('"{}"'.format), st.sampled_from(["null", "true", "false", "[]", "{}", '[{"a": 1}]'])
)
plain_args = st.dictionaries(
    st.sampled_from(["correlation", "External id", "bytes", "Input Dims", "kernel_backend", "x", "sycl queue"]), scalars
).map(lambda found: "{" + ", ".join(f'"{key}": {value}' for key, value in found.items()) + "}")
fields = st.fixed_dictionaries(
    {
        "ph": st.sampled_from(['"X"', '"X"', '"X"', '"i"', '"M"', '"s"']),
        "cat": st.sampled_from(['"cpu_op"', '"kernel"', '"python_function"', '"new"']),
        "name": texts.map('"{}"'.format),
        "pid": st.sampled_from(["1", "0", '"1"', "-3", '"x"']),
        "tid": st.sampled_from(["1", "7", '"stream 7"']),
        "ts": numbers,
        "dur": numbers,
    },
    optional={"args": plain_args, "id": numbers, "s": texts.map('"{}"'.format)},
)
blanks = st.sampled_from(["", "", " ", "\n  ", "\t", "\r\n"])


@st.composite
def lists(draw: st.DrawFn, most: int = 2) -> str:
    """A valid list of events: keys in any order, some of them twice, any white space."""
    events = []
    for event in draw(st.lists(fields, max_size=most)):
        items = draw(st.permutations([*event.items()]))
        if draw(st.booleans()):
            items = [*items, draw(st.sampled_from(items))]
        space = draw(blanks)
        events.append("{" + f",{space}".join(f'{space}"{key}"{space}:{space}{value}' for key, value in items) + "}")
    space = draw(blanks)
    return f"[{space}" + f"{space},{space}".join(events) + f"{space}]"


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A valid trace, with lists of events also where they do not count, or more of them than may be."""
    listed, space = draw(lists(8)), draw(blanks)
    if draw(st.booleans()):
        return (listed + (space + draw(lists()) if draw(st.integers(0, 9)) == 0 else "")).encode()
    elsewhere = st.sampled_from(['"a"', '"dropped"', '"traceEvents "']).flatmap(
        lambda key: st.one_of(
            st.just(f'{key}:{{"b": [1]}}'),
            lists().map(lambda found: f"{key}:{found}"),
            lists().map(lambda found: f'{key}:{{"traceEvents"{space}:{found}}}'),
        )
    )
    before, behind = draw(st.lists(elsewhere, max_size=2)), draw(st.lists(elsewhere, max_size=2))
    if draw(st.integers(0, 9)) == 0:
        behind.append(f'"traceEvents":{draw(lists())}')
    text = f"{{{space}" + f"{space},".join([*before, f'"traceEvents"{space}:{space}{listed}', *behind]) + "}"
    if draw(st.integers(0, 9)) == 0:
        text += space + draw(st.one_of(lists(), lists().map('{{"x":1,"traceEvents":{}}}'.format)))
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + text.encode()


@settings(max_examples=150)
@given(documents())
def test_valid_traces_equal_the_reference(text: bytes) -> None:
    check(text, WAYS)


def test_the_reference_is_really_compared_with() -> None:
    event = b'{"ph": "X", "cat": "cpu_op", "name": "n", "pid": 1, "tid": 1, "ts": 1.5e0, "dur": 2.0625}'
    assert compared(b"[" + event + b"]", WAYS)
    assert compared(b"[" + event + b"," + event.replace(b"1.5e0", b"NaN") + b"]", WAYS)
    assert compared(b"[" + event + b"][" + event + b"]", WAYS)
    assert not compared(b"[" + event + b"," + event[:-1] + b"]", WAYS), "from there on there is nothing to compare with"
    expected = expected_of(b"[" + event + b"," + event[:-1] + b"]")
    assert expected is not None
    assert expected.rows == [(1500, 2062, "n", -1, -1, -1)]


@settings(max_examples=200)
@given(documents(), st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 3), st.binary(max_size=3)), max_size=4))
def test_damaged_traces(text: bytes, damages: list[tuple[int, int, bytes]]) -> None:
    for place, lost, added in damages:
        at = place % (len(text) + 1)
        text = text[:at] + added + text[at + lost :]
    check(text, WAYS)


@settings(max_examples=60)
@given(documents(), st.integers(1, 60), st.binary(max_size=12))
def test_damaged_gzip(text: bytes, cut: int, tail: bytes) -> None:
    half = len(text) // 2
    check(gzip.compress(text[:half]) + gzip.compress(text[half:]), WAYS)
    check(gzip.compress(text)[:-cut], WAYS)
    check(gzip.compress(text) + tail, WAYS)


def test_an_event_without_end_takes_no_memory() -> None:
    """One line of 96 MB, of which no event is: 1 GB would only take longer."""
    event = b'{"ph":"X","cat":"cpu_op","name":"n","pid":1,"tid":1,"ts":%d,"dur":1,"args":{"x":"%s"}}'
    packed = gzip.compress(
        b"[" + event % (1, b"") + b"," + event % (2, b"y" * (96 << 20)) + b"," + event % (3, b"") + b"]", 1
    )
    for way in WAYS:
        tracemalloc.start()
        trace = read(packed, way)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert isinstance(trace, Trace)
        assert [row[0] for row in rows(trace)] == [1000, 3000]
        assert [issue.count for issue in trace.issues if issue.code == "oversized-event"] == [1]
        assert peak < 160 << 20
