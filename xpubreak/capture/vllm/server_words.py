"""What is said about a server that cannot be recorded."""

from __future__ import annotations

from xpubreak.capture.vllm.profiler_costs import COSTS
from xpubreak.capture.vllm.server_facts import ServerFacts
from xpubreak.errors import Issue

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


def option_issues(url: str, facts: ServerFacts, *, device: str, stacks: bool, shapes: bool) -> list[Issue]:
    """Say what its profiler's options cost, and which of them are not as asked for.

    Where it does not tell, only what somebody has asked for on purpose is mentioned.
    """
    found = []
    flags = {"torch_profiler_with_stack": facts.stacks, "torch_profiler_use_gzip": facts.is_packed}
    costs = [COSTS[name] for name, is_on in flags.items() if is_on]
    if costs:
        message = f"The --profiler-config of {url} is respected, at its cost: {'; '.join(costs)}."
        found.append(Issue("profiler-config-cost", "info", message))
    options = (
        ("torch_profiler_with_stack", stacks, facts.stacks, False),
        ("torch_profiler_record_shapes", shapes, facts.shapes, True),
    )
    fixed = [name for name, asked, has, usual in options if asked != (usual if has is None else has)]
    fixed += ["the device"] if device != "auto" else []
    if fixed:
        message = (
            f"{' and '.join(fixed)} of {url}: how it was started counts, not what was asked for here. Its "
            "--profiler-config says what is recorded."
        )
        found.append(Issue("profiler-config-options", "info", message))
    return found
