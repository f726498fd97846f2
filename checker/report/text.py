"""`--format text`: what failed first and why, then the whole in lines that a person reads, the next step last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.models.load import read_load_detail
from checker.models.report import (
    ConstraintOutcome,
    ConstraintResult,
    Finding,
    Outcome,
    Report,
)
from checker.report._plain import (
    LOOK,
    chapter_name,
    many,
    measure,
    number,
    one_line,
    place,
    places,
    sentences,
)
from checker.report._problem import add_faults, add_first_problem, add_rest, add_trace
from checker.report._service_text import render_service

if TYPE_CHECKING:
    from checker.report._page import Page

__all__ = ["NAME", "render", "render_service"]

NAME = "text"

# How many lines a person reads before turning to `--format html`, which shows everything.
_MOST_CLAIMS = 4
# One takes the first task first; the others' details can wait.
_MOST_CLAIMS_LATER = 2
_MOST_GROUPS = 10
_MOST_GROUPS_EACH = 4
_MOST_PLACES = 12
_MOST_FLEXES = 8
_MOST_ADVICE = 6
_NARROW_TITLE = 20


def render(report: Report, *, width: int = 80, colour: bool = False, ascii: bool = False) -> str:
    """The report for reading, at most `width` columns; only an address that is longer stays whole.

    `colour` adds ANSI styles to the same words. `ascii` writes symbols in ASCII and anything else escaped, for
    terminals that cannot show more.
    """
    # Rich takes longer to import than the other formats take to render.
    from checker.report._page import Page

    page = Page(width=width, ascii=ascii)
    _headline(page, report)
    add_faults(page, report)
    add_first_problem(page, report)
    _tasks(page, report)
    _constraints(page, report)
    _flexes(page, report)
    _metrics(page, report)
    _advice(page, report)
    _closing(page, report)
    return page.text(colour=colour)


def _headline(page: Page, report: Report) -> None:
    word, style = ("passed", "bold green") if report.passed else ("not passed", "bold red")
    title = f"{chapter_name(report.chapter)} · {one_line(report.title, 120)}"
    page.add(title, style="bold", right=word, right_style=style)
    parts = [
        f"score {number(report.score)} of 100",
        f"{report.tasks_passed} of {many(len(report.tasks), 'task')} done",
        f"{number(report.duration_s)} s",
    ]
    if report.run is not None and report.run.solution:
        parts.insert(0, "the reference solution")
    page.add(" · ".join(parts))


def _tasks(page: Page, report: Report) -> None:
    if not report.tasks:
        return
    page.heading("Tasks")
    most, shortened = _MOST_CLAIMS, False
    for task in report.tasks:
        symbol, style = LOOK[task.outcome.value]
        points = f"{number(task.points)} of {number(task.max_points)}" if task.max_points else "no points"
        page.add(
            one_line(task.title, 120) + (" (stretch)" if task.stretch else ""),
            label=f"{symbol} {one_line(task.id, 12)}",
            column=8,
            indent=2,
            label_style=style,
            right="skipped" if task.outcome is Outcome.SKIPPED else points,
        )
        failing = task.failing_checks
        for check in failing[:most]:
            symbol, style = LOOK[check.outcome.value]
            page.add(
                one_line(check.claim or check.id, 300), label=symbol, column=2, indent=10, label_style=style
            )
        if len(failing) > most:
            page.add(
                f"and {many(len(failing) - most, 'more failing check')}", indent=12, style="bright_black"
            )
            shortened = True
        if failing:
            most = _MOST_CLAIMS_LATER
    if shortened:
        page.add("`--format html` shows every check.", indent=2)


def _constraints(page: Page, report: Report) -> None:
    if not report.constraints_with_findings and not report.constraints_at_rest:
        return
    page.heading("Constraints")
    left = _MOST_GROUPS
    for constraint in report.constraints_with_findings:
        most = min(left, _MOST_GROUPS_EACH)
        _constraint(page, constraint, most)
        left -= min(most, len(constraint.finding_groups))
    for outcome, words in (
        (ConstraintOutcome.PASSED, ""),
        (ConstraintOutcome.FLEXED, "flexed"),
        (ConstraintOutcome.NOT_APPLICABLE, "not applicable here"),
    ):
        ids = [one_line(c.id, 12) for c in report.constraints_at_rest if c.outcome is outcome]
        if ids:
            symbol, style = LOOK[outcome.value]
            line = " ".join(ids) + (f"  {words}" if words else "")
            page.add(line, label=symbol, column=2, indent=2, label_style=style)


def _constraint(page: Page, constraint: ConstraintResult, most: int) -> None:
    symbol, style = LOOK[constraint.outcome.value]
    findings = constraint.open_findings
    kind = "hard" if constraint.hard else "soft"
    page.add(
        one_line(constraint.title, 120),
        label=f"{symbol} {one_line(constraint.id, 12)}",
        column=6,
        indent=2,
        label_style=style,
        right=f"{kind}, {many(len(findings), 'finding')}" if findings else "could not be judged",
    )
    if constraint.detail:
        page.add(one_line(constraint.detail, 600), indent=8)
    said = ""
    for group in constraint.finding_groups[:most]:
        _group(page, group, said)
        said = group[0].help
    left = constraint.finding_groups[most:]
    add_rest(page, sum(len(group) for group in left), "finding", indent=8)


def _group(page: Page, group: tuple[Finding, ...], said: str) -> None:
    """What is said of one or several places; advice that the group above has just given is not repeated."""
    first = group[0]
    page.add(
        places(group, _MOST_PLACES),
        indent=8,
        style="cyan",
        right=one_line(first.rule, 40),
        right_style="bright_black",
    )
    page.add(sentences(first.message, "" if first.help == said else first.help), indent=10)
    add_trace(page, first, indent=10)


def _flexes(page: Page, report: Report) -> None:
    if not report.flexed_findings:
        return
    page.heading("Flexed, with your reasons")
    for finding in report.flexed_findings[:_MOST_FLEXES]:
        page.add(
            place(finding.path, finding.line) or one_line(finding.rule, 80),
            label=one_line(finding.constraint, 12),
            column=4,
            indent=2,
            style="cyan",
        )
        page.add(one_line(finding.flexed or "", 300), indent=6)
    add_rest(page, len(report.flexed_findings) - _MOST_FLEXES, "flex", "flexes", indent=6)


def _metrics(page: Page, report: Report) -> None:
    if not report.metrics:
        return
    page.heading("Metrics")
    for metric in report.metrics:
        symbol, style = LOOK[metric.outcome.value if metric.graded else "not-applicable"]
        measured = measure(metric.value, metric.unit, beside=metric.target)
        target = "" if metric.target is None else f"target {measure(metric.target, metric.unit)}"
        # Titles take what the columns beside them leave; a narrow screen has a second line for the numbers.
        room = page.width - 52
        title = one_line(metric.title, 60)
        if len(title) >= max(room, _NARROW_TITLE):
            title = one_line(title, max(room, _NARROW_TITLE) - 3)
        page.add(
            title if room < _NARROW_TITLE else f"{title:<{room}}{measured:>14}  {target}",
            label=f"{symbol} {one_line(metric.id, 12)}",
            column=6,
            indent=2,
            label_style=style,
            right=metric.outcome.value if metric.graded else "not graded",
        )
        if room < _NARROW_TITLE:
            page.add(f"{measured}{target and f', {target}'}", indent=8)
        load = read_load_detail(metric.detail)
        if load is not None:
            parts = [f"{many(load.samples, 'request')} at {number(load.rate)} a second"]
            if load.reference is not None:
                parts.append(f"reference app p95 {measure(load.reference.p95, metric.unit)}")
            page.add(", ".join(parts), indent=8, style="bright_black")
        for line in metric.lines:
            page.add(one_line(line, 600), indent=8)


def _advice(page: Page, report: Report) -> None:
    if not report.advice:
        return
    page.heading("Advice, not graded in this chapter")
    for constraint in report.advice[:_MOST_ADVICE]:
        findings = constraint.open_findings
        page.add(
            f"{one_line(findings[0].message, 300)} ({places(findings, 3)})",
            label=one_line(constraint.id, 12),
            column=4,
            indent=2,
        )
    add_rest(page, len(report.advice) - _MOST_ADVICE, "constraint", indent=6)


def _closing(page: Page, report: Report) -> None:
    page.blank()
    run = report.run
    if run is not None:
        parts = [
            f"seed {run.seed}",
            f"isolation {run.isolation}",
            f"check {run.checker}",
            f"FastAPI {run.fastapi}",
            f"Python {run.python}",
        ]
        page.add(" · ".join(one_line(part, 80) for part in parts), style="bright_black")
        if run.isolation == "P" and run.isolation_why:
            page.add(f"isolation P: {one_line(run.isolation_why, 200)}", style="bright_black")
    if report.next_step:
        page.blank()
        page.add(one_line(report.next_step, 600), label="Next:", column=6, label_style="bold")
