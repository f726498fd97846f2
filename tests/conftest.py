"""What all rooms' tests share: the miniature book, as it lies in `tests/book` or as a copy to change."""

from __future__ import annotations

import contextlib
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes is the machine's doing, and it may be busy.
settings.register_profile("workbook", deadline=None)
settings.load_profile("workbook")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in its background has Ctrl-C ignored, and what they start would inherit that.
    with contextlib.suppress(ValueError):  # A worker that is not in its main thread.
        signal.signal(signal.SIGINT, signal.default_int_handler)

_MINI = Path(__file__).parent / "book"
_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".*_cache", ".workbook")


@pytest.fixture(scope="session")
def mini_book_root() -> Path:
    """The miniature book itself: one chapter, `chapter-01-greeting`, two tasks. Tests only read it."""
    return _MINI


@pytest.fixture
def mini_book(tmp_path: Path) -> Callable[[], Path]:
    """Makes a private copy of the miniature book and returns its root, a workspace as well as a book."""
    made: list[Path] = []

    def copy() -> Path:
        root = tmp_path / f"book-{len(made) + 1}"
        shutil.copytree(_MINI, root, ignore=_LEFT_BEHIND)
        made.append(root)
        return root

    return copy
