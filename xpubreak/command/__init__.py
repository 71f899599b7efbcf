"""The command ``xpubreak``: reports, tables and gates for people and CI jobs without a notebook at hand."""
