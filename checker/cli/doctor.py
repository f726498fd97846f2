"""`check doctor`: what is wrong with this machine's set-up, each line with its remedy."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from checker import __version__
from checker.cli import terminal
from checker.cli.desk import Desk, open_desk, shown
from checker.errors import CheckerError, ExitCode

DISTRIBUTION = "fastapi-workbook"
_OLDEST = (3, 11)
_TOOLS = ("ruff", "mypy", "coverage", "pytest", "uvicorn")
_ROOM_MB = 500


class State(StrEnum):
    """How a line of the doctor's stands."""

    FINE = "ok"
    REMARK = "note"  # works, or is not needed for a grade
    WRONG = "mend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing looked at; `remedy` says what to do where it is not fine."""

    state: State
    what: str
    remedy: str = ""


def doctor(book_folder: Path | None) -> int:
    """Print every diagnosis; exits 1 where something has to be mended."""
    wrong = 0
    terminal.out(f"check {__version__} on {platform.platform()}")
    terminal.out()
    for diagnosis in diagnose(book_folder):
        wrong += diagnosis.state is State.WRONG
        _show(diagnosis)
    terminal.out()
    if wrong:
        terminal.out("1 thing to mend." if wrong == 1 else f"{wrong} things to mend.")
        return ExitCode.NOT_PASSED
    terminal.out("Nothing to mend.")
    return ExitCode.PASSED


def _show(diagnosis: Diagnosis) -> None:
    colour = {State.FINE: "green", State.REMARK: "yellow", State.WRONG: "red"}[diagnosis.state]
    label = terminal.style(f"{diagnosis.state:<4}", fg=colour)
    for position, line in enumerate(terminal.wrap(diagnosis.what, indent=6).splitlines()):
        terminal.out(f"{label}  {line[6:]}" if position == 0 else line)
    if diagnosis.remedy:
        terminal.out(terminal.wrap(diagnosis.remedy, indent=6))


def diagnose(book_folder: Path | None) -> Iterator[Diagnosis]:
    """Everything that a grade needs, then what is only nice to have."""
    yield python_version(sys.version_info[:2])
    yield from packages()
    yield from tools()
    yield processes()
    yield sockets()
    yield isolation()
    desk: Desk | None = None
    try:
        desk = open_desk(book_folder)
        count = len(desk.book.chapters)
        chapters = "1 chapter" if count == 1 else f"{count} chapters"
        yield Diagnosis(state=State.FINE, what=f"book with {chapters} in {shown(desk.book.root)}")
    except CheckerError as error:
        yield Diagnosis(state=State.WRONG, what="the book cannot be used", remedy=str(error))
    if desk is not None:
        yield from workspace(desk)
    yield temporary_folder()
    yield notebooks()


def python_version(version: tuple[int, int]) -> Diagnosis:
    """Python 3.11 or newer."""
    name = ".".join(str(part) for part in version)
    if version < _OLDEST:
        return Diagnosis(
            state=State.WRONG,
            what=f"Python {name} is too old",
            remedy="Install Python 3.11 or newer, make a virtual environment with it, and install the workbook there.",
        )
    place = "a virtual environment" if sys.prefix != sys.base_prefix else "no virtual environment"
    return Diagnosis(state=State.FINE, what=f"Python {platform.python_version()} in {place}, {sys.prefix}")


def packages(
    requirements: Callable[[], list[str] | None] = lambda: metadata.requires(DISTRIBUTION),
) -> Iterator[Diagnosis]:
    """What is installed, against what the workbook asks for."""
    from packaging.requirements import Requirement

    try:
        stated = [Requirement(text) for text in requirements() or []]
    except metadata.PackageNotFoundError:
        yield Diagnosis(
            state=State.WRONG,
            what=f"`{DISTRIBUTION}` is not installed in this environment",
            remedy="In the clone: `python -m pip install -e .`",
        )
        return
    wanted = [one for one in stated if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = False
    for one in wanted:
        try:
            found = metadata.version(one.name)
        except metadata.PackageNotFoundError:
            found = None
        if found is not None and one.specifier.contains(found, prereleases=True):
            continue
        wrong = True
        what = (
            f"`{one.name}` is missing"
            if found is None
            else f"`{one.name}` is {found}, wanted {one.specifier}"
        )
        yield Diagnosis(
            state=State.WRONG, what=what, remedy=f"`python -m pip install '{one.name}{one.specifier}'`"
        )
    if not wrong:
        yield Diagnosis(state=State.FINE, what=f"{len(wanted)} requirements, each within its bounds")


def tools(names: tuple[str, ...] = _TOOLS) -> Iterator[Diagnosis]:
    """The tools that a grade starts."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        yield Diagnosis(
            state=State.WRONG,
            what=f"cannot be imported: {', '.join(missing)}",
            remedy=f"`python -m pip install --force-reinstall {' '.join(missing)}`",
        )
    else:
        yield Diagnosis(state=State.FINE, what=", ".join(names))


def processes() -> Diagnosis:
    """Whether servers can be forked ahead of need."""
    if hasattr(os, "fork"):
        return Diagnosis(state=State.FINE, what="servers are made by fork")
    return Diagnosis(
        state=State.REMARK,
        what="this system has no fork, so servers are started one by one",
        remedy="Nothing to do; a grade takes longer. On Windows, WSL has fork.",
    )


def isolation() -> Diagnosis:
    """How well a submission is kept in."""
    from checker.sandbox import best_isolation

    offer = best_isolation()
    if not offer.why:
        return Diagnosis(state=State.FINE, what=f"isolation {offer.level}, the strongest there is")
    return Diagnosis(
        state=State.REMARK,
        what=f"isolation {offer.level}: {offer.why}",
        remedy="Enough for your own work. Before you grade what others wrote, read what each level guarantees in the docs.",
    )


def sockets() -> Diagnosis:
    """Whether a server can be reached: a Unix socket, else the loopback address."""
    unix = getattr(socket, "AF_UNIX", None)
    if unix is not None:
        try:
            with tempfile.TemporaryDirectory(prefix="check-") as folder, socket.socket(unix) as server:
                server.bind(str(Path(folder) / "s"))
            return Diagnosis(state=State.FINE, what="Unix sockets")
        except OSError:
            pass  # a very long TMPDIR, or a file system without sockets: loopback will do
    try:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
        return Diagnosis(state=State.FINE, what="no Unix sockets here; the loopback address works")
    except OSError as error:
        return Diagnosis(
            state=State.WRONG,
            what=f"neither Unix sockets nor the loopback address can be used ({error.strerror})",
            remedy="Allow this Python to listen on 127.0.0.1 in the firewall or the sandbox that it runs in.",
        )


def workspace(desk: Desk) -> Iterator[Diagnosis]:
    """The workspace: found, writable, and its record readable."""
    if desk.workspace is None or desk.store is None:
        yield Diagnosis(
            state=State.REMARK,
            what="no workspace here, so nothing is remembered",
            remedy="`cd` into the clone or your workspace, or make one with `check init my-workbook`.",
        )
        return
    root = desk.workspace.root
    if os.access(root, os.W_OK | os.X_OK) and _writable(desk.workspace.state):
        yield Diagnosis(state=State.FINE, what=f"workspace {root}, writable")
    else:
        yield Diagnosis(
            state=State.WRONG,
            what=f"workspace {root} cannot be written to, so progress is not saved",
            remedy=f"Make `{desk.workspace.state}` yours and writable, or copy the workspace to where you may write.",
        )
    problem = desk.store.problem()
    if problem is None:
        yield Diagnosis(state=State.FINE, what="record of progress")
    else:
        yield Diagnosis(
            state=State.REMARK,
            what=f"record of progress, `{desk.store.path}`",
            remedy=f"Not usable: {problem}.",
        )
    yield free_space(root, "the workspace")


def _writable(folder: Path) -> bool:
    if not folder.is_dir():
        return not folder.exists()  # it is made when it is needed
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def temporary_folder() -> Diagnosis:
    """Where copies of submissions and their databases lie during a grade."""
    try:
        folder = Path(tempfile.gettempdir())
    except OSError as error:
        return Diagnosis(
            state=State.WRONG,
            what=f"there is no temporary folder to write to ({error.strerror})",
            remedy="Set TMPDIR (on Windows TEMP) to a folder that you may write to.",
        )
    return free_space(folder, "temporary files")


def free_space(folder: Path, purpose: str) -> Diagnosis:
    """Whether a grade has room there."""
    free = shutil.disk_usage(folder).free // (1024 * 1024)
    if free < _ROOM_MB:
        return Diagnosis(
            state=State.WRONG,
            what=f"{free} MB free for {purpose} in {folder}",
            remedy=f"Free at least {_ROOM_MB} MB there, or point TMPDIR at a disk that has it.",
        )
    return Diagnosis(state=State.FINE, what=f"{free:,} MB free for {purpose} in {folder}")


def notebooks() -> Diagnosis:
    """Whether lessons can be opened as notebooks; no grade needs it."""
    if importlib.util.find_spec("ipykernel") is None:
        return Diagnosis(
            state=State.REMARK,
            what="no Jupyter kernel, so lessons cannot be run as notebooks",
            remedy=f"If you want that: `python -m pip install '{DISTRIBUTION}[notebook]'`",
        )
    return Diagnosis(state=State.FINE, what="Jupyter kernel for the lessons")
