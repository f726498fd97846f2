"""`.workbook/progress.json`: read with suspicion, written atomically, never a reason to lose a grade."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from checker.progress.files import why, write_atomically
from checker.progress.lock import locked
from checker.progress.record import VERSION, Progress

FILE = "progress.json"
_LOCK = "progress.lock"
_LOCK_WAIT_S = 5.0
_LARGEST = 4 * 1024 * 1024


class _NewerError(Exception):
    """The file is of a later version of the workbook."""


class _DamagedError(Exception):
    """The file is not a record of progress; the text says why."""


class ProgressStore:
    """The record of one workspace.

    Nothing here raises for the state of the file or the disk: `warn` gets a sentence, and the command goes on.
    """

    def __init__(self, state: Path, warn: Callable[[str], None]) -> None:
        self._state = state
        self._warn = warn
        self._warned: set[str] = set()

    @property
    def path(self) -> Path:
        return self._state / FILE

    def read(self) -> Progress:
        """What is remembered; an empty record where the file is missing, damaged, newer or unreadable."""
        try:
            return self._load() or Progress()
        except _NewerError:
            self._say_newer()
        except _DamagedError as error:
            self._say_once(
                f"The record of your progress, `{self.path}`, cannot be used: {error}. It is rebuilt, and the "
                "damaged one kept, when the next grade is saved."
            )
        except OSError as error:
            self._say_once(f"`{self.path}` cannot be read ({why(error)}), so your progress is not shown.")
        return Progress()

    def update(self, change: Callable[[Progress], Progress]) -> Progress:
        """Read, change and write under a lock, so that two commands at once lose nothing."""
        try:
            self._state.mkdir(parents=True, exist_ok=True)
            # After a wait it goes on without the lock: a grade is not lost for another command's sake.
            with locked(self._state / _LOCK, wait_s=_LOCK_WAIT_S):
                progress = change(self._load_or_set_aside())
                write_atomically(
                    self.path, msgspec.json.format(msgspec.json.encode(progress), indent=2) + b"\n"
                )
                return progress
        except _NewerError:
            self._say_newer()
            return change(Progress())
        except OSError as error:
            self._say_once(f"Your progress could not be saved in `{self._state}`: {why(error)}.")
            return change(self.read())

    def problem(self) -> str | None:
        """What is wrong with the file, for `check doctor`; None where it is fine or not there yet."""
        try:
            self._load()
        except _NewerError:
            return "it was written by a newer version of the workbook; update this one"
        except _DamagedError as error:
            return f"{error}; the next grade keeps a copy of it and begins a new one"
        except OSError as error:
            return f"it cannot be read ({why(error)}); make it readable for you"
        return None

    def _load(self) -> Progress | None:
        if not self.path.exists():
            return None
        if not self.path.is_file():
            raise _DamagedError("it is not a file")
        if self.path.stat().st_size > _LARGEST:
            raise _DamagedError("it is far larger than any record of progress")
        return _decoded(self.path.read_bytes())

    def _load_or_set_aside(self) -> Progress:
        try:
            return self._load() or Progress()
        except _DamagedError as error:
            now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            aside = self.path.with_name(f"{FILE}.damaged-{now}")
            os.replace(self.path, aside)
            self._say_once(
                f"The record of your progress could not be used: {error}. It is kept as `{aside}`, and a new "
                "one begins; grading a chapter again restores what it says of that chapter."
            )
            return Progress()

    def _say_newer(self) -> None:
        self._say_once(
            f"`{self.path}` was written by a newer version of the workbook, so it is left as it is and nothing "
            "is added to it. Update with `pip install --upgrade fastapi-workbook`, or `git pull` in a clone."
        )

    def _say_once(self, sentence: str) -> None:
        if sentence not in self._warned:
            self._warned.add(sentence)
            self._warn(sentence)


class _Version(msgspec.Struct):
    version: int


def _decoded(content: bytes) -> Progress:
    try:
        version = msgspec.json.decode(content, type=_Version).version
        if version > VERSION:
            raise _NewerError
        if version < 1:
            raise _DamagedError(f"there is no version {version} of it")
        return msgspec.json.decode(content, type=Progress)
    except msgspec.ValidationError as error:
        raise _DamagedError(f"its content is not what it should be ({error})") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _DamagedError("it is not valid JSON") from error
