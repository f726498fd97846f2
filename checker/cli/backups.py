"""`check reset` and `check restore`: whatever of the learner's makes room lies in a dated backup and comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from checker.book import Chapter
from checker.cli import terminal
from checker.cli.desk import Desk, close_names, find_chapter, open_desk, shown
from checker.cli.guide import columns
from checker.cli.starters import lay_starter
from checker.errors import CheckerError, ExitCode, UsageError
from checker.keeping import (
    FILES,
    Backup,
    all_backups,
    backup_folder,
    changing,
    content_of,
    exists,
    files_in,
    new_backup,
)
from checker.progress import Workspace, why
from checker.progress.workspace import EXERCISES
from checker.prompt import quoted


def reset(book_folder: Path | None, wanted: str) -> int:
    """Move the learner's folder of a chapter into a dated backup and lay the starter in its place."""
    desk = open_desk(book_folder)
    chapter = find_chapter(desk.book, wanted)
    workspace = _workspace(desk, "nothing to reset")
    own = workspace.folder(chapter.name)
    try:
        backup, origin = _swap(desk, workspace, chapter)
    except OSError as error:
        raise CheckerError(
            f"`{shown(own)}` could not be reset: {why(error)}. It is as it was; close "
            "what has its files open, make room or permission, and try again."
        ) from error
    if backup is not None:
        terminal.out(terminal.wrap(f"Your files are kept in {shown(backup)}"))
    terminal.out(f"The starter, from {origin}, is in {shown(own)}")
    if backup is not None:
        terminal.out()
        terminal.out(f"`{desk.command(f'restore {chapter.name}/{backup.name}')}`\nbrings your files back.")
        _say_where_one_is(backup, own)
    return ExitCode.PASSED


def _swap(desk: Desk, workspace: Workspace, chapter: Chapter) -> tuple[Path | None, str]:
    """The backup, None where there was nothing to keep, and where the starter came from."""
    own, name = workspace.folder(chapter.name), f"{EXERCISES}/{chapter.name}"
    with changing(workspace) as change:
        fresh = change.room(name)
        origin = lay_starter(chapter, own, fresh)
        backup = new_backup(workspace, chapter.name, datetime.now(UTC))
        change.swap(name, fresh, backup)
        if own.resolve() != chapter.starter.resolve():
            # In a clone git knows what was laid down.
            change.forget(name)
            laid = {f"{name}/{one}": file.sha256 for one, file in files_in(fresh)}
            change.record(laid, content_of(desk.book).version)
        change.commit()
    return (backup if exists(backup) else None), origin


def restore(book_folder: Path | None, wanted: str | None) -> int:
    """Bring a backup back, byte for byte; what stands in its place becomes a backup first."""
    desk = open_desk(book_folder)
    workspace = _workspace(desk, "no backup")
    try:
        if wanted is None:
            return _show_backups(desk, workspace)
        return _bring_back(desk, workspace, wanted)
    except OSError as error:
        raise CheckerError(
            f"The backup could not be brought back: {why(error)}. Everything is as it was; close what has its "
            "files open, make room or permission, and try again."
        ) from error


def _show_backups(desk: Desk, workspace: Workspace) -> int:
    backups = all_backups(workspace)
    if not backups:
        terminal.out(
            terminal.wrap(
                f"There are no backups. `{desk.command('reset CHAPTER')}` and `{desk.command('update --take FILE')}` "
                "make one of whatever of yours has to make room."
            )
        )
        return ExitCode.PASSED
    terminal.out(f"Backups in {shown(backup_folder(workspace))}, the newest first:")
    terminal.out()
    for backup in backups:
        for line in columns([(backup.name, _held(backup, workspace))]):
            terminal.out(line)
    terminal.out()
    terminal.out(
        terminal.wrap(
            f"`{desk.command('restore NAME')}` brings one back. What stands there then becomes a backup itself."
        )
    )
    return ExitCode.PASSED


def _held(backup: Backup, workspace: Workspace) -> str:
    count = backup.count()
    files = "1 file" if count == 1 else f"{count} files"
    if backup.kind != FILES:
        return files
    names = [place.relative_to(workspace.root).as_posix() for _, place in backup.places(workspace)]
    return f"{files}: {names[0]}" + (" and more" if len(names) > 1 else "")


def _bring_back(desk: Desk, workspace: Workspace, wanted: str) -> int:
    with changing(workspace) as change:
        backup = _find_backup(desk, workspace, wanted)
        room = new_backup(workspace, backup.kind, datetime.now(UTC))
        back = []
        for kept, place in backup.places(workspace):
            name = place.relative_to(workspace.root).as_posix()
            change.swap(name, kept, room if backup.kind != FILES else room / name)
            # What was laid down there is not known any more: it counts as the learner's own.
            change.forget(name)
            back.append(place)
        change.commit()
    for place in back:
        terminal.out(f"Back again: {shown(place)}")
    if exists(room):
        terminal.out(terminal.wrap(f"What stood there is kept in {shown(room)}"))
        terminal.out()
        terminal.out(f"`{desk.command(f'restore {backup.kind}/{room.name}')}`\nturns it round again.")
        _say_where_one_is(room, back[0])
    return ExitCode.PASSED


def _find_backup(desk: Desk, workspace: Workspace, wanted: str) -> Backup:
    """The backup of that name, or of that date alone; also as a path, which one has from another command."""
    backups = all_backups(workspace)
    name = "/".join(Path(wanted).parts[-2:])
    found = [one for one in backups if name in (one.name, one.stamp)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(f"`{one.name}`" for one in found)
        raise UsageError(f"`{wanted}` names {len(found)} backups, {names}; give one of them in full.")
    close = close_names(name, [one.name for one in backups])
    hint = f"; did you mean {close}?" if close else "."
    raise UsageError(f"There is no backup `{wanted}`{hint} `{desk.command('restore')}` shows them all.")


def _workspace(desk: Desk, therefore: str) -> Workspace:
    if desk.workspace is None:
        raise UsageError(
            f"There is no workspace here, so there is {therefore}. `cd` into yours, or make one with "
            "`check init my-workbook`."
        )
    return desk.workspace


def _say_where_one_is(backup: Path, own: Path) -> None:
    try:
        inside = Path.cwd().is_relative_to(backup.resolve())
    except OSError:
        inside = True  # the folder one stands in is gone from its place
    if inside:
        terminal.out(terminal.wrap(f"You are inside the backup now; go on with `cd {quoted(shown(own))}`."))
