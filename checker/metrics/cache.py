"""Folders that outlive a run and belong to one process at a time, without a lock on any system.

A folder is taken by renaming it, which either works for one process or fails, and given back by renaming it again.
Whoever finds none free copies the seed, which nobody ever changes. What a killed process held is thrown away.
"""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

_FREE, _BUSY, _SEED = "free-", "busy-", "seed"
_FREE_AT_MOST = 4
_FORGOTTEN_AFTER_S = 3600.0


class Borrowed:
    """A cache folder in use. `spoiled` keeps it from being used again, for a tool that ended badly."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spoiled = False


@contextlib.contextmanager
def borrow(pool: Path, otherwise: Path) -> Iterator[Borrowed]:
    """A folder of `pool` for one process; `otherwise`, an empty one, where the pool cannot be written to."""
    try:
        pool.mkdir(parents=True, exist_ok=True)
        _clear_forgotten(pool)
        taken = _take(pool)
    except OSError:
        otherwise.mkdir(parents=True, exist_ok=True)
        yield Borrowed(otherwise)
        return
    borrowed = Borrowed(taken)
    finished = False
    try:
        yield borrowed
        finished = True
    finally:
        if finished and not borrowed.spoiled:
            _give_back(pool, taken)
        else:
            shutil.rmtree(taken, ignore_errors=True)


def _take(pool: Path) -> Path:
    mine = pool / f"{_BUSY}{uuid.uuid4().hex}"
    for free in sorted(pool.glob(f"{_FREE}*")):
        # Another process may be quicker; then the next one.
        with contextlib.suppress(OSError):
            free.rename(mine)
            mine.touch()
            return mine
    seed = pool / _SEED
    if seed.is_dir():
        with contextlib.suppress(OSError, shutil.Error):
            shutil.copytree(seed, mine)
            mine.touch()
            return mine
        shutil.rmtree(mine, ignore_errors=True)
    mine.mkdir()
    return mine


def _give_back(pool: Path, taken: Path) -> None:
    seed = pool / _SEED
    if not seed.exists():
        growing = pool / f"{_BUSY}{uuid.uuid4().hex}"
        try:
            shutil.copytree(taken, growing)
            growing.rename(seed)
        except (OSError, shutil.Error):
            # A full disk, or another process made the seed meanwhile.
            shutil.rmtree(growing, ignore_errors=True)
    if len(list(pool.glob(f"{_FREE}*"))) >= _FREE_AT_MOST:
        shutil.rmtree(taken, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        taken.rename(pool / f"{_FREE}{uuid.uuid4().hex}")


def _clear_forgotten(pool: Path) -> None:
    for busy in pool.glob(f"{_BUSY}*"):
        with contextlib.suppress(OSError):
            if time.time() - busy.stat().st_mtime > _FORGOTTEN_AFTER_S:
                shutil.rmtree(busy, ignore_errors=True)
