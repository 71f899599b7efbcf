"""A server on loopback that has vLLM's two profiler routes, and writes traces as it does."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from xpubreak.capture.vllm.http import Server
from xpubreak.capture.vllm.server_capture import ServerCapture
from xpubreak.capture.vllm.window import Window
from xpubreak.errors import CaptureError


def trace(world_size=1):
    event = {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "ts": 1, "dur": 1}
    return json.dumps({"distributedInfo": {"rank": 0, "world_size": world_size}, "traceEvents": [event]})


class StandIn(ThreadingHTTPServer):
    """Answers as vLLM does."""

    def __init__(
        self,
        folder,
        *,
        start=200,
        stop=200,
        ranks=1,
        world_size=None,
        takes_prefix=True,
        front_end='{"traceEvents": []}',
    ):
        self.folder, self.statuses = folder, {"/start_profile": start, "/stop_profile": stop}
        self.ranks, self.world_size, self.takes_prefix = ranks, world_size or ranks, takes_prefix
        self.asked, self.front_end = [], front_end
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def write(self):
        prefix = f"{self.asked[0][1]['profile_prefix']}_" if self.takes_prefix else ""
        for rank in range(self.ranks):
            (self.folder / f"{prefix}rank{rank}.5.pt.trace.json").write_text(trace(self.world_size))
        (self.folder / f"{prefix}host_1.async_llm.5.pt.trace.json").write_text(self.front_end)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, json.loads(body) if body else None))
        status = self.server.statuses[self.path]
        if self.path == "/stop_profile" and status == 200:
            self.server.write()
        self.send_response(status)
        self.end_headers()

    def do_GET(self):
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def server(tmp_path):
    running = []

    def start(**options):
        made = StandIn(tmp_path, **options)
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(made)
        return made

    yield start
    for made in running:
        made.shutdown()
        made.server_close()


def codes(capture):
    return [issue.code for issue in capture.issues]


def test_it_is_started_and_stopped_and_its_traces_are_there(server, tmp_path):
    running = server(ranks=2)
    told = []
    capture = ServerCapture(
        f"{running.url}/v1", trace_dir=tmp_path, window=Window(2, 4), on_progress=lambda stage, *_: told.append(stage)
    )
    with capture:
        pass
    (start, options), (stop, nothing) = running.asked
    assert (start, stop, nothing) == ("/start_profile", "/stop_profile", None)
    assert (options["delay_iterations"], options["max_iterations"]) == (3, 4)
    assert [path.name.partition("_")[2] for path in capture.trace_paths] == [
        "rank0.5.pt.trace.json",
        "rank1.5.pt.trace.json",
    ]
    assert (capture.route, codes(capture)) == ("server", ["vllm-route"])
    assert list(dict.fromkeys(told)) == ["capturing", "stopping", "collecting"]


def test_it_can_be_awaited(server, tmp_path):
    running = server()

    async def record():
        async with ServerCapture(running.url, trace_dir=tmp_path) as capture:
            await asyncio.sleep(0)
        return capture

    capture = asyncio.run(record())
    assert len(capture.trace_paths) == 1


def test_a_server_that_takes_no_prefix_is_known_by_new_files(server, tmp_path):
    (tmp_path / "rank0.1.pt.trace.json").write_text(trace())
    with ServerCapture(server(takes_prefix=False).url, trace_dir=tmp_path) as capture:
        pass
    assert [path.name for path in capture.trace_paths] == ["rank0.5.pt.trace.json"]


def test_ranks_that_are_missing_are_counted(server, tmp_path):
    with ServerCapture(server(ranks=1, world_size=4).url, trace_dir=tmp_path) as capture:
        pass
    (issue,) = [issue for issue in capture.issues if issue.code == "missing-rank"]
    assert issue.message.startswith(f"3 ranks of the server left no trace in {tmp_path}, as seen from here.")
    assert "copy xpb" in issue.message


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "without a profiler. Start it with"), (409, "active already"), (500, "answers with status 500")],
)
def test_a_refusal_says_what_to_do(server, tmp_path, status, words):
    running = server(start=status)
    with pytest.raises(CaptureError, match=words), ServerCapture(running.url, trace_dir=tmp_path):
        pytest.fail("the body ran")
    assert len(running.asked) == 1


def test_what_will_not_fit_is_refused_before_it_is_started_unless_forced(server, tmp_path):
    running = server()
    window = Window(max_steps=1_000_000)
    words = r"127\.0\.0\.1:\d+: 80 layers make .*80 layers and .* rank.* assumed, not known"
    with pytest.raises(CaptureError, match=words), ServerCapture(running.url, trace_dir=tmp_path, window=window):
        pytest.fail("the body ran")
    with pytest.raises(CaptureError, match=words):
        ServerCapture(running.url, trace_dir=tmp_path, window=window).check()
    assert running.asked == []
    with ServerCapture(running.url, trace_dir=tmp_path, window=window, force=True) as capture:
        pass
    assert capture.trace_paths


def test_the_body_s_exception_comes_first(server, tmp_path):
    running = server(stop=500)
    with (
        pytest.raises(ValueError, match="mine"),
        ServerCapture(running.url, trace_dir=tmp_path, timeout_seconds=0.2) as capture,
    ):
        raise ValueError("mine")
    with pytest.raises(CaptureError, match=r"left no trace in .*answers with status 500"):
        _ = capture.trace_paths


def test_a_folder_that_is_not_seen_here_is_named(server, tmp_path):
    with (
        pytest.raises(CaptureError, match="does not see /no/such/folder"),
        ServerCapture(server().url, trace_dir="/no/such/folder", timeout_seconds=0.2),
    ):
        pass


@pytest.mark.parametrize("moment", ["answered", "told"])
def test_an_interrupt_at_the_start_leaves_no_profiler_on(server, tmp_path, monkeypatch, moment):
    running = server()
    post = Server.post

    def interrupted(self, path, content=None):
        status = post(self, path, content)
        if path == "/start_profile":
            raise KeyboardInterrupt
        return status

    def tell(*_):
        raise KeyboardInterrupt

    if moment == "answered":
        monkeypatch.setattr(Server, "post", interrupted)
    on_progress = tell if moment == "told" else None
    with (
        pytest.raises(KeyboardInterrupt),
        ServerCapture(running.url, trace_dir=tmp_path, on_progress=on_progress),
    ):
        pytest.fail("the body ran")
    assert [path for path, _ in running.asked] == ["/start_profile", "/stop_profile"]


@pytest.mark.parametrize("moment", ["stopping", "answered", "collecting"])
@pytest.mark.parametrize("error", [None, ValueError("mine")])
def test_an_interrupt_after_the_body_stops_it_and_keeps_what_is_there(server, tmp_path, monkeypatch, moment, error):
    running = server(ranks=2)
    post, pending = Server.post, [moment]

    def interrupted(self, path, content=None):
        status = post(self, path, content)
        if path == "/stop_profile" and pending == ["answered"]:
            raise KeyboardInterrupt
        return status

    def tell(stage, *_):
        if [stage] == pending:
            pending.clear()
            raise KeyboardInterrupt

    monkeypatch.setattr(Server, "post", interrupted)
    capture = ServerCapture(running.url, trace_dir=tmp_path, on_progress=tell)
    with pytest.raises(type(error) if error else KeyboardInterrupt), capture:
        if error:
            raise error
    assert [path for path, _ in running.asked] == ["/start_profile", "/stop_profile"]
    assert len(capture.trace_paths) == 2
    (told,) = [issue.message for issue in capture.issues if issue.code == "interrupted"]
    assert told.startswith(
        f"Interrupted while {'stopping' if moment == 'answered' else moment}: 2 traces of {running.url}"
    )
    assert f"xb.load({str(tmp_path)!r})" in told


def test_where_only_its_front_end_is_seen_that_is_shown(server, tmp_path):
    """The workers write on another machine."""
    running = server(ranks=0, world_size=2, front_end=trace())
    with ServerCapture(running.url, trace_dir=tmp_path, timeout_seconds=0.2) as capture:
        pass
    assert [path.name.partition("_")[2] for path in capture.trace_paths] == ["host_1.async_llm.5.pt.trace.json"]
    (told,) = [issue.message for issue in capture.issues if issue.code == "front-end-only"]
    assert f"left no trace in {tmp_path}" in told


def test_nobody_there(tmp_path):
    with pytest.raises(CaptureError, match="does not answer"), ServerCapture("localhost:9", trace_dir=tmp_path):
        pytest.fail("the body ran")
    with pytest.raises(CaptureError, match="no address"):
        ServerCapture("file:///etc/passwd")


def test_without_a_folder_it_is_asked_for(server):
    with pytest.raises(CaptureError, match=r"(?s)somewhere unknown.*--profiler-config.*trace_dir"):
        ServerCapture(server().url).check()


LISTENER = """
import socket, sys, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(
    ("arguments", "environment", "folder"),
    [
        (["--profiler-config", '{"profiler": "torch", "torch_profiler_dir": "/data/traces"}'], {}, "/data/traces"),
        (["--profiler-config.torch_profiler_dir=/data/traces"], {}, "/data/traces"),
        (["--profiler-config.torch_profiler_dir", "traces"], {}, "traces"),
        ([], {"VLLM_TORCH_PROFILER_DIR": "/data/traces"}, "/data/traces"),
        ([], {}, ""),
    ],
)
def test_the_folder_of_a_server_here_is_found_in_how_it_was_started(tmp_path, arguments, environment, folder):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(LISTENER), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        cwd=tmp_path,
    )
    try:
        port = int(process.stdout.readline())
        found = Server(f"http://127.0.0.1:{port}", timeout_seconds=0.5).trace_folder()
        assert found == (str(tmp_path / folder) if folder == "traces" else folder)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
