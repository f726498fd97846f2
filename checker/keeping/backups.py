"""`.workbook/backups`: whatever of the learner's had to make room, by what it was and when.

`backups/chapter-04-dependency-injection/2026-11-26-173000` is that chapter's folder as it was; `backups/files/DATE`
holds single files under their names in the workspace. The layout says where each belongs, so no list of them can get
lost.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from checker.keeping.standing import exists
from checker.progress import Workspace

FOLDER = "backups"
FILES = "files"
_KIND = re.compile(rf"chapter-\d{{2}}-[a-z0-9-]+|{FILES}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}-\d{6}(-\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One backup: `name` is what `check restore` takes, `path` where it lies."""

    kind: str
    """A chapter's name, or `files`."""
    stamp: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.stamp}"

    @property
    def order(self) -> tuple[str, int, str]:
        """By date; those of one second by their number."""
        date, number = self.stamp[:17], self.stamp[18:]
        return date, int(number or 1), self.kind

    def places(self, workspace: Workspace) -> Iterator[tuple[Path, Path]]:
        """What is brought back as one piece: where it lies, and where it belongs.

        A chapter is one piece, its folder. Of single files, a folder that is one in the workspace too is gone
        through, so that its other files stay.
        """
        if self.kind != FILES:
            yield self.path, workspace.folder(self.kind)
        else:
            yield from _pieces(self.path, workspace.root)

    def count(self) -> int:
        """How many files are in it."""
        if self.path.is_symlink() or not self.path.is_dir():
            return 1
        return sum(len(files) for _, _, files in os.walk(self.path))


def backup_folder(workspace: Workspace) -> Path:
    """Where all backups of a workspace lie."""
    return workspace.state / FOLDER


def new_backup(workspace: Workspace, kind: str, at: datetime) -> Path:
    """A place for a backup that is not taken yet."""
    folder = backup_folder(workspace) / kind
    stamp = at.astimezone().strftime("%Y-%m-%d-%H%M%S")
    return free_place(folder / stamp)


def free_place(place: Path) -> Path:
    """`place`, or the first of `place-2`, `place-3` and so on where nothing stands."""
    found, number = place, 1
    while exists(found):
        number += 1
        found = place.with_name(f"{place.name}-{number}")
    return found


def all_backups(workspace: Workspace) -> list[Backup]:
    """Every backup of a workspace, the newest first; raises `OSError` where the folder cannot be read."""
    found = []
    folder = backup_folder(workspace)
    for kind in folder.iterdir() if folder.is_dir() else ():
        if _is_real_folder(kind) and _KIND.fullmatch(kind.name):
            backups = [Backup(kind=kind.name, stamp=path.name, path=path) for path in kind.iterdir()]
            # Brought back, but cut short before its empty folders went.
            found += [
                one for one in backups if _STAMP.fullmatch(one.stamp) and (one.kind != FILES or one.count())
            ]
    return sorted(found, key=lambda one: one.order, reverse=True)


def _pieces(kept: Path, place: Path) -> Iterator[tuple[Path, Path]]:
    for one in sorted(kept.iterdir()):
        there = place / one.name
        if _is_real_folder(one) and _is_real_folder(there):
            yield from _pieces(one, there)
        else:
            yield one, there


def _is_real_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
