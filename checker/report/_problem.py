"""What is wrong, in full, as the text report and `check watch` show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.models.report import Check, Finding, MetricResult, Outcome, Report, Task
from checker.report._plain import (
    LOOK,
    chapter_name,
    link,
    many,
    measure,
    one_line,
    place,
    request_line,
    sentences,
    telling_headers,
    value_lines,
)

if TYPE_CHECKING:
    from checker.report._page import Page

Problem = tuple[Task, Check] | Finding | MetricResult

_MOST_FAULTS = 5
_VALUE_LINES = 14
_LABEL = 11


def add_faults(page: Page, report: Report) -> None:
    """What keeps the app from being graded as usual."""
    if not report.faults:
        return
    page.heading("Look at this first")
    for fault in report.faults[:_MOST_FAULTS]:
        symbol, style = LOOK["failed"]
        page.add(
            fault.kind.value,
            label=symbol,
            column=2,
            indent=2,
            style="bold",
            label_style=style,
            right=place(fault.path, fault.line),
            right_style="cyan",
        )
        for line in value_lines(fault.message, width=page.width, limit=_VALUE_LINES):
            page.add(line, indent=4)
    add_rest(page, len(report.faults) - _MOST_FAULTS, "fault", indent=4)


def add_first_problem(page: Page, report: Report) -> None:
    """What to look at first, in full, under its heading; nothing where all is well."""
    problem = report.first_problem
    if problem is None:
        return
    page.heading("Then this" if report.faults else "Look at this first")
    add_problem(page, report, problem)


def add_problem(page: Page, report: Report, problem: Problem) -> None:
    """One problem in full: what was sent, expected and received, where, and what to do."""
    if isinstance(problem, Finding):
        page.add(f"{one_line(problem.constraint, 12)}, `{one_line(problem.rule, 80)}`", indent=2)
        page.blank()
        _labelled(page, "Where", [place(problem.path, problem.line)])
        add_trace(page, problem, indent=_LABEL + 2)
        page.blank()
        page.add(sentences(problem.message, problem.help), indent=2)
        page.blank()
        _docs(page, problem.docs)
    elif isinstance(problem, MetricResult):
        page.add(f"{one_line(problem.id, 12)}, {one_line(problem.title, 80)}", indent=2)
        page.blank()
        _labelled(page, "Target", [measure(problem.target, problem.unit)])
        _labelled(page, "Measured", [measure(problem.value, problem.unit, beside=problem.target)])
        for line in problem.lines:
            _paragraph(page, line)
    else:
        _check(page, report, *problem)


def _check(page: Page, report: Report, task: Task, check: Check) -> None:
    page.add(f"Task {one_line(task.id, 12)}, {one_line(task.title, 120)}", indent=2)
    page.add(one_line(check.claim or check.id, 600), indent=2, style="bold")
    if check.outcome is Outcome.ERROR:
        page.add("The checker could not tell; this does not count as your mistake.", indent=2)
    page.blank()
    width = page.width - _LABEL - 2
    if check.request is not None:
        body = check.request.body
        sent = [request_line(check.request), *telling_headers(check.request)]
        if body not in (None, "", b""):
            sent += value_lines(body, width=width, limit=_VALUE_LINES)
        _labelled(page, "Sent", sent)
    if check.expected is not None or check.received is not None:
        _labelled(page, "Expected", value_lines(check.expected, width=width, limit=_VALUE_LINES))
        _labelled(page, "Received", value_lines(check.received, width=width, limit=_VALUE_LINES))
    _labelled(page, "Where", [place(check.path, check.line)])
    _paragraph(page, check.message)
    page.blank()
    if check.lesson:
        _labelled(page, "Lesson", [_heading_of_lesson(report, check.lesson)])
    _docs(page, check.docs)


def _heading_of_lesson(report: Report, lesson: str) -> str:
    where = one_line(lesson, 200)
    if "/" in where or "#" in where:
        return where
    return f"{chapter_name(report.chapter)}, section #{where}"


def add_trace(page: Page, finding: Finding, *, indent: int) -> None:
    """The way that a finding goes, step by step."""
    for step in finding.trace[:4]:
        page.add(one_line(step, 200), label="→", column=2, indent=indent, style="bright_black")
    add_rest(page, len(finding.trace) - 4, "step", indent=indent + 2)


def _labelled(page: Page, label: str, lines: list[str]) -> None:
    for position, line in enumerate(line for line in lines if line):
        page.add(
            line,
            label="" if position else label,
            column=_LABEL,
            indent=2,
            label_style="bold",
            style="default",
        )


def _paragraph(page: Page, words: str) -> None:
    if not words:
        return
    page.blank()
    for line in value_lines(" ".join(words.split(" ")), width=page.width, limit=_VALUE_LINES):
        page.add(line, indent=2)


def _docs(page: Page, docs: str | None) -> None:
    if not docs:
        return
    address = link(docs)
    if address is None:
        _labelled(page, "FastAPI", [one_line(docs, 300)])
    else:
        page.raw(address, label="FastAPI", column=_LABEL, indent=2, style=f"link {address}")


def add_rest(page: Page, count: int, one: str, more: str | None = None, *, indent: int) -> None:
    """How many more there are than are shown."""
    if count > 0:
        page.add(
            f"and {many(count, f'more {one}', more and f'more {more}')}; `--format html` shows all",
            indent=indent,
        )
