"""`check init` and `check update`: the book's files come into the workspace, and none of the learner's is touched."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from checker.book import Book
from checker.cli import terminal
from checker.cli.desk import Desk, close_names, open_desk, shown
from checker.errors import BookError, CheckerError, ExitCode, UsageError
from checker.keeping import (
    FILES,
    LESSONS,
    Content,
    Done,
    Plan,
    Record,
    carry_out,
    changing,
    content_of,
    exists,
    new_backup,
    plan_init,
    plan_update,
    read_record,
)
from checker.progress import Workspace, why
from checker.progress.workspace import EXERCISES, is_workspace
from checker.prompt import quoted, written

_LISTED = 12


def init(book_folder: Path | None, folder: Path) -> int:
    """Write a workspace, or what a workspace still lacks; existing files stay as they are."""
    book = open_desk(book_folder).book
    _check_target(folder)
    target = folder.absolute()
    if target.resolve() == book.root.resolve():
        raise UsageError(
            "This folder is the book itself and is a workspace already; `check start` begins here."
        )
    content = _content(book)
    try:
        plan, done = _write_workspace(Workspace(root=target), content)
    except OSError as error:
        raise CheckerError(
            f"The workspace `{folder}` could not be completed: {why(error)}. What is there "
            "is whole; make room or permission, then run the command again."
        ) from error
    if plan.is_empty:
        terminal.out(f"The workspace {shown(target)} has every chapter already; nothing was changed.")
    else:
        terminal.out(f"The workspace {shown(target)} is ready: {_added(plan)} added.")
    suffix = f" --book {quoted(written(book_folder.absolute()))}" if book_folder is not None else ""
    terminal.out()
    terminal.out(f"  cd {quoted(written(folder))}")
    terminal.out(f"  check start{suffix}")
    return _code(done)


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


def _write_workspace(workspace: Workspace, content: Content) -> tuple[Plan, Done]:
    # `.workbook` comes first, so that what was cut short is known as a workspace and can be completed.
    with changing(workspace) as change:
        plan = plan_init(workspace.root, content)
        carry_out(plan, change, content)
        done = change.commit()
    for name in (EXERCISES, LESSONS):
        (workspace.root / name).mkdir(exist_ok=True)
    return plan, done


def _added(plan: Plan) -> str:
    count, noun = (len(plan.chapters), "chapter") if plan.chapters else (len(plan.added), "lesson")
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def update(book_folder: Path | None, take: Iterable[Path]) -> int:
    """Bring everything in the workspace that nobody edited to the book's content."""
    desk = open_desk(book_folder)
    workspace = desk.workspace
    if workspace is None:
        raise UsageError(
            "There is no workspace here, so there is nothing to update. `cd` into yours, or make one with "
            "`check init my-workbook`."
        )
    if workspace.root.resolve() == desk.book.root.resolve():
        raise UsageError(
            "You work in the book's own folder, so there is nothing to bring here; `git pull` updates a clone."
        )
    content = _content(desk.book)
    taken = {_name_of(one, workspace, content) for one in take}
    backup = new_backup(workspace, FILES, datetime.now(UTC))
    try:
        with changing(workspace) as change:
            record, trouble = read_record(workspace.state)
            _refuse_another_book(record, content)
            plan = plan_update(workspace.root, record, content, lambda name: _is_taken(name, taken))
            carry_out(plan, change, content, backup)
            done = change.commit()
    except OSError as error:
        raise CheckerError(
            f"The workspace `{workspace.root}` could not be updated: {why(error)}. Everything is as it was; make room "
            "or permission, then run the command again."
        ) from error
    if trouble:
        terminal.warn(
            f"The record of what the workbook laid down, `{workspace.state / 'workspace.json'}`, cannot be used: "
            f"{trouble}. So every file that differs from the book's counts as edited. It is written anew."
        )
    _report(desk, plan, done, content)
    if exists(backup):
        terminal.out()
        terminal.out(terminal.wrap(f"Your files are kept in {shown(backup)}"))
        terminal.out(f"`{desk.command(f'restore {FILES}/{backup.name}')}`\nbrings them back.")
    return _code(done)


def _content(book: Book) -> Content:
    try:
        return content_of(book)
    except OSError as error:
        raise BookError(
            f"The book in `{book.root}` cannot be read whole: {why(error)}. Install it again."
        ) from error


def _name_of(path: Path, workspace: Workspace, content: Content) -> str:
    """The name in the workspace of what `--take` was given, from here or from the workspace's root."""
    known = {*content.files, *content.folders}
    known |= {parent.as_posix() for name in content.files for parent in PurePosixPath(name).parents}
    root = Path(os.path.abspath(workspace.root))
    for place in (Path(os.path.abspath(path)), Path(os.path.abspath(root / path))):
        if place.is_relative_to(root) and (name := place.relative_to(root).as_posix()) in known:
            return name
    close = close_names(path.as_posix(), content.files)
    hint = f"; did you mean {close}?" if close else "."
    raise UsageError(
        f"`--take {path}`: the book has no such file{hint} Give one that `check update` names, from here or from the "
        "workspace's folder."
    )


def _is_taken(name: str, taken: set[str]) -> bool:
    return any(one == "." or name == one or name.startswith(f"{one}/") for one in taken)


def _refuse_another_book(record: Record, content: Content) -> None:
    """A workspace of a chapter pack is not filled with the workbook's chapters because `--book` was forgotten."""
    if record.files and not any(name in content.files for name in record.files):
        raise UsageError(
            "This workspace was made from another book: no file of it is in this one. Give the `--book DIR` that it "
            "was made from; `check init .` adds the chapters of another one."
        )


def _report(desk: Desk, plan: Plan, done: Done, content: Content) -> None:
    for name in done.edited:
        plan.kept[name] = "edited"
    skipped = {*done.edited, *done.failed}
    changes = {
        "added": [*plan.chapters, *plan.added],
        "updated": [*plan.updated],
        "taken": plan.taken,
        "removed": [*plan.removed],
    }
    if plan.is_empty:
        terminal.out(f"Everything that you have not edited is up to date ({content.version}).")
    else:
        terminal.out(f"Up to date ({content.version}), except for what you have edited.")
    for word, names in changes.items():
        _list([f"{word:<7}  {name}" for name in names if name not in skipped])
    if plan.kept:
        terminal.out()
        terminal.out("Yours, so left alone, though the book has another version:")
        _list([f"{name}  ({what})" for name, what in plan.kept.items()])
        example = next(iter(plan.kept))
        terminal.out()
        terminal.out(f"`{desk.command(f'update --take {quoted(example)}')}`")
        terminal.out("takes the book's; yours goes into a backup. `--take` may be repeated.")
    if plan.parted:
        terminal.out()
        terminal.out("No more in the book, and yours now, because you have edited it:")
        _list(plan.parted)
    for name, reason in done.failed.items():
        terminal.warn(f"`{name}` could not be brought up to date: {reason}. It is as it was; run this again.")


def _list(lines: list[str]) -> None:
    for line in lines[:_LISTED]:
        terminal.out(f"  {line}")
    if len(lines) > _LISTED:
        terminal.out(f"  and {len(lines) - _LISTED} more")


def _code(done: Done) -> int:
    return ExitCode.CHECKER_FAULT if done.failed else ExitCode.PASSED
