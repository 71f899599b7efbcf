"""What is said about a server that cannot be recorded."""

from __future__ import annotations

_START_IT = (
    'vllm serve ... --profiler-config \'{"profiler": "torch", "torch_profiler_dir": "/tmp/traces", '
    '"torch_profiler_with_stack": false, "torch_profiler_use_gzip": false}\''
)


def unknown_folder(url: str, found: str) -> str:
    """Say that its traces cannot be reached; `found` is where it writes them, as far as that is known."""
    where = f"to {found}" if found else "somewhere unknown"
    return (
        f"{url} writes its traces {where}, if it has a profiler at all. Start it with\n    {_START_IT}"
        "\nand give trace_dir, the folder as this notebook sees it."
    )


def refusal(url: str, status: int) -> str:
    """Say why it did not start its profiler."""
    if status == 404:
        return f"{url} has no /start_profile: it was started without a profiler. Start it with\n    {_START_IT}"
    if status == 409:
        return f"The profiler of {url} is active already; POST {url}/stop_profile ends that session."
    return f"{url}/start_profile answers with status {status}; its log says why."
