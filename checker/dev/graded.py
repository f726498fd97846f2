"""Claims that grade: what the starter, the reference, each wrong and each alternative solution come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from checker.book import Book, Chapter, TaskSpec
from checker.dev.claims import Problem
from checker.dev.proofs import Alternative, Wrong, copy_tree, lay_out
from checker.dev.regions import graft
from checker.dev.trees import relative
from checker.errors import SubmissionError
from checker.models.report import Check, ConstraintOutcome, MetricOutcome, Outcome, Report, Task


class Scope(StrEnum):
    """How much of a grade a claim needs."""

    FIRST_FAILURE = "first-failure"  # the hidden tests, until one fails
    SUITE = "suite"  # the hidden tests alone
    BEHAVIOUR = "behaviour"  # the hidden tests and the constraints
    TOOLS = "tools"  # everything but the load test
    ALL = "all"


class Bench(Protocol):
    """What a claim needs to try a solution."""

    def grade(self, chapter: Chapter, folder: Path, scope: Scope, *, task: str | None = None) -> Report:
        """Grade `folder`, for one task where that is enough, and wait for the report; raises what the grade raises."""
        ...

    def folder(self) -> Path:
        """A new empty folder, gone when the gate ends."""
        ...


def starter_does_not_pass(bench: Bench, book: Book, chapter: Chapter) -> Iterator[Problem]:
    """The starter runs and is graded without a fault; every task fails, each failing check with a message."""
    where = relative(book.root, chapter.starter)
    report = bench.grade(chapter, copy_tree(chapter.starter, bench.folder()), Scope.TOOLS)
    yield from _no_faults(where, report)
    if report.passed:
        yield Problem(path=where, what="the starter passes.", remedy="A starter leaves every task to do.")
    for task in report.tasks:
        if task.outcome not in (Outcome.FAILED, Outcome.ERROR):
            yield Problem(
                path=where,
                what=f"before it is done, task {task.id} is `{task.outcome}`, not `failed`.",
                remedy=_remedy_for_undone(task),
            )
        for check in _failing(task):
            if not check.message.strip():
                yield Problem(
                    path=where,
                    what=f"`{check.id}` fails without a message.",
                    remedy="Write its `say`; a learner reads nothing else.",
                )
    yield from _errors(where, [check for task in report.tasks for check in task.checks])


def _remedy_for_undone(task: Task) -> str:
    if task.outcome is Outcome.PASSED:
        return "Take the solution out of the starter's region, or add a check that the starter fails."
    return "See what the checks of the task say; the starter must run."


def empty_folder_is_refused(bench: Bench, book: Book, chapter: Chapter) -> Iterator[Problem]:
    """An empty folder is not passed, and one sentence says why."""
    where = relative(book.root, chapter.toml)
    try:
        report = bench.grade(chapter, bench.folder(), Scope.TOOLS)
    except SubmissionError as error:
        said = [str(error)]
    else:
        if report.passed:
            yield Problem(
                path=where, what="an empty folder passes.", remedy="No chapter passes without code."
            )
        said = [fault.message for fault in report.faults]
    if len(said) != 1 or "\n" in said[0].strip() or not said[0].strip():
        yield Problem(
            path=where,
            what=f"an empty folder is answered with {len(said)} sentences: {' / '.join(said) or 'none'}.",
            remedy="It is one fault and one sentence; look at the engine's faults.",
        )


def reference_has_full_marks(bench: Bench, book: Book, chapter: Chapter) -> Iterator[Problem]:
    """The reference passes every check, draws no finding, advice included, and misses no graded metric."""
    where = relative(book.root, chapter.solution)
    report = bench.grade(chapter, copy_tree(chapter.solution, bench.folder()), Scope.ALL)
    yield from _passes(where, report, tasks=report.tasks)
    if report.score != 100:
        yield Problem(
            path=where,
            what=f"the reference has {report.score:g} of 100 points.",
            remedy="Run `check` with `--solution` on the chapter and mend what it shows.",
        )
    seen = {result.id for result in report.constraints} | {metric.id for metric in report.metrics}
    for graded_id in (*chapter.file.grades.constraints, *chapter.file.grades.metrics):
        if graded_id not in seen:
            yield Problem(
                path=where,
                what=f"{graded_id} is graded by this chapter and missing from the report.",
                remedy="Check its id in chapter.toml, and that the checker has a file for it.",
            )
    for result in report.constraints:
        for finding in result.findings:
            place = f"{where}/{finding.path}:{finding.line}" if finding.path else where
            flexed = f" (flexed: {finding.flexed})" if finding.flexed is not None else ""
            yield Problem(
                path=place,
                what=f"{result.id} `{finding.rule}`: {finding.message}{flexed}",
                remedy="The reference is clean under every constraint; mend it, or the rule if it is wrong.",
            )


def task_alone_passes(bench: Bench, book: Book, chapter: Chapter, task: TaskSpec) -> Iterator[Problem]:
    """The starter with this one task's regions of the reference passes this task."""
    where = relative(book.root, chapter.solution)
    folder = graft(chapter.starter, chapter.solution, (task.id,), bench.folder())
    # Its own hidden tests are enough: those of the others run into the time limits of what is still to do.
    report = bench.grade(chapter, folder, Scope.SUITE, task=task.id)
    problems = list(_task_passes(where, report, task.id))
    if not problems:
        return
    number = [one.id for one in chapter.tasks].index(task.id)
    earlier = [one.id for one in chapter.tasks[: number + 1]]
    folder = graft(chapter.starter, chapter.solution, earlier, bench.folder())
    together = list(_task_passes(where, bench.grade(chapter, folder, Scope.SUITE, task=task.id), task.id))
    for problem in problems:
        yield Problem(
            path=problem.path,
            what=f"with task {task.id} alone done: {problem.what}",
            remedy=(
                "Put what it needs into its regions, or share a region between the tasks."
                if together
                else f"It passes once {', '.join(earlier[:-1])} are done too; make it independent of them."
            ),
        )


def _task_passes(where: str, report: Report, task_id: str) -> Iterator[Problem]:
    yield from _no_faults(where, report)
    yield from _tasks_passed(where, [task for task in report.tasks if task.id == task_id])


class Group(Protocol):
    """Wrong solutions that were tried in one grade."""

    def shows_exactly(self, bench: Bench) -> bool:
        """Whether that grade shows what all of them promise, and nothing else."""
        ...


def wrong_is_caught(
    bench: Bench, book: Book, chapter: Chapter, wrong: Wrong, group: Group | None = None
) -> Iterator[Problem]:
    """Exactly the named checks fail, the named constraints are violated, and no other hard one is."""
    if group is not None and group.shows_exactly(bench):
        return
    report = bench.grade(chapter, lay_out(chapter, wrong, bench.folder()), Scope.BEHAVIOUR)
    yield from unlike_promised(relative(book.root, wrong.path), report, wrong)


def unlike_promised(where: str, report: Report, wrong: Wrong) -> Iterator[Problem]:
    """Where the grade of a wrong solution shows anything but exactly what its file names."""
    yield from _no_faults(where, report)
    checks = {check.id: check for task in report.tasks for check in task.checks}
    errors = [*_errors(where, checks.values())]
    if errors:
        yield from errors
        return
    failed = {check.id for check in checks.values() if check.outcome is Outcome.FAILED}
    named = set(wrong.file.caught_by)
    for check_id in sorted(named - failed):
        outcome = checks[check_id].outcome if check_id in checks else "missing"
        yield Problem(
            path=where,
            what=f"`{check_id}` does not catch it; the check is `{outcome}`.",
            remedy="Sharpen the check, or name in `caught_by` the one that fails.",
        )
    for check_id in sorted(failed - named - set(wrong.file.by_chance)):
        yield Problem(
            path=where,
            what=f"`{check_id}` fails too: {checks[check_id].message}",
            remedy="Loosen that check so that it speaks of its own task, or name it in `caught_by`.",
        )
    violated = {result.id for result in report.constraints if result.graded and result.open_findings}
    hard = {result.id for result in report.constraints if result.hard}
    for constraint in sorted(set(wrong.file.constraints) - violated):
        yield Problem(
            path=where,
            what=f"it does not violate {constraint}, as `constraints` says.",
            remedy="Take it out of `constraints`, or mend the rule that should see it.",
        )
    for constraint in sorted((violated & hard) - {*wrong.file.constraints, *wrong.file.by_chance}):
        yield Problem(
            path=where,
            what=f"it violates {constraint}, which `constraints` does not name: "
            f"{_first_finding(report, constraint)}",
            remedy="Name it, or mend the rule if the finding is a false alarm.",
        )


def _first_finding(report: Report, constraint: str) -> str:
    found = next(result.open_findings[0] for result in report.constraints if result.id == constraint)
    return f"{found.path}:{found.line} {found.message}"


def alternative_passes(
    bench: Bench, book: Book, chapter: Chapter, alternative: Alternative
) -> Iterator[Problem]:
    """Every core task passes, and the stretch too where it is claimed; no hard finding, no metric missed."""
    where = relative(book.root, alternative.folder)
    folder = copy_tree(alternative.folder, bench.folder())
    (folder / "alternative.toml").unlink(missing_ok=True)
    report = bench.grade(chapter, folder, Scope.TOOLS)
    tasks = [task for task in report.tasks if alternative.file.stretch or not task.stretch]
    yield from _passes(where, report, tasks=tasks)


def _passes(where: str, report: Report, *, tasks: Iterable[Task]) -> Iterator[Problem]:
    problems = [*_no_faults(where, report), *_tasks_passed(where, tasks)]
    for result in report.constraints:
        if result.graded and result.outcome is ConstraintOutcome.ERROR:
            problems.append(
                Problem(
                    path=where,
                    what=f"{result.id} could not be judged: {result.detail}",
                    remedy="Mend the constraint.",
                )
            )
        if result.graded and result.hard and result.outcome is ConstraintOutcome.FAILED:
            finding = result.open_findings[0] if result.open_findings else None
            place = f"{where}/{finding.path}:{finding.line}" if finding and finding.path else where
            problems.append(
                Problem(
                    path=place,
                    what=f"violates {result.id}: {finding.message if finding else result.detail}",
                    remedy="Mend the solution, or the rule if the finding is a false alarm.",
                )
            )
    problems += [
        Problem(
            path=where,
            what=f"{metric.id}, {metric.title}, is `{metric.outcome}`: {metric.message}",
            remedy="Mend the solution; the metric must be passed or inconclusive.",
        )
        for metric in report.metrics
        if metric.graded and metric.outcome not in (MetricOutcome.PASSED, MetricOutcome.INCONCLUSIVE)
    ]
    if not report.passed and not problems:
        problems.append(
            Problem(
                path=where,
                what="it is not passed, and nothing in the report says why.",
                remedy="Look at how the grade decides; this is the engine's mistake.",
            )
        )
    yield from problems


def _tasks_passed(where: str, tasks: Iterable[Task]) -> Iterator[Problem]:
    for task in tasks:
        if task.outcome is not Outcome.PASSED and not any(_failing(task)):
            yield Problem(
                path=where,
                what=f"task {task.id} is `{task.outcome}` though no check of it failed.",
                remedy="Look at the engine; exactly the declared checks must have run.",
            )
    failing = [check for task in tasks for check in _failing(task)]
    yield from _errors(where, failing)
    for check in failing:
        if check.outcome is Outcome.FAILED:
            yield Problem(
                path=where,
                what=f"`{check.id}` is `failed`: {_short(check)}",
                remedy="Mend the solution, or the check if it asks for more than the sheet.",
            )
    skipped = [check.id for check in failing if check.outcome is Outcome.SKIPPED]
    if skipped:
        yield Problem(
            path=where,
            what=f"{_named(skipped)} did not run.",
            remedy="Mend what came before them.",
        )


def _errors(where: str, checks: Iterable[Check]) -> Iterator[Problem]:
    """Checks of which the checker could not tell, those with one cause as one problem."""
    causes: dict[str, list[str]] = {}
    for check in checks:
        if check.outcome is Outcome.ERROR:
            causes.setdefault(check.message, []).append(check.id)
    for message, ids in causes.items():
        yield Problem(
            path=where,
            what=f"{_named(ids)} could not be judged: {message}",
            remedy="A test says what it expects, so that it fails rather than breaks; else the engine is wrong.",
        )


def _named(ids: list[str]) -> str:
    shown = ", ".join(f"`{one}`" for one in ids[:3])
    return shown if len(ids) <= 3 else f"{shown} and {len(ids) - 3} more"


def _failing(task: Task) -> Iterator[Check]:
    return (check for check in task.checks if check.outcome is not Outcome.PASSED)


def _short(check: Check) -> str:
    pieces = [check.message]
    if check.expected is not None:
        pieces.append(f"expected {_cut(check.expected)}, received {_cut(check.received)}")
    if check.path:
        pieces.append(f"({check.path}:{check.line})")
    return " ".join(pieces)


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:117]}…"


def _no_faults(where: str, report: Report) -> Iterator[Problem]:
    for fault in report.faults:
        place = f"{where}/{fault.path}:{fault.line}" if fault.path else where
        yield Problem(
            path=place,
            what=f"{fault.kind}: {fault.message}",
            remedy="It must run; try it with `fastapi dev`.",
        )
