"""Loads and validates chapters, tasks and hints, and knows where the content lies."""

from checker.book.chapter import AppSpec, Chapter, ChapterFile, Grades, Limits, LoadSpec, Section, TaskSpec
from checker.book.library import Book, open_book, read_chapter_file

__all__ = [
    "AppSpec",
    "Book",
    "Chapter",
    "ChapterFile",
    "Grades",
    "Limits",
    "LoadSpec",
    "Section",
    "TaskSpec",
    "open_book",
    "read_chapter_file",
]
