"""The drawing of traces: what each mark means."""

from __future__ import annotations

from typing import Any

import pytest

from tests.drawing import draw, format_tree
from xpubreak.trace import kineto


def brief(event: dict[str, Any]) -> tuple[Any, ...]:
    return (event["cat"], event["name"], event["pid"], event["tid"], event["ts"], event["dur"], event["args"])


def test_a_launch() -> None:
    events = draw("""
    host 1  | aten::linear-----------------------------
            |   aten::mm----------------------
            |      !urEnqueueKernelLaunch#7^5
    queue 0 |                                   gemm_kernel#7=======
    """)
    assert [brief(event) for event in events] == [
        ("cpu_op", "aten::linear", 1, 1, 0, 41, {}),
        ("cpu_op", "aten::mm", 1, 1, 2, 30, {}),
        ("xpu_runtime", "urEnqueueKernelLaunch", 1, 1, 5, 26, {"correlation": 7, "External id": 5}),
        ("kernel", "gemm_kernel", 0, 0, 34, 20, {"correlation": 7}),
    ]


def test_every_kind_of_bar() -> None:
    events = draw("""
    host 2:3  | [execute_context_1(5)_generation_0(0)]--- !!zeX ~"x.py(1): f"-- a-- i'
    queue 1:9 | [b] "Memcpy H2D (HOST -> DEVICE)"#1= Memset x-y=z
    a = a long name with = and #
    """)
    assert [(event["cat"], event["name"], event["dur"]) for event in events] == [
        ("user_annotation", "execute_context_1(5)_generation_0(0)", 41),
        ("xpu_driver", "zeX", 5),
        ("python_function", "x.py(1): f", 15),
        ("cpu_op", "a long name with = and #", 3),
        ("cpu_op", "i", 0),
        ("gpu_user_annotation", "b", 3),
        ("gpu_memcpy", "Memcpy H2D (HOST -> DEVICE)", 32),
        ("gpu_memset", "Memset", 6),
        ("kernel", "x-y", 4),
        ("kernel", "z", 1),
    ]
    assert [(event["pid"], event["tid"]) for event in (events[0], events[-1])] == [(2, 3), (1, 9)]


def test_units_and_vendor() -> None:
    (event,) = draw("host 1 |  !launch#1-", unit_us=0.5, vendor="cuda")
    assert brief(event) == ("cuda_runtime", "launch", 1, 1, 0.5, 5.0, {"correlation": 1})


def test_a_lane_without_a_name_is_the_one_above() -> None:
    events = draw("""
    host 7 | a-
           |  b'
    """)
    assert [event["tid"] for event in events] == [7, 7]


@pytest.mark.parametrize(
    ("picture", "complaint"),
    [
        ("       | a--", "no lane"),
        ("hots 1 | a--", "Not a lane"),
        ("host 1 | ---", "No bar"),
        ("host 1 |a--", "blank"),
        ("queue 0 | !urX#1", "runs on the host"),
        ("host 1 a--", "Neither"),
    ],
)
def test_what_cannot_be_read_is_refused(picture: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        draw(picture)


def test_a_tree_is_written_with_its_times() -> None:
    trace = kineto.from_dicts(
        draw("""
        host 1 | outer-----------
               |   first-- second
               |     x
        """)
    )
    assert format_tree(trace).splitlines() == [
        "- outer (16, 3)",
        "  - first (7, 6)",
        "    - x (1, 1)",
        "  - second (6, 6)",
    ]


def test_threads_are_told_apart() -> None:
    trace = kineto.from_dicts(
        draw("""
        host 1 | a--
        host 2 | a---
        """)
    )
    assert format_tree(trace).splitlines() == ["thread 1", "- a (3, 3)", "thread 2", "- a (4, 4)"]
