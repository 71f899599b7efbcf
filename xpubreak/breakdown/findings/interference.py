"""Interference: requests that generate wait for prompts that are computed in the same step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.attribute.label import PHASES
from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.findings.steplengths import step_lengths
from xpubreak.breakdown.selection import Selection
from xpubreak.units import format_ns

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_LEAST_STEPS = 3
_LEAST_FRAC = 0.20


def find(breakdown: Breakdown) -> Iterator[Finding]:
    """At most one finding, for all mixed steps."""
    found = step_lengths(breakdown)
    mixed = np.flatnonzero(found.phase == PHASES.index("mixed"))
    decode = np.flatnonzero(found.phase == PHASES.index("decode"))
    if not len(mixed) or len(decode) < _LEAST_STEPS:
        return
    usual_ns = float(np.median(found.length_ns[decode]))
    longer_ns = found.length_ns[mixed] - usual_ns
    waited_ns = float(longer_ns[longer_ns > 0].sum())
    if waited_ns < _LEAST_FRAC * usual_ns * len(mixed):
        return
    median_ns = float(np.median(found.length_ns[mixed]))
    finding = costing(
        breakdown,
        key="prefill-interference",
        title="Decoding waits for prompts in mixed steps",
        at_stake_ns=waited_ns,
        arithmetic=(
            f"Mixed steps ({len(mixed):,}) take {format_ns(median_ns)}, decode steps ({len(decode):,}) "
            f"{format_ns(usual_ns)} (medians): {format_ns(waited_ns)} longer in all. It is time between tokens of the "
            "requests that decode; the prompts have to be computed at some time."
        ),
        evidence=Selection.of(phase="mixed"),
        advice=(
            "Smaller pieces of prompts make each wait shorter (vLLM: --max-num-batched-tokens, "
            "--long-prefill-token-threshold); engines of their own for prefill remove it."
        ),
        source="length of mixed against decode steps",
    )
    # The work moves, it does not vanish: never more than worth knowing.
    yield replace(finding, severity="info")
