"""The label printer and its driver: old, slow, reliable, and synchronous throughout.

Do not change it: the real one is a library of the manufacturer's.
"""

import threading
import time
from pathlib import Path
from typing import TextIO


class PrinterError(Exception):
    """The printer is in use by somebody else, or not open."""


class Printer:
    """Prints several labels at a time, each in its own good time."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._paper = folder / "labels.txt"
        self._lock_file = folder / "printer.lock"
        self._seconds = seconds
        self._roll: TextIO | None = None
        self._lines = threading.Lock()

    def open(self) -> None:
        """Take the printer for this process; `printer.lock` says so to all others."""
        try:
            self._lock_file.touch(exist_ok=False)
        except FileExistsError as error:
            raise PrinterError(f"the printer is in use; if it is not, delete {self._lock_file}") from error
        self._roll = self._paper.open("a", encoding="utf-8")

    def print_label(self, number: int, name: str) -> str:
        """Print the label of a tool and give back what it says. Takes its time."""
        text = f"No. {number}: {name}"
        time.sleep(self._seconds)
        self.print_line(text)
        return text

    def print_line(self, text: str) -> None:
        """Print one line, at once."""
        if self._roll is None:
            raise PrinterError("the printer is not open")
        with self._lines:
            self._roll.write(f"{text}\n")
            self._roll.flush()

    def close(self) -> None:
        """Cut the paper, which takes as long as a label, and let others have the printer."""
        if self._roll is None:
            return
        time.sleep(self._seconds)
        self._roll.close()
        self._roll = None
        self._lock_file.unlink()
