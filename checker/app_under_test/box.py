"""The folder of a run: everything that comes into being lies in it, and it goes when the run ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from checker.errors import CheckerError

NEEDED_MB: Final = 64
"""Free space below which a run is not begun: databases, output and caches of a run stay well below it."""
_PREFIX: Final = "check-"
_MARK: Final = ".workbook-run"
_LONGEST_RUN_S: Final = 6 * 3600.0


def make_box() -> Path:
    """A new folder for everything that the run makes; raises `CheckerError` where there is no room for it.

    Boxes of runs that were killed before they could remove theirs are removed first.
    """
    try:
        _sweep(Path(tempfile.gettempdir()))
        box = Path(tempfile.mkdtemp(prefix=_PREFIX))
        (box / _MARK).touch()
    except OSError as error:
        raise CheckerError(
            f"A grade needs a folder for temporary files, and none can be made: {error.strerror}. Make room in "
            f"`{tempfile.gettempdir()}`, or name another folder in the variable TMPDIR."
        ) from error
    free_mb = shutil.disk_usage(box).free // 2**20
    if free_mb < NEEDED_MB:
        remove_box(box)
        raise CheckerError(
            f"Only {free_mb} MB are free in `{box.parent}`, and a grade needs {NEEDED_MB} MB for the app's files. Make "
            "room there, or name another folder in the variable TMPDIR."
        )
    return box


def _sweep(folder: Path) -> None:
    """Remove what a killed run left; younger boxes may be in use, also by another container that shares the folder."""
    for mark in folder.glob(f"{_PREFIX}*/{_MARK}"):
        with contextlib.suppress(OSError):
            found = mark.lstat()
            ours = stat.S_ISREG(found.st_mode) and found.st_uid == mark.parent.lstat().st_uid == _own_user()
            if ours and time.time() - found.st_mtime > _LONGEST_RUN_S:
                remove_box(mark.parent)


def _own_user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def remove_box(box: Path) -> None:
    """Delete a run's folder with whatever the app left in it, read-only folders included."""

    def allow(function: Any, path: str, _error: object) -> None:
        with contextlib.suppress(OSError):
            os.chmod(Path(path).parent, 0o700)
            os.chmod(path, 0o700)
            function(path)

    if sys.version_info >= (3, 12):
        shutil.rmtree(box, onexc=allow)
    else:
        shutil.rmtree(box, onerror=allow)
