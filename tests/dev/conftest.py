"""A copy of the miniature book to break, and a bench that grades nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from checker.book import Book, Chapter, open_book
from checker.dev.build import build_all
from checker.dev.graded import Scope
from checker.models.report import Check, Outcome, Report, Task
from checker.suite.checks import declared_checks

MINI_BOOK = Path(__file__).parent.parent / "book"


class MiniBook:
    """A copy of the miniature book that a test may break."""

    name = "chapter-01-greeting"

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def book(self) -> Book:
        """The book as it is now."""
        return open_book(self.root)

    @property
    def chapter(self) -> Chapter:
        """Its only chapter."""
        return self.book.chapters[0]

    @property
    def toml(self) -> Path:
        return self.root / "chapters" / self.name / "chapter.toml"

    @property
    def lesson(self) -> Path:
        return self.toml.with_name("lesson.md")

    @property
    def starter(self) -> Path:
        return self.root / "exercises" / self.name / "app" / "main.py"

    @property
    def reference(self) -> Path:
        return self.root / "solutions" / self.name / "app" / "main.py"

    @property
    def suite(self) -> Path:
        return self.root / "suites" / "chapter_01" / "test_1_1_greet_by_name.py"

    @property
    def proofs(self) -> Path:
        return self.root / "tests" / self.name

    def add(self, path: Path) -> None:
        """Put an empty file there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def edit(self, path: Path, old: str, new: str) -> None:
        """Replace a text that must be there, everywhere."""
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{path.name} no longer holds {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def swap(self, path: Path, pattern: str, new: str) -> None:
        """Replace the first match of a pattern that must be there."""
        text, found = re.subn(pattern, new, path.read_text(encoding="utf-8"), count=1)
        assert found, f"{path.name} no longer holds {pattern!r}"
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def built_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the miniature book whose generated files are fresh."""
    root = tmp_path_factory.mktemp("mini") / "book"
    shutil.copytree(MINI_BOOK, root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    build_all(open_book(root), check=False)
    return root


@pytest.fixture
def mini(built_book: Path, tmp_path: Path) -> MiniBook:
    """The miniature book, to break."""
    return MiniBook(Path(shutil.copytree(built_book, tmp_path / "book")))


def make_report(chapter: Chapter, *failed: str, error: tuple[str, ...] = ()) -> Report:
    """A report in which the named checks fail and all others pass."""
    tasks: list[Task] = []
    for task, path in chapter.suite_files():
        checks = tuple(_check(one.id, failed, error) for one in declared_checks(path))
        bad = [check.outcome for check in checks if check.outcome is not Outcome.PASSED]
        outcome = Outcome.FAILED if Outcome.FAILED in bad else bad[0] if bad else Outcome.PASSED
        tasks.append(
            Task(id=task.id, title=task.title, outcome=outcome, points=0, max_points=10, checks=checks)
        )
    passed = not failed and not error
    return Report(
        chapter=chapter.id,
        title=chapter.title,
        passed=passed,
        score=100.0 if passed else 0.0,
        duration_s=0.1,
        tasks=tuple(tasks),
    )


def _check(check_id: str, failed: tuple[str, ...], error: tuple[str, ...]) -> Check:
    if check_id in error:
        return Check(id=check_id, outcome=Outcome.ERROR, message="The test broke.")
    if check_id in failed:
        return Check(id=check_id, outcome=Outcome.FAILED, message="It did not do it.")
    return Check(id=check_id, outcome=Outcome.PASSED, message="")


class FakeBench:
    """A bench whose reports a test chooses by looking at the folder."""

    def __init__(
        self, scratch: Path, numbers: Iterator[int], answer: Callable[[Chapter, Path], Report]
    ) -> None:
        self._scratch = scratch
        self._numbers = numbers
        self._answer = answer
        self.asked: list[tuple[Path, Scope]] = []

    def grade(self, chapter: Chapter, folder: Path, scope: Scope, *, task: str | None = None) -> Report:
        """The report that the test wants."""
        self.asked.append((folder, scope))
        return self._answer(chapter, folder)

    def folder(self) -> Path:
        """A new empty folder."""
        path = self._scratch / str(next(self._numbers))
        path.mkdir(parents=True)
        return path


@pytest.fixture
def bench(tmp_path: Path) -> Callable[[Callable[[Chapter, Path], Report]], FakeBench]:
    """Makes a bench that answers with what a function says of chapter and folder."""
    numbers = count()
    return lambda answer: FakeBench(tmp_path / "bench", numbers, answer)


@pytest.fixture
def report_of() -> Callable[..., Report]:
    """Makes a report in which the named checks fail."""
    return make_report
