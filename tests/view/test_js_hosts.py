"""The browser seals every search that Python takes for a host.

The fixture is read by ``js/test/seal.test.ts``. Write it anew with ``XPUBREAK_WRITE_FIXTURES=1``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.breakdown.test_redact_hosts import BEFORE_AND_AFTER
from xpubreak.breakdown.privatetexts import PrivateTexts

FIXTURE = Path(__file__).parents[2] / "js" / "test" / "fixtures" / "hosts.json"
MORE = (
    "on host magrathea7", "on machine magrathea7", "Connected to magrathea7.", "hostname node7", "--master-addr node7",
    "dgx01", "dgx-a100-17", "x3004c10s13b0n0", "nid001234", "node7.ox.ac.uk", "node7.army.mil", "node7.home.arpa",
    "node7.jf.intel.com", "w1.default.svc", "x9.lab.anl.gov", "node7.lan", "node7:71:93 [0] NCCL INFO", "host=node7",
)  # fmt: skip


def test_fixture_is_fresh() -> None:
    texts = [line.rsplit("    ", 1)[0].strip() for line in BEFORE_AND_AFTER.strip().splitlines()] + list(MORE)
    assert all(PrivateTexts().text(text) != text for text in texts), "each names a host"
    if os.environ.get("XPUBREAK_WRITE_FIXTURES"):
        FIXTURE.write_text(json.dumps(texts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(FIXTURE.read_text(encoding="utf-8")) == texts
