"""The side door: run something under torch's profiler and hand up its trace. torch is imported only when asked to."""
