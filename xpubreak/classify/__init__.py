"""Floor 3: the backend of every device activity and host span; rules and registry are data."""
