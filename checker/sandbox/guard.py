"""Watches what a family of processes takes together, which no limit of a single process bounds."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psutil

from checker.sandbox.limits import MEMORIES, ProcessLimits
from checker.sandbox.tree import is_dead, see_descendants

LOOK_EVERY_S: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """What a family took too much of; exactly one is set."""

    processes: int = 0
    memory_mb: int = 0


def find_excess(root: int, limits: ProcessLimits, *, each: bool = sys.platform == "darwin") -> Excess | None:
    """What the processes below `root` take too much of, together; None where they are within `limits`.

    With `each`, also what one of them takes: on macOS nobody else looks, since its kernel ignores RLIMIT_AS. Memory that
    processes share counts once at most where the system tells it apart (Linux), else for each.
    """
    family: list[psutil.Process] = []
    for pid in see_descendants(root):
        with contextlib.suppress(psutil.Error):
            family.append(psutil.Process(pid))
    if len(family) > limits.processes:
        # What has ended and is not yet reaped takes nothing but a number.
        alive = sum(not is_dead(member) for member in family)
        if alive > limits.processes:
            return Excess(processes=alive)
    used: list[int] = []
    for member in family:
        with contextlib.suppress(psutil.Error):
            memory = member.memory_info()
            used.append(memory.rss - getattr(memory, "shared", 0))
    most = limits.memory_mb * 2**20
    if sum(used) > MEMORIES * most or (each and max(used, default=0) > most):
        return Excess(memory_mb=sum(used) // 2**20)
    return None


class Guard:
    """Looks at the family below `root` until it is stopped; calls `exceeded` once, in its own thread."""

    def __init__(self, root: int, limits: ProcessLimits, exceeded: Callable[[Excess], None]) -> None:
        self._root = root
        self._limits = limits
        self._exceeded = exceeded
        self._stopped = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            excess = find_excess(self._root, self._limits)
            if excess is not None:
                self._exceeded(excess)
                return
