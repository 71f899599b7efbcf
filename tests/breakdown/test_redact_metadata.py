"""Metadata goes by what it is called; and no text takes more time than its length."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

import xpubreak as xb
from tests.breakdown.test_redact import loaded
from xpubreak.breakdown.privatetexts import PrivateTexts
from xpubreak.breakdown.redact import redact

HOSTILE = (
    "-", "--k", "a-", "@a-", "/a", "\\\\", "http://", "A_", "/home/a ", "eyJ-", "secret_", "(1", "/x.py(1): ", "://",
    "1.", "[::", "00:", "-key ", "%25", "user@", "~", "a.", "//a", "../", "user=", "env ", "A=1 ", "a+b:",
    "node7:", "a1-", "a1.", "a-1.", "connect to ", "host ", "[a1", "--host ", "ip-1-", "node-", "b2c3d-", "a1.svc.", "://a1",
    "NODELIST=a[1-999", "x1.local.", "HOSTS=a,", "a1,", "--hosts=a1,", "--host a[1,", "]:80 on [a1", "a1_7.",
    "x3004c0s13b0n0-",
    "/a/(b", "/a/(b)", "/a/b'", "/a/b,", "/a/b (c) ", "/a/<b", "/a/[b]", "a\\\\", "C:\\\\a", "\\\\a\\",
    "\\\\.\\", "-I/a", "//a/(b)/", "a(b)/", "b'b ", "=a,",
)  # fmt: skip
"""Each begins what some form looks for, over and over, and never ends it."""


@pytest.mark.parametrize("part", HOSTILE)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("@", "key"), ("/", "://x"), ("%", "!")])
def test_no_text_takes_more_time_than_its_length(part: str, before: str, after: str) -> None:
    begun_s = process_time()
    text = before + (part * 16_000)[:16_000] + after
    private = PrivateTexts(hosts=["gpu-node7"], users=["bob"])
    private.learn([text])
    private.text(text)
    assert process_time() - begun_s < 1.5, "some 0.1 s; as the square of the length, 5 to 9 s"


SPOKEN = {
    "host": {"name": "zq-h1", "fqdn": "zq-h2.example", "cores": 8}, "hosts": ["zq-h3"], "SLURM_NODELIST": "zq-h4",
    "SLURM_JOB_NODELIST": "zq-h5", "SLURMD_NODENAME": "zq-h6", "client_hostname": "zq-h7", "ip": "zq-h8",
    "workerName": "zq-h9_12", "master_addr": "zq-h10", "job_user": "zq-u1", "userid": "zq-u2", "email": "zq-u3@a.b",
    "env": {"X": "zq-e1"}, "cmd": "zq-a1", "launch_command": "run zq-a2", "sys.argv": ["zq-a3"], "command": ["zq-a4"],
    "labels": {"user": "zq-u4", "owner": {"id": "zq-u5"}}, "wandb": {"api_key": "zq-s1"},
}  # fmt: skip
"""Entries of metadata as people call them."""


def test_metadata_is_private_by_what_it_is_called(tmp_path: Path) -> None:
    bd = loaded(**SPOKEN)
    again = xb.open(bd.save(tmp_path / "a.xpb"))
    assert "zq-" in str(bd.metadata.extra)
    assert "zq-" not in str(again.metadata.extra) + str(again.issues)
    assert again.metadata.extra["host"]["cores"] == 8
    kept = {
        "schemaVersion": 1, "trace_id": "DD12", "distributedInfo": {"backend": "nccl", "pg_desc": "default_pg"},
        "processor": {"model": "Xeon 8480+", "arch": "x86_64"}, "cuda_driver_version": 13000, "node": "0",
        "torch_version": "2.9.1", "displayTimeUnit": "ms", "tokens": 7,
    }  # fmt: skip
    assert kept.items() <= redact(loaded(**kept)).breakdown.metadata.extra.items(), "what names nobody stays"


def test_properties_of_a_host_are_no_names() -> None:
    less = redact(loaded(host={"name": "gpu-node7", "arch": "aten::mm-1"})).breakdown
    assert "aten::mm" in less.strings
