"""How long a process was ready to run and was not given a processor; the standard library only."""

from __future__ import annotations

import contextlib
import os
import threading


def waits_for_processor(process: int | str = "self") -> dict[str, float]:
    """Seconds that each thread of `process` has waited for a processor; empty where nobody counts (Linux does).

    All threads count: one that holds the interpreter's lock and waits for a processor makes the others wait, too.
    """
    return {task: waited for task, (_, waited) in _books(process).items()}


def processor_seconds_of(process: int, thread: int | None = None) -> float:
    """Processor time that all threads of `process`, or one of them, have used, in seconds; 0 where nobody counts.

    Threads that ended are missing.
    """
    return sum(used for used, _ in _books(process, thread).values())


def wait_of_this_thread() -> float:
    """Seconds that the calling thread has waited for a processor; 0 where nobody counts."""
    return sum(waited for _, waited in _books("self", threading.get_native_id()).values())


def _books(process: int | str, thread: int | None = None) -> dict[str, tuple[float, float]]:
    """Seconds used and waited by each thread, or by one; Linux counts them in nanoseconds (schedstat)."""
    found: dict[str, tuple[float, float]] = {}
    with contextlib.suppress(OSError):
        for task in [str(thread)] if thread is not None else os.listdir(f"/proc/{process}/task"):
            # A thread may end while the list is read.
            with (
                contextlib.suppress(OSError, IndexError, ValueError),
                open(f"/proc/{process}/task/{task}/schedstat", "rb", buffering=0) as file,
            ):
                used, waited, *_ = file.read(100).split()
                found[task] = int(used) / 1e9, int(waited) / 1e9
    return found


def added_wait(before: dict[str, float], after: dict[str, float]) -> float:
    """What all threads together have waited between two readings; threads that ended are left out."""
    return sum(seconds - before.get(task, 0.0) for task, seconds in after.items())
