"""What one child process may use, and how it limits itself before it runs anything of a learner's."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from typing import Final

MEMORIES: Final = 3
"""A family of processes may hold as much memory as this many at their limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """Ceilings of one process; what the system cannot enforce is left to the wall clock of the caller."""

    cpu_s: int = 60
    memory_mb: int = 1536
    file_mb: int = 32
    output_mb: int = 8
    open_files: int = 512
    processes: int = 64


def limit_this_process(limits: ProcessLimits) -> None:
    """Apply `limits` to the calling process.

    Memory is not limited on macOS, where the kernel ignores RLIMIT_AS. Processes are counted for each user by
    the kernel, so the ceiling is what runs now plus `limits.processes`; it does not bind root.
    """
    if sys.platform == "win32":
        return
    import resource

    def lower(kind: int, value: int) -> None:
        hard = resource.getrlimit(kind)[1]
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (ceiling, ceiling))

    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_CPU, limits.cpu_s)
    lower(resource.RLIMIT_FSIZE, limits.file_mb * 2**20)
    lower(resource.RLIMIT_NOFILE, limits.open_files)
    if sys.platform == "linux":
        lower(resource.RLIMIT_AS, limits.memory_mb * 2**20)
        if os.getuid() != 0:
            lower(resource.RLIMIT_NPROC, _processes_of_this_user() + limits.processes)


def end_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent, process `parent`, ends; a no-op elsewhere."""
    if sys.platform != "linux":
        return
    _prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        # It ended before we could ask.
        os._exit(1)


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ended (Linux; a no-op elsewhere).

    Then a process that forks twice and opens a session of its own is still found below this one.
    """
    _prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes  # 10 ms that the other systems need not pay

    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _processes_of_this_user() -> int:
    uid = os.getuid()
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                count += os.stat(f"/proc/{name}").st_uid == uid
            except OSError:
                continue
    return count
