"""Readers of published artefacts, for `build_registry.py`: which library owns which operator and which kernel."""
