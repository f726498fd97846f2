"""The text report: gold files at 80 columns, and what holds whatever a learner's app sent."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from checker.models.report import (
    Check,
    ConstraintResult,
    Fault,
    FaultKind,
    MetricOutcome,
    MetricResult,
    Outcome,
    Report,
)
from checker.report.text import render

GOLD = Path(__file__).parent / "gold"
ANSI = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


def test_text_equals_its_gold_file(example: tuple[str, Report]) -> None:
    name, report = example
    path = GOLD / f"{name}.txt"
    text = render(report)
    if "UPDATE_GOLD" in os.environ:
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8"), (
        f"UPDATE_GOLD=1 pytest {__file__} rewrites the gold files"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize("ascii", [False, True], ids=["unicode", "ascii"])
def test_no_line_is_wider_than_the_screen(example: tuple[str, Report], width: int, ascii: bool) -> None:
    for line in render(example[1], width=width, ascii=ascii).splitlines():
        assert len(line) <= width or "https://" in line
        assert line == line.rstrip()


def test_only_an_address_may_be_wider_than_80_columns(example: tuple[str, Report]) -> None:
    # The examples' addresses fit as well.
    assert max(map(len, render(example[1]).splitlines())) <= 80


def test_next_step_is_the_last_thing_said(example: tuple[str, Report]) -> None:
    report = example[1]
    last = render(report).rstrip("\n").split("\n\n")[-1]
    assert last.startswith("Next: ")
    assert " ".join(last.removeprefix("Next: ").split()) == report.next_step


def test_colour_changes_no_word(example: tuple[str, Report]) -> None:
    coloured = render(example[1], colour=True)
    assert "\x1b[" in coloured
    plain = "\n".join(line.rstrip() for line in ANSI.sub("", coloured).splitlines())
    assert plain == render(example[1]).rstrip("\n")


def test_environment_does_not_change_the_text(
    example: tuple[str, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = render(example[1])
    for name, value in (("COLUMNS", "40"), ("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
    assert render(example[1]) == before
    assert "\x1b[" in render(example[1], colour=True)


def test_ascii_text_needs_no_other_character(example: tuple[str, Report]) -> None:
    report = replace(example[1], next_step="Öffne `app/größe.py` – dann weiter.")
    text = render(report, ascii=True)
    assert text.isascii()
    assert "gr\\xf6" in text


def test_faults_come_before_everything_that_they_caused(examples: dict[str, Report]) -> None:
    report = replace(examples["failed"], faults=examples["fault"].faults)
    text = render(report)
    assert text.index("syntax error in line 12") < text.index("4.2, Asked once") < text.index("\nTasks\n")


def test_hard_constraint_is_the_first_problem_when_every_task_passed(examples: dict[str, Report]) -> None:
    report = replace(examples["failed"], tasks=examples["passed"].tasks)
    first = render(report).split("\nTasks\n")[0]
    assert "H3, `blocking-sleep-in-async`" in first
    assert "app/labels.py:12" in first
    assert "Await `asyncio.sleep`" in first


def test_metric_is_the_first_problem_when_nothing_else_failed(examples: dict[str, Report]) -> None:
    failed = examples["failed"]
    report = replace(failed, tasks=examples["passed"].tasks, constraints=())
    first = render(report).split("\nTasks\n")[0]
    assert "M1, ruff" in first
    assert "found 3 errors" in first


def test_stretch_task_is_not_the_first_problem_before_a_hard_constraint(examples: dict[str, Report]) -> None:
    failed = examples["failed"]
    stretch = replace(failed.tasks[1], stretch=True)
    first = render(replace(failed, tasks=(failed.tasks[0], stretch))).split("\nTasks\n")[0]
    assert "H3, `blocking-sleep-in-async`" in first


def test_places_of_the_same_finding_are_told_together(examples: dict[str, Report]) -> None:
    text = render(examples["failed"])
    assert "app/photos.py:40, 42, 44, 46, 48, 50, 52" in text
    constraints = text.split("\nConstraints\n")[1]
    assert constraints.count("Await `asyncio.sleep`") == 1


def with_findings(report: Report, count: int) -> Report:
    constraint = next(c for c in report.constraints if c.id == "H3")
    findings = tuple(
        replace(constraint.findings[0], line=line, message=f"Call number {line}.")
        for line in range(1, count + 1)
    )
    return replace(report, constraints=(replace(constraint, findings=findings),))


def test_a_thousand_findings_stay_readable_and_are_counted(examples: dict[str, Report]) -> None:
    text = render(with_findings(examples["failed"], 1000))
    assert len(text.splitlines()) < 100
    assert "hard, 1,000 findings" in text
    assert "and 996 more findings" in text


def test_a_body_of_100_kb_is_shortened(examples: dict[str, Report]) -> None:
    task = examples["failed"].tasks[1]
    check = replace(task.checks[1], received="x" * 100_000, expected="line\n" * 20_000)
    report = replace(examples["failed"], tasks=(replace(task, checks=(check,)),))
    text = render(report)
    assert len(text) < 40_000
    assert "more characters" in text
    assert "more lines" in text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2J\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;https://example.org\x1b\\here\x1b]8;;\x1b\\", "here"),
        ("a\rb\x08c", "abc"),
        ("\x9b31mred", "red"),
        ("pay \u202egnp.exe", "pay gnp.exe"),
        ("one\ud800two", "one\ufffdtwo"),
        ("[bold]not markup[/bold] :smile:", "[bold]not markup[/bold] :smile:"),
    ],
)
def test_an_app_cannot_drive_the_terminal(hostile: str, shown: str) -> None:
    fault = Fault(kind=FaultKind.CRASH, message=hostile, path=hostile)
    report = Report(
        chapter="chapter-01",
        title=hostile,
        passed=False,
        score=0,
        duration_s=0,
        faults=(fault,),
        next_step=hostile,
    )
    text = render(report)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert f"    {shown}\n" in text
    assert f"Next: {shown}\n" in text


def test_an_address_longer_than_the_screen_is_not_broken(examples: dict[str, Report]) -> None:
    task = examples["failed"].tasks[1]
    address = "https://fastapi.tiangolo.com/" + "very-long-name/" * 8
    report = replace(
        examples["failed"], tasks=(replace(task, checks=(replace(task.checks[1], docs=address),)),)
    )
    assert f"  FastAPI\n  {address}\n" in render(report)
    assert f";{address}\x1b\\" in render(report, colour=True)


def test_a_command_in_backticks_is_not_broken_over_two_lines(examples: dict[str, Report]) -> None:
    report = replace(examples["passed"], next_step="word " * 13 + "`check chapter-4 --task 4.2`")
    assert "\n      `check chapter-4 --task 4.2`\n" in render(report)


def test_a_check_that_could_not_be_told_is_not_held_against_the_learner(examples: dict[str, Report]) -> None:
    task = examples["failed"].tasks[1]
    report = replace(
        examples["failed"], constraints=(), metrics=(), tasks=(replace(task, checks=task.checks[2:]),)
    )
    assert "The checker could not tell; this does not count as your mistake." in render(report)


def test_a_value_just_past_its_target_does_not_look_equal_to_it(examples: dict[str, Report]) -> None:
    coverage = MetricResult(
        id="M3",
        title="Coverage",
        outcome=examples["failed"].metrics[0].outcome,
        value=79.96,
        target=80,
        unit="%",
        message="Cover more.",
    )
    assert "79.960 %" in render(replace(examples["failed"], metrics=(coverage,)))


def test_passed_report_is_short_and_shows_no_problem(examples: dict[str, Report]) -> None:
    text = render(examples["passed"])
    assert "Look at this first" not in text
    assert len(text.splitlines()) <= 25


def test_failed_stretch_of_a_passed_chapter_is_not_a_problem(examples: dict[str, Report]) -> None:
    passed = examples["passed"]
    stretch = replace(examples["failed"].tasks[1], id="4.6", stretch=True)
    text = render(replace(passed, tasks=(*passed.tasks, stretch)))
    assert "Look at this first" not in text
    assert "(stretch)" in text


def test_empty_report_renders() -> None:
    report = Report(chapter="", title="", passed=False, score=0, duration_s=0)
    assert "not passed" in render(report)


def test_request_shows_method_path_and_what_the_test_chose(examples: dict[str, Report]) -> None:
    text = render(examples["failed"])
    assert "Sent       POST /loans?notify=true\n" in text
    assert "127.0.0.1" not in text
    assert "Authorization: Bearer 5b1f0c" in text
    assert "Accept" not in text
    assert '{"tool_id": 4711, "days": 3}' in text


def test_constraint_that_could_not_be_judged_says_why(examples: dict[str, Report]) -> None:
    constraint: ConstraintResult = replace(
        examples["failed"].constraints[0],
        outcome=type(examples["failed"].constraints[0].outcome).ERROR,
        detail="The app did not start.",
    )
    text = render(replace(examples["failed"], constraints=(constraint,)))
    assert "could not be judged" in text
    assert "The app did not start." in text


def test_failing_checks_beyond_a_handful_are_counted(examples: dict[str, Report]) -> None:
    task = examples["failed"].tasks[1]
    checks = tuple(
        Check(id=f"4.2-{n}", claim=f"Claim {n}.", outcome=Outcome.FAILED, message="Mend it.")
        for n in range(9)
    )
    text = render(replace(examples["failed"], tasks=(replace(task, checks=checks),)))
    assert "Claim 3." in text
    assert "Claim 4." not in text
    assert "and 5 more failing checks" in text


def test_tasks_after_the_first_failing_one_are_told_in_fewer_lines(examples: dict[str, Report]) -> None:
    task = examples["failed"].tasks[1]
    checks = tuple(
        Check(id=f"4.2-{n}", claim=f"Claim {n}.", outcome=Outcome.FAILED, message="Mend it.")
        for n in range(9)
    )
    tasks = (replace(task, checks=checks), replace(task, id="4.3", checks=checks))
    later = render(replace(examples["failed"], tasks=tasks)).split("\nTasks\n")[1].split("4.3")[1]
    assert later.count("Claim") == 2
    assert "and 7 more failing checks\n  `--format html` shows every check." in later


def test_task_without_points_does_not_show_nothing_of_nothing(examples: dict[str, Report]) -> None:
    task = replace(examples["failed"].tasks[1], points=0, max_points=0)
    text = render(replace(examples["failed"], tasks=(task,)))
    assert "0 of 0" not in text
    assert "no points" in text


@pytest.mark.parametrize("graded", [True, False])
def test_each_broken_app_that_went_unnoticed_has_its_line(examples: dict[str, Report], graded: bool) -> None:
    unnoticed = "Your tests pass with an app that serves whoever sends no token: send none and expect 401."
    tests = MetricResult(
        id="M3",
        title="Coverage",
        outcome=MetricOutcome.PASSED,
        value=91.2,
        target=80,
        unit="%",
        graded=graded,
        message=f"12 of your tests pass, and notice 6 of 7 broken apps.\n{unnoticed}",
    )
    text = render(replace(examples["passed"], metrics=(tests,)))
    assert "notice 6 of 7 broken apps." in text
    assert unnoticed in " ".join(text.split())
    praise = render(replace(examples["passed"], metrics=(replace(tests, message="12 of your tests pass."),)))
    assert "12 of your tests" not in praise
