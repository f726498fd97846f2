"""A lock that dies with the process that holds it, so that none is ever left behind."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PAUSE_S = 0.02
_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
if sys.platform == "win32":
    _TAKEN.add(0)  # what Wine says


@contextlib.contextmanager
def locked(path: Path, *, wait_s: float) -> Iterator[bool]:
    """Hold the lock file `path` while the block runs; the value is False where another kept it for all of `wait_s`.

    The file stays, the lock does not: the system takes it back from a process that ends, however it ends. Where a
    file system knows no locks, everybody is let in.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        deadline = time.monotonic() + wait_s
        while (held := try_lock(handle)) is False and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
        yield held is not False
    finally:
        os.close(handle)  # gives the lock back


def try_lock(handle: int) -> bool | None:
    """Whether the lock on an open file is ours now; None where this file system has none."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in _TAKEN else None
    return True
