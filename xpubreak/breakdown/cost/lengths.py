"""Lengths of the sequences in a step, where its name tells them: attention is charged by the rows it touches."""

from __future__ import annotations

import re
from dataclasses import dataclass

# vLLM 0.27 and later with detailed_trace_annotation: sums over the requests of query lengths, key lengths, squared
# query lengths and their products, for prefill and for decode.
_PART = re.compile(r"sq(\d{1,15})sk(\d{1,15})sqsq(\d{1,15})sqsk(\d{1,15})")


@dataclass(frozen=True, slots=True)
class Lengths:
    """Sums over the requests of a step.

    Parameters
    ----------
    queries
        Σ query tokens.
    keys
        Σ keys, that is rows of the cache that a head has to touch.
    pairs
        Σ pairs of a query and a key that it may look at: with a causal mask.
    """

    queries: int
    keys: int
    pairs: int


def read_lengths(step_name: str) -> Lengths | None:
    """Read the sums from the name of a step; None where it does not hold them."""
    parts = [tuple(map(int, found)) for found in _PART.findall(step_name[:400])]
    if not parts:
        return None
    # A query looks at the keys before it and at itself: of the last sq × sq pairs, sq (sq − 1) / 2 are masked.
    pairs = sum(sqsk - (sqsq - sq) // 2 for sq, _, sqsq, sqsk in parts)
    return Lengths(sum(sq for sq, *_ in parts), sum(sk for _, sk, *_ in parts), pairs)
