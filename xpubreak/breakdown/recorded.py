"""What a trace records about a collective: group of processes, its ranks, operation, size.

PyTorch hands these to Kineto with each kernel of NCCL, and writes them to ``record_param_comms``, the operator around
the launch, for any backend (``torch/csrc/distributed/c10d/ParamCommsUtils.hpp``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xpubreak.trace.columns import NONE

_RANKS = re.compile(r"\[\s*\d+(?:\s*,\s*\d+)*\s*\]")
_ONE_SIZE = re.compile(r"all_?reduce|all_?gather_?(?:base|into)|broadcast|reduce_scatter_?(?:base|tensor)", re.I)
_POINT_TO_POINT = re.compile(r"\b(?:i?send|i?recv|batch_isend_irecv|coalesced_p2p)\b", re.I)
_MAX_NUMBER = 1 << 62


@dataclass(frozen=True)
class Recorded:
    """One kind of collective of one group.

    Parameters
    ----------
    group
        Name of the group of processes.
    ranks
        Its ranks, as the whole job numbers them.
    operation
        As PyTorch calls it, ``_allgather_base``.
    elements
        Of the input, where it must be equal on all ranks; −1 otherwise.
    dtype
        Of the elements.
    """

    group: str
    ranks: tuple[int, ...]
    operation: str
    elements: int
    dtype: str

    @property
    def text(self) -> str:
        """As it is kept in the string table."""
        return json.dumps([self.group, list(self.ranks), self.operation, self.elements, self.dtype])

    @classmethod
    def of_text(cls, text: str) -> Recorded | None:
        """Read what `text` wrote; None for anything else."""
        try:
            group, ranks, operation, elements, dtype = json.loads(text)
            return cls(str(group), tuple(int(rank) for rank in ranks), str(operation), int(elements), str(dtype))
        except (ValueError, TypeError):
            return None

    @classmethod
    def of_args(cls, args: Mapping[str, Any], ranks_of: Mapping[str, tuple[int, ...]]) -> Recorded | None:
        """Read the ``args`` of an event.

        Parameters
        ----------
        args
            Untrusted.
        ranks_of
            By name of the group, from the head of the trace: Kineto cuts lists of more than thirty ranks off.
        """
        operation, group = args.get("Collective name"), args.get("Process Group Name")
        if not isinstance(operation, str) or not isinstance(group, str) or _POINT_TO_POINT.search(operation):
            return None
        ranks = _ranks(args.get("Process Group Ranks")) or ranks_of.get(group, ())
        if len(ranks) < 2:
            return None
        elements = number_of(args.get("In msg nelems")) if _ONE_SIZE.search(operation) else NONE
        return cls(group, ranks, operation, elements, str(args.get("dtype", "")))


def _ranks(value: Any) -> tuple[int, ...]:
    if isinstance(value, str) and _RANKS.fullmatch(value):
        value = json.loads(value)
    if isinstance(value, list) and all(isinstance(rank, int) for rank in value):
        return tuple(sorted(value))
    return ()


def number_of(value: Any) -> int:
    """Return a number that is none below 0; −1 for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_NUMBER
    return int(value) if is_number else NONE
