"""What the checker raises on purpose, and the exit code that each becomes.

    CheckerError            what happened, where, what to do next; exit 3
    ├── UsageError          the command was called wrongly; exit 2
    ├── BookError           a chapter's own files are wrong; exit 3
    └── SubmissionError     the learner's folder cannot be graded; exit 1

Anything else that escapes is a bug of the checker's and ends with exit 3 and the name of a file that holds
the trace.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every `check` command."""

    PASSED = 0
    NOT_PASSED = 1  # the learner's code
    USAGE = 2  # wrong arguments, unknown chapter
    CHECKER_FAULT = 3  # ours


class CheckerError(Exception):
    """A sentence for the reader: what happened, to what, what to do next."""

    exit_code = ExitCode.CHECKER_FAULT


class UsageError(CheckerError):
    """The command was called with something that it cannot take."""

    exit_code = ExitCode.USAGE


class BookError(CheckerError):
    """A file of the book is missing or wrong; names file, key and remedy."""


class SubmissionError(CheckerError):
    """The learner's folder cannot be graded at all; says why."""

    exit_code = ExitCode.NOT_PASSED
