"""Comparison of runs: what changed between two breakdowns, by how much, and whether that is more than noise."""
