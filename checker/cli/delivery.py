"""Where a report goes: the terminal, a pipe or a file, in the format that was asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from checker.cli import terminal
from checker.cli.desk import close_names
from checker.errors import CheckerError, UsageError
from checker.models.report import Report
from checker.models.service import ServiceReport


def check_format(name: str, kind: type[Report | ServiceReport]) -> None:
    """Refuse a format that this kind of report has not, with those that it has."""
    from checker.report import formats

    known = formats(kind)
    if name not in known:
        hint = f"; did you mean {close}?" if (close := close_names(name, known)) else "."
        raise UsageError(f"There is no format `{name}`{hint} Choose one of {', '.join(known)}.")


def check_output(path: Path, option: str = "--output") -> None:
    """Refuse before the work what could not be written after it."""
    if path.is_dir():
        raise UsageError(f"`{option} {path}` is a folder; add the name of a file.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"`{option} {path}`: the folder `{path.parent}` does not exist; make it first.")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise UsageError(f"`{option} {path}` cannot be written: you may not write there. Give another file.")


def deliver(
    report: Report | ServiceReport, *, format: str, output: Path | None, said: str, **view: Any
) -> None:
    """Print the report, or write it into `output` and say so after `said`; `view` goes to the reporter."""
    from checker.report import DEFAULT, render

    if output is not None:
        _write(output, render(format, report, **view))
        terminal.note(f"{said} The report is in {output}.")
    elif format == DEFAULT:
        text = render(
            DEFAULT,
            report,
            width=terminal.width(),
            colour=terminal.has_colour(sys.stdout),
            ascii=terminal.is_ascii_only(sys.stdout),
            **view,
        )
        terminal.out(text.rstrip("\n"))
    else:
        terminal.out_exactly(render(format, report, **view).encode("utf-8", errors="replace"))


def _write(path: Path, text: str) -> None:
    from checker.progress import why, write_atomically

    try:
        write_atomically(path, text.encode("utf-8", errors="replace"))
    except OSError as error:
        raise CheckerError(
            f"The report could not be written to `{path}` ({why(error)}); nothing was "
            "left there. Make room or permission, or give another file to `--output`."
        ) from error
