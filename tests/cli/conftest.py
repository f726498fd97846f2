"""Runs the command in this process, in a workspace of its own, with a grade that is made up where none is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checker.book import Chapter
from checker.cli import grading, main, start
from checker.grade import GradeOptions
from checker.models.report import Check, Fault, Outcome, Report, SentRequest, Task

CHAPTER = "chapter-01-greeting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a command ended with and printed."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def plain_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same screen for every test: 80 columns, whatever the machine says."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def workspace(mini_book: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the miniature book, which is a workspace as a clone is one; it is the current folder."""
    root = mini_book()
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def check(capfd: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """`check("list")` runs `check list --book .` and returns what came of it; `book=None` leaves the option out."""

    def run(*arguments: str, book: str | None = ".") -> Run:
        capfd.readouterr()
        code = main([*arguments, *(["--book", book] if book is not None else [])])
        captured = capfd.readouterr()
        return Run(code=code, out=captured.out, err=captured.err)

    return run


@pytest.fixture
def own(workspace: Path, check: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace made by `check init`, with the miniature book beside it in `book-1`; it is the current folder."""
    assert check("init", str(tmp_path / "own")).code == 0
    monkeypatch.chdir(tmp_path / "own")
    return tmp_path / "own"


def made_report(
    *, done: Sequence[str] = (), passed: bool = False, score: float = 50.0, faults: tuple[Fault, ...] = ()
) -> Report:
    """A report on the miniature chapter in which the tasks `done` pass."""
    tasks = []
    for task_id, title in (("1.1", "Greet by name"), ("1.2", "Remember visitors")):
        outcome = Outcome.PASSED if task_id in done else Outcome.FAILED
        failing = Check(
            id=f"{task_id}-check",
            outcome=outcome,
            message="Put both into the message.",
            claim="The greeting holds the name.",
            request=SentRequest(method="GET", url="/greetings/ada"),
            expected={"message": "Ahoy, ada"},
            received={"message": "\x1b[31mHello"},
            path="app/main.py",
            line=12,
            docs="https://fastapi.tiangolo.com/tutorial/path-params/",
        )
        tasks.append(
            Task(id=task_id, title=title, outcome=outcome, points=0, max_points=10, checks=(failing,))
        )
    return Report(
        chapter="chapter-01",
        title="A door that greets",
        passed=passed,
        score=score,
        duration_s=1.0,
        tasks=tuple(tasks),
        faults=faults,
        next_step="Go on.",
    )


@dataclass(slots=True)
class FakeGrade:
    """Stands where the engine stands; `report` or `trouble` is what comes of a grade."""

    report: Report = field(default_factory=made_report)
    trouble: BaseException | None = None
    folders: list[Path] = field(default_factory=list)
    options: list[GradeOptions] = field(default_factory=list)

    def __call__(self, chapter: Chapter, folder: Path, options: GradeOptions, *, title: str = "") -> Report:
        self.folders.append(folder.resolve())
        self.options.append(options)
        if self.trouble is not None:
            raise self.trouble
        return self.report


@pytest.fixture
def fake_grade(monkeypatch: pytest.MonkeyPatch) -> FakeGrade:
    """Replaces the engine by a report that the test chooses."""
    fake = FakeGrade()
    monkeypatch.setattr(grading, "run_grade", fake)
    monkeypatch.setattr(start, "run_grade", fake)
    return fake


@pytest.fixture
def make_report() -> Callable[..., Report]:
    """The factory of reports on the miniature chapter."""
    return made_report
