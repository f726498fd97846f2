"""`check CHAPTER`: one grade, its report, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checker.book import Chapter
from checker.cli.delivery import check_format, check_output, deliver
from checker.cli.desk import Desk, find_chapter, find_task, now, open_desk, shown, task_of
from checker.errors import CheckerError, ExitCode, SubmissionError, UsageError
from checker.models.report import ConstraintOutcome, FaultKind, MetricOutcome, Outcome, Report

if TYPE_CHECKING:
    from checker.grade import GradeOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line, not yet checked."""

    chapter: str
    path: Path | None = None
    task: str | None = None
    solution: bool = False
    format: str = "text"
    output: Path | None = None
    load: bool = True
    seed: int | None = None
    require_isolation: str | None = None


def grade_chapter(book_folder: Path | None, wanted: Wanted, *, commands: Iterable[str] = ()) -> int:
    """Grade, print or write the report, remember the result; the exit code is the verdict."""
    desk = open_desk(book_folder)
    chapter, task = _chapter_and_task(desk, wanted, commands)
    check_format(wanted.format, Report)
    if wanted.output is not None:
        check_output(wanted.output)
    folder = _folder(desk, chapter, wanted)
    if wanted.require_isolation is not None:
        _require_isolation(wanted.require_isolation)

    from checker.grade import GradeOptions

    options = GradeOptions(task=task, solution=wanted.solution, load=wanted.load, seed=wanted.seed)
    report = run_grade(chapter, folder, options, title=f"Grading {chapter.short}")
    if not wanted.solution:
        remember(desk, chapter, folder, report, whole=task is None)
    word = "passed" if report.passed else "not passed"
    said = f"{wanted.chapter}: {word}, score {report.score:g} of 100."
    deliver(report, format=wanted.format, output=wanted.output, said=said)
    return verdict(report)


def _require_isolation(wanted: str) -> None:
    """Raise `UsageError` for a level that there is not, `CheckerError` for one that this machine does not give."""
    from checker.sandbox import Isolation, best_isolation

    try:
        level = Isolation(wanted.strip().upper())
    except ValueError:
        raise UsageError(
            f"There is no isolation `{wanted}`; `L` (Landlock) and `H` (bubblewrap) can be required."
        ) from None
    offer = best_isolation()
    if offer.level.strength < level.strength:
        raise CheckerError(
            f"Isolation {level} is required, and this machine gives {offer.level}: {offer.why}. Nothing was graded."
        )


def _chapter_and_task(desk: Desk, wanted: Wanted, commands: Iterable[str]) -> tuple[Chapter, str | None]:
    # `check 4.3` says as much as `check chapter-4 --task 4.3`.
    named = find_task(desk.book, wanted.chapter) if wanted.task is None else None
    if named is not None:
        return named[0], named[1].id
    chapter = find_chapter(desk.book, wanted.chapter, commands=commands)
    return chapter, task_of(chapter, wanted.task).id if wanted.task is not None else None


def run_grade(chapter: Chapter, folder: Path, options: GradeOptions, *, title: str = "") -> Report:
    """One grade with its progress on standard error."""
    # Everything heavy comes with the grade itself, so that a mistyped option is answered at once.
    from checker.cli.live import LiveDisplay
    from checker.grade import grade
    from checker.sandbox import hide_this_process

    hide_this_process()
    with LiveDisplay(title) as live:
        return grade(chapter, folder, options, live)


def remember(desk: Desk, chapter: Chapter, folder: Path, report: Report, *, whole: bool = True) -> None:
    """Save the result where the learner's own folder was graded; other people's work is not their progress."""
    from checker.progress import graded

    own = desk.folder(chapter)
    if desk.store is None or own is None or own.resolve() != folder.resolve():
        return
    at = now()
    desk.store.update(lambda progress: graded(progress, report, at=at, whole=whole))


def verdict(report: Report) -> ExitCode:
    """The exit code: what the learner's code caused is 1, what only the checker could not tell is 3."""
    if report.passed:
        return ExitCode.PASSED
    theirs = (
        any(task.outcome is Outcome.FAILED for task in report.tasks)
        or any(one.graded and one.outcome is ConstraintOutcome.FAILED for one in report.constraints)
        or any(one.graded and one.outcome is MetricOutcome.FAILED for one in report.metrics)
        or any(fault.kind is not FaultKind.ISOLATION for fault in report.faults)
    )
    ours = (
        any(task.outcome is Outcome.ERROR for task in report.tasks)
        or any(one.graded and one.outcome is ConstraintOutcome.ERROR for one in report.constraints)
        or any(one.graded and one.outcome is MetricOutcome.ERROR for one in report.metrics)
        or any(fault.kind is FaultKind.ISOLATION for fault in report.faults)
    )
    return ExitCode.CHECKER_FAULT if ours and not theirs else ExitCode.NOT_PASSED


def _folder(desk: Desk, chapter: Chapter, wanted: Wanted) -> Path:
    if wanted.solution:
        if wanted.path is not None:
            raise UsageError(
                "`--solution` grades the reference, and PATH something else; leave out one of them."
            )
        return chapter.solution
    if wanted.path is not None:
        return _given_folder(chapter, wanted.path)
    own = desk.folder(chapter)
    if own is None:
        raise UsageError(
            "There is no workspace here. `cd` into the clone, make one with `check init my-workbook`, or say "
            f"which folder to grade: `{desk.command(f'{chapter.short} PATH')}`."
        )
    if not own.is_dir():
        raise SubmissionError(
            f"There is nothing to grade: `{shown(own)}` is missing. `{desk.command(f'reset {chapter.short}')}` "
            "lays the starter there."
        )
    return own


def _given_folder(chapter: Chapter, path: Path) -> Path:
    if not path.exists():
        raise UsageError(f"There is no folder `{path}` to grade; check the spelling, or leave out PATH.")
    if not path.is_dir():
        raise UsageError(f"`{path}` is a file; give the folder of the whole submission, the one with `app/`.")
    # A whole workspace was handed in.
    inside = path / "exercises" / chapter.name
    return inside if inside.is_dir() and not (path / "app").is_dir() else path
