"""A change of the workspace that happens whole or not at all, whatever becomes of the process that makes it.

    1. Everything new is written into `.workbook/change/`, where nobody looks; a full disk ends here.
    2. `.workbook/change/journal.json` says what goes where. From here on the change will happen.
    3. The steps, each one rename or one removal, each knowing whether it has been done already.
    4. The record is written, the journal removed.

A command that dies before 2 has changed nothing; after 2, the next command does the rest. Nothing of the learner's
ever lies in `change/`: it stays where it is, or moves into the backups by one rename. A step that finds something
else than the plan saw, because somebody saved a file in between, leaves that alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from checker.errors import CheckerError
from checker.keeping.content import BookFile
from checker.keeping.record import Sha256, read_record, write_record
from checker.keeping.standing import exists, is_inside, standing
from checker.keeping.steps import (
    Lay,
    Removal,
    Swap,
    drop_empty_folders,
    lay,
    left_for_later,
    remove,
    swap_all,
)
from checker.progress import Workspace, why, write_atomically
from checker.progress.files import sync_folder, write_all
from checker.progress.lock import locked

_JOURNAL = "journal.json"
_LOCK = "workspace.lock"
_WAIT_S = 5.0
_VERSION = 1


class _Journal(msgspec.Struct, kw_only=True):
    """What a change is made of, in the order in which it is done."""

    version: int = _VERSION
    swaps: list[Swap] = msgspec.field(default_factory=list)
    removals: list[Removal] = msgspec.field(default_factory=list)
    lays: list[Lay] = msgspec.field(default_factory=list)
    content: str = ""
    """The version of the content that is laid down."""
    laid: dict[str, Sha256] = msgspec.field(default_factory=dict)
    """Names that are the workbook's own afterwards, if they then have this content."""
    gone: list[str] = msgspec.field(default_factory=list)
    """Names that the record forgets."""

    def names(self) -> Iterator[str]:
        """Every name in it, all of which must lie in the workspace."""
        for swap in self.swaps:
            yield from (swap.path, swap.source, swap.keep_as or swap.path)
        yield from (removal.path for removal in self.removals)
        for one in self.lays:
            yield from (one.path, one.source)


@dataclass(slots=True, kw_only=True)
class Done:
    """What came of a change beside what was planned."""

    failed: dict[str, str] = field(default_factory=dict)
    """Files that could not be written or removed, each with the reason."""
    edited: list[str] = field(default_factory=list)
    """Files that somebody saved while the change was made; they are left alone."""


class Change:
    """Collects the steps of one change; nothing in the workspace moves before `commit`."""

    def __init__(self, workspace: Workspace) -> None:
        self.root = workspace.root
        self._new = workspace.change / "new"
        self._workspace = workspace
        self._journal = _Journal()

    def swap(self, name: str, source: Path, keep_as: Path | None = None) -> None:
        """Put `source` at `name`, and what stands there at `keep_as`."""
        self._journal.swaps.append(
            Swap(
                path=name,
                source=self._relative(source),
                keep_as=self._relative(keep_as) if keep_as is not None else "",
            )
        )

    def lay(self, name: str, *, sha256: str, expect: str | None) -> None:
        """Put the staged file `name` in its place, if what stands there is still what is expected."""
        self._journal.lays.append(
            Lay(path=name, source=self._relative(self._new / name), sha256=sha256, expect=expect)
        )

    def remove(self, name: str, expect: str) -> None:
        """Remove a file of the workbook's own."""
        self._journal.removals.append(Removal(path=name, expect=expect))

    def stage(self, name: str, file: BookFile) -> Path:
        """Write a file that is to be laid down at `name`; raises `OSError` on a full disk."""
        path = self.room(name)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), file.mode)
        try:
            write_all(handle, file.content)
        finally:
            os.close(handle)
        return path

    def room(self, name: str) -> Path:
        """Where something that is to be at `name` can be made ready; its folder is there."""
        path = self._new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def record(self, laid: dict[str, str], content: str) -> None:
        """Say what is the workbook's own afterwards: digests by name, and the content's version."""
        self._journal.laid |= laid
        self._journal.content = content

    def forget(self, *names: str) -> None:
        """Say that nothing is known any more of these files and of those in these folders."""
        self._journal.gone += names

    def commit(self) -> Done:
        """Do it. Raises `OSError` with everything as it was, or `CheckerError` where the rest is left for later."""
        journal = self._journal
        _sync(self._new)
        write_atomically(self._workspace.change / _JOURNAL, json.dumps(msgspec.to_builtins(journal)).encode())
        try:
            swap_all(self._workspace, journal.swaps)
        except CheckerError:
            raise  # the journal stays for the next command
        except BaseException:
            # Also for Ctrl-C. Everything is back, so the next command has nothing to complete.
            _close(self._workspace)
            raise
        return _complete(self._workspace, journal)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


@contextlib.contextmanager
def changing(workspace: Workspace) -> Iterator[Change]:
    """Hold the workspace for one change; whatever another command left half done is completed first.

    Raises `CheckerError` where another command holds it, and `OSError`.
    """
    workspace.state.mkdir(parents=True, exist_ok=True)
    with locked(workspace.state / _LOCK, wait_s=_WAIT_S) as ours:
        if not ours:
            raise CheckerError(
                f"Another `check` is changing the workspace `{workspace.root}` right now, so nothing was done. Wait "
                "until it has ended, then run the command again."
            )
        _complete_pending(workspace)
        read_record(workspace.state)  # refuses one of a later version
        workspace.change.mkdir()
        try:
            yield Change(workspace)
        finally:
            if not (workspace.change / _JOURNAL).exists():
                shutil.rmtree(workspace.change, ignore_errors=True)


def complete_pending(workspace: Workspace) -> bool:
    """Do the rest of a change that was cut short; whether there was one.

    Another command that is at work is left to it. Raises `CheckerError` where the rest cannot be done, and `OSError`.
    """
    if not exists(workspace.change):
        return False
    with locked(workspace.state / _LOCK, wait_s=0) as ours:
        return ours and _complete_pending(workspace)


def _complete_pending(workspace: Workspace) -> bool:
    folder = workspace.change
    if not exists(folder):
        return False
    try:
        content = (folder / _JOURNAL).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        # It was cut short before anything moved, or after everything had.
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            _set_aside(folder)
        return False
    journal = _decoded(content)
    if journal is None:
        _set_aside(folder)
        return False
    try:
        swap_all(workspace, journal.swaps)
    except OSError as error:
        raise left_for_later(workspace, error) from error
    _complete(workspace, journal)
    return True


def _decoded(content: bytes) -> _Journal | None:
    """The journal, or None where somebody has damaged it: `check` writes it whole."""
    try:
        journal = msgspec.convert(json.loads(content), type=_Journal)
    except (ValueError, RecursionError, msgspec.ValidationError):
        return None
    return journal if journal.version == _VERSION and all(map(is_inside, journal.names())) else None


def _set_aside(folder: Path) -> None:
    """What it wanted to do is not known, so nothing is done; files of the learner's are never in it."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    folder.rename(folder.with_name(f"{folder.name}.damaged-{now}"))


def _complete(workspace: Workspace, journal: _Journal) -> Done:
    """Everything after the swaps; a file that cannot be written is spared, and the next update tries again."""
    done = Done()
    for swap in journal.swaps:
        # A backup that has been brought back is none any more.
        drop_empty_folders(workspace.root, swap.source)
    for removal in journal.removals:
        with _sparing(done, removal.path):
            if not remove(workspace.root, removal):
                done.edited.append(removal.path)
    for one in journal.lays:
        with _sparing(done, one.path):
            if not lay(workspace.root, one):
                done.edited.append(one.path)
    try:
        _write_record(workspace, journal)
        _close(workspace)
    except OSError as error:
        raise left_for_later(workspace, error) from error
    return done


@contextlib.contextmanager
def _sparing(done: Done, name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        done.failed[name] = why(error)


def _close(workspace: Workspace) -> None:
    folder = workspace.change
    (folder / _JOURNAL).unlink()
    sync_folder(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _write_record(workspace: Workspace, journal: _Journal) -> None:
    laid = {
        name: sha256
        for name, sha256 in journal.laid.items()
        if is_inside(name) and standing(workspace.root, name).is_file(sha256)
    }
    before, _ = read_record(workspace.state)
    gone = [
        name
        for name in before.files
        if any(name == one or name.startswith(f"{one}/") for one in journal.gone)
        or any(name == one.path and not exists(workspace.root / name) for one in journal.removals)
    ]
    after = before.changed(laid, journal.content, gone)
    if after.files != before.files:
        write_record(workspace.state, after)


def _sync(folder: Path) -> None:
    """Make what was written outlast a power cut: later steps only rename it."""
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                handle = os.open(Path(place) / name, os.O_RDWR)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        sync_folder(Path(place))
