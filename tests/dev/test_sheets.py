"""Task sheets say everything that chapter.toml says to a learner, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from checker.book import Book, Chapter, open_book
from checker.dev.sheets import build_sheet, lesson_link

MINI_BOOK = Path(__file__).parent.parent / "book"


@pytest.fixture
def chapter() -> Chapter:
    return open_book(MINI_BOOK).chapters[0]


@pytest.fixture(params=["miniature", "workbook"])
def book(request: pytest.FixtureRequest) -> Book:
    return open_book(MINI_BOOK if request.param == "miniature" else None)


def test_every_task_stands_there_with_what_a_learner_needs(book: Book) -> None:
    for chapter in book.chapters:
        sheet = build_sheet(chapter)
        quoted = re.sub(r"^> ?", "", sheet, flags=re.MULTILINE)
        for task in chapter.tasks:
            assert f"{task.id} {task.title}\n" in sheet
            assert task.acceptance.strip() in quoted
            assert task.details.strip() in sheet
            assert f"{lesson_link(chapter)}#{task.lesson}" in sheet
            assert task.docs in sheet
            assert f"`check hint {chapter.short} {task.id}`" in sheet
        for goal in chapter.file.goals:
            assert f"- {goal}\n" in sheet


def test_no_hint_and_no_suite_is_given_away(book: Book) -> None:
    for chapter in book.chapters:
        sheet = build_sheet(chapter)
        for task in chapter.tasks:
            assert task.suite not in sheet
            assert not any(hint in sheet for hint in task.hints)


def test_the_commands_are_those_of_the_chapter(chapter: Chapter) -> None:
    sheet = build_sheet(chapter)
    for command in (f"cd exercises/{chapter.name}", "fastapi dev", "check chapter-1", "check hint chapter-1"):
        assert re.search(rf"^{re.escape(command)}( |$)", sheet, re.MULTILINE), command


def test_its_links_to_the_lesson_lead_somewhere(book: Book) -> None:
    for chapter in book.chapters:
        assert (chapter.starter / lesson_link(chapter)).resolve() == chapter.lesson.resolve()


def test_the_environment_stands_there_where_the_chapter_sets_one(chapter: Chapter) -> None:
    assert "| `GREETING_WORD` | `Hello` |" in build_sheet(chapter)
    bare = msgspec.structs.replace(chapter.file, app=msgspec.structs.replace(chapter.file.app, env={}))
    assert "environment variables" not in build_sheet(replace(chapter, file=bare))


def test_a_stretch_is_marked_and_timed_apart(chapter: Chapter) -> None:
    first, second = chapter.tasks
    stretch = msgspec.structs.replace(second, stretch=True, points=5)
    sheet = build_sheet(replace(chapter, file=msgspec.structs.replace(chapter.file, task=(first, stretch))))
    assert "## ★ 1.2 Remember visitors\n\n*stretch, 10 minutes, 5 points*" in sheet
    assert "the 1 task about 5 minutes, the stretch 10 minutes more." in sheet


def test_the_same_chapter_gives_the_same_sheet(chapter: Chapter) -> None:
    assert build_sheet(chapter) == build_sheet(open_book(MINI_BOOK).chapters[0])
