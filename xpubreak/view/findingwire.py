"""Pack findings for the browser: they are computed in Python and travel as text, with the selections they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xpubreak.view.foldedevidence import Shown, shown_evidence
from xpubreak.view.reduce import Reduced

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.breakdown.findings.finding import Finding

_MOST = 40
_MOST_CHARACTERS = 1_500


def pack_findings(bd: Breakdown, less: Reduced | None = None) -> dict[str, Any]:
    """Return summary and findings, worst first, as JSON.

    Parameters
    ----------
    bd
        Whose findings.
    less
        Reduced facts that go with them: call paths are numbered anew there, and the smallest are folded into others.
    """
    found = bd.findings
    return {
        "summary": found.summary,
        "items": [_item(finding, bd, less) for finding in found[:_MOST]],
    }


def _item(finding: Finding, bd: Breakdown, less: Reduced | None) -> dict[str, Any]:
    item = finding.to_json()
    shown = Shown(item["evidence"]) if less is None else shown_evidence(bd, finding.evidence, less)
    packed = {name: _sendable(value) if isinstance(value, str) else value for name, value in item.items()}
    evidence: dict[str, list[Any]] = {
        name: [_sendable(value) if isinstance(value, str) else value for value in values]
        for name, values in shown.clauses.items()
    }
    folded = {"folded": shown.note} if shown.note else {}
    return {**packed, "evidence": evidence, "stake": finding.stake_text, **folded}


def _sendable(text: str) -> str:
    """A lone surrogate, legal in JSON, cannot be sent as UTF-8; a hostile name may be of any length."""
    return text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode()
