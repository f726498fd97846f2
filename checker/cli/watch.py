"""`check watch`: a grade each time the learner's folder is saved, its first failure as soon as it is known."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from checker.book import Chapter, TaskSpec
from checker.cli.desk import Desk, find_chapter, open_desk, shown
from checker.cli.grading import remember
from checker.cli.guide import current_task, next_chapter
from checker.cli.keys import listening_to_keys
from checker.cli.saves import Saves
from checker.cli.seen import Seen
from checker.cli.watch_screen import Screen
from checker.errors import CheckerError, ExitCode, UsageError
from checker.grade import GradeOptions, GradeStopped, Ready, Stop, grade_ready
from checker.models.events import Event
from checker.models.report import Outcome, Report
from checker.progress import HINTS, hint_opened
from checker.sandbox import hide_this_process

_REDRAW_EVERY_S = 0.1
_QUICK = GradeOptions(load=False, advice=False, source_first=True)


def watch(book_folder: Path | None, wanted: str | None, *, looking: bool) -> int:
    """Grade on every save until Ctrl-C or `q`; the exit code is 0."""
    desk = open_desk(book_folder)
    chapter = find_chapter(desk.book, wanted) if wanted is not None else next_chapter(desk)
    if chapter is None:
        raise UsageError(
            "Every chapter is passed. Name the one to watch: "
            f"`{desk.command(f'watch {desk.book.chapters[0].short}')}`."
        )
    _folder(desk, chapter)
    hide_this_process()
    news: queue.SimpleQueue[_News] = queue.SimpleQueue()
    with listening_to_keys(lambda key: news.put(_News(key=key))) as has_keys:
        watcher = _Watcher(desk, chapter, news, has_keys=has_keys, looking=looking)
        try:
            watcher.run()
        finally:
            watcher.close()
    return ExitCode.PASSED


def _folder(desk: Desk, chapter: Chapter) -> Path:
    own = desk.folder(chapter)
    if own is None:
        raise UsageError(
            "There is no workspace here. `cd` into the clone, or make one with `check init my-workbook`."
        )
    if not own.is_dir():
        raise UsageError(
            f"There is nothing to watch: `{shown(own)}` is missing. `{desk.command(f'reset {chapter.short}')}` lays "
            "the starter there."
        )
    return own


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """Something happened; which run it belongs to, where it belongs to one."""

    key: str = ""
    saved: bool = False
    note: str = ""
    run: _Run | None = None
    event: Event | None = None
    report: Report | None = None
    error: BaseException | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class _Run:
    """One grade, from the save that asked for it to its report."""

    options: GradeOptions
    began: float
    stop: Stop = field(default_factory=Stop)
    seen: Seen = field(default_factory=Seen)


class _Watcher:
    """What is watched, and the run that is under way."""

    def __init__(
        self,
        desk: Desk,
        chapter: Chapter,
        news: queue.SimpleQueue[_News],
        *,
        has_keys: bool,
        looking: bool,
    ) -> None:
        self._desk = desk
        self._news = news
        self._looking = looking
        self._screen = Screen(has_keys=has_keys)
        # One after the other: a grade, and what is got ready for the next.
        self._lane = ThreadPoolExecutor(max_workers=1, thread_name_prefix="watch")
        self._ready: Ready | None = None
        self._run: _Run | None = None
        self._last: Report | None = None
        self._notes: list[str] = []
        self._closing = False
        self._saves = ExitStack()
        self._turn_to(chapter)

    def run(self) -> None:
        """Until `q` is pressed."""
        self._grade(_QUICK)
        drawn = 0.0
        while True:
            try:
                news = self._news.get(timeout=_REDRAW_EVERY_S)
            except queue.Empty:
                news = None
            if news is not None and self._take(news):
                return
            if self._screen.stale and time.monotonic() - drawn >= _REDRAW_EVERY_S:
                self._draw()
                drawn = time.monotonic()

    def close(self) -> None:
        """End what runs; nothing is left behind."""
        self._closing = True
        self._saves.close()
        self._end_run()
        self._lane.submit(self._drop_ready)
        self._lane.shutdown(wait=True)
        self._draw()
        self._screen.close()

    # What is watched

    def _turn_to(self, chapter: Chapter) -> None:
        self._chapter = chapter
        self._path = _folder(self._desk, chapter)
        self._task = self._first_task()
        self._last = None
        self._saves.close()
        self._saves.enter_context(
            Saves(
                self._path,
                saved=lambda: self._news.put(_News(saved=True)),
                noted=lambda text: self._news.put(_News(note=text)),
                looking=self._looking,
            )
        )

    def _first_task(self) -> TaskSpec:
        record = self._desk.progress().chapter(self._chapter.id)
        return current_task(self._chapter, record) or self._chapter.tasks[0]

    # The run

    def _grade(self, options: GradeOptions) -> None:
        self._end_run()
        run = _Run(options=replace(options, first=self._first_checks()), began=time.monotonic())
        self._run = run
        self._screen.began()
        self._lane.submit(self._grade_in_lane, run, self._chapter, self._path)

    def _first_checks(self) -> frozenset[str]:
        """What failed last time, so that it is known first whether it still does."""
        if self._last is None:
            return frozenset()
        return frozenset(
            check.id for task in self._last.tasks for check in task.checks if check.outcome is Outcome.FAILED
        )

    def _grade_in_lane(self, run: _Run, chapter: Chapter, folder: Path) -> None:
        told = _News(run=run, error=GradeStopped())
        try:
            ready, self._ready = self._ready, None
            if ready is not None and (ready.chapter is not chapter or ready.is_stale):
                ready.close()
                ready = None
            with ready or Ready(chapter, run.options) as prepared:
                report = grade_ready(prepared, folder, run.options, self._teller(run), run.stop)
            told = _News(run=run, report=report)
        except BaseException as error:  # noqa: BLE001 -- carried to the thread that speaks to the person
            told = _News(run=run, error=error)
        finally:
            self._news.put(told)
        if not self._closing and told.report is not None:
            self._get_ready(chapter)

    def _get_ready(self, chapter: Chapter) -> None:
        try:
            self._ready = Ready(chapter, _QUICK)
        except CheckerError:
            self._ready = None  # The next grade will say so itself.

    def _teller(self, run: _Run) -> Callable[[Event], None]:
        return lambda event: self._news.put(_News(run=run, event=event))

    def _end_run(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.stop.stop()

    def _drop_ready(self) -> None:
        ready, self._ready = self._ready, None
        if ready is not None:
            ready.close()

    # News

    def _take(self, news: _News) -> bool:
        """Act on it; whether that was the wish to end."""
        if news.key:
            return self._press(news.key)
        if news.saved:
            self._notes.clear()
            self._grade(_QUICK)
        elif news.note:
            self._notes.append(news.note)
            self._screen.note(news.note)
        elif news.run is not None and news.run is self._run:
            self._hear(news.run, news)
        return False

    def _hear(self, run: _Run, news: _News) -> None:
        if news.event is not None:
            trouble = run.seen.take(news.event)
            self._screen.heard(run.seen, trouble, time.monotonic() - run.began)
        elif news.report is not None:
            self._run = None
            self._last = news.report
            self._screen.ended(news.report, run.seen, time.monotonic() - run.began)
            # A chapter with a load test is passed with it alone.
            whole = run.options.load or self._chapter.file.load is None or not news.report.passed
            remember(self._desk, self._chapter, self._path, news.report, whole=whole)
            self._go_on(run, news.report)
        elif isinstance(news.error, CheckerError):
            self._run = None
            self._notes.append(str(news.error))
            self._screen.note(str(news.error))
        elif news.error is not None and not isinstance(news.error, GradeStopped):
            raise news.error

    def _go_on(self, run: _Run, report: Report) -> None:
        """To the next task where this one passes, to the load test where all do, then to the next chapter."""
        done = {task.id for task in report.tasks if task.outcome is Outcome.PASSED}
        if self._task.id in done:
            passed, self._task = self._task, self._first_task()
            if passed.id != self._task.id and self._task.id not in done:
                self._say(f"Task {passed.id} is done. Next: task {self._task.id}, {self._task.title}.")
        if not report.passed:
            return
        if not run.options.load and self._chapter.file.load is not None:
            if self._desk.progress().chapter(self._chapter.id).passed_at is None:
                self._say("All of it passes; now the load test, alone.")
                self._grade(GradeOptions())
            return
        following = next_chapter(self._desk)
        there = self._desk.folder(following) if following is not None else None
        if following is None or there is None or not there.is_dir():
            self._say(f"{self._chapter.short} is passed, and no chapter is left.")
        elif following is not self._chapter:
            self._say(f"{self._chapter.short} is passed. Going on with {following.short}: {following.title}.")
            self._turn_to(following)
            self._grade(_QUICK)

    def _say(self, text: str) -> None:
        self._notes = [text]
        self._screen.note(text)

    # Keys

    def _press(self, key: str) -> bool:
        match key.lower():
            case "q":
                return True
            case "h":
                self._open_hint()
            case "n":
                self._next_task()
            case "e":
                self._notes.clear()
                self._grade(GradeOptions())
            case "r" | "\r" | "\n":
                self._notes.clear()
                self._grade(_QUICK)
            case _:
                return False
        self._screen.stale = True
        return False

    def _open_hint(self) -> None:
        task = self._task
        opened = HINTS
        if self._desk.store is not None:
            before = self._desk.progress().chapter(self._chapter.id).hints.get(task.id, 0)
            if before < HINTS:
                self._desk.store.update(lambda progress: hint_opened(progress, self._chapter.id, task.id))
            opened = min(before + 1, HINTS)
        self._notes = [
            f"Hint {number} of {HINTS} for task {task.id}: {hint}"
            for number, hint in enumerate(task.hints[:opened], 1)
        ]

    def _next_task(self) -> None:
        tasks = self._chapter.tasks
        self._task = tasks[(tasks.index(self._task) + 1) % len(tasks)]
        self._notes = [f"Task {self._task.id}, {self._task.title}. {self._task.acceptance}"]

    # The screen

    def _draw(self) -> None:
        self._screen.draw(self._chapter, self._task.id, self._notes)
