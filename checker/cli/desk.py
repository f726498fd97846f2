"""What every command works with: the book, the learner's workspace and the record of progress."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from checker.book import Book, Chapter, TaskSpec, open_book
from checker.cli import terminal
from checker.errors import CheckerError, UsageError
from checker.progress import Progress, ProgressStore, Workspace, find_workspace, why
from checker.prompt import quoted, written


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The book, where the learner works, and what is remembered; no workspace means nothing is remembered."""

    book: Book
    workspace: Workspace | None
    store: ProgressStore | None
    book_option: str = ""
    """` --book DIR` where one was given, for the commands that a sentence proposes."""

    def progress(self) -> Progress:
        """What is remembered so far."""
        return self.store.read() if self.store is not None else Progress()

    def folder(self, chapter: Chapter) -> Path | None:
        """The learner's folder of a chapter, or None outside of any workspace."""
        return self.workspace.folder(chapter.name) if self.workspace is not None else None

    def command(self, words: str) -> str:
        """`check ...` as one types it here."""
        return f"check {words}{self.book_option}"


def open_desk(book_folder: Path | None = None) -> Desk:
    """Load the book and find the workspace; `book_folder` is the value of `--book`."""
    if book_folder is not None and not (book_folder / "chapters").is_dir():
        raise UsageError(
            f"`--book {book_folder}` is not a book: it has no folder `chapters`. Give the folder that holds "
            "`chapters`, `exercises`, `solutions` and `suites`."
        )
    book = open_book(book_folder)
    workspace = find_workspace()
    if book_folder is not None and not _works_on(workspace, book):
        workspace = find_workspace(book.root)
    if workspace is not None:
        _complete(workspace)
    return Desk(
        book=book,
        workspace=workspace,
        store=ProgressStore(workspace.state, terminal.warn) if workspace is not None else None,
        book_option=f" --book {quoted(written(book_folder))}" if book_folder is not None else "",
    )


def _complete(workspace: Workspace) -> None:
    """Do the rest of what a command that was killed had begun; where that fails, this one goes on."""
    if not os.path.lexists(workspace.change):
        return
    from checker.keeping import complete_pending

    try:
        if complete_pending(workspace):
            terminal.note(
                terminal.wrap(
                    "An earlier `check` was cut short while it changed this workspace; the rest is done now."
                )
            )
    except CheckerError as error:
        terminal.warn(str(error))
    except OSError as error:
        terminal.warn(f"`{workspace.state}` cannot be tidied up: {why(error)}.")


def _works_on(workspace: Workspace | None, book: Book) -> bool:
    """Whether the workspace belongs to this book: it holds a chapter of it, or no chapter at all."""
    if workspace is None:
        return False
    return any(workspace.folder(one.name).is_dir() for one in book.chapters) or not workspace.has_chapters


def find_chapter(book: Book, wanted: str, *, commands: Iterable[str] = ()) -> Chapter:
    """The chapter that `wanted` names.

    Where it could have been a command as well, a name that is neither gets close names of both.
    """
    try:
        return book.find(wanted)
    except UsageError:
        names = tuple(commands)
        if not names:
            raise
        known = [*names, *(name for one in book.chapters for name in (one.short, one.slug))]
        hint = f"; did you mean {close}?" if (close := close_names(wanted.lower(), known)) else "."
        raise UsageError(
            f"There is no chapter or command `{wanted}`{hint} `check list` shows the chapters, `check --help` "
            "the commands."
        ) from None


def find_task(book: Book, wanted: str) -> tuple[Chapter, TaskSpec] | None:
    """The task with the id `4.3` in the whole book, with its chapter."""
    for chapter in book.chapters:
        task = chapter.task(wanted)
        if task is not None:
            return chapter, task
    return None


def task_of(chapter: Chapter, wanted: str) -> TaskSpec:
    """The chapter's task that `4.3`, or `3` alone, names."""
    text = wanted.strip()
    task = chapter.task(text) or chapter.task(f"{chapter.number}.{text}")
    if task is None:
        raise UsageError(
            f"{chapter.short} has no task `{wanted}`; its tasks are "
            f"{', '.join(f'`{one.id}`' for one in chapter.tasks)}."
        )
    return task


def close_names(wanted: str, known: Iterable[str]) -> str:
    """Up to two names that `wanted` may have meant, joined by "or"; empty where none is close."""
    close = difflib.get_close_matches(wanted, list(dict.fromkeys(known)), n=2, cutoff=0.55)
    return " or ".join(f"`{name}`" for name in close)


def shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    try:
        relative = Path(os.path.relpath(path))
    except (OSError, ValueError):
        return written(path)  # another drive, or no current folder
    return written(path if relative.parts[:2] == ("..", "..") else relative)


def now() -> str:
    """The present moment as progress writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
