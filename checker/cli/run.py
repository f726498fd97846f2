"""One run of the command: what was typed, what it ends with, and what is said of everything that goes wrong."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from checker import __version__
from checker.cli import terminal
from checker.cli.light import light_command
from checker.errors import CheckerError, ExitCode

_SIGNALLED = 128  # shells add a signal's number to it
INTERRUPTED = _SIGNALLED + signal.SIGINT
_COLLECT_SELDOM = (100_000, 30, 30)
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def run(argv: Sequence[str] | None) -> int:
    """Run the command and return its exit code; the only exception that leaves is KeyboardInterrupt."""
    if argv is None:
        _end_cleanly_on_signals()
    terminal.steady_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _exit_code(arguments)
    except CheckerError as error:
        terminal.complain(str(error))
        return error.exit_code
    except OSError as error:
        if error.errno not in _FULL:
            return _own_fault(error, arguments)
        terminal.complain(
            "The disk is full, so the command could not finish. Make room and run it again; `check doctor` shows "
            "how much is free."
        )
        return ExitCode.CHECKER_FAULT
    except Exception as error:  # noqa: BLE001 -- a bug of ours, whatever it is: one line, no traceback
        return _own_fault(error, arguments)


def _exit_code(arguments: list[str]) -> int:
    light = light_command(arguments)
    if light is not None:
        return light()
    # Sources become trees that stay to the end; to look through them again and again frees nothing (mypy does the same).
    gc.set_threshold(*_COLLECT_SELDOM)
    from checker.cli.arguments import with_command
    from checker.cli.commands import app, command_names

    try:
        app(with_command(arguments, command_names()), prog_name="check")
    except SystemExit as end:
        # Typer ends with sys.exit; a command's verdict is its code. It turns Ctrl-C into a code as well.
        code = end.code if isinstance(end.code, int) else ExitCode.PASSED
        if code == INTERRUPTED:
            raise KeyboardInterrupt from None
        if code > _SIGNALLED:
            terminal.note("Stopped; nothing is left running.")
        return code
    return ExitCode.PASSED


def _end_cleanly_on_signals() -> None:
    """Also when a terminal is closed; who has a signal ignored (nohup) keeps it ignored."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    """A signal ends like Ctrl-C: whatever was started is ended, and no temporary folder stays."""
    raise SystemExit(_SIGNALLED + number)


def _own_fault(error: BaseException, arguments: list[str]) -> int:
    # Only now: they take longer than some commands.
    import platform
    import tempfile
    import traceback

    try:
        handle, path = tempfile.mkstemp(prefix="check-trace-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(
                f"check {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
                f"arguments: {arguments!r}\n\n"
            )
            traceback.print_exception(error, file=file)
        where = f"the trace is in `{path}`"
    except OSError:
        where = f"it was {type(error).__name__}, and its trace could not be written"
    terminal.complain(
        f"This is a fault of the checker, not of your code; {where}. Please report it with that file."
    )
    return ExitCode.CHECKER_FAULT
