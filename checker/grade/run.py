"""One grade from folder to report."""

from __future__ import annotations

import functools
import itertools
import platform
import secrets
import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from checker import __version__
from checker.app_under_test.launcher import Launcher
from checker.book import Chapter, TaskSpec
from checker.errors import SubmissionError
from checker.grade.lanes import remember_seconds
from checker.grade.options import GradeOptions
from checker.grade.ready import Ready, chosen_metrics
from checker.grade.stop import GradeStopped, Stop
from checker.grade.verdict import settle, settle_task
from checker.metrics import MetricContext, user_cache
from checker.models.events import (
    CheckFinished,
    ConstraintsFinished,
    FaultSeen,
    Listener,
    MetricFinished,
    Stage,
    StageFinished,
    StageStarted,
)
from checker.models.facts import AppFacts
from checker.models.report import (
    Check,
    ConstraintResult,
    Fault,
    FaultKind,
    MetricResult,
    Outcome,
    Report,
    RunInfo,
    Task,
)
from checker.submission import Snapshot, find_syntax_fault, find_unread_source, take_snapshot
from checker.suite.messages import JudgeStart
from checker.suite.run import SuiteRun

if TYPE_CHECKING:
    from checker.source import Project


def grade(chapter: Chapter, folder: Path, options: GradeOptions, listen: Listener) -> Report:
    """Grade `folder` against `chapter`; `listen` hears results as they land.

    Never raises for what the learner's code does. Raises `UsageError` for an unknown task, `BookError` where the
    chapter's own files are wrong, `CheckerError` where this machine cannot run a grade or the app changed the checker.
    """
    started = time.monotonic()
    with Ready(chapter, options) as ready:
        return replace(
            grade_ready(ready, folder, options, listen), duration_s=round(time.monotonic() - started, 2)
        )


def grade_ready(
    ready: Ready, folder: Path, options: GradeOptions, listen: Listener, stop: Stop | None = None
) -> Report:
    """`grade` with what was got ready for it, once; `options` may differ from those it was made with in what a run is asked for.

    Raises `GradeStopped` soon after somebody has called `stop`.
    """
    started = time.monotonic()
    stop = stop or Stop()
    grading = _Grading(ready, folder, options, listen, stop)
    try:
        report = grading.run()
        stop.raise_if_stopped()
    except CancelledError:
        raise GradeStopped from None
    ready.own_files.require_unchanged()
    return replace(report, duration_s=round(time.monotonic() - started, 2))


class _Grading:
    def __init__(
        self, ready: Ready, folder: Path, options: GradeOptions, listen: Listener, stop: Stop
    ) -> None:
        self._ready = ready
        self._chapter = ready.chapter
        self._folder = folder
        self._options = options
        self._listen = listen
        self._stop = stop
        self._isolation = ready.isolation
        self._seed = options.seed if options.seed is not None else secrets.randbelow(10**9)
        self._tasks = ready.tasks
        self._declared = ready.declared
        self._faults: list[Fault] = []
        self._suite = SuiteRun()
        self._constraints: tuple[ConstraintResult, ...] = ()
        self._metrics: list[MetricResult] = []
        self._project: Project | None = None

    def run(self) -> Report:
        """Take the snapshot, run all parts, settle the verdict; raises `CancelledError` where that was stopped."""
        with self._stage(Stage.SNAPSHOT):
            snapshot = self._take_snapshot(self._ready.folder)
        if snapshot is None:
            return self._report("This could not run: there is nothing to grade.")
        if (broken := find_syntax_fault(snapshot)) is not None:
            self._fault(broken)
            self._judge_constraints(snapshot, None)
            return self._report("Python cannot read the app yet, so nothing could be asked of it.")
        self._run_parts(snapshot, self._ready.box)
        missing = "The app did not run long enough to be asked."
        if self._faults and not self._suite.checks:
            missing = f"Not run: {self._faults[0].message}"
        return self._report(missing)

    # The parts

    def _run_parts(self, snapshot: Snapshot, box: Path) -> None:
        # The learner's tests are the longest part but for the suite, and both wait now and then.
        with ThreadPoolExecutor(max_workers=3, thread_name_prefix="grade") as lanes:
            try:
                running = [
                    lanes.submit(self._in_lane, work, snapshot, box)
                    for work in (self._run_suite, self._run_tests, self._run_tools)
                ]
                for lane in running:
                    lane.result()
            except BaseException:
                self._stop.stop()
                raise
        if self._suite.facts is None and (unread := find_unread_source(snapshot)) is not None:
            self._fault(unread)
        self._judge_constraints(snapshot, self._suite.facts)
        with self._stop.may_run():
            self._measure(snapshot, box, {Stage.LOAD})

    def _in_lane(self, work: Callable[[Snapshot, Path], None], snapshot: Snapshot, box: Path) -> None:
        with self._stop.may_run():
            work(snapshot, box)

    def _run_suite(self, snapshot: Snapshot, box: Path) -> None:
        judges = self._ready.judges
        if judges is None:
            return
        start = JudgeStart(
            seed=self._seed, first=tuple(self._options.first), stop_early=self._options.stop_early
        )
        task_of = {path.name: task for task, path in self._chapter.suite_files()}
        total = sum(len(declared) for declared in self._declared.values())

        def heard(file: str, check: Check) -> None:
            task = task_of.get(file)
            if task is not None:
                shown = replace(check, lesson=check.lesson or task.lesson, docs=check.docs or task.docs)
                self._listen(CheckFinished(task=task.id, check=shown))

        with self._stage(Stage.SUITE, total):
            self._suite = judges.run(
                start, say_check=heard, say_facts=self._heard_facts, say_fault=self._fault
            )
        self._refuse_strangers()
        remember_seconds(self._chapter, self._declared, self._suite.checks)

    def _heard_facts(self, facts: AppFacts) -> None:
        self._listen(StageStarted(stage=Stage.APP))
        self._listen(StageFinished(stage=Stage.APP, seconds=facts.import_s))

    def _refuse_strangers(self) -> None:
        """Exactly the declared checks may have run; anything else would be a suite that nobody wrote."""
        known = {one.id for declared in self._declared.values() for one in declared}
        strangers = self._suite.checks.keys() - known
        if strangers and self._suite.broken is None:
            self._suite.broken = (
                f"The suite ran checks that it does not declare: {', '.join(sorted(strangers))}."
            )

    def _run_tools(self, snapshot: Snapshot, box: Path) -> None:
        if self._options.source_first:
            self._judge_constraints(snapshot, None)
        elif self._judges_constraints:
            # What was worked out of the source stays with the project: with the app's facts it takes a tenth of the time.
            self._judge(snapshot, None)
        self._measure(snapshot, box, set(Stage) - {Stage.TESTS, Stage.LOAD})

    def _run_tests(self, snapshot: Snapshot, box: Path) -> None:
        self._measure(snapshot, box, {Stage.TESTS})

    def _measure(self, snapshot: Snapshot, box: Path, stages: AbstractSet[Stage]) -> None:
        """Take the metrics of these stages; the load test must have the machine to itself."""
        for metric in chosen_metrics(self._chapter, self._options):
            if metric.stage not in stages:
                continue
            place = self._ready.place(metric.stage)
            place.scratch.mkdir(exist_ok=True)
            boxes = (box / f"{metric.stage.value}-app-{number}" for number in itertools.count(1))
            context = MetricContext(
                chapter=place.chapter,
                folder=place.folder,
                scratch=place.scratch,
                isolation=place.isolation,
                libraries=place.libraries,
                snapshot=snapshot,
                cache=user_cache(),
                seed=self._seed,
                launch=functools.partial(self._launch, boxes) if self._app_serves else None,
                ahead=self._ready.begun.get(metric.stage),
            )
            with self._stage(metric.stage):
                results = metric.measure(context)
            for result in results:
                if self._options.advice or result.graded:
                    self._metrics.append(result)
                    self._listen(MetricFinished(result=result))

    def _launch(self, boxes: Iterator[Path], folder: Path) -> Launcher:
        from checker.metrics.load import load_launcher

        return load_launcher(
            self._chapter, folder, next(boxes), isolation=self._isolation, fork=self._options.fork
        )

    @property
    def _app_serves(self) -> bool:
        """Whether there is something to load: an app that answered at least one check."""
        return any(check.outcome is Outcome.PASSED for check in self._suite.checks.values())

    @property
    def _judges_constraints(self) -> bool:
        return self._options.runs(Stage.CONSTRAINTS) and self._options.task is None

    def _judge_constraints(self, snapshot: Snapshot, facts: AppFacts | None) -> None:
        if not self._judges_constraints:
            return
        with self._stage(Stage.CONSTRAINTS):
            self._constraints = self._judge(snapshot, facts)
        self._listen(ConstraintsFinished(results=self._constraints))

    def _judge(self, snapshot: Snapshot, facts: AppFacts | None) -> tuple[ConstraintResult, ...]:
        from checker.constraints import judge_constraints
        from checker.source import read_project

        if self._project is None:
            self._project = read_project(snapshot.folder)
        graded = frozenset(self._chapter.file.grades.constraints)
        return judge_constraints(
            self._project, facts, graded=graded, only=None if self._options.advice else graded
        )

    # The ends

    def _take_snapshot(self, into: Path) -> Snapshot | None:
        try:
            return take_snapshot(self._folder, into)
        except SubmissionError as error:
            self._fault(Fault(kind=FaultKind.IMPORT, message=str(error)))
            return None

    def _report(self, why_missing: str) -> Report:
        missing = Outcome.SKIPPED if self._faults or not self._options.runs(Stage.SUITE) else Outcome.ERROR
        if self._suite.broken is not None:
            missing, why_missing = (
                Outcome.ERROR,
                f"{self._suite.broken} This is not your fault; please report it.",
            )
        if self._options.stop_early and any(c.outcome is Outcome.FAILED for c in self._suite.checks.values()):
            missing, why_missing = Outcome.SKIPPED, "Not run: an earlier check failed."
        tasks = tuple(self._settle_task(task, why_missing, missing) for task in self._tasks)
        verdict = settle(
            self._chapter,
            tasks,
            self._constraints,
            self._metrics,
            self._faults,
            task_only=self._options.task,
            solution=self._options.solution,
        )
        return Report(
            chapter=self._chapter.id,
            title=self._chapter.title,
            passed=verdict.passed,
            score=verdict.score,
            duration_s=0.0,
            tasks=tasks,
            constraints=self._constraints,
            metrics=tuple(sorted(self._metrics, key=lambda metric: metric.id)),
            faults=tuple(self._faults),
            run=RunInfo(
                seed=self._seed,
                isolation=self._isolation,
                servers=self._suite.servers,
                checker=__version__,
                python=platform.python_version(),
                fastapi=version("fastapi"),
                platform=platform.platform(terse=True),
                folder=str(self._folder),
                solution=self._options.solution,
                isolation_why=self._ready.isolation_why,
            ),
            next_step=verdict.next_step,
        )

    def _settle_task(self, task: TaskSpec, why_missing: str, missing: Outcome) -> Task:
        return settle_task(
            task, self._declared[task.id], self._suite.checks, why_missing=why_missing, missing=missing
        )

    def _fault(self, fault: Fault) -> None:
        if fault not in self._faults:
            self._faults.append(fault)
            self._listen(FaultSeen(fault=fault))

    @contextmanager
    def _stage(self, stage: Stage, total: int | None = None) -> Iterator[None]:
        self._stop.raise_if_stopped()
        self._listen(StageStarted(stage=stage, total=total))
        started = time.monotonic()
        try:
            yield
        finally:
            self._listen(StageFinished(stage=stage, seconds=time.monotonic() - started))
