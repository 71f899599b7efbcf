"""Machines that nothing calls so: known by how they look, by what stands around them, by what else names them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import xpubreak as xb
from tests.breakdown.test_redact import loaded
from xpubreak.breakdown.privatetexts import PrivateTexts
from xpubreak.breakdown.redact import redact

BEFORE_AND_AFTER = """
node7:29500                                                  host-1:29500
gpu-node-03:8000 is up                                       host-1:8000 is up
from node7:29500 to node8:29501                              from host-1:29500 to host-2:29501
vllm-worker-0:8000                                           host-1:8000
ip-10-0-3-7                                                  host-1
ip-10-0-3-7.us-west-2.compute.internal: up                   host-1: up
(RayWorker pid=3, ip-10-0-3-7)                               (RayWorker pid=3, host-1)
all_reduce on dgx-a100-17                                    all_reduce on host-1
x3004c0s13b0n0.hsn.cm.aurora.alcf.anl.gov                    host-1
x3004c0s13b0n0 took 3 ms                                     host-1 took 3 ms
nid001234: rank 7                                            host-1: rank 7
vllm-worker-0.vllm.default.svc.cluster.local                 host-1
vllm-7d9f8c6b5d-x2x4z                                        host-1
sdp-1234.jf.intel.com                                        host-1
login1.hpc.stanford.edu                                      host-1
eves-macbook.local                                           host-1
node7:71:93 [0] NCCL INFO Bootstrap                          host-1:71:93 [0] NCCL INFO Bootstrap
connected to [node7]:29500 on [node7]:4321                   connected to [host-1]:29500 on [host-1]:4321
Connected to magrathea7.                                     Connected to host-1.
listening on magrathea:80                                    listening on host-1:80
host=magrathea:29500                                         host=host-1:29500
endpoint: magrathea:29500                                    endpoint: host-1:29500
on host magrathea7                                           on host host-1
--master-addr node7 --rank 3                                 --master-addr host-1 --rank 3
--master-addr=magrathea                                      --master-addr=host-1
--rdzv-endpoint=node7:29500                                  --rdzv-endpoint=host-1:29500
MASTER_ADDR=node7 and node7 again                            MASTER_ADDR=host-1 and host-1 again
MASTER_ADDR: node7, then node7                               MASTER_ADDR: host-1, then host-1
SLURM_JOB_NODELIST: gpu[01-03]; gpu02                        SLURM_JOB_NODELIST: host-1; host-2
NODELIST=gpu[06-08], gpu07 fails                             NODELIST=host-1, host-2 fails
failed to connect to [magrathea]:29500                       failed to connect to [host-1]:29500
connected to [zaphod]:29500 on [zaphod]:4321.                connected to [host-1]:29500 on [host-1]:4321.
timed out while trying to connect to (magrathea, 29500).     timed out while trying to connect to (host-1, 29500).
ip-10-0-3-7_4242.1700.pt.trace.json                          host-1_4242.1700.pt.trace.json
x3004c0s13b0n0_4242.pt.trace.json                            host-1_4242.pt.trace.json
magrathea7_4242.1700000000.pt.trace.json                     host-1_4242.1700000000.pt.trace.json
x3004c0s13b0n0-hsn0                                          host-1
IP-10-0-3-7                                                  host-1
NID001234                                                    host-1
DGX01                                                        host-1
CONNECTED TO NODE7                                           CONNECTED TO host-1
node7:1:1 [0] NCCL INFO                                      host-1:1:1 [0] NCCL INFO
ray-head-0:6379 ray-worker-3:10001                           host-1:6379 host-2:10001
head-node-1:8000                                             host-1:8000
server: llama3:8000                                          server: host-1:8000
host node7:29500                                             host host-1:29500
SLURM_JOB_NODELIST=gpu[01-03,07], gpu07 was slow             SLURM_JOB_NODELIST=host-1, host-2 was slow
SLURM_JOB_NODELIST=a[1-3],b[4-6] b5                          SLURM_JOB_NODELIST=host-1,host-2 b5
PBS_NODELIST=node07,node08 says node08                       PBS_NODELIST=host-1,host-2 says host-2
HOSTS=node07,node08                                          HOSTS=host-1,host-2
--host node7,node8                                           --host host-1,host-2
--node-list gpu[01-03],node7 gpu02                           --node-list host-1,host-2 host-3
MASTER_ADDR=magrathea, to magrathea:29500                    MASTER_ADDR=host-1, to host-1:29500
tcp://magrathea:1234 for magrathea:29500                     tcp://host-1:1234 for host-1:29500
[magrathea]:29500: connected to [magrathea]:29500            [host-1]:29500: connected to [host-1]:29500
tcp://node7:29500, then node7                                tcp://host-1:29500, then host-1
gpu-node-03:8000, then gpu-node-03.log                       host-1:8000, then host-1.log
"""
UNTOUCHED = (
    "cutlass:80", "layer3:12", "file.py:123", "core.py:12345", "sm80:4096", "dim0:1024", "a:b", "M128-N256:4096",
    "node7:12", "node7::1024", "std::node7:1024", "node_7:1024", "conv2d:2048", "worker-0:8000", "gpu-0:1024",
    "rank3:1234", "[core.py:1234]", "[INFO]:1234", "[rank0]:1234", "x[1]:2048", "cuda:10", "xpu:12", "step3:1024",
    "host cuda:15", "host memory:4096", "on host fp32", "connect to layer3", "bound to core7:12", "localhost:8000",
    "host-1:8000", "12:30:45", "1.5e-05:1000", "sha256:12345", "python3.11:8000", "vllm-openai:2024", "Qwen3-8B:1024",
    "llama3-70b:8000", "threading.local", "torch._C.local", "self.state.local", "model.layers1.org(x)", "a.b.com",
    "localhost.localdomain", "docs.pytorch.org", "com.intel.node7", "dgx-2", "--node-rank 0 --host 0.0.0.0",
    "--host HOST", "the --master-addr can be", "model-00001-of-00004.safetensors", "x4c1::y", "ip-1", "ratio 3:1024",
    "lm-head-0:4096", "kv-head-0:1024", "kv-head-0:8000", "q-head-3:2048", "head-dim-128:4096", "multi-head-64:1024",
    "host-to-device-0:4096", "h2d-host-pinned1:65536", "xpu-v2:1024", "pod-attn-v1:1024", "graph-node-3:4096",
    "graph-node-3:8000", "fx-node-12:1024", "compute1:2048", "node7:8192", "[gpu-tile-0]:1024", "graph node12:4096",
    "zeCommandQueueExecuteCommandLists[host1:1024]", "address: 0x7f3a00:4096", "copy host 0x7f0012aa:65536 to device",
    "remote 0xdeadbeef:4096", "host gemm2:1024", "host kernel1:1024", "host memcpy2:1024", "peer copy1:4096",
    "host=decode:1024", "host=magrathea:1024", "host=localhost.localdomain:29500", "rank0.svc", "peer=layer3.attn:1024",
    "layer1.local", "attn2.local", "layer3.mlp.org", "block-3.internal", "on host bf16x2", "on host int4x8",
    "on host f32x4", "on host sm90a", "copy on host buf0", "[k32]:1024", "[m64n128]:1024", "tp0_1.170000.pt.trace.json",
    *(f"gpu-node-1.{end}:8080" for end in ("cl", "spv", "ll", "inl", "mlir", "f90", "java", "proto", "pyc", "rb")),
    "bound to (dim, 1025)", "connect to (layer3, 1025)", "connect to (a, 4096)",
    "BASE_ADDR=0x7f001000", "MASTER_ADDR: none", "HOST: start", "SERVER: uvicorn", "host=0x7f00aa10",
    "triton_poi_fused_node7_12", "void f<2, int>(float*):1024", "aten::mm", "Memcpy HtoD (Host -> Device)",
)  # fmt: skip


@pytest.mark.parametrize("line", BEFORE_AND_AFTER.strip().splitlines())
def test_what_becomes_of_a_text(line: str) -> None:
    before, after = (part.strip() for part in line.rsplit("    ", 1))
    private = PrivateTexts()
    private.learn([before])
    assert private.text(before) == after
    assert PrivateTexts().text(after) == after, "and once is enough"


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_stays(text: str) -> None:
    private = PrivateTexts()
    private.learn([text])
    assert private.text(text) == text
    assert private.summary() == ({}, {})


@pytest.mark.parametrize(
    "named",
    [
        {"hostname": "zqnode7"}, {"host": {"name": "zqnode7"}}, {"SLURM_NODELIST": "zqnode[6-8]"},
        {"SLURM_JOB_NODELIST": "zqa1,zqnode7"}, {"env": {"HOSTNAME": "zqnode7"}}, {"env": "MASTER_ADDR=zqnode7 A=1"},
        {"distributedInfo": {"master_addr": "zqnode7:29500"}}, {"init_method": "tcp://zqnode7:29500"},
        {"node": "zqnode7.acme.example"}, {"note": "zqnode7:71:93 [0] NCCL INFO"},
    ],
)  # fmt: skip
def test_who_is_named_in_one_place_is_left_out_of_all(named: dict[str, object]) -> None:
    from dataclasses import replace

    bd = loaded(**named)
    issue = xb.errors.Issue("odd", "info", "zqnode7: sent nothing, zqnode7.log has more")
    runs = (replace(bd.tables.runs[0], issues=(issue,)),)
    less = redact(type(bd)(replace(bd.tables, runs=runs), "run on zqnode7")).breakdown
    said = less.title + repr(less.metadata.extra) + repr(less.issues)
    assert "zqnode7" not in said, said
    assert "aten::mm" in less.strings


@pytest.mark.parametrize(
    ("said", "others"),
    [
        ("graph node12:4096", "graph.node12.weight"),
        ("node12:29500", "graph.node12.weight node12<3> a/node12/x *node12 node12_k node12::f my-node12"),
        ("server: llama3:8000", "llama3 llama3.layers.0.attn models/llama3.py"),
        ("copy on host buf0", "buf0"),
        ("on host magrathea7", "magrathea7"),
    ],
)
def test_what_only_looks_like_a_host_takes_no_name_of_a_program_away(said: str, others: str) -> None:
    private = PrivateTexts()
    private.learn([said])
    assert private.text(others) == others


def test_what_surely_is_a_host_is_found_as_a_word() -> None:
    private = PrivateTexts()
    private.learn(["from node12:29500"])
    assert (
        private.text("node12 is slow (node12), node12.log: node12.") == "host-1 is slow (host-1), host-1.log: host-1."
    )


def test_a_site_named_after_a_library_does_not_take_its_name_away() -> None:
    private = PrivateTexts()
    private.learn(["see https://urllib3.readthedocs.io/en", "http://node7.acme.example:8000/v1"])
    assert private.text("urllib3/util.py(7): f") == "urllib3/util.py(7): f"
    assert private.text("node7 is up") == "host-1 is up"


@pytest.mark.parametrize(
    "named",
    [
        {"init_method": "tcp://magrathea:1234"}, {"env": "MASTER_ADDR=magrathea A=1"}, {"hosts": {"magrathea": 8}},
        {"host": {"name": "magrathea"}}, {"note": "--master-addr=magrathea"},
        {"note": "connected to [magrathea]:1234"}, {"note": "magrathea:71:93 [0] NCCL INFO Init"},
        {"note": "SLURM_NODELIST=heart,magrathea"}, {"distributedInfo": "{'rank': 0, 'master_addr': 'magrathea'}"},
    ],
)  # fmt: skip
def test_a_host_of_letters_is_known_by_its_port_where_it_is_named_elsewhere(named: dict[str, object]) -> None:
    private = redact(loaded(**named)).texts
    assert re.fullmatch(r"send to host-\d:29500, then", private.text("send to magrathea:29500, then"))
    for text in ("magrathea:4096", "magrathea:12", "magrathea<8000>", "at::magrathea:29500", "magrathea.weight:29500"):
        assert private.text(text) == text


def test_an_endpoint_of_a_rendezvous_is_a_host() -> None:
    redaction = redact(loaded(rdzv_endpoint="magrathea:1234"))
    assert "magrathea" not in repr(redaction.breakdown.metadata.extra) + redaction.texts.text("to magrathea:29500")


def test_a_colon_is_no_part_of_a_name() -> None:
    said = "magrathea: up, magrathea:29500, host:magrathea, bob:29500, user:bob"
    private = PrivateTexts(hosts=["magrathea"], users=["bob"])
    assert private.text(said) == "host-1: up, host-1:29500, host:host-1, user-1:29500, user:user-1"
    named = redact(loaded(hostname="magrathea")).texts
    assert named.text("send to magrathea:29500") == "send to host-1:29500"
    code = "magrathea::f<bob::g>(magrathea1, at::bob, bobs)"
    assert private.text(code) == code


def test_another_number_is_another_host() -> None:
    private = PrivateTexts(hosts=["gpu-node7"])
    assert private.text("gpu-node7, gpu-node71") == "host-1, host-2"


def test_the_first_number_of_an_address_is_no_name() -> None:
    redaction = redact(loaded(host="192.168.3.4"))
    assert redaction.breakdown.metadata.extra["host"] == "host-1"
    assert redaction.texts.text("tile 192 x 4 of 192.168.3.4") == "tile 192 x 4 of host-1"


def test_what_is_written_of_hosts_is_true() -> None:
    text = (Path(__file__).parents[2] / "docs" / "exporting.md").read_text(encoding="utf-8")
    table = text.partition("| | taken for a host | not |")[2].partition("\n\n")[0]
    said = [row.split(" | ") for row in table.splitlines()[2:]]
    taken = [code for row in said for code in re.findall("`([^`]+)`", row[1]) if re.search(r"^[^._].*[\d:=]", code)]
    kept = [code for row in said for code in re.findall("`([^`]+)`", row[2]) if not code.startswith(".")]
    assert len(taken) > 20
    assert len(kept) > 20
    for code in (*taken, *kept):
        private = PrivateTexts()
        private.learn([code])
        assert (private.text(code) != code) is (code in taken), code
