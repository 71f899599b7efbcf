"""The backend of host spans where the CPU is the target: operators are the work themselves."""

from __future__ import annotations

from xpubreak.classify.ancestry import NOTHING
from xpubreak.classify.backend import Confidence, Evidence, Role
from xpubreak.classify.decision import Decision
from xpubreak.classify.kernelrules import KERNEL_RULES
from xpubreak.classify.namespaces import Provider, provider_of
from xpubreak.classify.span import COMPILED_CALL, HOUSEKEEPING, SpanClassifier, Spanned
from xpubreak.trace.events import Kind

_INDUCTOR_RULES = tuple(rule for rule in KERNEL_RULES if rule.name.startswith("inductor"))


class HostTargetClassifier(SpanClassifier):
    """Decides host spans of a trace whose target is the CPU.

    ``Spanned.below`` holds the role that has most of the self time of the working operators inside.
    """

    def works_as(self, name: str, kind: int) -> Role | None:
        """Return whose work an event is by its own name; None for wrappers, housekeeping and scopes."""
        if kind != Kind.OPERATOR:
            return None
        if any(rule.matches(name) for rule in _INDUCTOR_RULES):
            return Role.TRITON
        provider = provider_of(name)
        if provider is None or provider.role is None or provider.role is Role.UNATTRIBUTED or self.upkeep(name):
            return None
        return provider.role

    def annotation(self, span: Spanned, category: str) -> Decision:
        """Decide a scope: the call of a compiled graph contains the C++ kernels, which are no events of their own."""
        if COMPILED_CALL.match(span.name):
            note = "time in a compiled graph outside its operators: generated C++ kernels, which are not recorded"
            return Decision(
                Role.TRITON, category, Confidence.CONTEXT, Evidence("compiled-graph", "annotation", span.name, note)
            )
        return super().annotation(span, category)

    def operator(self, span: Spanned, category: str) -> Decision:
        """Decide an operator by its own name; wrappers by what they enclose."""
        role = self.works_as(span.name, span.kind)
        if role is None:
            return self._wrapper(span, category, provider_of(span.name))
        if role is Role.COLLECTIVES:
            return super().operator(span, category)
        entry = self._registry.operator(span.name)
        if entry is not None and entry.role_key == role.key:
            evidence = Evidence("registry-operator", f"registry {entry.source}", entry.key)
            return Decision(role, category, Confidence.CERTAIN, evidence)
        provider = provider_of(span.name)
        rule = "inductor-cpp" if role is Role.TRITON else "operator-namespace"
        evidence = Evidence(rule, "pattern", span.name, "" if provider is None else provider.note)
        return Decision(role, category, Confidence.STRONG, evidence)

    def _wrapper(self, span: Spanned, category: str, provider: Provider | None) -> Decision:
        is_view = provider is not None and provider.role is Role.TORCH
        if provider is not None and provider.role is Role.UNATTRIBUTED:
            return Decision(
                Role.UNATTRIBUTED, category, Confidence.NONE, Evidence("unattributed", "none", span.name, provider.note)
            )
        may_work = not is_view or self.upkeep(span.name) != HOUSEKEEPING
        if may_work and span.below < NOTHING and category != "graph":
            role = Role(span.below)
            evidence = Evidence(
                "enclosing-operator", "host time", span.name, f"most of what it encloses belongs to {role.key}"
            )
            return Decision(role, category, Confidence.CONTEXT, evidence)
        if is_view:
            return Decision(
                Role.FRAMEWORK, category, Confidence.STRONG, Evidence("housekeeping", "operator name", span.name)
            )
        evidence = Evidence("dispatch", "pattern", span.name, "belongs to no library of kernels")
        return Decision(Role.FRAMEWORK, category, Confidence.CONTEXT, evidence)
