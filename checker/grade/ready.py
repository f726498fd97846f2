"""A grade that is ready before there is a submission: its folder, and a judge that has read the hidden suite.

Nothing of a submission is ever kept from one grade to the next: each gets a folder, a judge, a process for the app and one for
the learner's tests of its own, which are only started ahead.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from checker.app_under_test.box import make_box, remove_box
from checker.book import Chapter, TaskSpec
from checker.errors import BookError, UsageError
from checker.grade.lanes import divide
from checker.grade.options import GradeOptions
from checker.grade.own_files import OwnFiles
from checker.metrics import Metric, Place, Unmeasurable, all_metrics
from checker.models.events import Stage
from checker.sandbox import LimitedProcess, best_isolation
from checker.submission import imported_libraries
from checker.suite.checks import DeclaredCheck, declared_checks
from checker.suite.lanes import Judges
from checker.suite.messages import JudgeRequest


class Ready:
    """What one grade of a chapter needs, whoever hands something in. Use as a context manager.

    Raises `UsageError` for an unknown task, `BookError` where the chapter's own files are wrong, `CheckerError` where this
    machine has no room for it.
    """

    def __init__(self, chapter: Chapter, options: GradeOptions) -> None:
        self.chapter = chapter
        self.options = options
        self.tasks = _wanted_tasks(chapter, options.task)
        offer = best_isolation()
        self.isolation = options.isolation or offer.level
        self.isolation_why = offer.why if self.isolation is offer.level else "asked for"
        self.declared = {
            task.id: _declared(path) for task, path in chapter.suite_files() if task in self.tasks
        }
        # What was given out is likely to be handed in again.
        self._libraries = imported_libraries(chapter.starter)
        self.own_files = OwnFiles(chapter.suite)
        self.judges: Judges | None = None
        self.begun: dict[Stage, LimitedProcess] = {}
        """What metrics started ahead."""
        self.box = make_box()
        self.folder = self.box / "work"
        """Where the submission will lie."""
        try:
            self.folder.mkdir()
            if options.runs(Stage.SUITE):
                self.judges = Judges(self._requests())
            self._begin_metrics()
            if options.runs(Stage.CONSTRAINTS):
                # Hundreds of modules, read while the judge and the others get ready.
                from checker.constraints import all_constraints

                all_constraints()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_stale(self) -> bool:
        """Whether it has waited for too long: the checker's files are others now, or a judge is gone."""
        return bool(self.own_files.changed()) or (self.judges is not None and not self.judges.waits)

    def place(self, stage: Stage) -> Place:
        """Where the tools of one metric work."""
        return Place(
            chapter=self.chapter,
            folder=self.folder,
            scratch=self.box / stage.value,
            isolation=self.isolation,
            libraries=self._libraries,
        )

    def close(self) -> None:
        """End what was started and remove the folder."""
        if self.judges is not None:
            self.judges.end()
        for process in self.begun.values():
            process.end()
        remove_box(self.box)

    def _begin_metrics(self) -> None:
        for metric in chosen_metrics(self.chapter, self.options):
            place = self.place(metric.stage)
            place.scratch.mkdir()
            if metric.begin is not None:
                # What cannot be started is told by the metric itself.
                with contextlib.suppress(Unmeasurable):
                    self.begun[metric.stage] = metric.begin(place)

    def _requests(self) -> list[JudgeRequest]:
        """One for each lane of the suite."""
        files = [path for task, path in self.chapter.suite_files() if task in self.tasks]
        return [
            self._request(lane, number)
            for number, lane in enumerate(divide(self.chapter, files, self.options.lanes))
        ]

    def _request(self, files: Sequence[Path], lane: int) -> JudgeRequest:
        file = self.chapter.file
        box = self.box / f"suite-{lane}"
        box.mkdir()
        return JudgeRequest(
            suite=str(self.chapter.suite),
            files=tuple(str(path) for path in files),
            folder=str(self.folder),
            target=file.app.target,
            env=file.app.env,
            limits=file.limits,
            box=str(box),
            libraries=imported_libraries(self.chapter.starter / "app"),
            asks_for_errors=lane == 0,
            fork=self.options.fork,
            isolation=self.isolation,
        )


def chosen_metrics(chapter: Chapter, options: GradeOptions) -> tuple[Metric, ...]:
    """The metrics that a grade with these options takes."""
    if options.task is not None:
        return ()
    graded = frozenset(chapter.file.grades.metrics)
    return tuple(
        metric
        for metric in all_metrics()
        if options.runs(metric.stage) and (options.advice or graded & set(metric.ids))
    )


def _wanted_tasks(chapter: Chapter, task_id: str | None) -> Sequence[TaskSpec]:
    if task_id is None:
        return chapter.tasks
    task = chapter.task(task_id)
    if task is None:
        known = ", ".join(one.id for one in chapter.tasks)
        raise UsageError(f"Chapter {chapter.number} has no task `{task_id}`; it has {known}.")
    return (task,)


def _declared(path: Path) -> tuple[DeclaredCheck, ...]:
    declared = declared_checks(path)
    if not declared:
        raise BookError(f"The hidden suite `{path}` holds no check; write a `test_…` function with `@check`.")
    return declared
