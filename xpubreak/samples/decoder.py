"""A Qwen3-like decoder as vLLM runs it on XPU, eagerly: which operators it calls and what they launch.

Attention is bfloat16 (oneDNN through ``aten::mm``), the feed-forward network is FP8 (oneDNN through
``_xpu_C::fp8_gemm_w8a16`` and ``_xpu_C::fp8_gemm``): both launch kernels of the one name ``gemm_kernel``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xpubreak.samples.device import Device
from xpubreak.samples.host import Host

HIDDEN, HEADS, KV_HEADS, HEAD_SIZE, INTERMEDIATE, VOCABULARY, EXPERTS = 2048, 16, 8, 128, 6144, 151_936, 128
QKV_SIZE = (HEADS + 2 * KV_HEADS) * HEAD_SIZE
CACHE_DIMS = [4096, 64, KV_HEADS, HEAD_SIZE]


@dataclass
class Batch:
    """What one step works on."""

    context_requests: int
    context_tokens: int
    generation_requests: int

    @property
    def tokens(self) -> int:
        """Rows of every activation."""
        return self.context_tokens + self.generation_requests


@dataclass
class Parts:
    """The building blocks that eager and compiled models share.

    Parameters
    ----------
    host, device
        Where to record.
    tp
        Tensor parallel size: matrices shrink, reductions appear.
    waits_us
        Endless: how long this rank waits for the slowest one, by collective.
    """

    host: Host
    device: Device
    tp: int
    waits_us: Iterator[float]

    def linear(self, key: str, rows: int, columns: int, inner: int) -> None:
        """Multiply by an unquantised weight, as ``torch.nn.functional.linear`` does."""
        host = self.host
        with host.open_op("aten::linear", [[rows, inner], [columns, inner], []]):
            with (
                host.open_op("aten::t", [[columns, inner]]),
                host.open_op("aten::transpose", [[columns, inner], [], []]),
            ):
                host.leaf("aten::as_strided", [[columns, inner], [], [], []])
            with host.open_op("aten::matmul", [[rows, inner], [inner, columns]]):
                self.mm(key, rows, columns, inner)

    def mm(self, key: str, rows: int, columns: int, inner: int) -> None:
        """Multiply by oneDNN through ATen."""
        with self.host.open_op("aten::mm", [[rows, inner], [inner, columns]]):
            self.device.launch(key, scale=1 / self.tp)

    def fp8_linear(self, key: str, rows: int, columns: int, inner: int, *, is_quantised: bool = False) -> None:
        """Multiply by an FP8 weight, by oneDNN through vllm-xpu-kernels; the activation may be FP8, too."""
        dtypes = ["c10::Float8_e4m3fn" if is_quantised else "c10::BFloat16", "c10::Float8_e4m3fn", "float", ""]
        name = "_xpu_C::fp8_gemm" if is_quantised else "_xpu_C::fp8_gemm_w8a16"
        with self.host.open_op(name, [[rows, inner], [columns, inner], [columns], []], dtypes):
            self.host.leaf("aten::empty")
            self.device.launch(key, scale=1 / self.tp)

    def custom(self, name: str, dims: list[list[int]], *keys: str) -> None:
        """Call an operator of vllm-xpu-kernels that launches kernels."""
        with self.host.open_op(name, [*dims, []]):
            for key in keys:
                self.device.launch(key)

    def triton(self, *keys: str) -> None:
        """Launch hand-written Triton kernels: from Python, without an operator."""
        for key in keys:
            with self.host.frame("triton/runtime/jit.py(531): run"):
                self.host.spend(9)
                with self.host.frame("triton/backends/intel/driver.py(718): __call__"):
                    self.device.launch(key)

    def all_reduce(self, rows: int, columns: int = HIDDEN, dispatcher: str = "vllm::all_reduce") -> None:
        """Add up over the ranks; nothing for one rank.

        vLLM gathers logits by adding up too, on XPU; then the dispatcher is ``vllm::all_gather``.
        """
        if self.tp == 1:
            return
        host, dims = self.host, [rows, columns]
        with (
            host.open_op(dispatcher, [dims, []]),
            host.open_op("c10d::allreduce_", [[dims], [], []], ["TensorList", "", ""]),
        ):
            more: dict[str, Any] = {
                "Collective name": "allreduce",
                "dtype": "BFloat16",
                "In msg nelems": rows * columns,
            }
            with host.open_op("record_param_comms", **more):
                start_ns = host.now_ns
                self.device.launch("allreduce", wait_us=next(self.waits_us))
                self.device.collective_span("allreduce", start_ns)

    def cache_and_attend(self, batch: Batch) -> None:
        """Write keys and values to the cache and attend: not compiled in any mode."""
        host, rows = self.host, batch.tokens
        heads, kv_heads = HEADS // self.tp, max(1, KV_HEADS // self.tp)
        query, key = [rows, heads, HEAD_SIZE], [rows, kv_heads, HEAD_SIZE]
        with host.open_op("vllm::unified_kv_cache_update", [key, key, []]):
            with host.open_op("aten::unbind", [[2, *CACHE_DIMS], []]):
                host.leaves(("aten::select", "aten::select"))
            dims = [key, key, CACHE_DIMS, CACHE_DIMS, [rows]]
            self.custom("_C_cache_ops::reshape_and_cache_flash", dims, "cache")
        with host.open_op("vllm::unified_attention_with_output", [query, key, key, query, []]):
            host.leaves(("aten::slice", "aten::slice", "aten::empty_like"))
            with host.open_op("_vllm_fa2_C::varlen_fwd", [query, CACHE_DIMS, CACHE_DIMS, query, []]):
                host.leaf("aten::empty")
                with host.open_op("aten::fill_", [[heads, rows], []]):
                    self.device.launch("fill")
                if batch.context_tokens:
                    self.device.launch("fmha_prefill", scale=batch.context_tokens / 512)
                if batch.generation_requests:
                    if batch.context_tokens:
                        # A mixed batch launches both kernels, and finds out with ATen which rows are whose.
                        for name, kernel in (("aten::sub", "sub"), ("aten::gt", "gt")):
                            with host.open_op(name, [[batch.context_requests + batch.generation_requests], []]):
                                self.device.launch(kernel)
                    self.device.launch("fmha_split_kv", scale=1 / self.tp)
                    self.device.launch("fmha_reduce")

    def experts(self, rows: int) -> None:
        """Route to the experts and run them."""
        host = self.host
        with host.open_op("vllm::moe_forward", [[rows, HIDDEN], [rows, EXPERTS], []]):
            self.custom("_moe_C::topk_softmax", [[rows, 8], [rows, 8], [rows, EXPERTS]], "moe_gating")
            self.custom("_moe_C::remap_hidden_states", [[rows, HIDDEN], [rows * 8, HIDDEN]], "moe_count", "moe_remap")
            self.custom("_xpu_C::cutlass_grouped_gemm_interface", [[rows * 8, HIDDEN]], "moe_gemm")
            self.custom("_C::silu_and_mul", [[rows * 8, 768], [rows * 8, 1536]], "silu_and_mul")
            self.custom("_xpu_C::cutlass_grouped_gemm_interface", [[rows * 8, 768]], "moe_gemm")
            self.custom("_moe_C::moe_gather", [[rows, HIDDEN], [rows * 8, HIDDEN]], "moe_gather")


class EagerDecoder:
    """The decoder with `enforce_eager`: every module runs its operators itself."""

    def __init__(self, parts: Parts, layers: int, *, moe: bool) -> None:
        self._parts = parts
        self._layers = layers
        self._moe = moe

    def forward(self, batch: Batch) -> None:
        """Run embedding, layers and final norm."""
        parts, rows, where = self._parts, batch.tokens, self._parts.device.where
        host = parts.host
        kind = "Qwen3MoeForCausalLM" if self._moe else "Qwen3ForCausalLM"
        with host.module("", kind), host.module("model", kind.replace("ForCausalLM", "Model")):
            with host.module("model.embed_tokens", "VocabParallelEmbedding"):
                dims: list[list[int]] = [[VOCABULARY // parts.tp, HIDDEN], [rows]]
                with host.open_op("aten::embedding", [*dims, []]), host.open_op("aten::index_select", [*dims, []]):
                    host.leaves(("aten::empty", "aten::resize_"))
                    parts.device.launch("embedding")
                parts.all_reduce(rows)
            for layer in range(self._layers):
                where.enter_layer(layer)
                with host.module(f"model.layers.{layer}", kind.replace("ForCausalLM", "DecoderLayer")):
                    self._layer(f"model.layers.{layer}", batch, is_first=layer == 0)
            where.leave_layers()
            with host.module("model.norm", "RMSNorm"):
                parts.custom("_C::fused_add_rms_norm", [[rows, HIDDEN], [rows, HIDDEN], [HIDDEN]], "fused_add_rms_norm")

    def _layer(self, path: str, batch: Batch, *, is_first: bool) -> None:
        parts, rows = self._parts, batch.tokens
        host, activation = parts.host, [rows, HIDDEN]
        with host.module(f"{path}.input_layernorm", "RMSNorm"):
            if is_first:
                host.leaf("aten::empty_like")
                parts.custom("_C::rms_norm", [activation, activation, [HIDDEN]], "rms_norm")
            else:
                parts.custom("_C::fused_add_rms_norm", [activation, activation, [HIDDEN]], "fused_add_rms_norm")
        with host.module(f"{path}.self_attn", "Qwen3MoeAttention" if self._moe else "Qwen3Attention"):
            self._attention(f"{path}.self_attn", batch)
        with host.module(f"{path}.post_attention_layernorm", "RMSNorm"):
            parts.custom("_C::fused_add_rms_norm", [activation, activation, [HIDDEN]], "fused_add_rms_norm")
        with host.module(f"{path}.mlp", "Qwen3MoeSparseMoeBlock" if self._moe else "Qwen3MLP"):
            self._feed_forward(f"{path}.mlp", rows)

    def _attention(self, path: str, batch: Batch) -> None:
        parts, rows, tp = self._parts, batch.tokens, self._parts.tp
        host = parts.host
        with host.module(f"{path}.qkv_proj", "QKVParallelLinear"):
            parts.linear("qkv", rows, QKV_SIZE // tp, HIDDEN)
        with host.open_op("aten::split_with_sizes", [[rows, QKV_SIZE // tp], [], []]):
            host.leaves(("aten::as_strided",) * 3)
        for name, heads in (("q_norm", HEADS // tp), ("k_norm", max(1, KV_HEADS // tp))):
            dims = [rows, heads, HEAD_SIZE]
            host.leaves(("aten::view", "aten::empty"))
            with host.module(f"{path}.{name}", "RMSNorm"):
                parts.custom("_C::rms_norm", [dims, dims, [HEAD_SIZE]], "qk_norm")
        # One module serves all layers: its name is the one it has in the first.
        with host.module("model.layers.0.self_attn.rotary_emb", "RotaryEmbedding"):
            parts.custom("_C::rotary_embedding", [[rows], [rows, HEADS // tp * HEAD_SIZE]], "rotary")
        with host.module(f"{path}.attn", "Attention"):
            host.leaves(("aten::empty", "aten::view", "aten::view", "aten::view"))
            parts.cache_and_attend(batch)
        with host.module(f"{path}.o_proj", "RowParallelLinear"):
            parts.linear("o_proj", rows, HIDDEN, HEADS // tp * HEAD_SIZE)
            parts.all_reduce(rows)

    def _feed_forward(self, path: str, rows: int) -> None:
        parts, tp = self._parts, self._parts.tp
        host, width = parts.host, INTERMEDIATE // tp
        if self._moe:
            with host.module(f"{path}.gate", "ReplicatedLinear"):
                parts.linear("router", rows, EXPERTS, HIDDEN)
            with host.module(f"{path}.experts", "FusedMoE"):
                parts.experts(rows)
                parts.all_reduce(rows)
            return
        with host.module(f"{path}.gate_up_proj", "MergedColumnParallelLinear"):
            parts.fp8_linear("gate_up_fp8", rows, 2 * width, HIDDEN)
        with host.module(f"{path}.act_fn", "SiluAndMul"):
            host.leaf("aten::empty")
            parts.custom("_C::silu_and_mul", [[rows, width], [rows, 2 * width]], "silu_and_mul")
        with host.module(f"{path}.down_proj", "RowParallelLinear"):
            host.leaves(("aten::empty", "aten::empty"))
            parts.triton("quantise")
            parts.fp8_linear("down_fp8", rows, HIDDEN, width, is_quantised=True)
            parts.all_reduce(rows)
