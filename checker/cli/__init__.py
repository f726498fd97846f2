"""The command `check`: arguments in, exit code out."""

from __future__ import annotations

import errno
import os
import platform
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from types import FrameType

from checker import __version__
from checker.cli import terminal
from checker.cli.arguments import with_command
from checker.cli.commands import app, command_names
from checker.errors import CheckerError, ExitCode

__all__ = ["app", "main"]

INTERRUPTED = 130  # what shells report for a command ended by Ctrl-C


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` (by default the process's own arguments) and return its exit code."""
    if argv is None:
        signal.signal(signal.SIGTERM, _end)
    terminal.steady_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments)
    except CheckerError as error:
        terminal.complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            return _own_fault(error, arguments)
        terminal.complain(
            "The disk is full, so the command could not finish. Make room and run it again; `check doctor` shows "
            "how much is free."
        )
        return ExitCode.CHECKER_FAULT
    except Exception as error:  # a bug of ours, whatever it is: one line and a file, no traceback
        return _own_fault(error, arguments)
    if code == INTERRUPTED:
        terminal.note("Stopped. Nothing was saved, and nothing is left running.")
    return code


def _run(arguments: list[str]) -> int:
    try:
        app(with_command(arguments, command_names()), prog_name="check")
    except SystemExit as end:
        # Typer ends with sys.exit; a command's verdict is its code.
        return end.code if isinstance(end.code, int) else ExitCode.PASSED
    return ExitCode.PASSED


def _end(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends like Ctrl-C: whatever was started is ended, and no temporary folder stays."""
    raise SystemExit(128 + number)


def _own_fault(error: BaseException, arguments: list[str]) -> int:
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
