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
    "\\\\.\\", "-I/a", "//a/(b)/", "a(b)/", "b'b ", "=a,", "bound to (a",
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


def test_keys_that_only_begin_take_no_more_time_than_their_length() -> None:
    begun_s = process_time()
    PrivateTexts().without_keys("-----BEGIN PRIVATE KEY-----;" * 20_000)
    assert process_time() - begun_s < 0.8, "some 0.03 s; were each looked through for its end, 2 s"


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


NAMED_BY_KEY = {
    "hosts": {"zq-magrathea": 8, "zqnode7": {"gpus": 2, "memory_gb": 4}},
    "nodes": {"zq-node7.acme.example": {"cpu0": {}}},
    "users": {"zqbob": 3, "zq-eve": {"uid": 1}}, "cluster_nodes": [{"zq-rack": {"zqlogin1": [1]}}],
    "owner": {"zqford": True},
    "api_key": 7_123_456_789, "credentials": {"pin": 7_443_322, "user": "zqarthur"}, "token": 7_999.5,
    "hf_token": [7_111],
    "server_password": {"a": [{"b": 7_222}]}, "secrets": {"x": "zq-s"},
}  # fmt: skip
"""Names that are keys, secrets that are numbers."""


def test_names_that_are_keys_and_secrets_that_are_numbers(tmp_path: Path) -> None:
    bd = loaded(**NAMED_BY_KEY, note="zqnode7 and zqlogin1 were slow")
    again = xb.open(bd.save(tmp_path / "a.xpb"))
    said = str(again.metadata.extra) + str(again.issues)
    assert "zq" not in said
    assert not [number for number in ("7123456789", "7443322", "7999.5", "7111", "7222") if number in said]
    assert {"gpus": 2, "memory_gb": 4} in again.metadata.extra["hosts"].values()
    assert len(again.metadata.extra["hosts"]) == 2
    assert "secret" in again.issues[-1].message


def test_what_is_no_name_and_no_secret_stays() -> None:
    kept = {
        "host": {"cores": 8, "memoryTotal": 7, "gpu0": {"clock_mhz": 1}, "os_release": 6, "l3_cache_kb": 5},
        "node": {"cpu_count": 2},
        "server": {"port": 8000, "max_num_workers": 4, "timeout_s": 2.5}, "user": {"id": 7},
        "nodes": {"0": 8, "1": 8},
        "max_token": 4096, "eos_token": 151_645, "ms_per_token": 12.5, "tokens": 7, "credentials": {"is_used": True},
    }  # fmt: skip
    assert kept.items() <= redact(loaded(**kept)).breakdown.metadata.extra.items()


def test_names_of_entries_are_looked_for_where_they_mean_nothing_else() -> None:
    graph = {"matmul_1": {}, "conv2d": 1, "aten::mm": 2, "flash": 3, "layer3": 4, "model.layers.0": 5, "zqnode7": 6}
    redaction = redact(loaded(nodes=graph))
    program = "matmul_1 conv2d flash_attn layer3 model.layers.0"
    assert redaction.texts.text(program) == program
    assert "aten::mm" in redaction.breakdown.strings
    assert redaction.texts.text("zqnode7 is up").startswith("host-")
    assert len(set(redaction.breakdown.metadata.extra["nodes"])) == len(graph)


def test_entries_never_get_one_name() -> None:
    entries = {"host-1": 1, "zqnode7": 2, "zqnode8": 3, "…/x.py": 4, "/home/bob/x.py": 5}
    written = redact(loaded(hosts=entries)).breakdown.metadata.extra["hosts"]
    assert sorted(written.values()) == [1, 2, 3, 4, 5]
