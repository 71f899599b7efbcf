"""Floor 4: step, phase, layer and module of every event, and where each came from."""
