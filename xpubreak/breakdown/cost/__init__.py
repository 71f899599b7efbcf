"""Cost: what operators have to compute and move, from the shapes and types of their inputs, and what a device could."""
