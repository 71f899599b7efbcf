"""One engine step after the other, as vLLM's V2 model runner does them: prepare, forward, sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from xpubreak.samples.decoder import CACHE_DIMS, HIDDEN, VOCABULARY, Batch, Parts
from xpubreak.samples.host import Event
from xpubreak.samples.kernels import Kernel
from xpubreak.samples.queues import COMPUTE_QUEUE, COPY_QUEUE
from xpubreak.samples.truth import StepTruth
from xpubreak.samples.where import Where

_STATISTICS = 1024  # side of the matrix whose eigenvalues a logits processor asks for, every step

HOSTILE_NAMES = (
    "<img src=x onerror=alert(1)>",
    "](javascript:alert(1))",
    "</script><script>alert(1)</script>",
    "${7*7}{{7*7}}`x`",
    "\u202ekernel\u0000with\u0007controls\n\tand tabs",
    '=HYPERLINK("http://example.invalid")',
    "long name " * 2_000,
    "",
)


class Decoder(Protocol):
    """A model."""

    def forward(self, batch: Batch) -> None:
        """Run embedding, layers and final norm."""


@dataclass
class Engine:
    """Runs steps.

    Parameters
    ----------
    parts
        Where to record, and the blocks that models share.
    decoder
        Runs the steps that are not replayed.
    replays_decode
        Decode steps are replays of a graph.
    is_hostile
        Every step ends with kernels whose names attack whoever shows them.
    """

    parts: Parts
    decoder: Decoder
    replays_decode: bool
    is_hostile: bool
    steps: list[StepTruth] = field(default_factory=list)
    fallbacks: list[tuple[Event, int]] = field(default_factory=list)

    def step(self, batch: Batch) -> None:
        """Run one step."""
        host, device = self.parts.host, self.parts.device
        has_context, has_generation = batch.context_requests > 0, batch.generation_requests > 0
        phase = "mixed" if has_context and has_generation else "prefill" if has_context else "decode"
        generation = batch.generation_requests
        name = f"execute_context_{batch.context_requests}({batch.context_tokens})_generation_{generation}({generation})"
        context = (batch.context_requests, batch.context_tokens)
        self.steps.append(StepTruth(name, phase, *context, generation, generation))
        host.spend(180)  # scheduling, in the same thread
        since = len(device.activities)
        device.where = Where(len(self.steps) - 1, phase, -1, "before", in_annotation=True)
        with host.frame("vllm/v1/worker/gpu_worker.py(1007): execute_model"):
            with host.annotate(name):
                external_id = host.last_external_id
                self._prepare(batch)
                if self.replays_decode and phase == "decode":
                    device.replay(lambda: self.decoder.forward(batch))
                else:
                    self.decoder.forward(batch)
            device.cover(name, external_id, since)
        device.where.in_annotation = False
        device.where.leave_layers()
        with host.frame("vllm/v1/worker/gpu_worker.py(982): sample_tokens"):
            self._sample(batch)
        device.where = Where()

    def _prepare(self, batch: Batch) -> None:
        host, device = self.parts.host, self.parts.device
        # Blocks of the cache come back from the host while the device computes.
        with host.open_op("_C_cache_ops::swap_blocks", [CACHE_DIMS, CACHE_DIMS, [2, 2]]):
            device.copy("H2D", 4 << 20, queue=COPY_QUEUE)
        requests = batch.context_requests + batch.generation_requests
        for n_numbers in (requests, batch.tokens, batch.tokens, requests + 1, requests, requests * 16, requests, 1):
            host.leaf("aten::slice")
            with host.open_op("aten::copy_", [[n_numbers], [n_numbers], []], ["int", "int", "Scalar"]):
                device.copy("H2D", 4 * n_numbers)
        with host.open_op("aten::zeros", [[], [], [], [], []]):
            host.leaf("aten::empty")
            with host.open_op("aten::zero_", [[requests]]):
                device.fill(4 * requests)
        self.parts.triton("prepare", "block_tables", *["slot_mapping"] * 4)

    def _sample(self, batch: Batch) -> None:
        parts, host, device = self.parts, self.parts.host, self.parts.device
        rows = batch.context_requests + batch.generation_requests
        with host.open_op("aten::index", [[batch.tokens, HIDDEN], []]):
            host.leaves(("aten::as_strided", "aten::reshape"))
            device.launch("index")
        with host.module("logits_processor", "LogitsProcessor"):
            parts.linear("lm_head", rows, VOCABULARY // parts.tp, HIDDEN)
            parts.all_reduce(rows, VOCABULARY, "vllm::all_gather")
        logits = [rows, VOCABULARY]
        with host.open_op("aten::to", [logits, [], [], [], []]), host.open_op("aten::_to_copy", [logits, [], []]):
            host.leaf("aten::empty_strided")
            with host.open_op("aten::copy_", [logits, logits, []], ["float", "c10::BFloat16", "Scalar"]):
                device.launch("cast")
        self._fall_back()
        parts.triton("temperature", "penalties")
        parts.custom("_xpu_C::topk_topp_sampler", [[rows], logits, [rows], [rows]], "topk_topp")
        with host.open_op("aten::softmax", [logits, [], []]), host.open_op("aten::_softmax", [logits, [], []]):
            device.launch("softmax")
        with host.open_op("aten::argmax", [logits, [], []]):
            device.launch("argmax")
        parts.triton("log_softmax", "post_update")
        if self.is_hostile:
            for name in HOSTILE_NAMES:
                host.leaf(name)
                device.launch_named(Kernel(name, "unattributed", "other", 3.12, 3.12, told_by="none"))
        with host.open_op("aten::to", [[rows, 1], [], [], []], ["long int", "", "", ""]):
            self._copy_out("D2H", rows, "long int", 8, queue=COPY_QUEUE)
        device.synchronize(COPY_QUEUE)

    def _fall_back(self) -> None:
        """Ask for eigenvalues, which XPU has no kernel for: ``at::native::cpu_fallback`` copies, computes, copies."""
        host, where = self.parts.host, self.parts.device.where
        n, dims = _STATISTICS * _STATISTICS, [_STATISTICS, _STATISTICS]
        where.in_fallback = True
        with host.open_op("aten::linalg_eig", [dims], ["float"]):
            self.fallbacks.append((host.events[-1], where.step))
            with host.open_op("aten::linalg_eig", [dims], ["float"]):
                with host.open_op("aten::_to_cpu", [[dims]], ["TensorList"]), host.open_op("aten::to", [dims, [], []]):
                    self._copy_out("D2H", n, "float", 4, queue=COMPUTE_QUEUE)
                host.leaves(("aten::empty", "aten::empty"))
                with host.open_op("aten::linalg_eig", [dims, [0], [0]], ["float", "c10::complex<float>", ""]):
                    host.leaf("aten::isfinite", [dims], cost_us=40)
                    host.spend(900)
                with host.open_op("aten::to", [dims, [], []], ["c10::complex<float>", "", ""]):
                    self._copy_out("H2D", n, "c10::complex<float>", 8, queue=COMPUTE_QUEUE)
        where.in_fallback = False

    def _copy_out(self, direction: str, n_numbers: int, dtype: str, number_bytes: int, *, queue: int) -> None:
        host = self.parts.host
        with host.open_op("aten::_to_copy", [[n_numbers], [], []], [dtype, "", ""]):
            host.leaf("aten::empty_strided")
            with host.open_op("aten::copy_", [[n_numbers], [n_numbers], []], [dtype, dtype, "Scalar"]):
                is_blocking = direction == "D2H" and queue == COMPUTE_QUEUE
                self.parts.device.copy(direction, number_bytes * n_numbers, queue=queue, is_blocking=is_blocking)
