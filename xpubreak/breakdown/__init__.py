"""Floor 5: what the user holds."""
