"""Measurements of the checker itself; each module is a command: `python -m benchmarks.verdict --help`."""
