"""``python -m xpubreak`` is the command ``xpubreak``."""

from __future__ import annotations

import sys

from xpubreak.command.main import main

if __name__ == "__main__":
    sys.exit(main())
