"""Where a learner works: a folder with `exercises/`, and `.workbook/` beside it for what `check` remembers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from checker.errors import UsageError

STATE = ".workbook"
EXERCISES = "exercises"
_CHAPTER = re.compile(r"chapter-\d{2}-[a-z0-9-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A clone's root, or what `check init` has made."""

    root: Path

    @property
    def state(self) -> Path:
        """The folder of everything that `check` keeps for the learner."""
        return self.root / STATE

    @property
    def change(self) -> Path:
        """The folder of a change that is under way, or was cut short."""
        return self.state / "change"

    @property
    def exercises(self) -> Path:
        return self.root / EXERCISES

    @property
    def has_chapters(self) -> bool:
        """Whether any chapter's folder is there."""
        try:
            return any(_CHAPTER.fullmatch(one.name) and one.is_dir() for one in self.exercises.iterdir())
        except OSError:
            return False  # not there, or not ours to read

    def folder(self, chapter_name: str) -> Path:
        """The learner's folder of a chapter, whether or not it is there."""
        return self.exercises / chapter_name


def find_workspace(start: Path | None = None) -> Workspace | None:
    """The nearest workspace at or above `start`, by default the current folder.

    Raises `UsageError` where the current folder has been deleted.
    """
    if start is None:
        try:
            start = Path.cwd()
        except OSError:
            raise UsageError("The current folder does not exist any more; `cd` into another one.") from None
    for folder in (start, *start.parents):
        if is_workspace(folder):
            return Workspace(root=folder)
    return None


def is_workspace(folder: Path) -> bool:
    """Whether `folder` holds `.workbook/`, or `exercises/` with a chapter in it."""
    try:
        return (folder / STATE).is_dir() or Workspace(root=folder).has_chapters
    except OSError:
        return False  # a folder that we may not read is nobody's workspace
