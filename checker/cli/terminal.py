"""Standard output and standard error: colour, width, encodings, and readers who have gone away."""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import sys
import textwrap
from typing import TextIO

_SYMBOLS = "✓✗–→·…"
_SPAN = re.compile(r"`[^`\n]{1,60}`")
_COLOURS = {"red": "31", "green": "32", "yellow": "33"}
_HELD = "\0"  # stands for a blank at which no line may end


def steady_streams() -> None:
    """Make sure that no text can fail to print: what an encoding cannot show becomes `?`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def out(text: str = "") -> None:
    """Print to standard output; quiet where its reader has gone."""
    _print(sys.stdout, text + "\n")


def note(text: str = "") -> None:
    """Print to standard error, which is never part of a report."""
    _print(sys.stderr, text + "\n")


def complain(sentence: str) -> None:
    """Print an error's sentence to standard error."""
    note(wrap(f"{style('error:', sys.stderr, fg='red', bold=True)} {sentence}"))


def warn(sentence: str) -> None:
    """Print a warning to standard error; the command goes on."""
    note(wrap(f"{style('warning:', sys.stderr, fg='yellow', bold=True)} {sentence}"))


def out_exactly(content: bytes) -> None:
    """Put bytes on standard output, for formats that machines read."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        out(content.decode())
        return
    try:
        sys.stdout.flush()
        binary.write(content)
        binary.flush()
    except OSError as error:
        _leave_quietly(sys.stdout, error)


def _print(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return  # pythonw and some services have no standard streams
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        _leave_quietly(stream, error)


def _leave_quietly(stream: TextIO, error: OSError) -> None:
    """The verdict stands although nobody reads on: send the rest nowhere, so that the exit does not fail.

    Raises `error` where it says something else than that.
    """
    # Windows has no EPIPE: there a pipe that nobody reads is an invalid argument.
    if not isinstance(error, BrokenPipeError) and (sys.platform != "win32" or error.errno != errno.EINVAL):
        raise error
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def has_colour(stream: TextIO) -> bool:
    """Whether ANSI styles may go to `stream`: a terminal, and nobody asked for none."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not is_terminal(stream):
        return False
    # Older Windows consoles print the escape codes.
    return os.name != "nt" or any(name in os.environ for name in ("WT_SESSION", "TERM", "ANSICON"))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at `stream`."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False  # closed


def is_ascii_only(stream: TextIO) -> bool:
    """Whether the symbols of a report cannot be shown."""
    try:
        _SYMBOLS.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def width() -> int:
    """Columns to write in: the terminal's, within what reads well; 80 in a pipe."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, 40), 100)


def style(text: str, stream: TextIO | None = None, *, fg: str | None = None, bold: bool = False) -> str:
    """`text` with ANSI styles where `stream` (standard output by default) may have them."""
    if not has_colour(stream or sys.stdout):
        return text
    codes = [_COLOURS[fg]] if fg is not None else []
    return f"\x1b[{';'.join([*codes, *(['1'] if bold else [])])}m{text}\x1b[0m" if codes or bold else text


def wrap(text: str, *, indent: int = 0, first: str | None = None) -> str:
    """`text` as lines of at most `width()` columns; its own line breaks, code in backticks and long names stay."""
    space = " " * indent
    lines: list[str] = []
    for position, line in enumerate(text.splitlines() or [""]):
        lines += textwrap.wrap(
            _SPAN.sub(lambda span: span[0].replace(" ", _HELD), line),
            width=width(),
            initial_indent=first if first is not None and position == 0 else space,
            subsequent_indent=space,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines).replace(_HELD, " ")
