"""`check dev build`: written whole, compared exactly, and stale files named."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from checker.book import open_book
from checker.dev.build import build_all, generated_files
from checker.errors import BookError

from .conftest import MiniBook

NOTEBOOK = "chapters/chapter-01-greeting/lesson.ipynb"
SHEET = "exercises/chapter-01-greeting/README.md"


def test_the_workbooks_own_generated_files_are_up_to_date() -> None:
    assert build_all(open_book(), check=True) == []


def test_a_fresh_book_has_nothing_stale(mini: MiniBook) -> None:
    assert build_all(mini.book, check=True) == []


def test_checking_names_what_is_stale_and_writes_nothing(mini: MiniBook) -> None:
    mini.edit(mini.lesson, "A parameter whose name", "Any parameter whose name")
    mini.edit(mini.toml, 'title = "Greet by name"', 'title = "Greet everybody"')
    before = {path: path.read_bytes() for path, _ in generated_files(mini.book)}
    assert build_all(mini.book, check=True) == [NOTEBOOK, SHEET]
    assert {path: path.read_bytes() for path in before} == before


def test_building_writes_what_is_stale_and_then_nothing(mini: MiniBook) -> None:
    (mini.root / NOTEBOOK).unlink()
    (mini.root / SHEET).write_text("# By hand\n", encoding="utf-8")
    assert build_all(mini.book, check=False) == [NOTEBOOK, SHEET]
    assert build_all(mini.book, check=False) == []
    assert "By hand" not in (mini.root / SHEET).read_text(encoding="utf-8")


def test_line_ends_of_a_windows_checkout_are_not_stale(mini: MiniBook) -> None:
    for path in (mini.root / NOTEBOOK, mini.root / SHEET):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert build_all(mini.book, check=True) == []


def test_a_file_that_is_no_text_is_stale(mini: MiniBook) -> None:
    (mini.root / SHEET).write_bytes(b"\xff\xfe")
    assert build_all(mini.book, check=False) == [SHEET]


def test_a_missing_starter_is_a_sentence(mini: MiniBook) -> None:
    book = mini.book
    (mini.root / SHEET).parent.rename(mini.root / "moved")
    with pytest.raises(BookError, match="is missing"):
        build_all(book, check=False)


def test_an_interrupted_write_leaves_the_old_file(mini: MiniBook, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = mini.root / SHEET
    mini.edit(mini.toml, 'title = "Greet by name"', 'title = "Greet everybody"')
    old = sheet.read_bytes()

    def full(self: Path, target: str | os.PathLike[str]) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BookError, match="No space left on device"):
        build_all(mini.book, check=False)
    assert sheet.read_bytes() == old
    assert [one.name for one in sheet.parent.iterdir() if one.name.startswith(".")] == []


def test_a_missing_tool_is_named_with_the_way_to_install_it(
    mini: MiniBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jupytext", None)
    monkeypatch.delitem(sys.modules, "checker.dev.notebooks", raising=False)
    with pytest.raises(BookError, match=r"`jupytext`, which is not installed. Run `pip install"):
        build_all(mini.book, check=True)
