"""What is left out, what stays, and who is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from xpubreak.breakdown.privatetexts import PrivateTexts
from xpubreak.breakdown.redact import redact
from xpubreak.trace import kineto

BEFORE_AND_AFTER = """
/home/bob/x.py(12): f                                               …/x.py(12): f
/home/bob/my project/x y.py(3): <module>                            …/x y.py(3): <module>
/opt/venv/lib/python3.11/site-packages/torch/nn/m.py(3): forward    site-packages/torch/nn/m.py(3): forward
/usr/lib/python3/dist-packages/vllm/core.py(7): step                dist-packages/vllm/core.py(7): step
/usr/lib/python3.11/threading.py(12): run                           python3.11/threading.py(12): run
/root/.cache/huggingface/hub/models--Qwen--Qwen3-8B/snapshots/a1    …/models--Qwen--Qwen3-8B
C:\\Users\\bob\\run.json                                            …/run.json
s3://acme-bucket/run7/trace.json                                    …/trace.json
read '/mnt/acme/data/a b' twice                                     read '…/a b' twice
-I/home/bob/include                                                 -I…/include
http://gpu-node7:8000/v1                                            http://host-1:8000/v1
worker on gpu-node7                                                 worker on host-1
bob@gpu-node7                                                       user-1@host-1
10.1.2.3:8000                                                       host-1:8000
python -m vllm serve /models/X --api-key sk-1234567890abcdef        python (arguments left out)
api_key=abcdef123456                                                api_key=secret-left-out
/secretmodel                                                        …/folder
load '/secretmodel', then /otherdata.                               load '…/folder', then …(2)/folder.
MODEL=/secretmodel/                                                 MODEL=…/folder/
/train.py                                                           …/train.py
52.14.201.8                                                         host-1
bound to 13.5.1.2                                                   bound to host-1
12.4.5.8:29500                                                      host-1:29500
MASTER_ADDR=12.4.5.8                                                MASTER_ADDR=host-1
MASTER_ADDR=node7 RANK=3                                            MASTER_ADDR=host-1 RANK=3
env {'HOSTNAME': 'node7', 'USER': 'eve'}                            env {'HOSTNAME': 'host-1', 'USER': 'user-1'}
os.environ["MASTER_ADDR"] = "node7"                                 os.environ["MASTER_ADDR"] = "host-1"
username=eve.m                                                      username=user-1
fe80::1ff:fe23:4567:890a%eth0                                       host-1
tcp://[2001:db8::7]:29500                                           tcp://host-1:29500
peer fd00::12 is up                                                 peer host-1 is up
link 0c:42:a1:5e:00:7f                                              link host-1
gpu-node7.acme.example: ready                                       host-1: ready
GPU-NODE7 is up                                                     host-1 is up
gpu-node7.log                                                       host-1.log
http://node7.igk.intel.com/x                                        http://host-1/x
https://eve:hunter2@github.com/x                                    https://github.com/x
Authorization: Bearer abcdef.1234                                   Authorization: Bearer secret-left-out
bearer abcdefg                                                      bearer secret-left-out
login with hf_AbCdEfGh1234                                          login with secret-left-out
_hf_abcdefghijklmnopqrst                                            _secret-left-out
AWS_SECRET_ACCESS_KEY=abcdef12/34                                   AWS_SECRET_ACCESS_KEY=secret-left-out
user=eve host=gpu7                                                  user=user-1 host=host-1
User: eve                                                           User: user-1
node=gpu7                                                           node=host-1
Host: gpu7                                                          Host: host-1
env A=1 python x.py --token abc                                     env (arguments left out)
srun -w gpu7 python x.py --a                                        srun (arguments left out)
/opt/bin/deepspeed --hostfile h x.py                                deepspeed (arguments left out)
uv run x.py --a b                                                   uv (arguments left out)
nsys profile python x.py --x y                                      nsys (arguments left out)
torchrun --nnodes 2 x.py                                            torchrun (arguments left out)
postgres://eve:pw123456@db.acme/x                                   postgres://host-1/x
redis://:hunter22@db.acme:6379                                      redis://host-1:6379
rsync://eve@node7.acme/x                                            rsync://host-1/x
git+ssh://git@git.acme.example/x.git                                git+ssh://host-1/x.git
//nas/eve/x                                                         …/x
../eve/secret/x.py                                                  …/x.py
ipc:///tmp/eve/uuid                                                 …/uuid
password=abc                                                        password=secret-left-out
pwd=hunter22                                                        pwd=secret-left-out
Cookie: session=abcdef                                              Cookie: secret-left-out
pypi-AgEIcHlwaS5vcmcCJDU                                            secret-left-out
npm_abcdefghijklmnop0123                                            secret-left-out
sk_live_abcdefghijklmnop                                            secret-left-out
ASIAIOSFODNN7EXAMPLE                                                secret-left-out
https://b.example/k?X-Amz-Credential=eve%2F2024&X-Amz-Signature=ab1    https://host-1/k?X-Amz-Credential=secret-left-out&X-Amz-Signature=secret-left-out
https://b.example/k?sv=2020&sig=abcDEFghiJKLmno%3D&se=1     https://host-1/k?sv=2020&sig=secret-left-out&se=1
load?path=%2Fhome%2Feve%2Fx%20y.bin                                 load?path=…/x y.bin
http://localhost:1/a?u=%252Fhome%252Feve%252Fx                      http://localhost:1/a?u=…/x
"""
UNTOUCHED = (
    "{folder}/trace.pt.trace.json.gz and ${FOLDER}/trace.json",
    "aten::linear", "vllm/v1/engine/core.py(3): step", "</script><script>alert(1)</script>", "thread 12 (python)",
    "N/A",
    "1 / 2 / 3", "/fmha|attn/", "memcpy@GLIBC_2.2.5", "registry vllm-xpu-kernels 0.1.16.2", "cudnn 9.1.0.70",
    "https://github.com/pytorch/pytorch/issues/1", "http://localhost:8000", "max_tokens 123456", "…/x.py(12): f",
    "torch 2.13.0.1", "cublas 12.4.5.8", "version 25.3.1.20", "oneccl==21.13.0.1", "curand-10.3.9.90", "127.0.0.1:80",
    "tokens /step", "12 ms /step", "3 GB/s /rank", "/s", "GET /health", "POST /v1", "</script>", "<br />", "/fmha|attn",
    "a::b::c", "c10::add", "ad::be", "12:30:45", "x[1::2]", "std::array<int, 4>::at", "50%AB", "model%2Fname", "a%20b",
    "hf_rotary_embedding_kernel", "bearer of", "Memcpy HtoD (Host -> Device)", "HOST: start", "host=12", "user: 1",
    "SERVER=http://localhost", "USER=none", "username = getpass.getuser()", "host_name = f(x)",
    "node=12", "host = graph.first()", "a // b", "x //= 2", "../x", "pwd=/data", "password=None", "npm_kernel",
    "env: x -y", "HostToDevice -> 1", "pypi-index", "sk_test", "userdata=abc", "ghost=abc", "user==abc", "ncu",
    "x == -I/4/a**3", "A-B/c/d", "\\\\exp\\\\big(", "b'\\\\x01\\\\x02'", "%s://%s:%s", "//b//d", "k<a/b>(c)/d",
    "f?sig=int", "x-signature=(float)", "/f?signature=mm(Tensor self, Tensor mat2)", "bits -sig=3",
    "/tmp", "https://docs.vllm.ai/en/", "cute::C<1>::value", "1.2.3.4.5.6",
    "<frozen importlib._bootstrap>(1): _find", "oneapi::mkl::blas::gemm", "a / b", "bobsled", "aten::bob",
)  # fmt: skip


@pytest.mark.parametrize("line", BEFORE_AND_AFTER.strip().splitlines())
def test_what_becomes_of_a_text(line: str) -> None:
    before, after = (part.strip() for part in line.rsplit("    ", 1))
    before = before.replace("\\\\", "\\")
    private = PrivateTexts(hosts=["gpu-node7"], users=["bob"])
    private.learn([before])
    assert private.text(before) == after


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_stays(text: str) -> None:
    private = PrivateTexts(users=["bob"])
    assert private.text(text) == text
    assert private.summary() == ({}, {})


def test_a_private_key_goes_over_many_lines() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpA\nab+/cd==\n-----END RSA PRIVATE KEY-----"
    assert PrivateTexts().text(f"a\n{key}\nb") == "a\nsecret-left-out\nb"
    assert PrivateTexts().text(key[:44]) == "secret-left-out"
    of_a_change = key.replace("\n", "\n-")
    assert PrivateTexts().text(of_a_change) == "secret-left-out"
    assert PrivateTexts().text(f"{key}\na\n{key}") == "secret-left-out\na\nsecret-left-out"


def test_what_a_login_holds_is_counted() -> None:
    private = PrivateTexts()
    private.text("postgres://eve:pw123456@db.acme/x")
    assert private.summary()[0] == {"host name": 1, "user name": 1, "secret": 1}


def test_different_paths_stay_different() -> None:
    private = PrivateTexts()
    places = [
        "/home/bob/x.py(1): f",
        "/home/eve/x.py(1): f",
        "/opt/a/site-packages/t/m.py",
        "/opt/b/site-packages/t/m.py",
    ]
    assert [private.text(place) for place in places] == [
        "…/x.py(1): f", "…(2)/x.py(1): f", "site-packages/t/m.py", "site-packages(2)/t/m.py",
    ]  # fmt: skip
    assert private.text(places[0]) == "…/x.py(1): f", "and the same stays the same"


def test_a_name_that_was_there_is_not_taken() -> None:
    private = PrivateTexts()
    private.keep(["…/x.py(1): f"])
    assert private.text("/home/bob/x.py(1): f") == "…/x.py(1): f (2)"


def test_very_long_names_take_no_time() -> None:
    for text in ("/a " * 400_000, "/home/" * 200_000, "(" * 1_000_000 + "/a/b"):
        assert len(PrivateTexts().text(text)) < 20_000


def loaded(**top_level: Any) -> xb.Breakdown:
    frame = {
        "ph": "X",
        "cat": "python_function",
        "name": "/home/bob/acme/x.py(1): f",
        "pid": 1,
        "tid": 1,
        "ts": 0,
        "dur": 9,
    }
    op = {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 1, "tid": 1, "ts": 1, "dur": 5}
    thread = {"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "ts": 0, "args": {"name": "bob's worker"}}
    return xb.load(kineto.from_dicts([frame, op, thread], **top_level), title="bob on gpu-node7")


def test_everywhere_a_text_lives() -> None:
    bd = loaded(host_name="gpu-node7", argv=["serve", "--model", "/acme"], model="/models/acme-7b", user="bob")
    found = redact(bd)
    less = found.breakdown
    assert less.title == "user-1 on host-1"
    assert less.metadata.extra["host_name"] == "host-1"
    assert less.metadata.extra["argv"] == "(arguments left out)"
    assert less.metadata.extra["model"] == "…/acme-7b"
    assert less.tables.runs[0].tracks[0].name == "user-1's worker"
    assert "…/x.py(1): f" in less.strings
    assert dict(found.counts) == {"path": 2, "host name": 1, "user name": 1, "process arguments": 1}
    assert [issue.message for issue in less.issues if issue.code == "redacted"] == [
        f"Left out before this left the machine: {found}."
    ]


def test_the_file_of_a_worker_is_named_after_its_host() -> None:
    from dataclasses import replace

    trace = kineto.from_dicts([{"ph": "X", "cat": "cpu_op", "name": "a", "pid": 1, "tid": 1, "ts": 0, "dur": 1}])
    source = "/data/traces/gpu-node7_1303.1790857026123.pt.trace.json.gz"
    bd = xb.load(replace(trace, metadata=replace(trace.metadata, source=source)))
    less = redact(bd).breakdown
    assert "gpu-node7" in bd.title
    assert "gpu-node7" not in less.title + less.metadata.source
    assert "/data" not in less.metadata.source


def test_what_is_said_and_what_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loaded(host_name="gpu-node7").save(tmp_path / "a.xpb")
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.startswith("a.xpb: left out 1 path (…/x.py), 1 host name (host-1)")
    assert said.endswith("; redact=False keeps it.\n")
    clean = xb.load(xb.samples.path("h200-torch-graph"))
    clean.save(tmp_path / "b.xpb")
    assert capsys.readouterr().out == "", "nothing was left out, nothing is said"
    assert xb.open(tmp_path / "b.xpb").issues == clean.issues


def test_told_not_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bd = loaded(host_name="gpu-node7")
    again = xb.open(bd.save(tmp_path / "a.xpb", redact=False))
    assert again.title == bd.title
    assert again.metadata == bd.metadata
    assert list(again.strings) == list(bd.strings)
    for name in ("csv", "perfetto", "speedscope", "excel", "html"):
        getattr(bd, f"to_{name}")(tmp_path / ("a.xlsx" if name == "excel" else f"a.{name}"), redact=False)
    bd.to_image(tmp_path / "a.svg", redact=False)
    assert "bob on gpu-node7" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert capsys.readouterr().out == ""


def test_a_title_given_now_is_redacted_too(tmp_path: Path) -> None:
    path = loaded(host_name="gpu-node7").to_image(tmp_path / "a.svg", title="run of /home/bob/acme/run7 on gpu-node7")
    text = path.read_text(encoding="utf-8")
    assert "run of …/run7 on host-1" in text
    assert "acme" not in text


def test_selections_by_text() -> None:
    bd = loaded()
    for clauses in ({"text": "mm"}, {"text": "/^aten/"}, {"op": "aten::mm"}):
        part = bd.select(**clauses)
        assert len(part) == 1
        less = part.redacted()
        assert less.row_numbers.tolist() == part.row_numbers.tolist()
        assert less.selection == part.selection


def test_the_dimensions_with_names_are_known() -> None:
    from xpubreak.breakdown import privatetexts
    from xpubreak.breakdown.dimension import DIMENSIONS

    assert set(privatetexts._NAMED) == {name for name, item in DIMENSIONS.items() if item.strings}


def test_searches_that_find_what_was_left_out_are_left_out() -> None:
    redaction = loaded().redaction
    assert redaction.selection({"text": ["acme", "mm"], "layer": [1]}) == {"text": ["mm"], "layer": [1]}
    assert redaction.selection({"text": ["/ac.e/"]}) == {}


def test_what_findings_of_others_and_their_exceptions_say(tmp_path: Path) -> None:
    def failing(bd: xb.Breakdown) -> list[Any]:
        raise FileNotFoundError(2, "No such file", "/home/bob/acme/limits.toml on gpu-node7")

    def telling(bd: xb.Breakdown) -> list[Any]:
        made = xb.findings.Finding
        everything = xb.Selection.of(op="/home/bob/acme/x.py(1): f")
        return [
            made("own:/home/bob/a/b", "slow on gpu-node7", "info", 1, None, "2 × bob@acme.example", everything,
                 "see http://wiki.acme.example/x", "/mnt/acme/doc/notes.md", "of bob's")
        ]  # fmt: skip

    bd = loaded(host_name="gpu-node7", user="bob")
    for plugin in (failing, telling):
        xb.findings.add(plugin)
    try:
        less = bd.redacted()
        said = str(less.findings) + repr(less.findings.table.to_dict()) + repr(less.issues)
        page = bd.to_html(tmp_path / "a.html").read_text(encoding="utf-8")
        assert "limits.toml" in said, "what failed is told, without its place"
        assert "finding-failed" in repr(less.issues)
        for word in ("bob", "acme", "gpu-node7"):
            assert word not in said
            assert word not in re.sub(r'<script type="text/plain".*?</script>', "", page, flags=re.DOTALL)
        assert "acme" in str(bd.findings), "at home, everything is said"
    finally:
        for plugin in (failing, telling):
            xb.findings.remove(plugin)


def test_pickled_it_forgets_the_names() -> None:
    import pickle

    content = pickle.dumps(loaded(host_name="gpu-node7").redacted())
    assert not [word for word in (b"bob", b"acme", b"gpu-node7") if word in content]
