"""A worker extension as a user may have one; tests look into workers with it."""

from __future__ import annotations

import inspect
import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

import torch

from xpubreak.errors import CaptureError


def wait_for(is_so: Any) -> None:
    while not is_so():
        time.sleep(0.02)


class Tools:
    def tool_state(self) -> dict[str, Any]:
        """Hooks on modules, whether a profiler runs, and what xpubreak has left on the worker."""
        parts = list(self.get_model().modules())
        return {
            "hooks": sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in parts),
            "profiling": bool(torch.autograd._profiler_enabled()) or torch.autograd.profiler._is_profiler_enabled,
            "left": [name for name in vars(self) if name.startswith("_xpb")],
            "profiler": type(self.profiler).__name__,
        }

    def tool_profile(self, rank: int, on: bool) -> None:
        """A profiler of the user's own in one worker."""
        if self.rank == rank and on:
            self._tool_profiler = torch.profiler.profile()
            self._tool_profiler.start()
        elif self.rank == rank:
            self._tool_profiler.stop()

    def tool_break_start(self, rank: int, on: bool) -> None:
        """A profiler that does not start in one worker, as where the device's library is missing."""
        from xpubreak.capture.recorder import Recorder

        def start(recorder: Any) -> None:
            raise CaptureError("torch's profiler does not start: no such device")

        if self.rank == rank and on:
            Recorder.tool_start, Recorder.start = Recorder.start, start
        elif self.rank == rank:
            Recorder.start = Recorder.tool_start

    def tool_limit_files(self, rank: int, size_bytes: int) -> None:
        """As a disk that is full: no file may grow beyond this."""
        if self.rank == rank:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes if size_bytes else hard, hard))

    def tool_hold_stop(self, rank: int, until: str) -> None:
        """As a recording that is long to write: it does not end before there is a file; empty takes this back."""
        from xpubreak.capture.vllm.worker_session import WorkerSession

        def held(session: Any, *, keep: bool) -> dict[str, Any]:
            wait_for(Path(until).exists)
            return WorkerSession.tool_stop(session, keep=keep)

        if self.rank == rank and until:
            WorkerSession.tool_stop, WorkerSession.stop = WorkerSession.stop, held
        elif self.rank == rank:
            WorkerSession.stop = WorkerSession.tool_stop

    def tool_die_at_stop(self, rank: int) -> None:
        """Out of memory while it writes, say; the first rank has written by then."""
        from xpubreak.capture.vllm.worker_session import WorkerSession

        def die(session: Any, *, keep: bool) -> dict[str, Any]:
            wait_for(lambda: list(session._folder.glob("*rank0.json")))
            os.kill(os.getpid(), signal.SIGKILL)

        if self.rank == rank:
            WorkerSession.stop = die

    def tool_map_experts(self) -> None:
        """Tell the kernel which experts are here; the CPU build forgets it (0.32), and reads beside its weights."""
        from vllm.model_executor.layers.fused_moe.experts.cpu_moe import CPUUnquantizedExperts

        if hasattr(CPUUnquantizedExperts, "tool_apply"):
            return
        apply = CPUUnquantizedExperts.tool_apply = CPUUnquantizedExperts.apply
        signature = inspect.signature(apply)

        def mapped(*args: Any, **options: Any) -> Any:
            given = signature.bind(*args, **options)
            experts = given.arguments["expert_map"]
            if experts is not None:
                local = experts[given.arguments["topk_ids"].long()]
                given.arguments["topk_weights"] = given.arguments["topk_weights"] * (local >= 0)
                given.arguments["topk_ids"] = local.clamp(min=0).to(given.arguments["topk_ids"].dtype)
            return apply(*given.args, **given.kwargs)

        CPUUnquantizedExperts.apply = mapped

    def tool_share_tokens(self) -> None:
        """Let replicas exchange the tokens of their experts; the CPU build does not implement it (0.32)."""
        from vllm.distributed.device_communicators.cpu_communicator import CpuCommunicator

        def all_gatherv(
            communicator: Any, tensor: Any, dim: int = 0, sizes: list[int] | None = None
        ) -> torch.Tensor | list[torch.Tensor]:
            if isinstance(tensor, list):
                return [all_gatherv(communicator, one, dim, sizes) for one in tensor]
            counts = sizes or [len(tensor)] * communicator.world_size
            padded = tensor.new_zeros((max(counts), *tensor.shape[1:]))
            padded[: len(tensor)] = tensor
            parts = [torch.empty_like(padded) for _ in counts]
            torch.distributed.all_gather(parts, padded, group=communicator.device_group)
            return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])

        def reduce_scatterv(
            communicator: Any, tensor: torch.Tensor, dim: int = -1, sizes: list[int] | None = None
        ) -> torch.Tensor:
            whole = tensor.float()
            torch.distributed.all_reduce(whole, group=communicator.device_group)
            counts = sizes or [len(tensor) // communicator.world_size] * communicator.world_size
            return whole.to(tensor.dtype).split(counts)[communicator.rank_in_group].contiguous()

        CpuCommunicator.all_gatherv, CpuCommunicator.reduce_scatterv = all_gatherv, reduce_scatterv

    def tool_prepare_pipeline(self) -> None:
        """Make what later stages receive into; the CPU build forgets it in eager mode (0.32), and fails."""
        runner = self.model_runner
        if getattr(runner, "intermediate_tensors", None) is None:
            make = self.get_model().make_empty_intermediate_tensors
            runner.intermediate_tensors = make(
                batch_size=runner.max_num_tokens, dtype=self.model_config.dtype, device=self.device
            )

    def tool_pid(self) -> int:
        return os.getpid()
