"""The backend of one device activity, from its name and from where it was launched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from xpubreak.classify.backend import ROLES_BY_KEY, Confidence, Evidence, Role
from xpubreak.classify.category import CATEGORY_CODES, MAX_NAME_CHARS, name_category, operator_category
from xpubreak.classify.decision import Decision
from xpubreak.classify.demangle import BaseName, base_name
from xpubreak.classify.firstrule import FirstRule
from xpubreak.classify.kernelrules import KERNEL_RULES
from xpubreak.classify.namespaces import Provider, provider_of
from xpubreak.classify.registry import Registry
from xpubreak.classify.rule import Rule
from xpubreak.classify.rules import match_user_rule
from xpubreak.classify.runtime import is_compiled_launch, runtime_category
from xpubreak.trace.events import Kind

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Launched:
    """All that the decision about a device activity depends on.

    Parameters
    ----------
    name
        Raw, as recorded.
    kind
        `Kind` code.
    operator
        Innermost operator around the launch, empty for none.
    provider
        Innermost operator that names a library, empty for none.
    hint
        ``kernel_backend`` of the innermost operator, empty for none.
    launch
        Name of the launching call, empty for none.
    is_fallback
        An operator around the launch fell back to the CPU.
    shares_launch
        Other kernels came from the same launch.
    is_embedding
        The operator was called by ``aten::embedding``, which looks its rows up by ``aten::index_select``.
    """

    name: str
    kind: int
    operator: str = ""
    provider: str = ""
    hint: str = ""
    launch: str = ""
    is_fallback: bool = False
    shares_launch: bool = False
    is_embedding: bool = False

    @property
    def is_replayed(self) -> bool:
        """Whether it comes out of a captured graph, whose launch says nothing about single kernels."""
        return runtime_category(self.launch) == "graph" or (self.shares_launch and not self.provider)


class KernelClassifier:
    """Decides device activities of one trace.

    Parameters
    ----------
    device
        Target of the trace.
    registry
        Exact names, for the versions of the trace.
    user_rules
        Asked before everything else, in order.
    """

    def __init__(self, device: str, registry: Registry, user_rules: Sequence[Rule] = ()) -> None:
        self._registry = registry
        self._user_rules = [rule for rule in user_rules if rule.holds_on(device)]
        self._owned, self._shared = _rules(device)

    def decide(self, launched: Launched) -> Decision:
        """Return the first decision in the documented order; never fails."""
        subject = _Subject(launched)
        by_user = match_user_rule(self._user_rules, launched.name, subject.base)
        if by_user is not None:
            role = by_user.role if by_user.role is not None else Role.UNATTRIBUTED
            evidence = Evidence(by_user.name, "user rule", by_user.pattern, by_user.note)
            return subject.decision(role, Confidence.CERTAIN, evidence, by_user.category)
        if launched.kind != Kind.KERNEL:
            return _copy_or_fill(launched)
        return (
            self._by_registry(subject)
            or _by_hint(subject)
            or self._by_name(subject)
            or _by_context(subject, self._shared_rule(subject))
        )

    def _by_registry(self, subject: _Subject) -> Decision | None:
        entry = self._registry.kernel(subject.base)
        if entry is None or entry.is_shared or entry.role_key not in ROLES_BY_KEY:
            return None
        role = ROLES_BY_KEY[entry.role_key]
        if role is Role.TRITON and not subject.is_bare:
            return None  # a C++ kernel without namespace that happens to be called like a Triton function
        evidence = Evidence("registry-kernel", f"registry {entry.source}", entry.key, subject.note(role, entry.note))
        # "other" in the registry means that the generator did not know.
        category = "" if entry.category == "other" else entry.category
        return subject.decision(role, Confidence.CERTAIN, evidence, category)

    def _by_name(self, subject: _Subject) -> Decision | None:
        rule = self._owned.find(subject.key, subject.raw)
        if rule is None or rule.role is None:
            return None
        evidence = Evidence(rule.name, "pattern", subject.key, subject.note(rule.role, rule.note))
        return subject.decision(rule.role, rule.confidence, evidence, rule.category)

    def _shared_rule(self, subject: _Subject) -> Rule | None:
        return self._shared.find(subject.key, subject.raw)


@cache
def _rules(device: str) -> tuple[FirstRule, FirstRule]:
    """Rules that name a library, and rules of names that several libraries use."""
    rules = [rule for rule in KERNEL_RULES if rule.holds_on(device)]
    return FirstRule([rule for rule in rules if rule.role is not None]), FirstRule(
        [rule for rule in rules if rule.role is None]
    )


class _Subject:
    """A launched kernel with its name taken apart."""

    def __init__(self, launched: Launched) -> None:
        self.launched = launched
        self.raw = launched.name[:MAX_NAME_CHARS]

    @cached_property
    def parts(self) -> BaseName:
        return base_name(self.launched.name)

    @property
    def base(self) -> str:
        return self.parts.base

    @property
    def key(self) -> str:
        return self.base[:MAX_NAME_CHARS]

    @cached_property
    def is_bare(self) -> bool:
        """A plain C identifier, as Triton's kernels have; no C++ name, whatever its base looks like."""
        is_cpp = self.parts.mangled or "<" in self.raw or "(" in self.raw or self.raw.startswith("__sycl_kernel_")
        return not is_cpp and _IDENTIFIER.fullmatch(self.key) is not None

    @cached_property
    def provider(self) -> Provider | None:
        """What the operators around the launch say; None where they say nothing or the launch is a replay."""
        if self.launched.is_replayed or not self.launched.provider:
            return None
        found = provider_of(self.launched.provider)
        return None if found is None or found.role is None else found

    def note(self, role: Role, note: str = "") -> str:
        """Say where it was launched, and whether that disagrees with the name."""
        said = [note] if note else []
        if self.launched.is_replayed:
            said.append("replayed from a captured graph")
        elif self.provider is not None and self.provider.role not in (role, Role.UNATTRIBUTED):
            known = self.provider.role.key if self.provider.role is not None else ""
            said.append(f"launched inside {self.launched.provider} ({known}): the owner of the name decides")
        elif self.launched.operator and self.launched.launch:
            said.append(f"launched by {self.launched.operator}")
        elif self.launched.operator:
            # Under torch.compile the id names the compiled region, or an operator long gone.
            said.append(f"only its External id says {self.launched.operator}")
        return "; ".join(said)

    def decision(self, role: Role, confidence: Confidence, evidence: Evidence, category: str = "") -> Decision:
        """Fill in the category: the rule's, else what the name says, else what the operator does."""
        if role is Role.COLLECTIVES:
            return Decision(role, "collective", confidence, evidence)
        known = category if category in CATEGORY_CODES else self._category_of_name()
        if not known and self.provider is not None:
            known = operator_category(self.launched.provider)
        if known == "indexing" and self.launched.is_embedding:
            known = "embedding"
        return Decision(role, known or "other", confidence, evidence)

    def _category_of_name(self) -> str:
        if self.launched.kind != Kind.KERNEL:
            return _copy_category(self.launched.kind)
        found = name_category(self.key)
        # ATen's elementwise and reduction kernels say what they do in their template arguments only.
        if found in ("", "elementwise", "reduction") or self.key.startswith("at::"):
            return name_category(self.raw) or found
        return found


def _copy_category(kind: int) -> str:
    return "memcpy" if kind == Kind.MEMCPY else "memset"


def _copy_or_fill(launched: Launched) -> Decision:
    name = launched.name[:MAX_NAME_CHARS]
    caller = f"launched by {launched.operator}" if launched.operator else ""
    if launched.is_fallback:
        evidence = Evidence("fallback-transfer", "activity kind", name, f"moves data for a CPU fallback; {caller}")
        return Decision(Role.CPU, _copy_category(launched.kind), Confidence.CERTAIN, evidence)
    evidence = Evidence("copy-or-fill", "activity kind", name, caller)
    return Decision(Role.FRAMEWORK, _copy_category(launched.kind), Confidence.CERTAIN, evidence)


def _by_hint(subject: _Subject) -> Decision | None:
    if subject.launched.hint != "triton" or subject.launched.is_replayed:
        return None
    evidence = Evidence(
        "kernel-backend", "launching operator", subject.launched.operator, 'says kernel_backend="triton"'
    )
    return subject.decision(Role.TRITON, Confidence.CERTAIN, evidence)


def _by_context(subject: _Subject, shared: Rule | None) -> Decision:
    category = shared.category if shared is not None else ""
    library = shared.note or shared.name if shared is not None else ""
    provider, caller = subject.provider, subject.launched.provider
    if provider is not None and provider.role not in (None, Role.UNATTRIBUTED):
        assert provider.role is not None
        said = "; ".join(text for text in (library, provider.note, subject.note(provider.role)) if text)
        evidence = Evidence("provider-operator", "operator", caller, said)
        confidence = Confidence.CONTEXT if subject.launched.launch else Confidence.WEAK
        return subject.decision(provider.role, confidence, evidence, category)
    if provider is None and shared is not None and shared.alone is not None:
        evidence = Evidence(
            shared.name, "pattern", subject.key, subject.note(shared.alone, f"{library}: no operator decides")
        )
        return subject.decision(shared.alone, Confidence.WEAK, evidence, category)
    if shared is None and subject.is_bare and not is_compiled_launch(subject.launched.launch):
        return _bare_identifier(subject)
    unknown = provider.note if provider is not None else "no rule knows the name, and no operator decides"
    said = "; ".join(text for text in (library, unknown, subject.note(Role.UNATTRIBUTED)) if text)
    evidence = Evidence("unattributed", "none", subject.key, said)
    return subject.decision(Role.UNATTRIBUTED, Confidence.NONE, evidence, category)


def _bare_identifier(subject: _Subject) -> Decision:
    launched = subject.launched
    is_launched_by_python = bool(launched.launch) and not launched.is_replayed and subject.provider is None
    why = (
        "a plain identifier launched outside any library's operator, as Triton's are"
        if is_launched_by_python
        else "a plain identifier, as Triton's are; the name alone"
    )
    evidence = Evidence("bare-identifier", "pattern", subject.key, subject.note(Role.TRITON, why))
    confidence = Confidence.CONTEXT if is_launched_by_python else Confidence.WEAK
    return subject.decision(Role.TRITON, confidence, evidence)
