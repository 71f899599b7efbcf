"""Servers that answer what no server should: the cell ends with a sentence, and keeps the traces that there are."""

from __future__ import annotations

import json
import socket
import threading

import pytest

from xpubreak.capture.vllm import http
from xpubreak.capture.vllm.http import BadAnswerError, Server
from xpubreak.capture.vllm.server_capture import ServerCapture
from xpubreak.errors import CaptureError
from xpubreak.magic.arguments import parse_breakdown

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
GARBAGE = b"garbage\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"
TOO_MANY_HEADERS = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 4096
TRACE = json.dumps({"traceEvents": [{"ph": "X", "cat": "cpu_op", "name": "aten::mm", "ts": 1, "dur": 1}]})


class Raw:
    """A socket that answers bytes by path, and 404 for the rest."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []
        self.before_stop = lambda _prefix: None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                request = b""
                while b"\r\n\r\n" not in request or (b"start_profile" in request and not request.endswith(b"}")):
                    request += client.recv(4096)
                path = request.split()[1].decode().partition("?")[0]
                self.asked.append(path)
                if path == "/start_profile":
                    self.prefix = json.loads(request.partition(b"\r\n\r\n")[2])["profile_prefix"]
                elif path == "/stop_profile":
                    self.before_stop(getattr(self, "prefix", ""))
                client.sendall(self.answers.get(path, NOT_FOUND))


@pytest.fixture
def raw():
    made = []

    def start(**answers):
        made.append(Raw({f"/{name}": answer for name, answer in answers.items()}))
        return made[-1]

    yield start
    for one in made:
        one.listener.close()


@pytest.mark.parametrize("answer", [GARBAGE, CUT, TOO_MANY_HEADERS])
def test_an_answer_that_is_none_is_an_error_in_a_sentence(raw, answer):
    running = raw(page=answer)
    with pytest.raises(BadAnswerError, match=r"/page does not answer as HTTP servers do .*Check that the address"):
        Server(running.url).post("/page")
    assert Server(running.url).get("/page") == "", "a page that is not there"


def test_an_answer_without_end_is_not_read_to_its_end(raw, monkeypatch):
    monkeypatch.setattr(http, "_MAX_PAGE_BYTES", 1000)
    running = raw(page=ENDLESS)
    with pytest.raises(BadAnswerError, match="answers with more than 1,000 bytes"):
        Server(running.url).post("/page")
    assert Server(running.url).get("/page") == ""


@pytest.mark.parametrize("answer", [GARBAGE, CUT])
def test_a_bad_answer_at_the_start_stops_what_may_have_started(raw, tmp_path, answer):
    running = raw(start_profile=answer, stop_profile=OK)
    with (
        pytest.raises(CaptureError, match=r"may be active nevertheless: POST http.*/stop_profile ends it"),
        ServerCapture(running.url, trace_dir=tmp_path, force=True),
    ):
        pytest.fail("the body ran")
    assert running.asked[-2:] == ["/start_profile", "/stop_profile"]


@pytest.mark.parametrize("answer", [GARBAGE, CUT])
def test_a_bad_answer_at_the_end_keeps_the_traces_that_are_there(raw, tmp_path, answer):
    running = raw(start_profile=OK, stop_profile=answer)
    running.before_stop = lambda prefix: (tmp_path / f"{prefix}_rank0.pt.trace.json").write_text(TRACE)
    with ServerCapture(running.url, trace_dir=tmp_path, force=True, timeout_seconds=0.5) as capture:
        pass
    assert [path.name.partition("_")[2] for path in capture.trace_paths] == ["rank0.pt.trace.json"]
    (told,) = [issue.message for issue in capture.issues if issue.code == "server-failed"]
    assert "does not answer as HTTP servers do" in told
    assert f"may still be active: POST {running.url}/stop_profile ends it" in told


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999", "http://[::1", "http://127.0.0.1:abc", "http://a b:1", "file:///etc/passwd"]
)
def test_an_address_that_is_none_is_refused_before_anything_runs(url):
    with pytest.raises(CaptureError, match="is no address of a server"):
        ServerCapture(url)
    with pytest.raises(Exception, match="is no URL such as"):
        parse_breakdown(f"--server '{url}'")


def info(config):
    body = json.dumps({"vllm_config": {"profiler_config": {"profiler": "torch", **config}}}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


PLAIN = {
    "torch_profiler_with_stack": False,
    "torch_profiler_use_gzip": False,
    "torch_profiler_record_shapes": True,
}


@pytest.mark.parametrize(
    ("config", "asked", "cost", "options"),
    [
        (PLAIN, {}, [], []),
        (PLAIN, {"stacks": True}, [], ["torch_profiler_with_stack"]),
        (PLAIN, {"shapes": False, "device": "xpu"}, [], ["torch_profiler_record_shapes", "the device"]),
        ({}, {}, ["stacks", "compressed"], ["torch_profiler_with_stack", "torch_profiler_record_shapes"]),
        ({}, {"stacks": True, "shapes": False}, ["stacks", "compressed"], []),
        (None, {}, [], []),
        (None, {"stacks": True, "shapes": False}, [], ["torch_profiler_with_stack", "torch_profiler_record_shapes"]),
    ],
)
def test_options_that_a_server_does_not_heed_are_told(raw, tmp_path, config, asked, cost, options):
    pages = {} if config is None else {"server_info": info(config)}
    running = raw(start_profile=OK, stop_profile=OK, **pages)
    running.before_stop = lambda prefix: (tmp_path / f"{prefix}_rank0.pt.trace.json").write_text(TRACE)
    with ServerCapture(running.url, trace_dir=tmp_path, force=True, **asked) as capture:
        pass
    told = {issue.code: issue.message for issue in capture.issues}
    assert all(word in told["profiler-config-cost"] for word in cost)
    assert ("profiler-config-cost" in told) == bool(cost)
    assert ("profiler-config-options" in told) == bool(options)
    assert told.get("profiler-config-options", "").partition(" of http")[0] == " and ".join(options)
