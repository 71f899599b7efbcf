"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# A test reads with the code as it has it, and fills nobody's cache; kernels and worker processes inherit this.
os.environ["XPUBREAK_CACHE_BYTES"] = "0"

# A loaded machine is no defect: nothing here is a timed test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
