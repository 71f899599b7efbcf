"""Evidence in sentences."""

from __future__ import annotations

from xpubreak.classify.backend import Confidence, Evidence, role_label

_CONFIDENCES = {
    Confidence.NONE: "nobody's: no rule applies",
    Confidence.WEAK: "weak: the name alone, which others could bear too",
    Confidence.CONTEXT: "by context: from the operators around it",
    Confidence.STRONG: "strong: only one library uses such names",
    Confidence.CERTAIN: "certain",
}


def describe(evidence: Evidence, role: int | None = None, confidence: int | None = None, device: str = "xpu") -> str:
    """Say why something was classified as it was.

    Parameters
    ----------
    evidence
        From ``Backends.evidences``.
    role, confidence
        Of the same event; left out of the text where not given.
    device
        Target of the trace, for the name of the backend.

    Returns
    -------
    str
        A few plain-text sentences, one per line. Holds names from the trace: escape it before it becomes markup.
    """
    lines = []
    if role is not None:
        sure = f", {_CONFIDENCES[Confidence(confidence)]}" if confidence is not None else ""
        lines.append(f"{role_label(role, device)}{sure}.")
    elif confidence is not None:
        lines.append(f"Confidence {_CONFIDENCES[Confidence(confidence)]}.")
    source = "" if evidence.source == "none" else f", from {evidence.source}"
    lines.append(f"Rule {evidence.rule}{source}, matched {evidence.key!r}.")
    if evidence.note:
        lines.append(f"{evidence.note[0].upper()}{evidence.note[1:]}.")
    return "\n".join(lines)
