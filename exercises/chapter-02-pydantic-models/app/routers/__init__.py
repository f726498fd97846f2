"""One module for each group of path operations."""
