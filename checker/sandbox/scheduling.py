"""How long a process was ready to run and was not given a processor; the standard library only."""

from __future__ import annotations

import contextlib
import os


def waits_for_processor(process: int | str = "self") -> dict[str, float]:
    """Seconds that each thread of `process` has waited for a processor; empty where nobody counts (Linux does).

    All threads count: one that holds the interpreter's lock and waits for a processor makes the others wait, too.
    """
    waits: dict[str, float] = {}
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{process}/task"):
            # A thread may end while the list is read.
            with (
                contextlib.suppress(OSError, IndexError, ValueError),
                open(f"/proc/{process}/task/{task}/schedstat", "rb", buffering=0) as file,
            ):
                waits[task] = int(file.read(100).split()[1]) / 1e9
    return waits


def processor_seconds_of(process: int, thread: int | None = None) -> float:
    """Processor time that all threads of `process`, or one of them, have used, in seconds; 0 where nobody counts.

    Linux counts it in nanoseconds for each thread (schedstat), of which those that ended are missing.
    """
    used = 0.0
    with contextlib.suppress(OSError):
        for task in [thread] if thread is not None else os.listdir(f"/proc/{process}/task"):
            with (
                contextlib.suppress(OSError, IndexError, ValueError),
                open(f"/proc/{process}/task/{task}/schedstat", "rb", buffering=0) as file,
            ):
                used += int(file.read(100).split()[0]) / 1e9
    return used


def added_wait(before: dict[str, float], after: dict[str, float]) -> float:
    """What all threads together have waited between two readings; threads that ended are left out."""
    return sum(seconds - before.get(task, 0.0) for task, seconds in after.items())
