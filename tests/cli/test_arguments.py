"""The word `grade` is put in exactly where it was left out."""

from __future__ import annotations

import pytest

from checker.cli.arguments import with_command

COMMANDS = ("grade", "list", "hint", "dev")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("chapter-4", "grade chapter-4"),
        ("4 submissions/ada", "grade 4 submissions/ada"),
        ("--task 4.3 chapter-4", "grade --task 4.3 chapter-4"),
        ("--book pack chapter-4", "--book pack grade chapter-4"),
        ("--book=pack chapter-4", "--book=pack grade chapter-4"),
        ("chapter-4 --book list", "grade chapter-4 --book list"),
        ("lsit", "grade lsit"),
        ("list", "list"),
        ("grade chapter-4", "grade chapter-4"),
        ("--book list hint 1", "--book list hint 1"),
        ("dev verify chapter-4", "dev verify chapter-4"),
        ("--help", "--help"),
        ("--version", "--version"),
        ("-h", "-h"),
        ("--book", "--book"),
        ("", ""),
    ],
)
def test_grade_is_put_in_before_a_chapter(typed: str, read: str) -> None:
    assert with_command(typed.split(), COMMANDS) == read.split()
