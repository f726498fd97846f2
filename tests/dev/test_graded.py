"""What the gate concludes from reports."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from checker.book import Chapter
from checker.dev import graded
from checker.dev.claims import Problem
from checker.dev.graded import Scope
from checker.dev.proofs import read_alternative, read_wrong
from checker.errors import SubmissionError
from checker.models.report import (
    ConstraintOutcome,
    ConstraintResult,
    Fault,
    FaultKind,
    Finding,
    MetricOutcome,
    MetricResult,
    Outcome,
    Report,
)

if TYPE_CHECKING:
    from tests.dev.conftest import FakeBench, MiniBook

Answer = Callable[[Chapter, Path], Report]
Bench = Callable[[Answer], "FakeBench"]
ReportOf = Callable[..., Report]

ALL = ("1.1-by-name", "1.1-long-name", "1.2-created", "1.2-first", "1.2-unknown")


def finding(constraint: str, **more: str | None) -> Finding:
    return Finding(
        rule="some-rule",
        constraint=constraint,
        path="app/main.py",
        line=7,
        column=1,
        message="This is not allowed.",
        help="Do it otherwise.",
        docs="https://fastapi.tiangolo.com/",
        flexed=more.get("flexed"),
    )


def constraint(
    constraint_id: str, *findings: Finding, outcome: ConstraintOutcome | None = None
) -> ConstraintResult:
    broken = any(one.flexed is None for one in findings)
    return ConstraintResult(
        id=constraint_id,
        title="A constraint",
        outcome=outcome or (ConstraintOutcome.FAILED if broken else ConstraintOutcome.PASSED),
        hard=constraint_id.startswith("H"),
        findings=findings,
    )


def metric(metric_id: str, outcome: MetricOutcome) -> MetricResult:
    return MetricResult(
        id=metric_id,
        title="A metric",
        outcome=outcome,
        value=1.0,
        target=0.0,
        unit="errors",
        message="One error.",
    )


CONSTRAINTS = (constraint("H1"), constraint("S5"))
METRICS = (metric("M1", MetricOutcome.PASSED), metric("M2", MetricOutcome.INCONCLUSIVE))


def clean(report: Report) -> Report:
    return dataclasses.replace(report, constraints=CONSTRAINTS, metrics=METRICS)


def whats(problems: Iterable[Problem]) -> list[str]:
    return [problem.what for problem in problems]


class TestStarter:
    def test_that_fails_every_task_is_right(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        desk = bench(lambda chapter, folder: report_of(chapter, *ALL))
        assert [*graded.starter_does_not_pass(desk, mini.book, mini.chapter)] == []
        folder, scope = desk.asked[0]
        assert scope is Scope.TOOLS
        assert folder != mini.chapter.starter
        assert (folder / "app/main.py").read_text() == mini.starter.read_text()

    def test_that_passes_is_named(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        desk = bench(lambda chapter, folder: report_of(chapter))
        assert whats(graded.starter_does_not_pass(desk, mini.book, mini.chapter)) == [
            "the starter passes.",
            "before it is done, task 1.1 is `passed`, not `failed`.",
            "before it is done, task 1.2 is `passed`, not `failed`.",
        ]

    def test_whose_task_is_done_already_is_named(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        desk = bench(lambda chapter, folder: report_of(chapter, "1.2-created"))
        assert whats(graded.starter_does_not_pass(desk, mini.book, mini.chapter)) == [
            "before it is done, task 1.1 is `passed`, not `failed`."
        ]

    def test_that_fails_without_a_word_is_named(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        def silent(chapter: Chapter, folder: Path) -> Report:
            report = report_of(chapter, *ALL)
            first = report.tasks[0]
            checks = tuple(dataclasses.replace(check, message=" ") for check in first.checks)
            return dataclasses.replace(
                report, tasks=(dataclasses.replace(first, checks=checks), *report.tasks[1:])
            )

        assert whats(graded.starter_does_not_pass(bench(silent), mini.book, mini.chapter)) == [
            "`1.1-by-name` fails without a message.",
            "`1.1-long-name` fails without a message.",
        ]

    def test_that_does_not_run_is_named(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        fault = Fault(kind=FaultKind.IMPORT, message="`app` has no module `main`.", path="app/x.py", line=3)

        def broken(chapter: Chapter, folder: Path) -> Report:
            return dataclasses.replace(report_of(chapter, *ALL), faults=(fault,))

        (problem,) = graded.starter_does_not_pass(bench(broken), mini.book, mini.chapter)
        assert problem.path == "exercises/chapter-01-greeting/app/x.py:3"
        assert problem.what == "import: `app` has no module `main`."

    def test_whose_check_breaks_is_an_error_of_the_suite(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        failing = [check for check in ALL if check != "1.1-by-name"]
        desk = bench(lambda chapter, folder: report_of(chapter, *failing, error=("1.1-by-name",)))
        assert whats(graded.starter_does_not_pass(desk, mini.book, mini.chapter)) == [
            "`1.1-by-name` could not be judged: The test broke."
        ]


class TestEmptyFolder:
    def test_refused_in_one_sentence_is_right(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        fault = Fault(kind=FaultKind.IMPORT, message="The folder is empty.")

        def refuse(chapter: Chapter, folder: Path) -> Report:
            assert not any(folder.iterdir())
            return dataclasses.replace(report_of(chapter, *ALL), faults=(fault,))

        assert [*graded.empty_folder_is_refused(bench(refuse), mini.book, mini.chapter)] == []

    def test_refused_by_raising_is_right(self, mini: MiniBook, bench: Bench) -> None:
        def refuse(chapter: Chapter, folder: Path) -> Report:
            raise SubmissionError("The folder is empty; put an app there.")

        assert [*graded.empty_folder_is_refused(bench(refuse), mini.book, mini.chapter)] == []

    def test_answered_with_forty_failures_is_named(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        desk = bench(lambda chapter, folder: report_of(chapter, *ALL))
        assert whats(graded.empty_folder_is_refused(desk, mini.book, mini.chapter)) == [
            "an empty folder is answered with 0 sentences: none."
        ]


class TestReference:
    def problems(self, mini: MiniBook, bench: Bench, report: Report) -> list[str]:
        return whats(graded.reference_has_full_marks(bench(lambda c, f: report), mini.book, mini.chapter))

    def test_that_is_clean_is_right(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        report = clean(report_of(mini.chapter))
        assert self.problems(mini, bench, report) == []

    def test_that_fails_a_check_is_named(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        report = clean(report_of(mini.chapter, "1.2-first"))
        assert self.problems(mini, bench, report) == [
            "`1.2-first` is `failed`: It did not do it.",
            "the reference has 0 of 100 points.",
        ]

    def test_that_misses_a_metric_is_named(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        metrics = (metric("M1", MetricOutcome.FAILED), metric("M2", MetricOutcome.ERROR))
        report = dataclasses.replace(report_of(mini.chapter), constraints=CONSTRAINTS, metrics=metrics)
        assert self.problems(mini, bench, report) == [
            "M1, A metric, is `failed`: One error.",
            "M2, A metric, is `error`: One error.",
        ]

    @pytest.mark.parametrize("graded", [True, False], ids=["graded", "advice"])
    @pytest.mark.parametrize("flexed", [None, "the list is short"], ids=["open", "flexed"])
    def test_that_draws_a_finding_is_named(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf, flexed: str | None, graded: bool
    ) -> None:
        found = dataclasses.replace(constraint("S5", finding("S5", flexed=flexed)), graded=graded)
        constraints = (constraint("H1"), found)
        report = dataclasses.replace(report_of(mini.chapter), constraints=constraints, metrics=METRICS)
        (what,) = self.problems(mini, bench, report)
        assert what.startswith("S5 `some-rule`: This is not allowed.")

    def test_whose_report_lacks_what_is_graded_is_named(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        report = dataclasses.replace(report_of(mini.chapter), constraints=(constraint("H1"),))
        assert self.problems(mini, bench, report) == [
            f"{one} is graded by this chapter and missing from the report." for one in ("S5", "M1", "M2")
        ]

    def test_is_graded_whole_with_the_load_test(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        desk = bench(lambda chapter, folder: report_of(chapter))
        list(graded.reference_has_full_marks(desk, mini.book, mini.chapter))
        assert desk.asked[0][1] is Scope.ALL


class TestOneTask:
    def test_done_alone_that_passes_is_right(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        desk = bench(lambda chapter, folder: report_of(chapter, "1.2-created"))
        task = mini.chapter.tasks[0]
        assert [*graded.task_alone_passes(desk, mini.book, mini.chapter, task)] == []
        folder, scope = desk.asked[0]
        assert scope is Scope.SUITE
        text = (folder / "app/main.py").read_text()
        assert "TODO(1.1)" not in text
        assert "TODO(1.2)" in text

    def test_that_needs_an_earlier_one_is_told_which(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        def needs_both(chapter: Chapter, folder: Path) -> Report:
            alone = "TODO(1.1)" in (folder / "app/main.py").read_text()
            return report_of(chapter, *(["1.2-created"] if alone else []))

        task = mini.chapter.tasks[1]
        (problem,) = graded.task_alone_passes(bench(needs_both), mini.book, mini.chapter, task)
        assert problem.what == "with task 1.2 alone done: `1.2-created` is `failed`: It did not do it."
        assert problem.remedy == "It passes once 1.1 are done too; make it independent of them."


class TestWrong:
    def problems(self, mini: MiniBook, bench: Bench, answer: Answer) -> list[str]:
        wrong = read_wrong(mini.proofs / "wrong" / "1.1-no-bound.toml")
        return whats(graded.wrong_is_caught(bench(answer), mini.book, mini.chapter, wrong))

    def test_caught_by_the_named_check_alone_is_right(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        assert self.problems(mini, bench, lambda c, f: report_of(c, "1.1-long-name")) == []

    def test_caught_by_nothing_is_named(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        assert self.problems(mini, bench, lambda c, f: report_of(c)) == [
            "`1.1-long-name` does not catch it; the check is `passed`."
        ]

    def test_caught_by_another_check_too_is_named(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        assert self.problems(mini, bench, lambda c, f: report_of(c, "1.1-long-name", "1.2-first")) == [
            "`1.2-first` fails too: It did not do it."
        ]

    def test_an_error_is_no_catch(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        assert self.problems(mini, bench, lambda c, f: report_of(c, error=("1.1-long-name",))) == [
            "`1.1-long-name` could not be judged: The test broke."
        ]

    def test_a_suite_that_breaks_is_one_problem_and_not_one_a_check(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        assert self.problems(mini, bench, lambda c, f: report_of(c, error=ALL)) == [
            "`1.1-by-name`, `1.1-long-name`, `1.2-created` and 2 more could not be judged: The test broke."
        ]

    def test_a_hard_constraint_that_nobody_named_is_told(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        def violate(chapter: Chapter, folder: Path) -> Report:
            report = report_of(chapter, "1.1-long-name")
            constraints = (constraint("H1", finding("H1")), constraint("S5", finding("S5")))
            return dataclasses.replace(report, constraints=constraints)

        assert self.problems(mini, bench, violate) == [
            "it violates H1, which `constraints` does not name: app/main.py:7 This is not allowed."
        ]

    def test_a_constraint_that_is_violated_by_chance_is_right_either_way(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        def violate(chapter: Chapter, folder: Path) -> Report:
            report = report_of(chapter, "1.1-long-name")
            return dataclasses.replace(report, constraints=(constraint("H1", finding("H1")),))

        wrong = read_wrong(mini.proofs / "wrong" / "1.1-no-bound.toml")
        raced = dataclasses.replace(wrong, file=msgspec.structs.replace(wrong.file, by_chance=("H1",)))
        for answer in (violate, lambda c, f: report_of(c, "1.1-long-name")):
            assert whats(graded.wrong_is_caught(bench(answer), mini.book, mini.chapter, raced)) == []

    def test_a_constraint_that_holds_after_all_is_told(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        mini.edit(mini.proofs / "wrong" / "1.1-no-bound.toml", "constraints = []", 'constraints = ["S5"]')
        assert self.problems(mini, bench, lambda c, f: report_of(c, "1.1-long-name")) == [
            "it does not violate S5, as `constraints` says."
        ]


class TestAlternative:
    def problems(self, mini: MiniBook, bench: Bench, report: Report) -> list[str]:
        alternative = read_alternative(mini.proofs / "alternatives" / "router")
        answers = bench(lambda chapter, folder: report)
        return whats(graded.alternative_passes(answers, mini.book, mini.chapter, alternative))

    def test_that_passes_is_right_with_a_soft_finding(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        constraints = (constraint("S5", finding("S5")),)
        report = dataclasses.replace(report_of(mini.chapter), constraints=constraints)
        assert self.problems(mini, bench, report) == []

    def test_that_fails_a_check_is_named(self, mini: MiniBook, bench: Bench, report_of: ReportOf) -> None:
        assert self.problems(mini, bench, report_of(mini.chapter, "1.1-by-name")) == [
            "`1.1-by-name` is `failed`: It did not do it."
        ]

    def test_that_violates_a_hard_constraint_is_named(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        report = dataclasses.replace(report_of(mini.chapter), constraints=(constraint("H1", finding("H1")),))
        assert self.problems(mini, bench, report) == ["violates H1: This is not allowed."]

    def test_may_leave_the_stretch_out_where_it_says_so(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        report = report_of(mini.chapter, "1.2-created")
        stretch = dataclasses.replace(report.tasks[1], stretch=True, outcome=Outcome.FAILED)
        report = dataclasses.replace(report, passed=True, tasks=(report.tasks[0], stretch))
        assert self.problems(mini, bench, report) == ["`1.2-created` is `failed`: It did not do it."]
        path = mini.proofs / "alternatives" / "router" / "alternative.toml"
        path.write_text(path.read_text() + "stretch = false\n")
        assert self.problems(mini, bench, report) == []

    def test_that_passes_no_one_knows_why_not_is_named(
        self, mini: MiniBook, bench: Bench, report_of: ReportOf
    ) -> None:
        report = dataclasses.replace(report_of(mini.chapter), passed=False)
        assert self.problems(mini, bench, report) == ["it is not passed, and nothing in the report says why."]
