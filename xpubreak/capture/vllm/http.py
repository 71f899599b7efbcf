"""Requests to a vLLM server, and where on this machine it writes its traces."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import os
import re
import socket
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from xpubreak.errors import CaptureError

_FOLDER = re.compile(r"""torch_profiler_dir["'\s:=]+([^\s'",}\]]+)""")
_NO_HOST = re.compile(r"[\s\x00-\x1f\x7f]")
_SUCH = "give one such as http://localhost:8000"
_PAGE_SECONDS = 5.0
_MAX_PAGE_BYTES = 1 << 24  # /server_info of the largest configurations takes some 100 kB
_PROGRAM = re.compile(r"(^|/)vllm$|^vllm\.entrypoints\b")
_OPTION = re.compile(r"--profiler[-_]config(?:[.=]|$)")


class BadAnswerError(CaptureError):
    """Something answered, and not as a server does: whether it did what was asked is not known."""


class Server:
    """An OpenAI-compatible vLLM server.

    Parameters
    ----------
    url
        Its address, such as ``"http://localhost:8000"``; a path such as ``/v1`` is left off.
    timeout_seconds
        How long to wait for an answer.

    Raises
    ------
    CaptureError
        The address is none of HTTP.
    """

    def __init__(self, url: str, *, timeout_seconds: float = 600.0) -> None:
        try:
            parts = urllib.parse.urlsplit(url if "://" in url else f"http://{url}")
            port = parts.port
        except ValueError as error:  # a port that is none, half a bracket
            raise CaptureError(f"{url} is no address of a server ({error}); {_SUCH}.") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname or _NO_HOST.search(parts.netloc):
            raise CaptureError(f"{url} is no address of a server; {_SUCH}.")
        self.url = f"{parts.scheme}://{parts.netloc}"
        self.host = parts.hostname
        self._port = port or (443 if parts.scheme == "https" else 80)
        self._timeout_seconds = timeout_seconds
        # A proxy is not asked for what runs on this machine.
        handlers = [urllib.request.ProxyHandler({})] if self.is_here else []
        self._opener = urllib.request.build_opener(*handlers)

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == socket.gethostname()

    def post(self, path: str, content: dict[str, Any] | None = None) -> int:
        """Send a request.

        Returns
        -------
        int
            The status, also where it is an error's.

        Raises
        ------
        CaptureError
            There is no answer, or none that can be read (`BadAnswerError`).
        """
        body = json.dumps(content).encode() if content is not None else b""
        return self._ask(path, body, self._timeout_seconds)[0]

    def get(self, path: str) -> str:
        """The text of a page; empty where there is none."""
        try:
            status, text = self._ask(path, None, min(_PAGE_SECONDS, self._timeout_seconds))
        except CaptureError:
            return ""
        return text if status == 200 else ""

    def trace_folder(self) -> str:
        """Where it writes its traces, by its own word (in development mode) or by how it was started; else empty."""
        match = _FOLDER.search(self.get("/server_info?config_format=json").replace("\\", ""))
        if match:
            return match[1]
        if not self.is_here:
            return ""
        for pid in _listeners(self._port):
            folder = _folder_of(pid)
            if folder:
                return folder
        return ""

    def arguments(self) -> list[str]:
        """The command line that started it, where it runs on this machine and can be seen; else empty."""
        for pid in _listeners(self._port) if self.is_here else ():
            found = _arguments_of(pid)
            if any(_PROGRAM.search(argument) or _OPTION.match(argument) for argument in found):  # else it is a proxy
                return found
        return []

    def _ask(self, path: str, content: bytes | None, timeout_seconds: float) -> tuple[int, str]:
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            f"{self.url}{path}",
            data=content,
            headers={"Content-Type": "application/json"} if content else {},
            method="GET" if content is None else "POST",
        )
        try:
            with self._opener.open(request, timeout=timeout_seconds) as answer:
                page = answer.read(_MAX_PAGE_BYTES + 1)
                if len(page) > _MAX_PAGE_BYTES:
                    raise BadAnswerError(
                        f"{self.url}{path} answers with more than {_MAX_PAGE_BYTES:,} bytes: no vLLM server does. "
                        "Check the address."
                    )
                # With a limit, Python reads on in silence where a body is cut off.
                if answer.length:
                    raise http.client.IncompleteRead(b"", answer.length)
                return answer.status, page.decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error, contextlib.suppress(http.client.HTTPException, OSError):
                return error.code, error.read(2000).decode("utf-8", "replace")
            return error.code, ""
        except http.client.InvalidURL as error:
            raise CaptureError(f"{self.url} is no address of a server ({error}); {_SUCH}.") from error
        except http.client.HTTPException as error:
            said = " ".join(str(error).split())[:200]
            raise BadAnswerError(
                f"{self.url}{path} does not answer as HTTP servers do ({type(error).__name__}: {said}). "
                "Check that the address is the vLLM server's, and its log."
            ) from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise CaptureError(f"The server {self.url} does not answer: {reason}.") from error


def _listeners(port: int) -> list[int]:
    """Processes that listen on a port, as far as this user may see them."""
    sockets = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        rows = [line.split() for line in lines]
        sockets |= {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}
    return [pid for pid in _pids() if sockets & _open_files(pid)] if sockets else []


def _pids() -> list[int]:
    try:
        return sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    except OSError:
        return []


def _open_files(pid: int) -> set[str]:
    found = set()
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                found.add(str(entry.readlink()))
            except OSError:
                continue
    except OSError:
        return set()
    return found


def _arguments_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return []


def _folder_of(pid: int) -> str:
    """The trace folder in a process's arguments, or in its environment as it was for versions up to 0.12 or so."""
    process, arguments = Path(f"/proc/{pid}"), _arguments_of(pid)
    try:
        variables = process.joinpath("environ").read_bytes().decode("utf-8", "replace").split("\0")
        home = process.joinpath("cwd").readlink()
    except OSError:
        return ""
    if any(_OPTION.match(argument) for argument in arguments):
        match = _FOLDER.search(" ".join(arguments))
        if match:
            return str(home / os.path.expanduser(match[1]))  # noqa: PTH111 - a path relative to its folder, or to a home
    return next((text.partition("=")[2] for text in variables if text.startswith("VLLM_TORCH_PROFILER_DIR=")), "")
