"""The worker extension: vLLM's workers answer to these names, with no other serialisation than vLLM's own.

Given to an engine as ``LLM(..., worker_extension_cls="xpubreak.capture.vllm.extension.WorkerExtension")``, which
``%load_ext xpubreak`` does for those built after it.
"""

from __future__ import annotations

from typing import Any

from xpubreak.capture.vllm import worker_session

EXTENSION = "xpubreak.capture.vllm.extension.WorkerExtension"


class WorkerExtension:
    """Becomes a base class of vLLM's worker; every name begins with ``xpb_``, since vLLM refuses clashes."""

    def xpb_start(self, **options: Any) -> dict[str, Any]:
        """Begin a session; see `worker_session.start`."""
        return worker_session.start(self, **options)

    def xpb_stop(self, **options: Any) -> dict[str, Any]:
        """End it; see `worker_session.stop`."""
        return worker_session.stop(self, **options)

    def xpb_read(self, **options: Any) -> bytes:
        """Hand over a piece of the trace; see `worker_session.read`."""
        return worker_session.read(self, **options)
