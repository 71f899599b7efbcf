# ruff: noqa: E501 — tables are read by column
"""A breakdown made up for the views: the shape of a 28-layer decoder on an XPU, or anything smaller or nastier.

It offers the columns that the views read and nothing else, so that the views can be tested without a trace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from xpubreak.attribute.label import PHASES, POSITIONS
from xpubreak.breakdown.cost.costs import Costs
from xpubreak.breakdown.cost.roofline import COST_COLUMNS
from xpubreak.breakdown.findings.extent import Extent
from xpubreak.breakdown.findings.listing import Findings
from xpubreak.breakdown.timeline import Lane, Timeline
from xpubreak.classify.backend import Confidence, Evidence, Role, role_label
from xpubreak.classify.category import CATEGORIES
from xpubreak.errors import Issue

NO_WORK = Costs(np.zeros(0, np.int64), np.zeros(0, np.int64), (), np.zeros(0, np.int64), 0, None)
HOSTILE = (
    '<img src=x onerror="window.__pwned=1">',
    "](javascript:window.__pwned=1)",
    "$$\\unicode{x}\\href{javascript:window.__pwned=1}{x}$$",
    "</script><script>window.__pwned=1</script>",
    "\u202egnp.exe\u202c and a\x00null\x1b[31m",
)

# name, operator chain, module under the layer, role, category, µs in decode, µs in prefill
LAYER_KERNELS = (
    ("vllm::rms_norm_kernel<sycl::half, 8>", ("_C::fused_add_rms_norm",), "input_layernorm", "vllm", "norm", 4.1, 14),
    ("gemm_kernel", ("aten::linear", "aten::addmm"), "self_attn.qkv_proj", "torch", "gemm", 31, 210),
    ("vllm::rotary_embedding_kernel<sycl::half, true>", ("_C::rotary_embedding",), "self_attn.rotary_emb", "vllm", "rotary", 3.2, 11),
    ("vllm::reshape_and_cache_flash_kernel<sycl::half>", ("_C_cache_ops::reshape_and_cache_flash",), "self_attn.attn", "vllm", "cache", 3.8, 9),
    ("XeFMHAFwdSplitKVKernel<cute::Shape<_8, _128, _64>, half_t>", ("vllm::unified_attention_with_output", "_vllm_fa2_C::varlen_fwd"), "self_attn.attn", "vllm", "attention", 42, 380),
    ("gemm_kernel", ("aten::linear", "aten::mm"), "self_attn.o_proj", "torch", "gemm", 24, 150),
    ("vllm::fused_add_rms_norm_kernel<sycl::half, 8>", ("_C::fused_add_rms_norm",), "post_attention_layernorm", "vllm", "norm", 4.4, 15),
    ("gemm_kernel", ("aten::linear", "aten::mm"), "mlp.gate_up_proj", "torch", "gemm", 66, 520),
    ("triton_poi_fused_mul_silu_0", (), "mlp.act_fn", "triton", "activation", 5.1, 22),
    ("gemm_kernel", ("aten::linear", "aten::mm"), "mlp.down_proj", "torch", "gemm", 48, 330),
)  # fmt: skip
OUTER_KERNELS = (
    ("at::native::xpu::IndexSelectKernel<c10::Half>", ("aten::embedding",), "embed_tokens", "torch", "embedding", 6, 12, "before"),
    ("vllm::rms_norm_kernel<sycl::half, 8>", ("_C::rms_norm",), "norm", "vllm", "norm", 4.2, 14, "after"),
    ("gemm_kernel", ("aten::linear", "aten::mm"), "lm_head", "torch", "gemm", 310, 330, "after"),
    ("at::native::xpu::SoftMaxForwardKernel<float>", ("aten::softmax",), "sampler", "torch", "sampling", 21, 22, "outside"),
    ("at::native::sort_cpu", ("aten::_to_cpu", "aten::sort"), "sampler", "cpu", "sampling", 160, 165, "outside"),
    ("Memcpy D2H", ("aten::copy_",), "sampler", "framework", "memcpy", 9, 9, "outside"),
    ("mystery_kernel_42", (), "", "unattributed", "other", 14, 30, "outside"),
)  # fmt: skip
OPERATOR, ANNOTATION, KERNEL = 0, 1, 5
CONFIDENCES = {
    Role.VLLM: Confidence.CERTAIN,
    Role.TORCH: Confidence.CONTEXT,
    Role.TRITON: Confidence.CONTEXT,
    Role.CPU: Confidence.STRONG,
    Role.FRAMEWORK: Confidence.CERTAIN,
    Role.UNATTRIBUTED: Confidence.NONE,
}
KEYS = (
    "node", "name", "role", "category", "confidence", "evidence", "layer", "position", "phase", "step", "stream", "rank",
    "module",
)  # fmt: skip
SUMS = ("device_ns", "host_ns", "count")
CLAMPED = Issue(
    "overlap", "info", "Events overlapped their neighbour by 1 ns or less and were clamped.", 3, "gemm_kernel"
)
EVIDENCES = (
    Evidence("registry", "vllm-xpu-kernels 0.1.15.4", "vllm::rms_norm_kernel", "exact name"),
    Evidence("provider-op", "native_functions.yaml of torch 2.11", "aten::mm", "innermost provider operator"),
    Evidence("triton-name", "pattern", "triton_poi_fused_*", "how Inductor names what it makes"),
    Evidence("cpu-fallback", "operator chain", "aten::_to_cpu", "tensors were moved to the host"),
    Evidence("activity-kind", "trace", "gpu_memcpy", "memory copy"),
    Evidence("collective", "pattern", "oneccl", ""),
    Evidence("none", "", "", "no rule could explain it"),
)


@dataclass
class Tables:
    strings: list[str] = field(default_factory=list)
    nodes: list[tuple[int, int, int]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    node_of: dict[tuple[int, int, int], int] = field(default_factory=dict)
    string_of: dict[str, int] = field(default_factory=dict)

    def string(self, text: str) -> int:
        if text not in self.string_of:
            self.string_of[text] = len(self.strings)
            self.strings.append(text)
        return self.string_of[text]

    def node(self, parent: int, name: str, kind: int) -> int:
        key = (parent, self.string(name), kind)
        if key not in self.node_of:
            self.node_of[key] = len(self.nodes)
            self.nodes.append(key)
        return self.node_of[key]


def decoder(
    layer_count: int = 28, decode_steps: int = 6, *, device: str = "xpu", hostile: bool = False, seed: int = 7
) -> Fake:
    """A decoder's breakdown: one prefill step, some decode steps, embedding before and sampling outside the layers."""
    noise = np.random.default_rng(seed)
    tables = Tables()
    steps = []
    on_host = device == "cpu"
    for step in range(decode_steps + 1):
        is_prefill = step == 0
        phase = "prefill" if is_prefill else "decode"
        steps.append((step, f"execute_context_{int(is_prefill)}_generation_{int(not is_prefill)}", phase))
        root = tables.node(-1, steps[-1][1], ANNOTATION)
        for kernel in [*[(*k, "layer") for k in LAYER_KERNELS], *OUTER_KERNELS]:
            name, chain, module, role_key, category, decode_us, prefill_us, position = kernel
            role = Role[role_key.upper()]
            if role == Role.UNATTRIBUTED and hostile:
                name = HOSTILE[step % len(HOSTILE)]
            for layer in range(layer_count) if position == "layer" else (-1,):
                node = root
                for operator in chain:
                    node = tables.node(node, operator, OPERATOR)
                facts = {
                    "name": tables.string(name),
                    "role": role,
                    "category": CATEGORIES.index(category),
                    "confidence": CONFIDENCES[role],
                    "evidence": int(role),
                    "layer": layer,
                    "position": POSITIONS.index(position),
                    "phase": PHASES.index(phase),
                    "step": step,
                    "rank": 0,
                    "module": tables.string(_module(module, layer)) if module else -1,
                    "count": 1,
                }
                work_ns = round((prefill_us if is_prefill else decode_us) * noise.uniform(0.92, 1.08) * 1000)
                work_ns = round(work_ns * 1.9) if layer == 11 and category == "attention" else work_ns
                host_ns = work_ns if on_host else round(noise.uniform(6, 14) * 1000)
                if chain:
                    span = {"node": node, "name": tables.string(chain[-1]), "stream": -1, "device_ns": 0}
                    tables.facts.append({**facts, **span, "host_ns": host_ns})
                if not on_host:
                    node = -1 if role == Role.UNATTRIBUTED else tables.node(node, name, KERNEL)
                    tables.facts.append({**facts, "node": node, "stream": 0, "device_ns": work_ns, "host_ns": 0})
    return breakdown_of(tables, steps, layer_count=layer_count, device=device)


def _module(module: str, layer: int) -> str:
    return f"model.layers.{layer}.{module}" if layer >= 0 else f"model.{module}"


class Fake(SimpleNamespace):
    """What the views read of a `Breakdown`."""

    def __len__(self) -> int:
        return len(self.facts.node)

    def backend_label(self, role: int) -> str:
        return role_label(role, self.metadata.device)

    @property
    def findings(self) -> Findings:
        return Findings((), Extent(0, 0))

    @property
    def redaction(self) -> SimpleNamespace:
        return SimpleNamespace(
            breakdown=self,
            texts=SimpleNamespace(text=str),
            selection=dict,
            hidden={},
            finds_hidden=lambda search: False,
        )

    def redacted(self) -> Fake:
        return self

    def report(self) -> str:
        return f"{self.title}\n{self.totals.device_ns} ns"


def breakdown_of(
    tables: Tables, steps: list[Any], *, layer_count: int, device: str = "xpu", issues: tuple[Issue, ...] = ()
) -> Fake:
    """Turn lists into columns."""
    names = (*KEYS, *SUMS)
    facts = SimpleNamespace(
        **{n: np.array([f[n] for f in tables.facts], dtype=np.int64 if n in SUMS else np.int32) for n in names}
    )
    parent, name, kind = (np.array([n[i] for n in tables.nodes], dtype=np.int32) for i in range(3))
    on_host = device == "cpu"
    weights_ns = facts.host_ns if on_host else facts.device_ns
    unattributed_ns = int(weights_ns[facts.role == Role.UNATTRIBUTED].sum())
    device_ns, host_ns = int(facts.device_ns.sum()), int(facts.host_ns.sum())
    return Fake(
        facts=facts,
        nodes=SimpleNamespace(parent=parent, name=name, kind=kind),
        strings=tables.strings,
        metadata=SimpleNamespace(
            device=device,
            device_name="" if on_host else "Intel Arc Pro B60",
            synthetic=True,
            versions={"xpupti": "0.17.0", "torch": "2.11.0+xpu", "vllm": "0.33.0"},
        ),
        title="Qwen3-8B · eager · 1 prefill + 6 decode steps",
        weight="host" if on_host else "device",
        steps=pd.DataFrame(steps, columns=["step", "name", "phase"]).assign(rank=0, start_ns=0, wall_ns=0),
        layer_count=layer_count,
        ranks=(0,),
        overhead_ratio=None,
        totals=SimpleNamespace(
            device_ns=device_ns,
            busy_ns=int(device_ns * 0.97),
            wall_ns=int((device_ns or host_ns) * 1.3),
            idle_frac=1 - 0.97 / 1.3 if device_ns else float("nan"),
            host_ns=host_ns,
            activities=int((facts.stream >= 0).sum()),
            spans=int((facts.stream < 0).sum()),
        ),
        coverage=SimpleNamespace(
            linked_ns=device_ns - unattributed_ns,
            unlinked_ns=unattributed_ns,
            unattributed_ns=unattributed_ns,
            weak_ns=0,
        ),
        issues=issues or (CLAMPED,),
        sources=dict.fromkeys(("step", "phase"), "annotation") | dict.fromkeys(("layer", "module"), "module-spans"),
        evidences=EVIDENCES,
        work=NO_WORK,
        costs=pd.DataFrame(columns=list(COST_COLUMNS)),
        **one_after_another(facts),
    )


def one_after_another(facts: Any) -> dict[str, Any]:
    """Single events of the facts: one row of bars on the device, one on the host, without gaps."""
    fact = np.repeat(np.arange(len(facts.count)), facts.count)
    on_device = facts.stream[fact] >= 0
    whole_ns, count = facts.device_ns + facts.host_ns, facts.count[fact]
    nth = np.arange(len(fact)) - np.repeat(np.cumsum(facts.count) - facts.count, facts.count)
    total_ns = whole_ns[fact] // count + (nth < whole_ns[fact] % count)
    start_ns = np.zeros(len(fact), dtype=np.int64)
    for side in (on_device, ~on_device):
        start_ns[side] = np.cumsum(total_ns[side]) - total_ns[side]
    none = np.full(len(fact), -1, dtype=np.int64)
    lanes = (Lane(0, "stream", "stream 0", 0, 1), Lane(0, "thread", "thread 1 (python)", -1, 1))
    return {
        "fact_of_row": fact,
        "row_numbers": np.arange(len(fact)),
        "origins_ns": {0: 0},
        "rows": SimpleNamespace(shapes=none, total_ns=total_ns, host_ns=np.where(on_device, 0, total_ns)),
        "timeline": Timeline(
            lanes, np.where(on_device, 0, 1).astype(np.int32), np.zeros(len(fact), np.int32), none, start_ns
        ),
    }


def empty() -> Fake:
    """A breakdown of a trace that holds nothing, with the reason."""
    issue = Issue(
        "no-activities",
        "error",
        "The trace has no operators and no device activities: the engine ran in another process.",
    )
    return breakdown_of(Tables(), [], layer_count=0, device="cpu", issues=(issue,))
