"""`check init` and `check reset`: folders appear whole, and nothing of the learner's is ever lost."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from checker import __version__
from checker.book import Book, Chapter
from checker.cli import terminal
from checker.cli.desk import find_chapter, open_desk, shown
from checker.cli.starters import IGNORED, lay_starter
from checker.errors import CheckerError, ExitCode, UsageError
from checker.progress import Workspace, why, write_atomically
from checker.progress.workspace import STATE, is_workspace

_MANIFEST = "workspace.json"
_MANIFEST_VERSION = (
    1  # 1: the sha256 of each file as delivered, so that a later update spares what was edited
)


def reset(book_folder: Path | None, wanted: str) -> int:
    """Move the learner's folder of a chapter into a dated backup and lay the starter in its place."""
    desk = open_desk(book_folder)
    chapter = find_chapter(desk.book, wanted)
    if desk.workspace is None:
        raise UsageError(
            "There is no workspace here, so there is nothing to reset. `cd` into yours, or make one with "
            "`check init my-workbook`."
        )
    backup, origin = swap(desk.workspace, chapter)
    own = desk.workspace.folder(chapter.name)
    if backup is not None:
        terminal.out(f"Your files are kept in {shown(backup)}")
    terminal.out(f"The starter, from {origin}, is in {shown(own)}")
    if backup is not None and _is_inside(backup):
        terminal.out(
            terminal.wrap(f"You are inside the backup now; go on with `cd {shlex.quote(str(own))}`.")
        )
    return ExitCode.PASSED


def swap(workspace: Workspace, chapter: Chapter) -> tuple[Path | None, str]:
    """Do what `reset` says; returns the backup, None where there was nothing to keep, and the starter's origin.

    The starter is complete before anything of the learner's moves, and moving is one rename each way.
    """
    own = workspace.folder(chapter.name)
    try:
        workspace.state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="reset-", dir=workspace.state) as folder:
            fresh = Path(folder) / chapter.name
            origin = lay_starter(chapter, own, fresh)
            backup = _backup_place(workspace, chapter) if own.is_symlink() or own.exists() else None
            if backup is not None:
                own.rename(backup)
            try:
                own.parent.mkdir(exist_ok=True)
                fresh.rename(own)
            except BaseException:
                # Also for Ctrl-C: the learner's folder goes back to where it was.
                if backup is not None and not own.exists():
                    backup.rename(own)
                raise
            return backup, origin
    except OSError as error:
        raise CheckerError(
            f"`{shown(own)}` could not be reset: {why(error)}. It is as it was; close "
            "what has its files open, make room or permission, and try again."
        ) from error


def _backup_place(workspace: Workspace, chapter: Chapter) -> Path:
    """A new name under the backups, by date; its parent exists."""
    folder = workspace.state / "backups" / chapter.name
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).astimezone().strftime("%Y-%m-%d-%H%M%S")
    place, number = folder / stamp, 1
    while place.exists() or place.is_symlink():
        number += 1
        place = folder / f"{stamp}-{number}"
    return place


def _is_inside(folder: Path) -> bool:
    try:
        return Path.cwd().is_relative_to(folder.resolve())
    except OSError:
        return False


def init(book_folder: Path | None, folder: Path) -> int:
    """Write a workspace, or what a workspace still lacks; existing files stay as they are."""
    book = open_desk(book_folder).book
    _check_target(folder)
    target = folder.absolute()
    if target.resolve() == book.root.resolve():
        raise UsageError(
            "This folder is the book itself and is a workspace already; `check start` begins here."
        )
    try:
        added = _write_workspace(book, target)
    except OSError as error:
        raise CheckerError(
            f"The workspace `{folder}` could not be completed: {why(error)}. What is there "
            "is whole; make room or permission, then run the command again."
        ) from error
    if not added:
        terminal.out(f"The workspace {shown(target)} has every chapter already; nothing was changed.")
    else:
        chapters = "1 chapter" if len(added) == 1 else f"{len(added)} chapters"
        terminal.out(f"The workspace {shown(target)} is ready: {chapters} added.")
    suffix = f" --book {shlex.quote(str(book_folder.absolute()))}" if book_folder is not None else ""
    terminal.out()
    terminal.out(f"  cd {shlex.quote(str(folder))}")
    terminal.out(f"  check start{suffix}")
    return ExitCode.PASSED


def _check_target(folder: Path) -> None:
    if not folder.exists():
        parent = folder.absolute().parent
        if not parent.is_dir():
            raise UsageError(f"`{folder}`: the folder `{parent}` does not exist; make it first.")
        return
    if not folder.is_dir():
        raise UsageError(f"`{folder}` is a file; give a new or an empty folder.")
    if is_workspace(folder):
        return
    try:
        empty = next(folder.iterdir(), None) is None
    except OSError as error:
        raise UsageError(f"`{folder}` cannot be read: {why(error)}.") from error
    if not empty:
        raise UsageError(
            f"`{folder}` is not empty and not a workspace, so nothing is written into it; give a new folder, for "
            f"example `{folder / 'my-workbook'}`."
        )


def _write_workspace(book: Book, target: Path) -> list[Chapter]:
    state = target / STATE
    # First, so that an interrupted run is known as a workspace and can be completed.
    state.mkdir(parents=True, exist_ok=True)
    (target / "exercises").mkdir(exist_ok=True)
    (target / "lessons").mkdir(exist_ok=True)
    delivered = _manifest(state / _MANIFEST)
    added = []
    with tempfile.TemporaryDirectory(prefix="init-", dir=state) as folder:
        for chapter in book.chapters:
            own = target / "exercises" / chapter.name
            if not own.exists() and chapter.starter.is_dir():
                fresh = Path(folder) / chapter.name
                shutil.copytree(chapter.starter, fresh, ignore=IGNORED)
                delivered.update(_hashes(fresh, f"exercises/{chapter.name}"))
                fresh.rename(own)
                added.append(chapter)
            lesson = chapter.notebook if chapter.notebook.is_file() else chapter.lesson
            copy = target / "lessons" / f"{chapter.name}{lesson.suffix}"
            if lesson.is_file() and not copy.exists():
                write_atomically(copy, lesson.read_bytes())
                delivered[f"lessons/{copy.name}"] = hashlib.sha256(lesson.read_bytes()).hexdigest()
    content = {"version": _MANIFEST_VERSION, "checker": __version__, "files": dict(sorted(delivered.items()))}
    write_atomically(state / _MANIFEST, json.dumps(content, indent=2).encode() + b"\n")
    return added


def _manifest(path: Path) -> dict[str, str]:
    """What an earlier `init` delivered; empty where there was none or it cannot be read."""
    try:
        files = json.loads(path.read_bytes())["files"]
        return {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _hashes(folder: Path, prefix: str) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = f"{prefix}/{path.relative_to(folder).as_posix()}"
            yield name, hashlib.sha256(path.read_bytes()).hexdigest()
