"""Starts, limits, watches and ends child processes: the only room that knows about operating systems."""

from checker.sandbox.environment import clean_environment
from checker.sandbox.guard import Excess, Guard
from checker.sandbox.isolation import Confinement, Isolation, Offer, best_isolation
from checker.sandbox.limits import ProcessLimits, adopt_orphans, end_with_parent
from checker.sandbox.privacy import hide_this_process
from checker.sandbox.process import (
    Finished,
    LimitedProcess,
    State,
    end_all_processes,
    end_process,
    run_limited,
    start_process,
)
from checker.sandbox.scheduling import (
    added_wait,
    processor_seconds_of,
    wait_of_this_thread,
    waits_for_processor,
)
from checker.sandbox.tree import end_descendants, end_tree, find_member

__all__ = [
    "Confinement",
    "Excess",
    "Finished",
    "Guard",
    "Isolation",
    "LimitedProcess",
    "Offer",
    "ProcessLimits",
    "State",
    "added_wait",
    "adopt_orphans",
    "best_isolation",
    "clean_environment",
    "end_all_processes",
    "end_descendants",
    "end_process",
    "end_tree",
    "end_with_parent",
    "find_member",
    "hide_this_process",
    "processor_seconds_of",
    "run_limited",
    "start_process",
    "wait_of_this_thread",
    "waits_for_processor",
]
