"""A Windows Job Object: what a process and all that it starts may take, and one handle that ends them all.

Windows has no resource limits and no sessions. A job is inherited by everything that its members start, whatever becomes of
their parents, and ends with the last handle to it: so nothing outlives the checker, however that ends.
Source of the numbers: Microsoft's `SetInformationJobObject` and `JOBOBJECT_EXTENDED_LIMIT_INFORMATION`.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import Any, Final

import psutil

from checker.sandbox.limits import MEMORIES, ProcessLimits

CREATION_FLAGS: Final = 0x4 | 0x200
"""Suspended, since only so is a process in its job before it can start another; and in a group that Ctrl-C does not reach."""

_EXTENDED_LIMITS: Final = 9
_PROCESS_TIME, _ACTIVE_PROCESSES, _PROCESS_MEMORY, _JOB_MEMORY = 0x2, 0x8, 0x100, 0x200
_DIE_ON_UNHANDLED_EXCEPTION, _KILL_ON_JOB_CLOSE = 0x400, 0x2000
_SET_QUOTA_AND_TERMINATE: Final = 0x100 | 0x1
_TICKS: Final = 10_000_000  # of 100 ns, in a second
_ENDED_BY_US: Final = 1


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """`JOBOBJECT_EXTENDED_LIMIT_INFORMATION`."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


def extended_limits(limits: ProcessLimits | None) -> ExtendedLimits:
    """What the job is told: to end with its handle, and what of `limits` Windows can bound."""
    told = ExtendedLimits()
    told.basic.flags = _KILL_ON_JOB_CLOSE | _DIE_ON_UNHANDLED_EXCEPTION
    if limits is not None:
        told.basic.flags |= _PROCESS_TIME | _ACTIVE_PROCESSES | _PROCESS_MEMORY | _JOB_MEMORY
        told.basic.per_process_user_time = limits.cpu_s * _TICKS
        # One more: in a virtual environment `python.exe` is a launcher, which starts the interpreter and waits for it.
        told.basic.active_processes = limits.processes + 1
        told.process_memory = limits.memory_mb * 2**20
        told.job_memory = MEMORIES * limits.memory_mb * 2**20
    return told


class Job:
    """One job for one process and its family; `close` it. Raises `OSError` where Windows refuses it, and on other systems."""

    def __init__(self, limits: ProcessLimits | None) -> None:
        self._kernel = _kernel32()
        self._handle = _checked(self._kernel.CreateJobObjectW(None, None))
        told = extended_limits(limits)
        self._tell("SetInformationJobObject", _EXTENDED_LIMITS, ctypes.byref(told), ctypes.sizeof(told))

    def take_in(self, pid: int) -> None:
        """Make a process a member, and with it all that it starts from now on."""
        process = _checked(self._kernel.OpenProcess(_SET_QUOTA_AND_TERMINATE, 0, ctypes.c_uint32(pid)))
        try:
            self._tell("AssignProcessToJobObject", ctypes.c_void_p(process))
        finally:
            self._kernel.CloseHandle(ctypes.c_void_p(process))

    def end(self) -> None:
        """Kill every member."""
        if self._handle:
            self._kernel.TerminateJobObject(ctypes.c_void_p(self._handle), _ENDED_BY_US)

    def close(self) -> None:
        """Let go of it, which kills the members that are left."""
        handle, self._handle = self._handle, 0
        if handle:
            self._kernel.CloseHandle(ctypes.c_void_p(handle))

    def _tell(self, call: str, *what: Any) -> None:
        try:
            _checked(getattr(self._kernel, call)(ctypes.c_void_p(self._handle), *what))
        except OSError:
            self.close()
            raise


def enclose(process: subprocess.Popen[bytes], limits: ProcessLimits | None) -> Job:
    """Put a process that was made with `CREATION_FLAGS` into a job, and let it run. Raises `OSError`; then it is dead."""
    job: Job | None = None
    try:
        job = Job(limits)
        job.take_in(process.pid)
        psutil.Process(process.pid).resume()
    except (OSError, psutil.Error) as error:
        if job is not None:
            job.close()
        process.kill()
        process.wait()
        raise OSError(f"a process could not be put into a job of its own: {error}") from error
    return job


def _kernel32() -> Any:
    if sys.platform != "win32":
        raise OSError("only Windows has Job Objects")
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    # Else a handle would be cut to 32 bits.
    kernel.CreateJobObjectW.restype = kernel.OpenProcess.restype = ctypes.c_void_p
    return kernel


def _checked(result: int | None) -> int:
    """The handle or the true value that a call gave; raises `OSError` with Windows' own words where it gave none."""
    if result:
        return result
    if sys.platform == "win32":
        raise ctypes.WinError(ctypes.get_last_error())
    raise OSError
