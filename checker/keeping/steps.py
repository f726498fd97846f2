"""The three steps that a change is made of: each is one or two renames, or one removal, and knows what has been done.

Every step may be done again after the process that did it has died, at whatever point, and does then what is left.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import msgspec

from checker.errors import CheckerError
from checker.keeping.backups import free_place
from checker.keeping.record import Sha256
from checker.keeping.standing import exists, standing
from checker.progress import Workspace, why


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """What lies at `source` moves to `path`; what stands there moves to `keep_as` first.

    Without `keep_as` it only fills an empty place. All names are relative to the workspace.
    """

    path: str
    source: str
    keep_as: str = ""


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """The file at `path` goes, if it still is what the workbook laid down."""

    path: str
    expect: Sha256


class Lay(msgspec.Struct, frozen=True, kw_only=True):
    """The file `source` takes the place of `path`, if that is still as expected: None where nothing was there."""

    path: str
    source: str
    sha256: Sha256
    expect: Sha256 | None = None


def swap_all(workspace: Workspace, swaps: list[Swap]) -> None:
    """Every swap, or none: where one fails, everything goes back to where it was.

    Raises `OSError` where it has gone back, and `CheckerError` where that did not work either.
    """
    places = [_Places(workspace.root, swap) for swap in swaps]
    try:
        for one in places:
            one.exchange()
    except BaseException as error:
        try:
            for one in reversed(places):
                one.take_back()
        except (OSError, KeyboardInterrupt, SystemExit):
            raise left_for_later(workspace, error) from error
        raise


class _Places:
    """The three places of a swap, and where what stood there lies now."""

    def __init__(self, root: Path, swap: Swap) -> None:
        self._root = root
        self._path, self._source = root / swap.path, root / swap.source
        self._keep_as = root / swap.keep_as if swap.keep_as else None
        # A command that was cut short may have done this part.
        self._kept = self._keep_as if self._keep_as is not None and exists(self._keep_as) else None
        self._is_pending = exists(self._source)

    def exchange(self) -> None:
        """Do the swap, or the rest of it."""
        if not self._is_pending or (self._keep_as is None and exists(self._path)):
            return
        if self._keep_as is not None and exists(self._path):
            # Not the place itself where somebody has put something new into the gap since: both are kept.
            self._kept = free_place(self._keep_as)
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            self._path.rename(self._kept)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._source.rename(self._path)

    def take_back(self) -> None:
        """Undo it, as far as it was done."""
        if self._is_pending and not exists(self._source):
            self._path.rename(self._source)
        if self._kept is None:
            return
        if exists(self._kept) and not exists(self._path):
            self._kept.rename(self._path)
        drop_empty_folders(self._root, self._kept.relative_to(self._root).as_posix())


def remove(root: Path, removal: Removal) -> bool:
    """Remove the file and the folders that are empty without it; False where somebody has edited it."""
    path, found = root / removal.path, standing(root, removal.path)
    if found.is_file(removal.expect):
        path.unlink()
    elif not found.is_absent:
        return False
    drop_empty_folders(root, removal.path)
    return True


def drop_empty_folders(root: Path, name: str) -> None:
    """Remove the folders above `name` that are empty now, but not the uppermost: `exercises`, `.workbook`."""
    for parent in list(PurePosixPath(name).parents)[:-2]:
        try:
            (root / parent).rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return


def lay(root: Path, step: Lay) -> bool:
    """Whether the file is in its place."""
    path, source = root / step.path, root / step.source
    found = standing(root, step.path)
    if found.is_file(step.sha256) or not exists(source):
        return True
    if not (found.is_absent if step.expect is None else found.is_file(step.expect)):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    if not found.is_absent:
        source.chmod((path.stat().st_mode & 0o777) | 0o600)
    os.replace(source, path)
    return True


def left_for_later(workspace: Workspace, error: BaseException) -> CheckerError:
    """What is said of a change that stays half done until the next command."""
    reason = why(error) if isinstance(error, OSError) else "it was interrupted"
    return CheckerError(
        f"A change of the workspace `{workspace.root}` could not be completed: {reason}. Every file is whole, and "
        "yours are in their places or in `.workbook/backups`. Make room or permission; the next `check` command "
        "does the rest."
    )
