"""Starts, limits, watches and ends child processes: the only room that knows about operating systems."""

from checker.sandbox.environment import clean_environment
from checker.sandbox.limits import ProcessLimits
from checker.sandbox.process import Finished, State, run_limited
from checker.sandbox.tree import adopt_orphans, end_orphans, end_tree, forget, remember

__all__ = [
    "Finished",
    "ProcessLimits",
    "State",
    "adopt_orphans",
    "clean_environment",
    "end_orphans",
    "end_tree",
    "forget",
    "remember",
    "run_limited",
]
