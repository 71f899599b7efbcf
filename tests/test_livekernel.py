"""A kernel of the tests that hangs is told with what it was at, once."""

from __future__ import annotations

import time

import pytest

from tests.livekernel import STACKS, live_kernel


def test_a_cell_that_hangs_is_told_with_its_stacks_and_the_kernel_is_not_asked_again(tmp_path):
    with live_kernel(timeout_seconds=10, folder=str(tmp_path)) as kernel:
        kernel.run(STACKS)
        kernel.run("import threading\ndef waits_for_ever():\n    threading.Event().wait()")
        with pytest.raises(AssertionError, match=r"did not end:\nwaits_for_ever\(\)[\s\S]*in waits_for_ever"):
            kernel.run("waits_for_ever()")
        began = time.monotonic()
        with pytest.raises(AssertionError, match="An earlier cell did not end"):
            kernel.run("1")
        assert time.monotonic() - began < 5
