"""Keeps what a trusted process knows from others of the same user: its environment and its memory (Linux)."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

_SET_DUMPABLE: Final = 4
# Where the environment that the process was started with lies in its memory: fields 50 and 51 of proc_pid_stat(5).
_FIRST, _LAST = 49, 50


def hide_this_process() -> None:
    """Let no other process of this user read our memory, and wipe the environment that we were started with.

    `os.environ` stays as it is. Both may be refused, and elsewhere than on Linux nothing is done: at level P a secret in the
    environment of whoever grades is then no better kept than from any program that they run.
    """
    if sys.platform != "linux":
        return
    # As root it does not help, so the environment is wiped as well.
    ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    _wipe_environment()


def _wipe_environment() -> None:
    try:
        fields = (
            Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
        # The first two fields were cut off: number and name.
        first, last = int(fields[_FIRST - 2]), int(fields[_LAST - 2])
    except (OSError, ValueError, IndexError):
        return
    if not 0 < first < last or last - first > 2**22:
        return
    for name, value in os.environ.copy().items():
        # Setting it again moves it to memory of our own; the C library would go on reading what is wiped.
        os.putenv(name, value)
    ctypes.memset(first, 0, last - first)
