"""What stands at a place of the workspace, looked at without following a link out of it."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any


class Kind(StrEnum):
    """What a name stands for."""

    ABSENT = "absent"
    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"  # a link, a device, something that may not be read: never ours to touch


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A file with its digest, or what there is instead."""

    kind: Kind
    sha256: str = ""
    what: str = ""
    is_blocked: bool = False
    """Whether something above it is no folder, so that nothing can be put there."""

    def is_file(self, sha256: str | None) -> bool:
        """Whether it is a file of exactly this content."""
        return self.kind is Kind.FILE and self.sha256 == sha256

    @property
    def is_absent(self) -> bool:
        return self.kind is Kind.ABSENT


_ABSENT = Standing(kind=Kind.ABSENT)


def standing(root: Path, name: str) -> Standing:
    """What stands at `name`, relative to `root` and written with slashes."""
    path = root
    *parents, last = PurePosixPath(name).parts
    try:
        for part in parents:
            path = path / part
            if not _is_folder(path):
                shown = path.relative_to(root).as_posix()
                return Standing(kind=Kind.OTHER, what=f"`{shown}` is {_named(path)} now", is_blocked=True)
        path = path / last
        found = path.lstat()
        if stat.S_ISREG(found.st_mode):
            return Standing(kind=Kind.FILE, sha256=digest_of(path))
        if _is_folder(path):
            return Standing(kind=Kind.FOLDER, what="a folder")
        return Standing(kind=Kind.OTHER, what=_named(path))
    except FileNotFoundError:
        return _ABSENT
    except OSError:
        return Standing(kind=Kind.OTHER, what="something that cannot be read")


def digest_of(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def exists(path: Path) -> bool:
    """Whether anything stands there, a link that leads nowhere too."""
    return os.path.lexists(path)


def is_inside(name: str) -> bool:
    """Whether `name`, as a file of ours says, is a plain path below the folder that it is relative to."""
    path = PurePosixPath(name)
    parts = name.split("/")
    plain = not path.is_absolute() and all(part not in {"", ".", ".."} for part in parts) and "\0" not in name
    return plain and (os.name != "nt" or not any(one in name for one in "\\:"))


def _is_folder(path: Path) -> bool:
    """A real folder; a link or a Windows junction to one leads out of the workspace."""
    is_junction: Any = getattr(os.path, "isjunction", None)  # Python 3.12
    return stat.S_ISDIR(path.lstat().st_mode) and not (is_junction is not None and is_junction(path))


def _named(path: Path) -> str:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode) or stat.S_ISDIR(mode):
        return "a link"
    return "a file" if stat.S_ISREG(mode) else "something that is no file"
