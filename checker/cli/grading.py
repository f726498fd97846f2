"""`check CHAPTER`: one grade, its report, and what is remembered of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checker.book import Chapter
from checker.cli import terminal
from checker.cli.desk import Desk, close_names, find_chapter, find_task, now, open_desk, shown, task_of
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


def grade_chapter(book_folder: Path | None, wanted: Wanted, *, commands: Iterable[str] = ()) -> int:
    """Grade, print or write the report, remember the result; the exit code is the verdict."""
    desk = open_desk(book_folder)
    chapter, task = _chapter_and_task(desk, wanted, commands)
    _check_format(wanted.format)
    if wanted.output is not None:
        _check_output(wanted.output)
    folder = _folder(desk, chapter, wanted)

    from checker.grade import GradeOptions

    options = GradeOptions(task=task, solution=wanted.solution, load=wanted.load, seed=wanted.seed)
    report = run_grade(chapter, folder, options, title=f"Grading {chapter.short}")
    if not wanted.solution:
        remember(desk, chapter, folder, report, whole=task is None)
    _deliver(report, wanted)
    return verdict(report)


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


def _check_format(name: str) -> None:
    from checker.report import formats

    known = formats()
    if name not in known:
        hint = f"; did you mean {close}?" if (close := close_names(name, known)) else "."
        raise UsageError(f"There is no format `{name}`{hint} Choose one of {', '.join(known)}.")


def _check_output(path: Path) -> None:
    """Refuse before the work what could not be written after it."""
    if path.is_dir():
        raise UsageError(f"`--output {path}` is a folder; add the name of a file.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"`--output {path}`: the folder `{path.parent}` does not exist; make it first.")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise UsageError(f"`--output {path}` cannot be written: you may not write there. Give another file.")


def _deliver(report: Report, wanted: Wanted) -> None:
    from checker.report import DEFAULT, render

    if wanted.output is not None:
        _write(wanted.output, render(wanted.format, report))
        word = "passed" if report.passed else "not passed"
        terminal.note(
            f"{wanted.chapter}: {word}, score {report.score:g} of 100. The report is in {wanted.output}."
        )
    elif wanted.format == DEFAULT:
        text = render(
            DEFAULT,
            report,
            width=terminal.width(),
            colour=terminal.has_colour(sys.stdout),
            ascii=terminal.is_ascii_only(sys.stdout),
        )
        terminal.out(text.rstrip("\n"))
    else:
        terminal.out_exactly(render(wanted.format, report).encode("utf-8", errors="replace"))


def _write(path: Path, text: str) -> None:
    from checker.progress import why, write_atomically

    try:
        write_atomically(path, text.encode("utf-8", errors="replace"))
    except OSError as error:
        raise CheckerError(
            f"The report could not be written to `{path}` ({why(error)}); nothing was "
            "left there. Make room or permission, or give another file to `--output`."
        ) from error
