"""What `check watch` shows: one screen of a grade, also while it still runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checker.models.report import Outcome, Report
from checker.report._page import Page
from checker.report._plain import LOOK, chapter_name, one_line
from checker.report._problem import Problem, add_faults, add_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the grade: `outcome` as in reports, or empty while it runs."""

    name: str
    outcome: str
    result: str


def render_watch(
    report: Report,
    *,
    task: str,
    state: str,
    parts: Sequence[Part],
    notes: Sequence[str],
    keys: str,
    width: int,
    height: int,
    colour: bool,
    ascii: bool,
) -> str:
    """One screen: what to look at first for `task`, the other tasks, the parts of the grade, `notes` and `keys`.

    `state` stands at the right of the first line. What does not fit into `height` lines is left out of the middle.
    """
    head, below = Page(width=width, ascii=ascii), Page(width=width, ascii=ascii)
    head.add(
        f"{chapter_name(report.chapter)} · {one_line(report.title, 120)}",
        style="bold",
        right=state,
        right_style="bright_black",
    )
    add_faults(head, report)
    problem = _problem(report, task)
    if problem is not None:
        head.heading("Then this" if report.faults else "Look at this first")
        add_problem(head, report, problem)
    _add_tasks(below, report, task)
    _add_parts(below, parts)
    for note in notes:
        below.blank()
        below.add(note)
    if keys:
        below.blank()
        below.add(keys, style="bright_black")
    head.cut(height - len(below) - 1)
    head.blank()
    head.extend(below)
    return head.text(colour=colour)


def _problem(report: Report, task: str) -> Problem | None:
    """What to look at first: the task one is at, before the others."""
    for one in report.tasks:
        if one.id == task:
            for check in one.checks:
                if check.outcome is not Outcome.PASSED:
                    return one, check
    return report.first_problem


def _add_tasks(page: Page, report: Report, current: str) -> None:
    """All tasks on as few lines as they need, the one that one is at in brackets."""
    page.blank()
    line = ""
    for task in report.tasks:
        symbol = LOOK[task.outcome.value][0] if task.checks else "·"
        passed = sum(check.outcome is Outcome.PASSED for check in task.checks)
        score = f" {passed}/{len(task.checks)}" if task.checks else ""
        state = f"{symbol} {one_line(task.id, 12)}{score}"
        state = f"[{state}]" if task.id == current else state
        if line and len(line) + 3 + len(state) > page.width:
            page.add(line)
            line = ""
        line = f"{line}   {state}" if line else state
    page.add(line)


def _add_parts(page: Page, parts: Sequence[Part]) -> None:
    for part in parts:
        symbol, style = LOOK.get(part.outcome, ("·", "bright_black"))
        page.add(part.name, label=symbol, column=2, label_style=style, right=part.result)
