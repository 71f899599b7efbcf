"""The same decoder under torch.compile, in pieces around attention, as vLLM runs it on XPU."""

from __future__ import annotations

from typing import Any

from xpubreak.samples.decoder import EXPERTS, HEAD_SIZE, HEADS, HIDDEN, INTERMEDIATE, QKV_SIZE, Batch, Parts
from xpubreak.samples.kernels import KERNELS

_KEY = "fq4tk3mbxcr2oowmejjjm5gkqvkqv6dx5xq2fl2yrgclsmflzjbz"  # an Inductor graph's hash, in its base 32


class CompiledDecoder:
    """L layers in L + 1 pieces: what follows attention in one layer and what precedes it in the next."""

    def __init__(self, parts: Parts, layers: int, *, moe: bool) -> None:
        self._parts = parts
        self._layers = layers
        self._moe = moe

    def forward(self, batch: Batch) -> None:
        """Run embedding, layers and final norm."""
        parts, rows = self._parts, batch.tokens
        host, where = parts.host, parts.device.where
        kind = "Qwen3MoeForCausalLM" if self._moe else "Qwen3ForCausalLM"
        with host.module("", kind):
            host.leaf("TorchDynamo Cache Lookup", cost_us=6)
            with host.open_op("Torch-Compiled Region: 0/0"):
                with host.annotate(self._graph_name(0)):
                    self._generated("red_embedding")
                    parts.all_reduce(rows)
                    where.enter_layer(0)
                    self._before_attention(rows)
                for layer in range(self._layers):
                    parts.cache_and_attend(batch)
                    with host.annotate(self._graph_name(layer + 1)):
                        self._after_attention(rows)
                        if layer + 1 < self._layers:
                            where.enter_layer(layer + 1)
                            self._generated("red_add_norm")
                            self._before_attention(rows)
                        else:
                            where.leave_layers()
                            self._generated("red_add_norm")

    def _graph_name(self, piece: int) -> str:
        # All pieces between the first and the last are one graph, compiled once.
        salt = {0: "a", self._layers: "c"}.get(piece, "b")
        return f"## Call CompiledFxGraph {salt}{_KEY} ##"

    def _before_attention(self, rows: int) -> None:
        self._parts.mm("qkv", rows, QKV_SIZE // self._parts.tp, HIDDEN)
        self._generated("red_qk_norm_rope")

    def _after_attention(self, rows: int) -> None:
        parts, tp = self._parts, self._parts.tp
        parts.mm("o_proj", rows, HIDDEN, HEADS // tp * HEAD_SIZE)
        parts.all_reduce(rows)
        self._generated("red_post_norm")
        if self._moe:
            parts.mm("router", rows, EXPERTS, HIDDEN)
            parts.experts(rows)
        else:
            parts.fp8_linear("gate_up_fp8", rows, 2 * INTERMEDIATE // tp, HIDDEN)
            self._generated("poi_silu")
            parts.fp8_linear("down_fp8", rows, HIDDEN, INTERMEDIATE // tp, is_quantised=True)
        parts.all_reduce(rows)

    def _generated(self, key: str) -> None:
        """Launch a kernel that Inductor generated: its launcher is an operator of the kernel's name."""
        name = KERNELS[key].name
        more: dict[str, Any] = {
            "kernel_backend": "triton",
            "kernel_file": f"c{key.replace('_', '')}.py",
            "kernel_hash": f"c{key.replace('_', '')}",
            "num_warps": 8,
            "num_stages": 1,
            "stream": 0,
            "grid": "grid(4,)",
            "kernel_kwargs": "XBLOCK=1,R0_BLOCK=2048",
        }
        with self._parts.host.open_op(name, **more):
            self._parts.device.launch(key)
