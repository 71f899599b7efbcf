"""Floor 2: nesting, launches, call tree, self and total time."""
