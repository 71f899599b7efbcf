"""Floor 1: a trace file as columns."""
