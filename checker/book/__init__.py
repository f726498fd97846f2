"""Loads and validates chapters, tasks and hints, and knows where the content lies."""

from checker.book.chapter import (
    AppSpec,
    BrokenApp,
    Chapter,
    ChapterFile,
    Grades,
    Limits,
    LoadSpec,
    Section,
    TaskSpec,
    Twins,
)
from checker.book.library import Book, open_book, read_chapter_file

__all__ = [
    "AppSpec",
    "Book",
    "BrokenApp",
    "Chapter",
    "ChapterFile",
    "Grades",
    "Limits",
    "LoadSpec",
    "Section",
    "TaskSpec",
    "Twins",
    "open_book",
    "read_chapter_file",
]
