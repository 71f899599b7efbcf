"""Benchmarks, usable by anybody: see README.md."""
