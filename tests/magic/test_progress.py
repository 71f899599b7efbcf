"""The progress line: one display through all stages, which ends as the result."""

from __future__ import annotations

import pytest

from xpubreak.magic import progress
from xpubreak.magic.progress import STAGES, Progress

RESULT = [({"text/plain": "<result>"}, {}), ({"text/plain": "<what comes with it>"}, {})]


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless it is put forward."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def front_end(notebook):
    """A shell that says it is a kernel's, and every message that it would send."""
    shell, sent = notebook.shell, []
    shell.kernel = object()

    def publish(data, metadata=None, *, transient=None, update=False, **rest):
        sent.append(("update" if update else "display", (transient or {}).get("display_id"), data))

    shell.display_pub.publish = publish
    yield shell, sent
    del shell.kernel


def test_one_display_goes_through_all_stages_and_becomes_the_result(front_end, clock):
    shell, sent = front_end
    line = Progress(shell, "llm")
    for stage in STAGES:
        line(stage, 5, 10)
    line.become(RESULT)
    assert [kind for kind, _, _ in sent] == ["display", *["update"] * len(STAGES), "display"]
    assert len({display_id for _, display_id, _ in sent[:-1]}) == 1
    assert [data["text/plain"] for _, _, data in sent[-2:]] == ["<result>", "<what comes with it>"]
    assert not line.is_open


def test_it_says_what_is_done_with_sizes(front_end, clock):
    shell, sent = front_end
    line = Progress(shell, "llm")
    line("capturing")
    line("collecting", 12_000_000, 40_000_000)
    assert [data["text/plain"] for _, _, data in sent] == [
        "xpubreak: capturing llm",
        "xpubreak: collecting ██████░░░░░░░░░░░░░░ 12 MB of 40 MB",
    ]
    assert 'value="12000000" max="40000000"' in sent[1][2]["text/html"]
    assert "<b>collecting</b>" in sent[1][2]["text/html"]


def test_updates_within_a_stage_are_throttled_and_stages_are_not(front_end, clock):
    shell, sent = front_end
    line = Progress(shell)
    for done in range(100):
        line("reading", done, 100)
    assert len(sent) == 1
    clock[0] += 1
    line("reading", 100, 100)
    line("classifying", 0, 100)
    assert len(sent) == 3


def test_small_things_are_not_worth_a_line(front_end, clock):
    shell, sent = front_end
    line = Progress(shell, from_bytes=1000)
    line("capturing")
    line("reading", 0, 999)
    assert sent == []
    line("reading", 0, 1000)
    line("classifying", 0, None)
    assert len(sent) == 2


def test_where_there_was_no_line_the_result_is_an_ordinary_display(front_end, clock):
    shell, sent = front_end
    Progress(shell, from_bytes=1000).become(RESULT)
    assert [(kind, data["text/plain"]) for kind, _, data in sent] == [
        ("display", "<result>"),
        ("display", "<what comes with it>"),
    ]


def test_ending_without_a_result_leaves_a_sentence_or_nothing(front_end, clock):
    shell, sent = front_end
    for text in ("", "interrupted <while> reading"):
        line = Progress(shell)
        line("reading")
        line.end(text)
        line.end("twice")
        assert sent[-1][2]["text/plain"] == text
        assert "<while>" not in sent[-1][2]["text/html"]


def test_a_quiet_magic_shows_none(front_end, clock):
    shell, sent = front_end
    line = Progress(shell, is_shown=False)
    line("reading", 1, 2)
    line.end()
    assert sent == []


def test_in_a_terminal_it_is_a_line_that_is_wiped(notebook, clock, monkeypatch):
    written = []
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress.sys.stderr, "write", written.append, raising=False)
    line = Progress(notebook.shell)
    line("reading", 1, 2)
    line.end()
    assert written == ["\r\x1b[Kxpubreak: reading ██████████░░░░░░░░░░ 1 B of 2 B", "\r\x1b[K"]


def test_where_nobody_looks_nothing_is_written(notebook, clock, capsys):
    line = Progress(notebook.shell)
    line("reading", 1, 2)
    line.end()
    assert capsys.readouterr().err == ""
