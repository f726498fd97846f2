"""Ends whole families of processes, also those that left their group.

On Linux every child that runs learner code, and the shim above every tool, adopts its orphaned descendants. So a
process that forks twice and opens a session of its own is still below the one that is ended here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import Final

import psutil

_END_WITHIN_S: Final = 3.0
_LISTS_CHILDREN: Final = os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def end_tree(pid: int) -> None:
    """Kill a process, all its descendants and its process group; returns when they are dead or 3 s later."""
    try:
        root = psutil.Process(pid)
        # Stopped, it can neither start more nor pass its children on while they are killed.
        root.suspend()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        _end_group(pid)
        return
    end_descendants(root)
    _end_group(pid)
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        root.kill()


def find_member(root: int, pid: int) -> int | None:
    """Our number of the process below `root`, or `root` itself, that calls itself `pid`; None where there is none.

    In a namespace of its own a process has another number than here. What is no member of the family is never found, so a
    false number does no harm.
    """
    found = _first_called(pid, [root, *see_descendants(root)])
    if found is None:
        with contextlib.suppress(psutil.Error):
            found = _first_called(pid, [one.pid for one in psutil.Process(root).children(recursive=True)])
    return found


def see_descendants(pid: int) -> list[int]:
    """The processes below `pid`, at a glance: where one ends meanwhile, some of its siblings may be passed over.

    `psutil` reads of every process on the machine who its parent is, some milliseconds each time; Linux also keeps a list of
    children for each thread.
    """
    if not _LISTS_CHILDREN:
        with contextlib.suppress(psutil.Error):
            return [one.pid for one in psutil.Process(pid).children(recursive=True)]
        return []
    found: list[int] = []
    unseen = [pid]
    while unseen:
        children = [child for child in _listed_children(unseen.pop()) if child not in found]
        found += children
        unseen += children
    return found


def _listed_children(pid: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                children += map(int, file.read().split())
    return children


def _first_called(pid: int, family: Iterable[int]) -> int | None:
    return next((member for member in family if _number_inside(member) == pid), None)


def _number_inside(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            for line in file:
                if line.startswith(b"NSpid:"):
                    return int(line.split()[-1])
    except (OSError, ValueError):
        pass
    return pid


def end_descendants(root: psutil.Process) -> int:
    """Kill everything below `root` until nothing new appears; returns how many there were."""
    deadline = time.monotonic() + _END_WITHIN_S
    killed: set[int] = set()
    while time.monotonic() < deadline:
        alive = [child for child in _below(root) if not is_dead(child)]
        if not alive:
            break
        for child in alive:
            killed.add(child.pid)
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                child.kill()
        time.sleep(0.002)
    return len(killed)


def _below(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def is_dead(process: psutil.Process) -> bool:
    """Whether it has ended, reaped or not."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _end_group(pid: int) -> None:
    """The group may hold members whose parent is gone. Only a group of its own: never ours."""
    if sys.platform == "win32" or pid == os.getpgid(0):
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
