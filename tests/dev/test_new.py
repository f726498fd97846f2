"""A new chapter is whole at once, and a name that cannot be used is a sentence."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checker.book import open_book
from checker.dev.new import new_chapter
from checker.dev.verify import quick_propositions, try_proposition, verify
from checker.errors import BookError, CheckerError, UsageError

if TYPE_CHECKING:
    from tests.dev.conftest import MiniBook


def test_a_new_chapter_keeps_every_claim(tmp_path: Path) -> None:
    new_chapter("door bells", root=tmp_path)
    said: list[str] = []
    outcome = verify(open_book(tmp_path), mutants=False, say=said.append)
    assert outcome.passed, "\n".join(said)
    assert outcome.exit_code == 0
    assert len(outcome.claims) == 30
    assert said[-1].startswith("All 30 claims hold")


def test_the_first_chapter_of_an_empty_folder_is_number_1(tmp_path: Path) -> None:
    files = new_chapter("Door  Bells", root=tmp_path / "pack")
    (chapter,) = open_book(tmp_path / "pack").chapters
    assert (chapter.number, chapter.slug, chapter.title) == (1, "door-bells", "Door bells")
    assert all(path.is_file() for path in files)
    assert {path for path in (tmp_path / "pack").rglob("*") if path.is_file()} == set(files)


def test_the_next_chapter_has_the_next_number_and_keeps_the_structural_claims(mini: MiniBook) -> None:
    new_chapter("locks", root=mini.root)
    first, second = mini.book.chapters
    assert (first.number, second.number) == (1, 2)
    claims = [try_proposition(one) for one in quick_propositions(mini.book, second)]
    assert {claim.says: claim.problems for claim in claims if not claim.held} == {}


def test_a_planned_name_has_the_number_title_and_ids_of_the_plan(tmp_path: Path) -> None:
    spec = Path(__file__).parents[2] / "chapters" / "spec.toml"
    (tmp_path / "chapters").mkdir()
    shutil.copy(spec, tmp_path / "chapters")
    new_chapter("async-patterns", root=tmp_path)
    (chapter,) = open_book(tmp_path).chapters
    assert (chapter.number, chapter.title) == (3, "Async patterns")
    assert chapter.file.teaches == ("2.3.1", "2.3.2", "2.3.3", "2.3.4", "2.3.5")
    assert "H2" in chapter.file.grades.constraints
    claims = [try_proposition(one) for one in quick_propositions(open_book(tmp_path), chapter)]
    assert {claim.says: claim.problems for claim in claims if not claim.held} == {}


def test_a_name_outside_the_plan_comes_after_it(tmp_path: Path) -> None:
    spec = Path(__file__).parents[2] / "chapters" / "spec.toml"
    (tmp_path / "chapters").mkdir()
    shutil.copy(spec, tmp_path / "chapters")
    new_chapter("gardens", root=tmp_path)
    assert open_book(tmp_path).chapters[0].number == 13


@pytest.mark.parametrize(
    "name",
    ["", "  ", "../evil", "Ünïcode", "a/b", "-a", "a--b", "x" * 51, "chapter-09-mine", "a\nb\0c"],
    ids=[
        "empty",
        "blank",
        "outside",
        "letters",
        "slash",
        "hyphen first",
        "two hyphens",
        "long",
        "number",
        "nul",
    ],
)
def test_a_name_that_cannot_be_used_is_a_sentence_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        new_chapter(name, root=tmp_path)
    assert str(caught.value).endswith(".")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_chapter_is_refused_and_left_alone(mini: MiniBook) -> None:
    before = mini.lesson.read_bytes()
    with pytest.raises(UsageError, match="There is a chapter `chapter-01-greeting` already"):
        new_chapter("greeting", root=mini.root)
    assert mini.lesson.read_bytes() == before


def test_a_folder_in_the_way_is_refused(mini: MiniBook) -> None:
    (mini.root / "suites" / "chapter_02").mkdir()
    with pytest.raises(UsageError, match="is there already"):
        new_chapter("locks", root=mini.root)
    assert not (mini.root / "chapters" / "chapter-02-locks").exists()


def test_a_file_for_a_book_is_refused(tmp_path: Path) -> None:
    (tmp_path / "book").touch()
    with pytest.raises(UsageError, match="is a file"):
        new_chapter("locks", root=tmp_path / "book")


def test_a_chapter_that_cannot_be_written_whole_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, calls = os.rename, 0

    def third_fails(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", third_fails)
    with pytest.raises(CheckerError, match="No space left on device"):
        new_chapter("locks", root=tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with pytest.raises(BookError):
        open_book(tmp_path)
