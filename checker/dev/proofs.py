"""Wrong and alternative solutions: the files that prove a hidden suite, read and laid out as folders."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from checker.book import Chapter
from checker.book.chapter import Sentence, TaskId
from checker.book.patch import Edit, apply_edits, read_toml
from checker.dev.trees import tree_files
from checker.errors import BookError

BASE_SOLUTION = "solution"


class WrongFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`wrong/4.1-some-words.toml`: a plausible mistake, as edits to a right solution."""

    why: Sentence
    caught_by: tuple[str, ...]
    """Exactly these checks fail."""
    by_chance: tuple[str, ...] = ()
    """Checks that may fail as well, and constraints that may be violated: the mistake is a race, or it takes time that only a slow
    machine cannot spare, and they see it only when it is lost."""
    edit: Annotated[tuple[Edit, ...], Meta(min_length=1)]
    constraints: tuple[Annotated[str, Meta(pattern=r"^[HS]\d$")], ...] = ()
    """Constraints that the mistake violates too."""
    base: Annotated[str, Meta(min_length=1)] = BASE_SOLUTION


class AlternativeFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`alternatives/<name>/alternative.toml`: a right solution in another style."""

    why: Sentence
    stretch: bool = True
    """False where the stretch tasks are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A wrong solution and its place on disk; `task` is the first part of the file's name."""

    path: Path
    task: TaskId
    file: WrongFile

    @property
    def name(self) -> str:
        return self.path.stem

    def together_with(self, others: Sequence[Wrong]) -> Wrong:
        """One solution with the mistakes of all, which share a base and edit different files."""
        files = [self.file, *(other.file for other in others)]
        return Wrong(
            path=self.path,
            task=self.task,
            file=msgspec.structs.replace(
                self.file,
                caught_by=tuple(one for file in files for one in file.caught_by),
                by_chance=tuple(one for file in files for one in file.by_chance),
                constraints=tuple(one for file in files for one in file.constraints),
                edit=tuple(one for file in files for one in file.edit),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """An alternative solution and its place on disk."""

    folder: Path
    file: AlternativeFile

    @property
    def name(self) -> str:
        return self.folder.name


def wrong_paths(chapter: Chapter) -> tuple[Path, ...]:
    """The files of the chapter's wrong solutions, sorted."""
    return tuple(sorted((chapter.proofs / "wrong").glob("*.toml")))


def alternative_folders(chapter: Chapter) -> tuple[Path, ...]:
    """The folders of the chapter's alternative solutions, sorted."""
    folder = chapter.proofs / "alternatives"
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"))


def read_wrong(path: Path) -> Wrong:
    """Read one wrong solution; raises `BookError` naming file, key and remedy."""
    task, hyphen, words = path.stem.partition("-")
    if not (hyphen and words):
        raise BookError(
            f"`{path}` is not named after its task. Call it by the task's id, a hyphen and some words: "
            "`4.1-session-for-each-helper.toml`."
        )
    return Wrong(path=path, task=task, file=read_toml(path, WrongFile))


def read_alternative(folder: Path) -> Alternative:
    """Read one alternative solution; raises `BookError` naming file, key and remedy."""
    return Alternative(folder=folder, file=read_toml(folder / "alternative.toml", AlternativeFile))


def lay_out(chapter: Chapter, wrong: Wrong, into: Path) -> Path:
    """Write the wrong solution as a whole folder and give it back.

    Raises `BookError` where its base is unknown or an edit does not match exactly once.
    """
    if wrong.file.base == BASE_SOLUTION:
        base = chapter.solution
    else:
        base = chapter.proofs / "alternatives" / wrong.file.base
    if not base.is_dir() or base.parent not in (chapter.solution.parent, chapter.proofs / "alternatives"):
        raise BookError(
            f"`{wrong.path}`, at `base`: there is no alternative `{wrong.file.base}`. Name a folder of "
            f"`alternatives/`, or `{BASE_SOLUTION}`."
        )
    copy_tree(base, into)
    apply_edits(wrong.path, wrong.file.edit, into)
    return into


def copy_tree(folder: Path, into: Path) -> Path:
    """Copy the files that an author wrote, without caches, and give back `into`."""
    for path in tree_files(folder):
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, into / path)
    return into
