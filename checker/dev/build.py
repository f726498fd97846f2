"""Generated files: each lesson's notebook, each starter's task sheet, and the schemas of the reports."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from checker.book import Book
from checker.errors import BookError
from checker.report.json import schema_texts


def build_all(book: Book, *, check: bool) -> list[str]:
    """Bring the generated files of `book` up to date, or with `check` only compare them.

    Returns the files that were stale, as paths under the book's root with forward slashes, in a fixed order.
    Raises `BookError` where a source is wrong or a folder for a generated file is missing.
    """
    stale: list[str] = []
    for path, text in generated_files(book):
        if _same(path, text):
            continue
        stale.append(path.relative_to(book.root).as_posix())
        if not check:
            _write(path, text)
    return stale


def generated_files(book: Book) -> Iterator[tuple[Path, str]]:
    """Every generated file of `book` with the text that belongs in it.

    Raises `BookError` where the tools that make them are not installed.
    """
    try:
        # These need the extra `dev`, which a learner's machine has not.
        from checker.dev.notebooks import build_notebook
        from checker.dev.sheets import build_sheet
    except ModuleNotFoundError as error:
        raise BookError(
            f"Building needs the package `{error.name}`, which is not installed. Run `pip install -e '.[dev]'`."
        ) from error
    for chapter in book.chapters:
        yield chapter.notebook, build_notebook(chapter.lesson)
        yield chapter.starter / "README.md", build_sheet(chapter)
    schema = book.root / "docs" / "schema"
    if schema.is_dir():
        for name, text in schema_texts().items():
            yield schema / name, text


def _same(path: Path, text: str) -> bool:
    try:
        # Universal newlines: a checkout with CRLF is not stale.
        return path.read_text(encoding="utf-8") == text
    except (FileNotFoundError, UnicodeDecodeError):
        return False
    except OSError as error:
        raise BookError(
            f"`{path}` cannot be read: {error.strerror}. Make it readable or remove it."
        ) from error


def _write(path: Path, text: str) -> None:
    """Whole or not at all, so that an interrupted build leaves no half file."""
    if not path.parent.is_dir():
        raise BookError(
            f"`{path}` cannot be written: the folder `{path.parent}` is missing. Make it, or start the chapter "
            "with `check dev new`."
        )
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(part).chmod(0o644)
            Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)
    except OSError as error:
        raise BookError(
            f"`{path}` cannot be written: {error.strerror}. Make room or permission for it."
        ) from error
