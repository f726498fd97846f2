"""Files that are there whole or not at all, and what kept them from being written."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from checker.progress.lock import try_lock

_SUFFIX = ".check-part"
_PATIENCE_S, _PAUSE_S = 2.0, 0.02


def write_atomically(path: Path, content: bytes) -> None:
    """Put `content` at `path`, whole: a reader sees the old file or the new one, and a failure leaves no half.

    Raises `OSError`. A link at `path` is followed, so that the file behind it is the one replaced. What a command
    that was killed here has left beside it is removed.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        # A device or a pipe is written to; replacing it would take it away from everybody.
        target.write_bytes(content)
        return
    _sweep(target)
    handle, name = _new_part(target)
    try:
        try:
            write_all(handle, content)
            os.fsync(handle)
            os.chmod(name, _mode_of(target))
            if sys.platform == "win32":
                os.close(handle)  # an open file cannot be renamed there
                handle = -1
            _replace(name, target)
        finally:
            if handle != -1:
                os.close(handle)
    except BaseException:
        # Also for Ctrl-C: nothing half-written stays.
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    sync_folder(target.parent)


def _replace(part: str, target: Path) -> None:
    """Put `part` in the place of `target`; on Windows that waits a moment for those who just read it."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            os.replace(part, target)
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def write_all(handle: int, content: bytes) -> None:
    """Write every byte: the system may take fewer at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync_folder(folder: Path) -> None:
    """Make names in `folder` outlast a power cut, where the system can."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def why(error: OSError) -> str:
    """What stood in the way, in words that fit into a sentence."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        # copytree gathers one entry a file, (from, to, text); the first says what is wrong.
        first = error.args[0][0]
        text = str(first[-1] if isinstance(first, tuple) else first)
        return "the disk is full" if f"[Errno {errno.ENOSPC}]" in text else text
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return "the disk is full"
    return (error.strerror or str(error)).lower()


def _prefix(target: Path) -> str:
    return f".{target.name[:40]}."


def _new_part(target: Path) -> tuple[int, str]:
    """An open file beside `target`, locked so that nobody takes it for one that was left behind."""
    while True:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=_prefix(target), suffix=_SUFFIX)
        # Between the two lines another command may have swept it away.
        if try_lock(handle) is not False and os.path.exists(name):
            return handle, name
        os.close(handle)


def _sweep(target: Path) -> None:
    """Remove the parts of `target` whose writers are dead: their locks can be had."""
    part = re.compile(re.escape(_prefix(target)) + r"[a-z0-9_]{8}" + re.escape(_SUFFIX))
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        for name in [entry.path for entry in entries if part.fullmatch(entry.name)]:
            with contextlib.suppress(OSError):
                _remove_if_dead(name)


def _remove_if_dead(name: str) -> None:
    handle = os.open(name, os.O_RDWR)
    try:
        if try_lock(handle) is not True:
            return
        if sys.platform != "win32":
            os.unlink(name)
    finally:
        os.close(handle)
    if sys.platform == "win32":
        os.unlink(name)  # fails where somebody has it open


def _mode_of(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except OSError:
        # mkstemp's 0600 would hide a report from the others who may read the folder.
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
