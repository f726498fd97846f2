"""The specification's ids: all there, each once, and the same wherever they are used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.book import Book, open_book
from checker.book.spec import Better, Spec, read_spec, read_spec_file
from checker.constraints import all_constraints
from checker.errors import BookError
from checker.metrics import all_metrics

SMALL = """
[[chapter]]
number = 1
slug = "first"
title = "First"
desk = "a desk"
adds = "tools"

[[area]]
id = "2.1"
title = "API development"
chapter = 1
[area.capabilities]
"2.1.1" = "path operations"

[[constraint]]
id = "H1"
title = "Requests are models"
why = "type safety"
from_chapter = 1

[[constraint]]
id = "S1"
title = "Async drivers"
why = "performance"
may_flex_when = "a legacy library"
from_chapter = 1

[[metric]]
id = "M4"
title = "p95"
target = 100
better = "below"
unit = "ms"
tool = "a load test"
from_chapter = 1
"""


@pytest.fixture(scope="module")
def book() -> Book:
    return open_book()


@pytest.fixture(scope="module")
def spec(book: Book) -> Spec:
    return read_spec(book)


def test_every_id_of_the_specification_is_there(spec: Spec) -> None:
    sizes = {
        "2.0": 1, "2.1": 6, "2.2": 6, "2.3": 5, "2.4": 5, "2.5": 6, "2.6": 8, "2.7": 4,
        "2.8": 6, "2.9": 4, "3.1": 6, "3.2": 4, "6": 9,
    }  # fmt: skip
    wanted = {f"{area}.{number}" for area, size in sizes.items() for number in range(1, size + 1)}
    assert set(spec.capabilities()) == wanted
    assert [one.id for one in spec.constraint] == [f"H{n}" for n in range(1, 10)] + [
        f"S{n}" for n in range(1, 9)
    ]
    assert [one.id for one in spec.metric] == [f"M{n}" for n in range(1, 6)]
    assert [one.number for one in spec.chapter] == list(range(1, 13))


def test_each_chapter_but_the_capstone_has_capabilities_of_its_own(spec: Spec) -> None:
    assert [one.number for one in spec.chapter if not spec.capabilities(one.number)] == [12]


def test_the_capstone_grades_everything(spec: Spec) -> None:
    assert spec.graded_constraints(12) == tuple(one.id for one in spec.constraint)
    assert spec.graded_metrics(12) == ("M1", "M2", "M3", "M4", "M5")


def test_the_targets_are_those_of_the_specification(spec: Spec) -> None:
    assert [one.goal for one in spec.metric] == [
        "0 errors",
        "0 errors",
        "above 80 %",
        "below 100 ms",
        "reported",
    ]


def test_a_chapter_teaches_its_ids_under_its_planned_name(book: Book, spec: Spec) -> None:
    for chapter in book.chapters:
        planned = spec.planned(chapter.number)
        assert planned is not None
        assert (chapter.slug, chapter.title) == (planned.slug, planned.title)
        assert set(chapter.file.teaches) >= set(spec.capabilities(chapter.number))
        assert {*chapter.file.teaches, *chapter.file.needs} <= set(spec.capabilities())


def test_a_chapter_grades_what_has_been_taught_so_far(book: Book, spec: Spec) -> None:
    for chapter in book.chapters:
        assert set(chapter.file.grades.constraints) == set(spec.graded_constraints(chapter.number))
        assert set(chapter.file.grades.metrics) == set(spec.graded_metrics(chapter.number))


def test_every_constraint_in_the_checker_is_one_of_the_specification(spec: Spec) -> None:
    for constraint in all_constraints():
        stated = spec.constraint_of(constraint.id)
        assert stated is not None, constraint.id
        assert stated.hard == constraint.hard


def test_every_constraint_that_a_chapter_grades_is_in_the_checker(book: Book) -> None:
    known = {constraint.id for constraint in all_constraints()}
    for chapter in book.chapters:
        assert set(chapter.file.grades.constraints) <= known


def test_the_checker_measures_every_metric_of_the_specification(spec: Spec) -> None:
    measured = {reading.id: reading for metric in all_metrics() for reading in metric.readings}
    assert {one.id: (one.target, one.unit) for one in spec.metric} == {
        name: (reading.target, reading.unit) for name, reading in measured.items()
    }


def test_a_pack_without_a_list_of_its_own_uses_the_workbooks(tmp_path: Path, book: Book, spec: Spec) -> None:
    pack = Book(root=tmp_path, suites=tmp_path, proofs=tmp_path, chapters=book.chapters)
    assert read_spec(pack) == spec


def test_a_pack_with_a_list_of_its_own_uses_that(tmp_path: Path, book: Book) -> None:
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "spec.toml").write_text(SMALL, encoding="utf-8")
    own = read_spec(Book(root=tmp_path, suites=tmp_path, proofs=tmp_path, chapters=book.chapters))
    assert own.capabilities() == {"2.1.1": "path operations"}
    assert own.metric[0].better is Better.BELOW


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"2.1.1" =', '"2.2.1" =', "`2.2.1` belongs to another area"),
        ('id = "S1"', 'id = "H1"', "`H1` stands twice"),
        ('may_flex_when = "a legacy library"', "", "say in `may_flex_when` when it may"),
        ('why = "type safety"', 'why = "type safety"\nmay_flex_when = "never"', "remove `may_flex_when`"),
        ("target = 100", "", "give it a `target`"),
        ("chapter = 1\n[area", "chapter = 7\n[area", "chapter 7 is not in the list"),
        ('id = "M4"', 'id = "Q4"', "at `metric[0].id`"),
        ("number = 1", 'number = "one"', "at `chapter[0].number`"),
        ("[[chapter]]", "[[chapter", "not valid TOML"),
        ("\nwhy =", "\nbecause =", "at `constraint[0]`"),
    ],
)
def test_a_mistake_names_the_file_the_place_and_the_remedy(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in SMALL
    path = tmp_path / "spec.toml"
    path.write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BookError, match=re.escape(says)) as caught:
        read_spec_file(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="cannot be read"):
        read_spec_file(tmp_path / "spec.toml")
