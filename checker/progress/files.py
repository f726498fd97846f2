"""Files that are there whole or not at all, and what kept them from being written."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Put `content` at `path`, whole: a reader sees the old file or the new one, and a failure leaves no half.

    Raises `OSError`. A link at `path` is followed, so that the file behind it is the one replaced.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        # A device or a pipe is written to; replacing it would take it away from everybody.
        target.write_bytes(content)
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode_of(target))
        os.replace(name, target)
    except BaseException:
        # Also for Ctrl-C: nothing half-written stays.
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


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


def _mode_of(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except OSError:
        # mkstemp's 0600 would hide a report from the others who may read the folder.
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
