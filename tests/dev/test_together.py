"""Wrong solutions that share a grade hold only where the grade shows exactly what all of them promise."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from checker.book import Chapter
from checker.book.patch import Edit
from checker.dev import graded
from checker.dev.proofs import Wrong, WrongFile
from checker.dev.together import MOST, Group, make_groups
from checker.models.report import Report

if TYPE_CHECKING:
    from tests.dev.conftest import FakeBench, MiniBook

Bench = Callable[[Callable[[Chapter, Path], Report]], "FakeBench"]
ReportOf = Callable[..., Report]


def wrong(
    folder: Path,
    name: str,
    *checks: str,
    file: str = "app/main.py",
    find: str = "first",
    base: str = "solution",
) -> Wrong:
    path = folder / f"{name}.toml"
    path.write_text(name)
    made = WrongFile(
        why="A mistake of this test.",
        caught_by=checks,
        edit=(Edit(path=file, find=find, replace="other"),),
        base=base,
    )
    return Wrong(path=path, task=name.partition("-")[0], file=made)


def test_members_differ_in_task_files_and_checks(tmp_path: Path) -> None:
    wrongs = [
        wrong(tmp_path, f"1.{task}-{word}", f"1.{task}-check-{check}", file=f"app/{word}.py")
        for task in range(1, 7)
        for word in ("one", "two", "three")
        for check in (1, 2)
    ]
    grouped = make_groups_of(wrongs)
    assert sorted(one.name for one, _ in grouped) == sorted(one.name for one in wrongs)
    groups = {id(group): group for _, group in grouped if group is not None}
    assert groups
    for group in groups.values():
        assert 2 <= len(group.members) <= MOST
        for one, other in combinations(group.members, 2):
            assert one.task != other.task
            assert one.file.edit[0].path != other.file.edit[0].path
            assert not set(one.file.caught_by) & set(other.file.caught_by)


def make_groups_of(wrongs: list[Wrong]) -> tuple[tuple[Wrong, Group | None], ...]:
    return make_groups(chapter=None, wrongs=wrongs)  # type: ignore[arg-type]  # it is only handed on


def test_a_mistake_that_breaks_much_or_has_a_base_of_its_own_stays_alone(tmp_path: Path) -> None:
    much = wrong(tmp_path, "1.1-much", "1.1-a", "1.1-b", "1.1-c", "1.1-d", file="app/a.py")
    other = wrong(tmp_path, "1.2-base", "1.2-a", file="app/b.py", base="another-style")
    plain = wrong(tmp_path, "1.3-plain", "1.3-a", file="app/c.py")
    assert [group for _, group in make_groups_of([much, other, plain])] == [None, None, None]


def two(mini: MiniBook, tmp_path: Path) -> Group:
    """Two mistakes in two files of the miniature book."""
    (mini.reference.parent / "more.py").write_text("second = 2\n")
    first = wrong(tmp_path, "1.1-one", "1.1-long-name", find="Path(max_length=20)")
    second = wrong(tmp_path, "1.2-two", "1.2-created", file="app/more.py", find="second")
    return Group(mini.chapter, (first, second))


def test_a_grade_that_shows_just_what_they_promise_is_enough_for_all(
    mini: MiniBook, tmp_path: Path, bench: Bench, report_of: ReportOf
) -> None:
    group = two(mini, tmp_path)
    desk = bench(lambda chapter, folder: report_of(chapter, "1.1-long-name", "1.2-created"))
    for member in group.members:
        assert [*graded.wrong_is_caught(desk, mini.book, mini.chapter, member, group)] == []
    (folder, _), *others = desk.asked
    assert others == []
    assert "other" in (folder / "app/main.py").read_text()
    assert (folder / "app/more.py").read_text() == "other = 2\n"


@pytest.mark.parametrize(
    ("failing", "held"),
    [
        (("1.1-long-name",), [True, False]),
        (("1.1-long-name", "1.2-created", "1.2-unknown"), [False, False]),
    ],
)
def test_a_grade_that_shows_anything_else_is_followed_by_grades_of_their_own(
    mini: MiniBook,
    tmp_path: Path,
    bench: Bench,
    report_of: ReportOf,
    failing: tuple[str, ...],
    held: list[bool],
) -> None:
    group = two(mini, tmp_path)
    desk = bench(lambda chapter, folder: report_of(chapter, *failing))
    problems = [
        [*graded.wrong_is_caught(desk, mini.book, mini.chapter, member, group)] for member in group.members
    ]
    assert [not found for found in problems] == held
    assert len(desk.asked) == 1 + len(group.members)


def test_a_group_that_cannot_be_laid_out_is_none(mini: MiniBook, tmp_path: Path, bench: Bench) -> None:
    group = two(mini, tmp_path)
    broken = msgspec.structs.replace(
        group.members[1].file, edit=(Edit(path="app/more.py", find="not there", replace="x"),)
    )
    members = (
        group.members[0],
        Wrong(path=group.members[1].path, task=group.members[1].task, file=broken),
    )
    desk = bench(lambda chapter, folder: pytest.fail("nothing to grade"))
    assert not Group(mini.chapter, members).shows_exactly(desk)
