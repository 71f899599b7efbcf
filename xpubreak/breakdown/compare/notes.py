"""What has to be known before two runs are compared: how they do not match."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.breakdown.compare.pairing import MIN_STEPS
from xpubreak.classify.backend import Role
from xpubreak.classify.category import CATEGORY_CODES
from xpubreak.errors import Issue, merge_issues
from xpubreak.trace.events import Kind

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.compare.differences import Matched

_LINEAR = ("aten::mm", "aten::addmm", "aten::linear")
_ALIKE = 0.5
_LOUD = ("warning", "error")
_ANNOTATE = ' Put each step into torch.profiler.record_function(f"ProfilerStep#{number}").'
_REAL_WORK = [Role.VLLM, Role.TORCH, Role.TRITON, Role.CPU, Role.COLLECTIVES]


def notes_on(matched: Matched) -> tuple[Issue, ...]:
    """Say how two runs do not match, worst first."""
    a, b = matched.a, matched.b
    return merge_issues(
        [
            *_emptiness(a, b),
            *_models(a, b),
            *_steps(matched),
            *_circumstances(a, b),
            *_layers(a, b),
            *_backends(a, b),
            *_profiles(a, b),
        ]
    )


def _emptiness(a: Breakdown, b: Breakdown) -> Iterator[Issue]:
    for name, bd in (("A", a), ("B", b)):
        if not int(bd.weights_ns.sum()):
            yield Issue("empty-side", "error", f"{name} holds no time: there is nothing to compare with.")
    if a.tables is b.tables and a == b:
        yield Issue("same-run", "warning", "A and B are the same run.")
    if a.selection != b.selection and a.tables is not b.tables:
        yield Issue("other-selection", "warning", f"Different parts are selected: A {a.selection}; B {b.selection}.")


def _models(a: Breakdown, b: Breakdown) -> Iterator[Issue]:
    shapes = [_weights(bd) for bd in (a, b)]
    if all(shapes):
        alike = len(shapes[0] & shapes[1]) / min(len(shapes[0]), len(shapes[1]))
        if alike < _ALIKE:
            yield Issue(
                "other-model",
                "error",
                "The runs seem to be of different models: few of the weights that their GEMMs read have the same "
                "shape. Differences are of the models, too.",
                example=f"A {sorted(shapes[0])[:3]}, B {sorted(shapes[1])[:3]}",
            )
            return
    experts = [bool((bd.tables.rows.category == CATEGORY_CODES["moe"]).any()) for bd in (a, b)]
    if experts[0] != experts[1]:
        side = "A" if experts[0] else "B"
        yield Issue("other-model", "error", f"The runs are of different models: only that of {side} has experts.")


def _weights(bd: Breakdown) -> set[tuple[int, ...]]:
    """Shapes of the two-dimensional weights of GEMMs; the order of the two is the caller's."""
    rows = bd.tables.rows
    names = [i for name in _LINEAR if (i := bd.strings.find(name)) >= 0]
    mine = np.unique(rows.shapes[(rows.kind == Kind.OPERATOR) & np.isin(rows.name, names) & (rows.shapes >= 0)])
    found = set()
    for text in map(bd.strings.text, mine.tolist()):
        try:
            shapes = json.loads(text)
        except ValueError:
            continue
        flat = [one for one in shapes if isinstance(one, list) and len(one) == 2 and all(map(_is_size, one))]
        if len(flat) >= 2:  # activations come first; what follows the weight is where the result goes
            found.add(tuple(sorted(flat[1])))
    return found


def _is_size(value: object) -> bool:
    return isinstance(value, int) and value > 0


def _steps(matched: Matched) -> Iterator[Issue]:
    pairing, (a, b) = matched.pairing, matched.steps
    if pairing.level == "run":
        phases = [sorted({kind.phase for kind in side.kind}) for side in (a, b)]
        if not len(a) and not len(b):
            message = "No steps were found in either run."
        elif not (len(a) and len(b)):
            message = f"No steps were found in {'A' if not len(a) else 'B'}."
        else:
            message = f"No step of A is like one of B: A has {', '.join(phases[0])}, B {', '.join(phases[1])}."
        yield Issue(
            "no-common-steps",
            "error" if len(a) and len(b) else "warning",
            f"{message} The runs are compared as wholes, and nothing can be told from noise."
            + ("" if len(a) and len(b) else _ANNOTATE),
        )
        if matched.repeats[0] != matched.repeats[1]:
            yield Issue(
                "other-repeat",
                "warning",
                f"A recorded its cell {matched.repeats[0]} times, B {matched.repeats[1]} times: times are means per "
                "run of the cell, totals are of all runs.",
            )
        return
    if pairing.level == "phase":
        kinds = [", ".join(sorted({str(kind) for kind in side.kind})) for side in (a, b)]
        yield Issue(
            "other-batch",
            "error",
            f"The batches differ (A: {kinds[0]}; B: {kinds[1]}): steps are matched by phase alone, and differences "
            "are of the batches, too.",
        )
    set_aside = [one for one in pairing.kinds if one not in pairing.compared]
    alone = [f"{one.kind} ({one.a_steps} in A, {one.b_steps} in B)" for one in set_aside if not one.weight]
    if alone and pairing.level == "batch":
        yield Issue(
            "steps-of-one-side", "warning", f"Steps that only one run has are not compared: {'; '.join(alone)}."
        )
    few = [f"{one.kind} ({one.a_steps} in A, {one.b_steps} in B)" for one in set_aside if one.weight]
    if few:
        yield Issue(
            "few-steps-of-a-kind",
            "info",
            f"Of some steps there are fewer than {MIN_STEPS} in A or B; they are not compared: {'; '.join(few)}.",
        )
    if not pairing.is_testable:
        least = min(one.weight for one in pairing.compared)
        yield Issue(
            "too-few-steps",
            "warning",
            f"{'One step' if least == 1 else f'{least} steps'} of a kind in A or B: at least {MIN_STEPS} are needed "
            "to tell a difference from noise, so none is called significant. Record more steps.",
        )


def _circumstances(a: Breakdown, b: Breakdown) -> Iterator[Issue]:
    if a.weight != b.weight:
        yield Issue(
            "other-weight",
            "error",
            f"A is weighed by {a.weight} time, B by {b.weight} time: only one of them recorded a device.",
        )
    devices = [bd.metadata.device_name or bd.metadata.device.upper() for bd in (a, b)]
    if devices[0] != devices[1]:
        yield Issue("other-device", "warning", f"The devices differ: A ran on {devices[0]}, B on {devices[1]}.")
    if a.metadata.synthetic != b.metadata.synthetic:
        yield Issue("synthetic-side", "error", f"{'A' if a.metadata.synthetic else 'B'} is a synthetic trace.")
    if len(a.ranks) != len(b.ranks):
        message = f"A has {len(a.ranks)} ranks, B {len(b.ranks)}: times are sums over ranks."
        yield Issue("other-ranks", "warning", message)
    stacks = [bool(bd.metadata.extra.get("with_stack")) for bd in (a, b)]
    if stacks[0] != stacks[1]:
        yield Issue(
            "other-recording",
            "warning",
            f"Only {'A' if stacks[0] else 'B'} recorded Python stacks, which slow the host down: host and wall times "
            "are not comparable.",
        )
    versions = (a.metadata.versions, b.metadata.versions)
    other = [
        f"{name} {versions[0][name]} → {versions[1][name]}"
        for name in sorted(versions[0].keys() & versions[1].keys())
        if versions[0][name] != versions[1][name]
    ]
    if other:
        yield Issue("other-versions", "info", f"Versions differ: {', '.join(other)}.")


def _layers(a: Breakdown, b: Breakdown) -> Iterator[Issue]:
    counts = (a.layer_count, b.layer_count)
    if counts[0] == counts[1]:
        return
    if not all(counts):
        message = f"No layers were found in {'A' if not counts[0] else 'B'}: layers cannot be compared."
    else:
        message = f"A has {counts[0]} layers, B {counts[1]}: what the other lacks is added or removed as a whole."
    yield Issue("other-layers", "warning", message)


def _backends(a: Breakdown, b: Breakdown) -> Iterator[Issue]:
    used = [{role for role in _REAL_WORK if int(bd.weights_ns[bd.rows.role == role].sum())} for bd in (a, b)]
    for name, bd, mine, others in (("A", a, used[0], used[1]), ("B", b, used[1], used[0])):
        labels = [bd.backend_label(role) for role in sorted(mine - others)]
        if labels and others:
            yield Issue("backend-of-one-side", "info", f"Only {name} uses {', '.join(labels)}.")


def _profiles(a: Breakdown, b: Breakdown) -> Iterator[Issue]:
    for name, bd in (("A", a), ("B", b)):
        for issue in bd.issues:
            if issue.severity in _LOUD:
                yield Issue(issue.code, issue.severity, f"{name}: {issue.message}", issue.count, issue.example)
