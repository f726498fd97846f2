"""Ends whole families of processes, also those that left their group."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import Final

import psutil

_PR_SET_CHILD_SUBREAPER: Final = 36
_known: set[int] = set()
_lock = threading.Lock()


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ended (Linux; a no-op elsewhere)."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def remember(pid: int) -> None:
    """Note a child that was started on purpose, so that `end_orphans` lets it live."""
    with _lock:
        _known.add(pid)


def forget(pid: int) -> None:
    """The child has been waited for."""
    with _lock:
        _known.discard(pid)


def end_tree(pid: int) -> None:
    """Kill a process, all its descendants and its process group; returns when they are dead or 2 s later."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        family = []
    _end(family)
    if sys.platform != "win32":
        # The group may hold members whose parent is gone. Only a group of its own: never ours.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if pid != os.getpgid(0):
                os.killpg(pid, signal.SIGKILL)


def end_orphans() -> int:
    """Kill what this process had to adopt: children that nobody here started. Returns how many there were."""
    with _lock:
        known = set(_known)
    orphans = [child for child in psutil.Process().children() if child.pid not in known]
    strays = [
        member for orphan in orphans if _is_adopted(orphan) for member in (orphan, *_descendants(orphan))
    ]
    _end(strays)
    return len(strays)


def _is_adopted(process: psutil.Process) -> bool:
    """Whether the process leads or lives in another session: a child of ours by birth shares our session."""
    if sys.platform == "win32":
        return False
    try:
        return os.getsid(process.pid) != os.getsid(0)
    except ProcessLookupError:
        return False


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process.kill()
    psutil.wait_procs(processes, timeout=2)
