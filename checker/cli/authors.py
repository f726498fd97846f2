"""`check dev`: the authors' commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from checker.cli import terminal
from checker.cli.desk import open_desk, shown
from checker.errors import ExitCode


def verify(book_folder: Path | None, chapters: Sequence[str], *, mutants: bool, together: bool) -> int:
    """Verify the named chapters, or all."""
    from checker.dev.verify import verify as verify_chapters

    book = open_desk(book_folder).book
    chosen = [book.find(name) for name in chapters] or list(book.chapters)
    return verify_chapters(book, chosen, mutants=mutants, together=together, say=terminal.out).exit_code


def new(book_folder: Path | None, name: str) -> int:
    """Lay the files of a new chapter."""
    from checker.dev.new import new_chapter

    # Not through the desk: a book without any chapter yet is where the first one is made.
    for path in new_chapter(name, root=book_folder):
        terminal.out(f"made  {shown(path)}")
    terminal.out()
    terminal.out("`check dev verify` with the chapter's name says what is still missing.")
    return ExitCode.PASSED


def build(book_folder: Path | None, *, check: bool) -> int:
    """Build the generated files, or with `check` only compare them."""
    from checker.dev.build import build_all

    stale = build_all(open_desk(book_folder).book, check=check)
    for path in stale:
        terminal.out(f"{'stale' if check else 'built'}  {path}")
    if not stale:
        terminal.out("Every generated file is up to date.")
    elif check:
        terminal.note("Run `check dev build` and commit what it writes.")
    return ExitCode.NOT_PASSED if stale and check else ExitCode.PASSED
