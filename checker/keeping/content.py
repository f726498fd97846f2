"""What a workspace gets from a book: the starter of each chapter, and its lesson."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from checker import __version__
from checker.book import Book, Chapter
from checker.progress.workspace import EXERCISES

LESSONS = "lessons"
# Also in `exercises/` of a clone, where people work in the book's own tree.
IGNORED = shutil.ignore_patterns(
    "__pycache__", "*.pyc", ".venv", "venv", ".git", ".*_cache", ".coverage", ".ipynb_checkpoints", "*.db"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFile:
    """A file of the book, read once, so that what is hashed is what is laid down."""

    content: bytes
    mode: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Content:
    """Every file that a book brings into a workspace, by its name there."""

    files: dict[str, BookFile]
    folders: tuple[str, ...]
    """The chapters' folders: `exercises/chapter-04-dependency-injection`."""

    @cached_property
    def sha256(self) -> dict[str, str]:
        """The digest of each file."""
        return {name: file.sha256 for name, file in sorted(self.files.items())}

    @cached_property
    def version(self) -> str:
        """Which content this is: the workbook's version, and a digest of everything in it."""
        everything = "\n".join(f"{sha256} {name}" for name, sha256 in self.sha256.items())
        return f"{__version__}+{hashlib.sha256(everything.encode()).hexdigest()[:12]}"

    def below(self, folder: str) -> dict[str, BookFile]:
        """The files in one folder."""
        return {name: file for name, file in self.files.items() if name.startswith(f"{folder}/")}


def content_of(book: Book) -> Content:
    """Read everything that `book` brings into a workspace; raises `OSError`."""
    files: dict[str, BookFile] = {}
    folders = []
    for chapter in book.chapters:
        folder = f"{EXERCISES}/{chapter.name}"
        if chapter.starter.is_dir():
            folders.append(folder)
            files |= {f"{folder}/{name}": file for name, file in files_in(chapter.starter)}
        lesson = lesson_of(chapter)
        if lesson is not None:
            files[f"{LESSONS}/{chapter.name}{lesson.suffix}"] = _read(lesson)
    return Content(files=files, folders=tuple(folders))


def lesson_of(chapter: Chapter) -> Path | None:
    """The lesson as a learner opens it: the notebook, or its source where there is none."""
    return next((path for path in (chapter.notebook, chapter.lesson) if path.is_file()), None)


def files_in(folder: Path) -> Iterator[tuple[str, BookFile]]:
    """Each file of a starter with its name in it, without what running it leaves behind."""
    for place, folders, names in os.walk(folder):
        ignored = IGNORED(place, [*folders, *names])
        folders[:] = sorted(set(folders) - ignored)
        for name in sorted(set(names) - ignored):
            path = Path(place) / name
            if path.is_file():
                yield path.relative_to(folder).as_posix(), _read(path)


def _read(path: Path) -> BookFile:
    # The learner's copy is theirs to edit, also where the package lies in a place that nobody may write to.
    return BookFile(content=path.read_bytes(), mode=(path.stat().st_mode & 0o777) | 0o600)
