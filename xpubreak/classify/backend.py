"""The backend of every activity and host span: roles, how sure we are, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from xpubreak.trace.columns import CodeArray, SmallArray, freeze

NO_ROLE = 255
"""Role code of events that are neither device activity nor host span."""


class Role(IntEnum):
    """Who did the work; stable codes, named per device by `role_label`."""

    VLLM = 0  #: the vLLM project's hand-written kernels
    TORCH = 1  #: ATen operators and the vendor libraries under them
    TRITON = 2  #: compiled kernels: Triton, and what torch.compile generated
    CPU = 3  #: work on the host that the device should have done
    FRAMEWORK = 4  #: views, allocation, copies and fills, synchronisation, profiler
    COLLECTIVES = 5  #: communication: mostly waiting, never mixed into compute
    UNATTRIBUTED = 6  #: what no rule could explain

    @property
    def key(self) -> str:
        """Stable lower-case name, the same on every device."""
        return self.name.lower()


class Confidence(IntEnum):
    """How sure a classification is."""

    NONE = 0  #: unattributed
    WEAK = 1  #: a name alone that others could bear too
    CONTEXT = 2  #: from the operators around it
    STRONG = 3  #: a namespace or pattern that one library uses
    CERTAIN = 4  #: an exact match, the launching operator's own word, or a user's rule

    @property
    def key(self) -> str:
        """Stable lower-case name."""
        return self.name.lower()


ROLES_BY_KEY: dict[str, Role] = {role.key: role for role in Role}

_LABELS: dict[Role, dict[str, str]] = {
    Role.VLLM: {device: f"vllm-{device}-kernels" for device in ("xpu", "cuda", "rocm", "cpu")},
    Role.TORCH: {device: f"torch-{device}-ops" for device in ("xpu", "cuda", "rocm", "cpu")},
    # Inductor has no Triton on CPUs: it generates C++.
    Role.TRITON: {"cpu": "inductor-cpp"},
}


def role_label(role: int, device: str) -> str:
    """Name a role as users of a device know it.

    Parameters
    ----------
    role
        A `Role` or its code.
    device
        ``"xpu"``, ``"cuda"``, ``"rocm"`` or ``"cpu"``.

    Returns
    -------
    str
        E.g. ``"vllm-xpu-kernels"``; the role's key where the device has no name of its own for it.
    """
    known = Role(role)
    return _LABELS.get(known, {}).get(device, known.key)


def find_role(backend: str) -> Role | None:
    """Return the role of a key (``"torch"``) or of a label of any device (``"torch-xpu-ops"``), else None."""
    known = ROLES_BY_KEY.get(backend)
    if known is not None:
        return known
    return next((role for role, labels in _LABELS.items() if backend in labels.values()), None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why something has the role it has.

    Parameters
    ----------
    rule
        Stable id of the rule that spoke, e.g. ``"registry-kernel"`` or the name of a user's rule.
    source
        Where the rule comes from: ``"registry vllm-xpu-kernels 0.1.15.4"``, ``"pattern"``, ``"operator"`` …
    key
        What matched: the registered name, the pattern, or the operator. Untrusted text.
    note
        What else to know: the caller, a disagreement of name and context. Untrusted text, empty for none.
    """

    rule: str
    source: str
    key: str
    note: str = ""


@dataclass(frozen=True)
class Backends:
    """Role, category, confidence and evidence of every device activity and host span.

    Law: total. Every activity and every host span has a role; `Role.UNATTRIBUTED` exists.

    Parameters
    ----------
    role
        uint8[n_events]: a `Role`; `NO_ROLE` for events that are neither activity nor span.
    category
        uint8[n_events]: code into `xpubreak.classify.category.CATEGORIES`.
    confidence
        uint8[n_events]: a `Confidence`.
    evidence
        int32[n_events]: index into ``evidences``; −1 where there is no role.
    evidences
        Distinct, in order of first use.
    """

    role: SmallArray
    category: SmallArray
    confidence: SmallArray
    evidence: CodeArray
    evidences: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        for column in (self.role, self.category, self.confidence, self.evidence):
            freeze(column)

    def why(self, row: int) -> Evidence | None:
        """Return the evidence of one event; None for an event without a role."""
        index = int(self.evidence[row])
        return self.evidences[index] if index >= 0 else None
