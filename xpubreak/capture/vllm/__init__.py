"""vLLM engines: how they are recorded, wherever their workers run. Nothing here imports vLLM by itself."""
