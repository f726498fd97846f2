"""The gate's claims about broken apps: what an author got wrong is named."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from checker.book import BrokenApp, Chapter, Twins, open_book
from checker.dev import twins
from checker.dev.claims import Problem
from checker.metrics.twins import act_of, acts_in
from checker.models.report import MetricOutcome, MetricResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.dev.conftest import MiniBook

RIGHT = MetricResult(
    id="M3", title="Coverage", outcome=MetricOutcome.PASSED, value=91.0, target=80, unit="%", message="Good."
)
APART: dict[str, Any] = {"survivors": [], "unsteady": [], "not_tried": []}


class FakeBench:
    """Gives back what a worker would."""

    def __init__(self, result: MetricResult, over_http: tuple[str, ...] = ()) -> None:
        self._results = {"measure": result, "unnoticed_over_http": over_http}

    def run(self, work: Any, /, *given: Any, **named: Any) -> Any:
        return self._results[work.__name__]


@pytest.fixture
def chapter(mini: MiniBook) -> Chapter:
    """The miniature chapter with one broken app, made as it should be."""
    one = BrokenApp(id="no-door", does="hangs no door", notice="look for the door")
    file = msgspec.structs.replace(mini.chapter.file, twins=Twins(least=1, broken=(one,)))
    chapter = dataclasses.replace(mini.chapter, file=file)
    chapter.broken.mkdir()
    (chapter.broken / "no-door.toml").write_text(
        "[[edit]]\npath = 'app/main.py'\nfind = 'Hang the door.'\nreplace = 'Hang it.'\n", encoding="utf-8"
    )
    (chapter.broken / "over_http.py").write_text(
        "def no_door(call: Call) -> None:\n    pass\n", encoding="utf-8"
    )
    return chapter


def whats(problems: Iterable[Problem]) -> str:
    return "\n".join(f"{problem.path}: {problem.what}" for problem in problems)


def test_what_is_there_and_fits_is_right(mini: MiniBook, chapter: Chapter) -> None:
    assert whats(twins.can_be_made(mini.book, chapter)) == ""
    assert whats(twins.can_be_made(mini.book, mini.chapter)).count("does not name") == 2


def test_what_is_missing_or_too_much_is_named(mini: MiniBook, chapter: Chapter) -> None:
    (chapter.broken / "no-door.toml").rename(chapter.broken / "a-door.toml")
    (chapter.broken / "over_http.py").write_text(
        "def other(call: Call) -> None:\n    pass\n\n\ndef _helper(call: Call) -> None:\n    pass\n",
        encoding="utf-8",
    )
    said = whats(twins.can_be_made(mini.book, chapter))
    assert "no-door.toml` cannot be read" in said
    assert "a-door.toml: makes a broken app that chapter.toml does not name" in said
    assert "has no function `no_door(call: Call)`" in said
    assert "`other` is no broken app" in said
    assert "_helper" not in said


def test_a_broken_app_that_the_references_tests_pass_with_is_named(mini: MiniBook, chapter: Chapter) -> None:
    noticed = dataclasses.replace(RIGHT, detail={"told_apart": APART})
    assert whats(twins.reference_notices_all(FakeBench(noticed), mini.book, chapter)) == ""
    survivor = {"id": "no-door", "does": "hangs no door", "notice": "look for the door"}
    missed = dataclasses.replace(RIGHT, detail={"told_apart": {**APART, "survivors": [survivor]}})
    said = whats(twins.reference_notices_all(FakeBench(missed, ("no-door",)), mini.book, chapter))
    assert "its tests pass with an app that hangs no door (`no-door`)" in said
    assert "do not notice what `no_door` does" in said


def test_tests_that_were_not_compared_prove_nothing(mini: MiniBook, chapter: Chapter) -> None:
    low = dataclasses.replace(RIGHT, outcome=MetricOutcome.FAILED, message="Too little.")
    said = whats(twins.reference_notices_all(FakeBench(low), mini.book, chapter))
    assert "were not compared: Too little." in said
    untried = dataclasses.replace(RIGHT, detail={"told_apart": {**APART, "not_tried": ["no-door"]}})
    assert "`no-door` is not certain" in whats(
        twins.reference_notices_all(FakeBench(untried), mini.book, chapter)
    )


def test_the_books_own_broken_apps_can_be_made() -> None:
    book = open_book()
    for chapter in book.chapters:
        assert whats(twins.can_be_made(book, chapter)) == ""
        named = chapter.file.twins.broken if chapter.file.twins is not None else ()
        if named:
            source = (chapter.broken / "over_http.py").read_text(encoding="utf-8")
            assert sorted(acts_in(source)) == sorted(act_of(one.id) for one in named)
