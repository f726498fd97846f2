"""`check start`: the first two minutes of a learner, on any terminal and in a pipe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from checker.book import Chapter
from checker.cli import terminal
from checker.cli.desk import Desk, open_desk, shown
from checker.cli.grading import remember, run_grade
from checker.cli.guide import columns, lesson_place, next_lines
from checker.errors import BookError, ExitCode
from checker.models.report import Check, Report, Task

_VALUE_LINES = 6


def start(book_folder: Path | None) -> int:
    """Grade the first chapter as it lies there, explain the first failure, say how to go on; exits 0."""
    desk = open_desk(book_folder)
    chapter = desk.book.chapters[0]
    own = desk.folder(chapter)
    folder = own if own is not None and own.is_dir() else chapter.starter
    if not folder.is_dir():
        raise BookError(
            f"The starter of {chapter.short}, `{shown(folder)}`, is missing from this book; install or clone it again."
        )
    _welcome(desk, chapter, folder)

    from checker.grade import GradeOptions

    report = run_grade(chapter, folder, GradeOptions(load=False, advice=False))
    remember(desk, chapter, folder, report, whole=False)
    terminal.out()
    if report.passed:
        _already_done(desk, chapter)
        return ExitCode.PASSED
    _first_thing(report)
    _from_here(desk, chapter, folder, report)
    return ExitCode.PASSED


def _welcome(desk: Desk, chapter: Chapter, folder: Path) -> None:
    terminal.out(terminal.style(f"Chapter {chapter.number}: {chapter.title}", bold=True))
    terminal.out(terminal.wrap(chapter.file.summary))
    terminal.out()
    whose = "Your code" if desk.workspace is not None else "Starter"
    for line in columns([(whose, shown(folder / "app"))]):
        terminal.out(line)
    terminal.out()
    if desk.workspace is None:
        terminal.out(
            terminal.wrap(
                "There is no workspace here yet, so this grades the starter as it was delivered. Make one with "
                "`check init my-workbook`, then `cd my-workbook`."
            )
        )
        terminal.out()
    terminal.out("Grading it as it lies there:")


def _already_done(desk: Desk, chapter: Chapter) -> None:
    terminal.out(f"Every check of the tasks of {chapter.short} passes.")
    terminal.out()
    if desk.progress().chapter(chapter.id).passed_at is None:
        terminal.out(
            f"`{desk.command(chapter.short)}` grades it in full, with your own tests and under load."
        )
        return
    for line in next_lines(desk):
        terminal.out(line)


def _first_thing(report: Report) -> None:
    aside = "" if report.tasks_passed else " That is as it should be: here you begin."
    terminal.out(
        terminal.wrap(
            f"{report.tasks_passed} of {len(report.tasks)} tasks done, score {report.score:.0f} of 100.{aside}"
        )
    )
    terminal.out()
    if report.faults:
        fault = report.faults[0]
        where = _place(fault.path, fault.line)
        terminal.out(terminal.style("What keeps the app from being graded", bold=True))
        terminal.out()
        terminal.out(terminal.wrap(fault.message, indent=2))
        if where:
            terminal.out(f"  Where      {where}")
        terminal.out()
    elif report.first_failure is not None:
        _explain(*report.first_failure)


def _explain(task: Task, check: Check) -> None:
    terminal.out(terminal.style("The first check that does not hold", bold=True))
    terminal.out()
    terminal.out(terminal.wrap(f"Task {task.id}, {task.title}", indent=2))
    terminal.out(terminal.wrap(check.claim or check.id, indent=2))
    terminal.out()
    if check.request is not None:
        _value("Sent", f"{check.request.method} {check.request.url}")
        if check.request.body not in (None, "", b""):
            _value("", check.request.body)
    if check.expected is not None or check.received is not None:
        _value("Expected", check.expected)
        _value("Received", check.received)
    if where := _place(check.path, check.line):
        _value("Where", where)
    terminal.out()
    terminal.out(terminal.wrap(check.message, indent=2))
    if check.docs:
        terminal.out()
        _value("FastAPI", check.docs)
    terminal.out()


def _value(label: str, value: Any) -> None:
    """One labelled value, bounded: the report shows the rest."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    lines = [
        part
        for line in _printable(text)[: _VALUE_LINES * 200].splitlines() or [""]
        for part in terminal.wrap(line).splitlines() or [""]
    ]
    for position, line in enumerate(lines[:_VALUE_LINES]):
        terminal.out(f"  {label if position == 0 else '':<10} {line}")
    if len(lines) > _VALUE_LINES:
        terminal.out(f"  {'':<10} ...")


def _printable(text: str) -> str:
    """Without control characters: what an app answers must not drive the terminal."""
    return "".join(one if one.isprintable() or one == "\n" else "?" for one in text)


def _place(path: str | None, line: int | None) -> str:
    if path is None:
        return ""
    return f"{path}:{line}" if line else path


def _from_here(desk: Desk, chapter: Chapter, folder: Path, report: Report) -> None:
    failing = report.first_failure
    task = failing[0].id if failing is not None else chapter.tasks[0].id
    terminal.out(terminal.style("From here on", bold=True))
    terminal.out()
    lesson = lesson_place(desk, chapter)
    steps = [
        ("Task sheet", f"{shown(folder / 'README.md')}, in your editor: what each task asks for"),
        (
            "Lesson",
            f"jupyter lab {lesson} (needs the extra `notebook`)" if lesson.endswith(".ipynb") else lesson,
        ),
        ("Begin at", f"TODO({task}) in {shown(folder / 'app')}"),
        ("Grade", f"{desk.command(chapter.short)}, as often as you like; it exits 1 until you have passed"),
        ("Hint", f"{desk.command(f'hint {chapter.short}')}, one more each time"),
        ("Go on", desk.command("next")),
    ]
    if (desk.book.root / "mkdocs.yml").is_file():
        steps.insert(2, ("", "or `mkdocs serve`: every lesson as a site (needs the extra `dev`)"))
    if desk.workspace is None:
        steps.insert(0, ("Workspace", "check init my-workbook, then cd my-workbook"))
    for line in columns(steps):
        terminal.out(line)
