"""Distinct numbers of columns: found in one walk, compiled or not, as ``np.unique`` finds them."""

from __future__ import annotations

import numpy as np
import pytest

from xpubreak.trace import columns

TYPES = ("int8", "uint8", "int16", "int32", "int64")


@pytest.mark.parametrize("is_compiled", [False, True])
@pytest.mark.parametrize("of_type", TYPES)
def test_as_unique_finds_them(of_type: str, is_compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "is_worth_a_walk", lambda rows: is_compiled)
    limits = np.iinfo(of_type)
    low, high = int(limits.min), int(limits.max)
    for numbers in ([], [-1 if low else 0], [3, 3, 0, 7], [low, high], [high, high - 1]):
        codes = np.array(numbers * 3, dtype=of_type)
        codes.flags.writeable = False
        assert columns.distinct(codes).tolist() == np.unique(codes).tolist()
