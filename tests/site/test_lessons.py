"""Each lesson's notebook is the one that its source makes, and runs from top to bottom."""

from __future__ import annotations

import pytest

from checker.book import Chapter, open_book
from checker.dev.notebooks import build_notebook, run_notebook

CHAPTERS = open_book().chapters


@pytest.fixture(params=CHAPTERS, ids=lambda chapter: chapter.id)
def chapter(request: pytest.FixtureRequest) -> Chapter:
    chosen: Chapter = request.param
    return chosen


def test_the_notebook_equals_its_source(chapter: Chapter) -> None:
    built = build_notebook(chapter.lesson)
    assert chapter.notebook.read_text(encoding="utf-8") == built, "run `check dev build`"


def test_the_notebook_runs_from_top_to_bottom(chapter: Chapter) -> None:
    text = chapter.notebook.read_text(encoding="utf-8")
    ran = run_notebook(text, name=chapter.notebook.name)
    counts = [cell.execution_count for cell in ran.cells if cell.cell_type == "code" and cell.source.strip()]
    assert counts == list(range(1, len(counts) + 1))


def test_the_notebook_is_a_talk_with_notes(chapter: Chapter) -> None:
    text = build_notebook(chapter.lesson)
    assert text.count('"slide_type": "slide"') >= len(chapter.file.section)
    assert '"slide_type": "notes"' in text
