"""Slow paths: work of ATen or Triton for which the stamped vllm-xpu-kernels has a kernel of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.attribute.label import PHASES
from xpubreak.attribute.modulename import read_frame, read_span
from xpubreak.breakdown.dimension import NO_VALUE
from xpubreak.breakdown.facts import group_by
from xpubreak.breakdown.findings.caveats import duration_caveat
from xpubreak.breakdown.findings.extent import extent
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.findings.twins import Twins, kernel_library
from xpubreak.breakdown.selection import Selection
from xpubreak.classify.backend import Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.trace.columns import IntArray
from xpubreak.trace.events import Kind
from xpubreak.units import format_ns, format_share

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_MIN_FRAC = 0.005
_NEVER = frozenset({"gemm", "collective", "memcpy", "memset"})
"""Matrix products have no twin of the same arithmetic: those of vllm-xpu-kernels are of quantised weights."""

_AS_A_WHOLE = "attention"
"""The one category in which any operator of the library replaces any other implementation."""


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """One finding for each operator that has a faster or at least fused twin, by who did the work instead."""
    library = kernel_library(breakdown.metadata)
    if library is None or breakdown.weight != "device":
        return
    twins, rows, classes = Twins(library), breakdown.tables.rows, _classes(breakdown)
    mine = breakdown.row_numbers[breakdown.rows.kind == Kind.KERNEL]
    mine = mine[np.isin(rows.role[mine], (Role.TORCH, Role.TRITON, Role.VLLM))]
    if not len(mine):
        return
    columns = (rows.role, rows.node, rows.display, rows.category, rows.module)
    first, group = group_by([column[mine] for column in columns])
    order = np.argsort(group, kind="stable")
    members = np.split(mine[order], np.searchsorted(group[order], np.arange(1, len(first))))
    groups: dict[tuple[int, str], list[IntArray]] = defaultdict(list)
    for row, alike in zip(mine[first].tolist(), members, strict=True):
        twin = _twin(breakdown, twins, classes, row)
        if twin:
            groups[int(rows.role[row]), twin].append(alike)
    least_ns = _MIN_FRAC * extent(breakdown).span_ns
    source = f"registry {library.name} {library.version}"
    for (role, operator), listed in groups.items():
        at = np.concatenate(listed)
        own = _together(groups.get((Role.VLLM, operator)))
        others = _together(groups.get((Role.TRITON, operator)))
        found: Finding | None
        if role == Role.TORCH or (role == Role.TRITON and not len(own)):
            found = _replaceable(breakdown, role, operator, at, source)
        elif role == Role.VLLM and len(others):
            found = _slower(breakdown, operator, own, others, source)
        else:
            found = None
        if found is not None and found.at_stake_ns >= least_ns:
            yield found


def _together(parts: list[IntArray] | None) -> IntArray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _twin(breakdown: Breakdown, twins: Twins, classes: dict[str, str], row: int) -> str:
    """Operator of the library that does what a kernel does; empty for none."""
    rows, strings, tree = breakdown.tables.rows, breakdown.strings, breakdown.nodes
    category = CATEGORIES[rows.category[row]]
    if category in _NEVER:
        return ""
    role = int(rows.role[row])
    if role == Role.TRITON:
        whole = twins.whole_of(category) if category == _AS_A_WHOLE else ""
        return twins.exact(strings.text(rows.display[row])) or whole
    path = [node for node in tree.path(int(rows.node[row]))[::-1] if tree.kind[node] == Kind.OPERATOR]
    operators = [strings.text(tree.name[node]) for node in path]
    if role == Role.VLLM:
        return next((found for name in operators if (found := twins.exact(name))), "")
    for name in operators:
        if name in twins.operators:
            return ""  # the operator itself calls this
        found = twins.exact(name)
        if not found and name.startswith("aten::"):
            found = twins.beginning(name, "activation") if category == "activation" else ""
        if found:
            return found
    if category == _AS_A_WHOLE:
        return twins.whole_of(category)
    # Decomposed: a module's class says what its many small kernels amount to.
    return twins.exact(cls := _class_around(breakdown, classes, row)) or twins.ending(cls)


def _classes(breakdown: Breakdown) -> dict[str, str]:
    """Class of each module by its path, as module spans say; frames of stacks say it themselves."""
    rows, strings = breakdown.tables.rows, breakdown.strings
    names = np.unique(rows.name[rows.kind == Kind.ANNOTATION]).tolist()
    return dict(span for name in names if (span := read_span(strings.text(name))) is not None)


def _class_around(breakdown: Breakdown, classes: dict[str, str], row: int) -> str:
    """Class of the innermost module around a kernel; empty for none."""
    rows, tree, strings = breakdown.tables.rows, breakdown.nodes, breakdown.strings
    module = int(rows.module[row])
    if module >= 0 and (found := classes.get(strings.text(module))):
        return found
    frames = (read_frame(strings.text(tree.name[at])) for at in tree.path(int(rows.node[row]))[::-1])
    return next((frame[0] for frame in frames if frame is not None), "")


def _replaceable(breakdown: Breakdown, role: int, operator: str, at: IntArray, source: str) -> Finding:
    rows, strings = breakdown.tables.rows, breakdown.strings
    spent_ns, label = int(rows.device_ns[at].sum()), breakdown.backend_label(role)
    names = [strings.text(name) for name in np.unique(rows.display[at]).tolist()]
    nodes = np.unique(rows.node[at])
    evidence = Selection.of(backend=Role(role).key, kernel=names)
    if (nodes >= 0).all():
        evidence &= Selection.of(node=nodes.tolist())
    plain = operator.rpartition("::")[2]
    return costing(
        breakdown,
        key=f"slow-path:{operator}:{Role(role).key}",
        title=f"{label} does what {operator} is for",
        at_stake_ns=spent_ns,
        arithmetic=(
            f"{len(at):,} kernels ({len(names)} names) take {format_ns(spent_ns)}, "
            f"{format_share(spent_ns, int(breakdown.weights_ns.sum()))} of the device time. The operator would replace "
            "all of it, and takes some time itself."
        ),
        evidence=evidence,
        advice=(
            f"vllm-xpu-kernels has {operator}. Find out why it is not used: an unsupported type or shape, a custom op "
            f"that is switched off (vLLM: compilation_config.custom_ops=['+{plain}']), another attention backend, or "
            "a model that does not go through vLLM's layers."
        ),
        source=source,
    )


def _slower(breakdown: Breakdown, operator: str, own: IntArray, others: IntArray, source: str) -> Finding | None:
    """Both implementations ran: the difference is measured, whichever is slower."""
    rows, strings = breakdown.tables.rows, breakdown.strings
    lost_ns = {Role.VLLM: 0.0, Role.TRITON: 0.0}
    told: dict[Role, list[str]] = {Role.VLLM: [], Role.TRITON: []}
    phases: dict[Role, list[int]] = {Role.VLLM: [], Role.TRITON: []}
    for phase in np.unique(rows.phase[others]).tolist():
        pair = [part[rows.phase[part] == phase] for part in (own, others)]
        if min(len(part) for part in pair) == 0:
            continue
        means = [float(rows.device_ns[part].mean()) for part in pair]
        slow = int(means[1] > means[0])
        here_ns = (means[slow] - means[1 - slow]) * len(pair[slow])
        if here_ns > 0:
            role = (Role.VLLM, Role.TRITON)[slow]
            lost_ns[role] += here_ns
            phases[role].append(phase)
            told[role].append(
                f"{_phase(phase) or 'outside of steps'}: {len(pair[slow]):,} × ({format_ns(means[slow])} by "
                f"{breakdown.backend_label(role)} − {format_ns(means[1 - slow])} by the other one, mean of "
                f"{len(pair[1 - slow]):,})"
            )
    # Where phases disagree, each choice is one of its own: the one that costs more is told, and the other not added.
    role = max(lost_ns, key=lost_ns.__getitem__)
    if not told[role]:
        return None
    slow_rows = own if role is Role.VLLM else others
    slow_rows = slow_rows[np.isin(rows.phase[slow_rows], phases[role])]
    names = [strings.text(name) for name in np.unique(rows.display[slow_rows]).tolist()]
    return costing(
        breakdown,
        key=f"slower-twin:{operator}",
        title=f"{operator} and a Triton kernel do the same; {breakdown.backend_label(role)} is slower here",
        at_stake_ns=lost_ns[role],
        arithmetic=f"By phase: {'; '.join(told[role])}. Together {format_ns(lost_ns[role])}.",
        evidence=Selection.of(backend=role.key, kernel=names, phase=[_phase(phase) for phase in phases[role]]),
        advice="Choose the faster one for these shapes; compare with the same inputs before you decide.",
        source=source,
        caveat=duration_caveat(breakdown),
    )


def _phase(code: int) -> str:
    return PHASES[code] if code < len(PHASES) else NO_VALUE
