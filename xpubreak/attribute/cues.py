"""Cues: what the name and the category of a piece of work tell the search for layers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from xpubreak.attribute.work import Work
from xpubreak.classify.backend import Backends
from xpubreak.classify.category import CATEGORY_CODES
from xpubreak.trace.columns import BoolArray, CodeArray, IntArray, distinct
from xpubreak.trace.events import Kind
from xpubreak.trace.trace import Trace

_ANCHORS = np.array([CATEGORY_CODES[name] for name in ("attention", "state-space")], dtype=np.uint8)
_PRODUCTS = np.array([CATEGORY_CODES[name] for name in ("gemm", "moe")], dtype=np.uint8)
_NORM, _EMBEDDING, _COLLECTIVE = (CATEGORY_CODES[name] for name in ("norm", "embedding", "collective"))

# Category attention, but not once a layer: FlashAttention plans its splits once a step; convolutions of state-space
# layers may lie a matrix product away from their recurrence. Template arguments also speak of schedulers.
_NO_ANCHOR = re.compile(r"(?i)prepare_|metadata|causal_conv|conv1d|short_conv")
_NORM_NAME = re.compile(r"(?i)norm(?!al)|rsqrt")
_EMBEDDING_NAME = re.compile(r"(?i)embedding")
# Inductor numbers its kernels: triton_red_fused_add_rms_norm_3, graph_0_cpp_fused_mul_silu_3.
_NUMBERED = re.compile(r"^(?:graph_\d+_)?((?:triton|cpp)_.*?)(?:_\d+)?$")

_NORMS = -1


@dataclass(frozen=True)
class Cues:
    """Per event: how the search for layers sees it.

    Parameters
    ----------
    anchor, heavy, norm, embedding, collective
        bool[n_events]: as in `Work`.
    family
        int32[n_events]: as in `Work`.
    """

    anchor: BoolArray
    heavy: BoolArray
    norm: BoolArray
    embedding: BoolArray
    collective: BoolArray
    family: CodeArray

    def work(self, rows: IntArray, symbol: IntArray) -> Work:
        """Put the work of one step together."""
        return Work(
            symbol=symbol,
            family=self.family[rows].astype(np.int64),
            anchor=self.anchor[rows],
            heavy=self.heavy[rows],
            norm=self.norm[rows],
            embedding=self.embedding[rows],
            collective=self.collective[rows],
        )


def read_cues(trace: Trace, backends: Backends) -> Cues:
    """Read the cues of all events; every distinct name is looked at once.

    Parameters
    ----------
    trace
        Names.
    backends
        Categories.

    Returns
    -------
    Cues
        For events of any kind; only activities and operators are of use.
    """
    name, category = trace.events.name, backends.category
    count = len(trace.strings)
    refused, normal, embeds = (np.zeros(count, dtype=bool) for _ in range(3))
    family = np.arange(count, dtype=np.int32)
    first_of: dict[str, int] = {}
    for name_id in distinct(name).tolist():
        text = trace.strings.text(name_id)
        refused[name_id] = _NO_ANCHOR.search(text) is not None
        normal[name_id] = _NORM_NAME.search(text) is not None
        embeds[name_id] = _EMBEDDING_NAME.search(text) is not None
        numbered = _NUMBERED.match(text)
        if numbered:
            family[name_id] = first_of.setdefault(numbered[1], name_id)
    is_work = trace.events.is_activity | (trace.events.kind == Kind.OPERATOR)
    anchor = is_work & np.isin(category, _ANCHORS) & ~refused[name]
    heavy = is_work & np.isin(category, _PRODUCTS)
    norm = ((category == _NORM) | normal[name]) & ~anchor & ~heavy
    return Cues(
        anchor=anchor,
        heavy=heavy,
        norm=norm,
        embedding=(category == _EMBEDDING) | embeds[name],
        collective=(category == _COLLECTIVE) & ~norm,
        family=np.where(norm, _NORMS, family[name]).astype(np.int32),
    )
