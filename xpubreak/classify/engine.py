"""Classification of a whole trace: each distinct situation is decided once, and scattered to its events."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from xpubreak.classify import registry
from xpubreak.classify.ancestry import NO_FALLBACK, NOTHING, Ancestry, dominant_role, trace_ancestry
from xpubreak.classify.backend import Backends
from xpubreak.classify.category import MAX_NAME_CHARS
from xpubreak.classify.context import Context
from xpubreak.classify.decision import Verdicts
from xpubreak.classify.demangle import MAX_CHARACTERS
from xpubreak.classify.hosttarget import HostTargetClassifier
from xpubreak.classify.kernel import KernelClassifier, Launched
from xpubreak.classify.rule import Rule
from xpubreak.classify.runtime import LAUNCHES, runtime_category
from xpubreak.classify.span import UNRECORDED, SpanClassifier, Spanned
from xpubreak.trace.columns import NONE, AnyArray, BoolArray, IntArray, distinct
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace


def classify(trace: Trace, context: Context, user_rules: Sequence[Rule] = ()) -> Backends:
    """Decide the backend of every device activity and every host span.

    For an activity the first that applies: a user's rule; copies and fills are framework (`cpu` below a CPU
    fallback); the exact name in the registry; the launching operator's ``kernel_backend``; a name pattern of one
    library; the innermost operator around the launch that names a library; a plain identifier outside any of these is
    Triton's; the name alone, weakly; unattributed. A host span's self time belongs to what it launches; what launches
    nothing is housekeeping (`framework`) or computes on the host (`cpu`).

    Parameters
    ----------
    trace
        Any trace; where its target is the CPU, operators are the work.
    context
        Launches and host nesting of the same trace.
    user_rules
        Asked first, in order.

    Returns
    -------
    Backends
        Total: no activity and no host span without a role. Independent of the order of the events.
    """
    device = trace.metadata.device
    known = registry.load(trace.metadata.versions, trace.metadata.operators, device)
    ancestry = trace_ancestry(trace, context)
    verdicts = Verdicts(len(trace.events))
    activity, situations, which = _launched(trace, context, ancestry)
    verdicts.scatter(activity, situations, which, KernelClassifier(device, known, user_rules).decide)
    is_host_target = device == "cpu" and not len(activity)
    if is_host_target:
        by_name = HostTargetClassifier(device, known, user_rules)
        below, is_direct = _work_of_operators(trace, context, ancestry, by_name)
        spans: SpanClassifier = by_name
    else:
        below, is_direct = _work_on_device(trace, context, ancestry, verdicts.role_of(activity))
        spans = SpanClassifier(device, known, user_rules)
    spanned, which = _spanned(trace, context, ancestry, below, is_direct)
    verdicts.scatter(context.host_rows, spanned, which, spans.decide)
    return verdicts.backends()


def _launched(trace: Trace, context: Context, ancestry: Ancestry) -> tuple[IntArray, list[Launched], IntArray]:
    events, text = trace.events, _texts(trace, MAX_CHARACTERS)
    operator_at = _position(ancestry, context.op)
    provider = np.where(operator_at >= 0, _take(ancestry.provider, operator_at, NONE), NONE)
    is_fallback = np.where(operator_at >= 0, _take(ancestry.fallback, operator_at, NO_FALLBACK), NO_FALLBACK) > 0
    columns = (
        events.name[context.activity],
        events.kind[context.activity],
        _take(events.name, context.op, NONE),
        provider,
        _take(events.hint, context.op, NONE),
        _take(events.name, context.launch, NONE),
        is_fallback,
        context.is_graph,
        _is_embedding(trace, context, operator_at),
    )
    rows, which = _distinct(columns)
    situations = [
        Launched(text(name), kind, text(op), text(owner), text(hint), text(launch), *map(bool, flags))
        for name, kind, op, owner, hint, launch, *flags in rows
    ]
    return context.activity, situations, which


def _is_embedding(trace: Trace, context: Context, operator_at: IntArray) -> BoolArray:
    """Whether the operator at each position was called by ``aten::embedding``."""
    outer = _take(context.host_parent, operator_at, NONE)
    caller = _take(trace.events.name[context.host_rows], outer, NONE)
    embedding = trace.strings.find("aten::embedding")
    return np.asarray((caller == embedding) & (embedding >= 0))


def _work_on_device(trace: Trace, context: Context, ancestry: Ancestry, roles: IntArray) -> tuple[IntArray, BoolArray]:
    """Role of most of the device time that each host span put on the device, and whether by its own hand."""
    events, rows = trace.events, context.host_rows
    positions = np.arange(len(rows))
    launch_at, operator_at = _position(ancestry, context.launch), _position(ancestry, context.op)
    weight = events.dur_ns[context.activity] + 1  # zero-length kernels count too
    at = np.where(launch_at >= 0, launch_at, operator_at)
    below = dominant_role(ancestry.subtree_end, at[at >= 0], roles[at >= 0], weight[at >= 0])
    has_operator = operator_at >= 0
    direct = dominant_role(positions, operator_at[has_operator], roles[has_operator], weight[has_operator])
    is_direct = direct < NOTHING
    # A driver call inside the runtime call that launched works for the same kernel.
    parent = context.host_parent
    kinds = events.kind[rows]
    is_twin = (below == NOTHING) & (kinds == Kind.DRIVER) & (parent >= 0)
    is_twin[is_twin] &= kinds[parent[is_twin]] == Kind.RUNTIME
    below[is_twin] = below[parent[is_twin]]
    is_call = kinds >= Kind.RUNTIME
    is_launch_name = np.zeros(len(trace.strings), dtype=bool)
    for name in distinct(events.name[rows[is_call]]).tolist():
        is_launch_name[name] = runtime_category(trace.strings.text(name)[:MAX_NAME_CHARS]) in LAUNCHES
    is_launch = is_call & is_launch_name[events.name[rows]]
    launches_upto = np.concatenate(([0], np.cumsum(is_launch)))
    encloses = launches_upto[ancestry.subtree_end + 1] > launches_upto[positions]
    below[(below == NOTHING) & encloses & (kinds == Kind.OPERATOR)] = UNRECORDED
    return np.where(is_direct, direct, below), is_direct


def _work_of_operators(
    trace: Trace, context: Context, ancestry: Ancestry, by_name: HostTargetClassifier
) -> tuple[IntArray, BoolArray]:
    """Role of most of the self time of the working operators in each host span, on a CPU target."""
    events, rows = trace.events, context.host_rows
    names, kinds = events.name[rows], events.kind[rows]
    self_ns = events.dur_ns[rows].copy()
    has_parent = context.host_parent >= 0
    np.subtract.at(self_ns, context.host_parent[has_parent], events.dur_ns[rows][has_parent])
    pairs, which = _distinct((names, kinds))
    own = [by_name.works_as(trace.strings.text(name), kind) for name, kind in pairs]
    roles = np.array([NOTHING if role is None else role for role in own], dtype=np.int64)[which]
    at = np.flatnonzero(roles < NOTHING)
    below = dominant_role(ancestry.subtree_end, at, roles[at], np.maximum(self_ns[at], 0) + 1)
    return below, np.zeros(len(rows), dtype=bool)


def _spanned(
    trace: Trace, context: Context, ancestry: Ancestry, below: IntArray, is_direct: BoolArray
) -> tuple[list[Spanned], IntArray]:
    events, rows = trace.events, context.host_rows
    triton = trace.strings.find("triton")
    is_hinted = (events.hint[rows] == triton) & (events.hint[rows] >= 0)
    found, which = _distinct((events.name[rows], events.kind[rows], ancestry.fallback, below, is_direct, is_hinted))
    text = _texts(trace, MAX_NAME_CHARS)
    situations = [
        Spanned(text(name), kind, fallback, role, bool(direct), bool(hinted))
        for name, kind, fallback, role, direct, hinted in found
    ]
    return situations, which


def _texts(trace: Trace, limit: int) -> Callable[[int], str]:
    """Look names up, cut: nothing keeps a stranger's megabytes alive."""
    return lambda name: trace.strings.text(name)[:limit]


def _position(ancestry: Ancestry, event_rows: IntArray) -> IntArray:
    return _take(ancestry.position, event_rows, NONE)


def _take(column: AnyArray, rows: IntArray, missing: int) -> IntArray:
    """Look rows up, with a value for row −1."""
    taken = np.full(len(rows), missing, dtype=np.int64)
    taken[rows >= 0] = column[rows[rows >= 0]]
    return taken


def _distinct(columns: Sequence[AnyArray]) -> tuple[list[list[int]], IntArray]:
    """Return the distinct rows of a table of integer columns, and which of them each row is."""
    limit = 4 * len(columns[0]) + 65_536
    which, radix = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        least, most = int(column.min(initial=0)), int(column.max(initial=0))
        digit, width = column.astype(np.int64), most - least + 1
        digit -= least
        if width * radix > limit:  # without gaps they may be small enough for a table
            digit, which = _ranks(digit), _ranks(which)
            width, radix = int(digit.max(initial=0)) + 1, int(which.max(initial=0)) + 1
        which *= width
        which += digit
        radix *= width
    which = _ranks(which)
    first = np.zeros(int(which.max(initial=-1)) + 1, dtype=np.int64)
    first[which[::-1]] = np.arange(len(which))[::-1]  # of equal targets the last one stays: the first of the table
    table = np.stack([np.asarray(column, dtype=np.int64)[first] for column in columns], axis=1)
    return table.tolist(), which


def _ranks(values: IntArray) -> IntArray:
    """Number the distinct values in ascending order, from 0; without sorting where they are small."""
    least, most = int(values.min(initial=0)), int(values.max(initial=0))
    if most - least > 4 * len(values) + 65_536:
        return np.unique(values, return_inverse=True)[1].reshape(-1)
    is_there = np.zeros(most - least + 1, dtype=bool)
    is_there[values - least] = True
    return (np.cumsum(is_there) - 1)[values - least]
