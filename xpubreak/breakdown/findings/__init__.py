"""Findings of a breakdown: what is wrong or worth doing, worst first. One plug-in per file.

@xb.findings.add
def my_rule(bd):
    yield xb.findings.costing(bd, key="mine", title="…", at_stake_ns=…, …)
"""

from __future__ import annotations

from xpubreak.breakdown.findings.finding import Finding, costing
from xpubreak.breakdown.findings.plugins import Plugin, add, find_all, plugins, remove

__all__ = ["Finding", "Plugin", "add", "costing", "find_all", "plugins", "remove"]
