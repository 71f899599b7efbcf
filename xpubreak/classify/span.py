"""The backend of one host span of a trace with a device: what its self time was spent for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xpubreak.classify import aten
from xpubreak.classify.ancestry import FELL_BACK, NO_FALLBACK, NOTHING, TO_CPU
from xpubreak.classify.aten import aten_category, plain_name
from xpubreak.classify.backend import Confidence, Evidence, Role
from xpubreak.classify.category import CATEGORY_CODES, operator_category
from xpubreak.classify.decision import Decision
from xpubreak.classify.namespaces import Provider, provider_of
from xpubreak.classify.registry import Registry
from xpubreak.classify.rule import Rule
from xpubreak.classify.rules import match_user_rule
from xpubreak.classify.runtime import LAUNCHES, runtime_category
from xpubreak.trace.events import Kind

UNRECORDED = NOTHING + 1
"""Code of "launches something of which the trace has no record"."""

# What torch.compile writes around its graphs [torch/_dynamo, torch/_inductor/output_code.py].
COMPILED_CALL = re.compile(r"## Call CompiledFxGraph\b")
_COMPILED_REGION = re.compile(
    r"## Call CompiledFxGraph\b|Torch-Compiled Region|TorchDynamo Cache Lookup|Pregraph bytecode|AOTDispatcher "
    r"|AOTAutograd|CompiledFunction|CompiledAutograd|dynamo_timed"
)

# Collectives that run on the host, on threads of their own [torch/csrc/distributed/c10d/ProcessGroupGloo.cpp]. Titles
# of NCCL and XCCL stand around the enqueueing only.
_HOST_COLLECTIVE = re.compile(r"gloo:\w+\Z")

HOUSEKEEPING, MAYBE_HOUSEKEEPING = "housekeeping", "maybe"
_UPKEEP_OF_KIND = dict.fromkeys(("view", "metadata", "allocation", "synchronisation"), HOUSEKEEPING) | {
    "maybe-view": MAYBE_HOUSEKEEPING
}


@dataclass(frozen=True, slots=True)
class Spanned:
    """All that the decision about a host span depends on.

    Parameters
    ----------
    name
        As recorded.
    kind
        `Kind` code.
    fallback
        `NO_FALLBACK`, `FELL_BACK` or `IN_FALLBACK`.
    below
        Role code that has most of the work below, `NOTHING` or `UNRECORDED`.
    is_direct
        The work was launched by this span itself, not by one inside it.
    is_hinted
        The operator says ``kernel_backend="triton"``.
    """

    name: str
    kind: int
    fallback: int = NO_FALLBACK
    below: int = NOTHING
    is_direct: bool = False
    is_hinted: bool = False


class SpanClassifier:
    """Decides host spans of one trace; parameters as those of `KernelClassifier`."""

    def __init__(self, device: str, registry: Registry, user_rules: Sequence[Rule] = ()) -> None:
        self._registry = registry
        self._user_rules = [rule for rule in user_rules if rule.holds_on(device)]

    def decide(self, span: Spanned) -> Decision:
        """Return the first decision in the documented order; never fails."""
        category = self.category(span)
        by_user = match_user_rule(self._user_rules, span.name)
        if by_user is not None:
            role = by_user.role if by_user.role is not None else Role.UNATTRIBUTED
            evidence = Evidence(by_user.name, "user rule", by_user.pattern, by_user.note)
            return Decision(role, by_user.category or category, Confidence.CERTAIN, evidence)
        if span.fallback == FELL_BACK:
            evidence = Evidence(
                "cpu-fallback", "operator", TO_CPU, f"{span.name} has no kernel on the device and ran on the CPU"
            )
            return Decision(Role.CPU, category, Confidence.CERTAIN, evidence)
        if span.fallback != NO_FALLBACK:
            evidence = Evidence(
                "inside-cpu-fallback", "operator", TO_CPU, "part of an operator that fell back to the CPU"
            )
            return Decision(Role.CPU, category, Confidence.CERTAIN, evidence)
        if span.kind == Kind.ANNOTATION:
            return self.annotation(span, category)
        if span.kind != Kind.OPERATOR:
            return _runtime_call(span, category)
        return self.operator(span, category)

    def annotation(self, span: Spanned, category: str) -> Decision:
        """Decide a ``record_function`` scope."""
        if _HOST_COLLECTIVE.match(span.name):
            note = "a collective on the host, from its start to its end, waiting included"
            evidence = Evidence("host-collective", "annotation", span.name, note)
            return Decision(Role.COLLECTIVES, "collective", Confidence.STRONG, evidence)
        evidence = Evidence("annotation", "event kind", span.name, "a scope around work, none itself")
        return Decision(Role.FRAMEWORK, category, Confidence.CERTAIN, evidence)

    def operator(self, span: Spanned, category: str) -> Decision:
        """Decide an operator."""
        provider = provider_of(span.name)
        if provider is not None and provider.role is Role.COLLECTIVES:
            evidence = Evidence("collective-operator", "pattern", span.name)
            return Decision(Role.COLLECTIVES, "collective", Confidence.STRONG, evidence)
        if _COMPILED_REGION.match(span.name):
            evidence = Evidence(
                "compiled-region", "pattern", span.name, "entering a compiled region, not the work in it"
            )
            return Decision(Role.FRAMEWORK, category, Confidence.STRONG, evidence)
        if span.below < NOTHING:
            return self._launching(span, category)
        if span.below == UNRECORDED:
            return self._unrecorded(span, category, provider)
        return self._idle(span, category, provider)

    def category(self, span: Spanned) -> str:
        """Return what kind of work a span is."""
        if span.kind in (Kind.RUNTIME, Kind.DRIVER):
            return runtime_category(span.name)
        if _COMPILED_REGION.match(span.name):
            return "graph"
        if span.kind == Kind.ANNOTATION:
            return "annotation"
        if span.name.startswith("profiler::"):
            return "profiler"
        provider = provider_of(span.name)
        if provider is not None and provider.role is Role.COLLECTIVES:
            return "collective"
        entry = None if aten_category(span.name) else self._registry.operator(span.name)
        if entry is not None and entry.category in CATEGORY_CODES and entry.category != "other":
            return entry.category
        return operator_category(span.name)

    def upkeep(self, operator: str) -> str:
        """Return `HOUSEKEEPING` for what never computes, `MAYBE_HOUSEKEEPING` for what may copy, else ``""``."""
        plain = plain_name(operator)
        if plain in aten.HOUSEKEEPING:
            return HOUSEKEEPING
        if plain in aten.MAYBE_VIEWS:
            return MAYBE_HOUSEKEEPING
        if not plain or aten_category(operator):
            return ""
        entry = self._registry.operator(operator)
        return "" if entry is None else _UPKEEP_OF_KIND.get(entry.kind, "")

    def _idle_aten(self, span: Spanned, category: str) -> Decision:
        plain = plain_name(span.name)
        if self.upkeep(span.name):
            evidence = Evidence("housekeeping", "operator name", span.name)
            return Decision(Role.FRAMEWORK, category, Confidence.STRONG, evidence)
        if plain in aten.TRANSFERS or plain in aten.PLAIN_FILLS:
            evidence = Evidence(
                "host-copy-or-fill", "operator name", span.name, "on host memory: no device work below it"
            )
            return Decision(Role.FRAMEWORK, category, Confidence.CONTEXT, evidence)
        note = "computes, and has no device work below it: on host tensors"
        return Decision(Role.CPU, category, Confidence.CONTEXT, Evidence("host-tensor", "device time", span.name, note))

    def _launching(self, span: Spanned, category: str) -> Decision:
        role = Role(span.below)
        what = "launches" if span.is_direct else "encloses"
        evidence = Evidence(
            "launching-operator", "device time", span.name, f"most of what it {what} belongs to {role.key}"
        )
        return Decision(role, category, _known(role, Confidence.CONTEXT), evidence)

    def _unrecorded(self, span: Spanned, category: str, provider: Provider | None) -> Decision:
        role = Role.FRAMEWORK if provider is None or provider.role is None else provider.role
        evidence = Evidence(
            "unrecorded-launch", "operator", span.name, "launches work of which the trace has no record"
        )
        return Decision(role, category, _known(role, Confidence.WEAK), evidence)

    def _idle(self, span: Spanned, category: str, provider: Provider | None) -> Decision:
        """Decide an operator with no device work below it."""
        entry = self._registry.operator(span.name)
        if entry is not None and entry.kind == "host":
            evidence = Evidence("host-only-operator", f"registry {entry.source}", entry.key, "never touches the device")
            return Decision(Role.FRAMEWORK, category, Confidence.CERTAIN, evidence)
        if span.is_hinted:
            evidence = Evidence("kernel-backend", "launching operator", span.name, 'says kernel_backend="triton"')
            return Decision(Role.TRITON, category, Confidence.CERTAIN, evidence)
        if self.upkeep(span.name) == HOUSEKEEPING:
            return Decision(
                Role.FRAMEWORK, category, Confidence.STRONG, Evidence("housekeeping", "operator name", span.name)
            )
        if provider is None or provider.role is None:
            evidence = Evidence(
                "dispatch", "pattern", span.name, "launches nothing and belongs to no library of kernels"
            )
            return Decision(Role.FRAMEWORK, category, Confidence.CONTEXT, evidence)
        if provider.role is Role.TORCH:
            return self._idle_aten(span, category)
        if provider.role is Role.VLLM:
            evidence = Evidence("operator-namespace", "pattern", span.name, "its own host code: it launched nothing")
            return Decision(Role.VLLM, category, Confidence.CONTEXT, evidence)
        evidence = Evidence("unattributed", "none", span.name, provider.note)
        return Decision(Role.UNATTRIBUTED, category, Confidence.NONE, evidence)


def _known(role: Role, confidence: Confidence) -> Confidence:
    """Nobody can be sure of what is unattributed."""
    return Confidence.NONE if role is Role.UNATTRIBUTED else confidence


def _runtime_call(span: Spanned, category: str) -> Decision:
    if span.below < NOTHING:
        role = Role(span.below)
        evidence = Evidence("launch-call", "device time", span.name, f"what it put on the device belongs to {role.key}")
        category = "launch" if category == "other" else category
        return Decision(role, category, _known(role, Confidence.CONTEXT), evidence)
    if category in LAUNCHES:
        evidence = Evidence("unrecorded-launch", "call name", span.name, "the trace has no record of what it launched")
        return Decision(Role.FRAMEWORK, category, Confidence.WEAK, evidence)
    return Decision(Role.FRAMEWORK, category, Confidence.STRONG, Evidence("runtime-call", "call name", span.name))
