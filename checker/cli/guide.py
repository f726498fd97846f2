"""The learner's way through: `check list`, `check next` and `check hint`."""

from __future__ import annotations

import re
from pathlib import Path

from checker.book import Chapter, TaskSpec
from checker.cli import terminal
from checker.cli.desk import Desk, find_chapter, find_task, open_desk, shown, task_of
from checker.errors import ExitCode, UsageError
from checker.progress import HINTS, ChapterProgress, hint_opened, tasks_left

_TASK_ID = re.compile(r"\d{1,2}\.\d{1,2}")
_STEPS = ("the idea", "the place", "part of the code")


def show_list(book_folder: Path | None) -> int:
    """Every chapter with minutes, tasks, best score and state."""
    desk = open_desk(book_folder)
    progress = desk.progress()
    room = max(terminal.width() - 44, 16)
    terminal.out(terminal.style(f"{'':>3} {'chapter':<{room}}   minutes  tasks  score  state", bold=True))
    for chapter in desk.book.chapters:
        record = progress.chapter(chapter.id)
        done = sum(task.id in record.tasks for task in chapter.tasks)
        title = _cut(chapter.title, room)
        score = f"{record.best_score:.0f}" if record.last is not None else "-"
        tasks = f"{done}/{len(chapter.tasks)}"
        line = f"{chapter.number:>3} {title:<{room}}   {_minutes(chapter):>7}  {tasks:>5}  {score:>5}  "
        terminal.out(line + _state(desk, chapter, record))
    terminal.out()
    terminal.out(
        terminal.wrap(
            "Minutes are for lesson and tasks. The score is your best of 100, where the whole chapter was graded."
        )
    )
    if desk.workspace is None:
        _say_unremembered()
    else:
        terminal.out(f"`{desk.command('next')}` says what to do now.")
    return ExitCode.PASSED


def _say_unremembered() -> None:
    terminal.note(
        terminal.wrap(
            "There is no workspace here, so nothing is remembered; `check init my-workbook` makes one."
        )
    )


def show_next(book_folder: Path | None) -> int:
    """The next task to do, and what to type."""
    desk = open_desk(book_folder)
    for line in next_lines(desk):
        terminal.out(line)
    if desk.workspace is None:
        _say_unremembered()
    return ExitCode.PASSED


def next_chapter(desk: Desk) -> Chapter | None:
    """The first chapter in which something other than a stretch task is left; None where there is none."""
    progress = desk.progress()
    for chapter in desk.book.chapters:
        record = progress.chapter(chapter.id)
        if record.passed_at is None or any(not task.stretch for task in _left(chapter, record)):
            return chapter
    return None


def next_lines(desk: Desk) -> list[str]:
    """What comes next, as lines to print."""
    progress = desk.progress()
    following = next_chapter(desk)
    if following is not None:
        record = progress.chapter(following.id)
        core = [task for task in _left(following, record) if not task.stretch]
        if core:
            return _task_lines(desk, following, core[0], record)
        return _almost_lines(desk, following, record)
    for chapter in desk.book.chapters:
        left = _left(chapter, progress.chapter(chapter.id))
        if left:
            head = "Every chapter is passed. What is left is a stretch task:"
            return [head, "", *_task_lines(desk, chapter, left[0], progress.chapter(chapter.id))]
    return [
        "Every chapter is passed, and every task in it.",
        "",
        f"`{desk.command('list')}` shows your scores.",
    ]


def current_task(chapter: Chapter, record: ChapterProgress) -> TaskSpec | None:
    """The first task that is not passed yet, core tasks first; None where all are."""
    left = _left(chapter, record)
    return left[0] if left else None


def _left(chapter: Chapter, record: ChapterProgress) -> list[TaskSpec]:
    ids = tasks_left(record, [(task.id, task.stretch) for task in chapter.tasks])
    return [task for task_id in ids if (task := chapter.task(task_id)) is not None]


def _task_lines(desk: Desk, chapter: Chapter, task: TaskSpec, record: ChapterProgress) -> list[str]:
    own = desk.folder(chapter) or chapter.starter
    opened = record.hints.get(task.id, 0)
    lines = [
        ("Task sheet", shown(own / "README.md")),
        ("Lesson", f"{lesson_place(desk, chapter)}, section #{task.lesson}"),
        ("FastAPI", task.docs),
        ("", ""),
        ("This task", desk.command(f"{chapter.short} --task {task.id}")),
        ("All of it", desk.command(chapter.short)),
    ]
    if opened < HINTS:
        lines.append((f"Hint {opened + 1} of {HINTS}", desk.command(f"hint {chapter.short} {task.id}")))
    return [
        terminal.style(f"Task {task.id}, {task.title}", bold=True)
        + f"  ({chapter.short}, {task.minutes} minutes)",
        "",
        terminal.wrap(task.acceptance, indent=2),
        "",
        *columns(lines),
    ]


def _almost_lines(desk: Desk, chapter: Chapter, record: ChapterProgress) -> list[str]:
    """Each task has passed at some time, the chapter as a whole has not."""
    last = record.last
    why = "something else in it, a constraint or a metric, does not hold yet."
    if last is not None and last.failure.check:
        why = f"in the last grade `{last.failure.check}` failed."
    return [
        terminal.wrap(f"Each core task of {chapter.short} has passed, but the chapter has not: {why}"),
        "",
        *columns([("Grade it", desk.command(chapter.short))]),
    ]


def columns(pairs: list[tuple[str, str]]) -> list[str]:
    """Two columns, the second wrapped under itself; a long first one gets a line of its own."""
    wide = min(max((len(first) for first, _ in pairs), default=0), terminal.width() // 2)
    lines: list[str] = []
    for first, second in pairs:
        indent = wide + 5
        if not second:
            lines.append(f"  {first}".rstrip())
            continue
        if len(first) > wide:
            lines += [f"  {first}", terminal.wrap(second, indent=6)]
        else:
            lines.append(terminal.wrap(second, indent=indent, first=f"  {first:<{wide}}   "))
    return lines


def lesson_place(desk: Desk, chapter: Chapter) -> str:
    """Where the lesson can be read: the workspace's own copy, or the book's."""
    if desk.workspace is not None:
        for ending in (".ipynb", ".md"):
            copied = desk.workspace.root / "lessons" / f"{chapter.name}{ending}"
            if copied.is_file():
                return shown(copied)
    return shown(chapter.notebook if chapter.notebook.is_file() else chapter.lesson)


def show_hint(book_folder: Path | None, wanted: str, task_id: str | None) -> int:
    """Open one hint more for a task and remember it."""
    desk = open_desk(book_folder)
    chapter, task = _hinted(desk, wanted, task_id)
    if desk.store is None:
        opened = 1
        terminal.warn(
            "There is no workspace here, so it is not remembered which hints you have opened, and this is the first "
            "one each time. `cd` into yours."
        )
    else:
        before = desk.progress().chapter(chapter.id).hints.get(task.id, 0)
        after = desk.store.update(lambda progress: hint_opened(progress, chapter.id, task.id))
        opened = max(after.chapter(chapter.id).hints[task.id], 1)
        if before >= HINTS:
            return _all_hints(desk, chapter, task)
    terminal.out(
        terminal.style(f"Task {task.id}, {task.title}", bold=True)
        + f"  (hint {opened} of {HINTS}: {_STEPS[opened - 1]})"
    )
    terminal.out()
    terminal.out(terminal.wrap(task.hints[opened - 1], indent=2))
    terminal.out()
    if desk.store is None:
        return ExitCode.PASSED
    if opened < HINTS:
        terminal.out(f"`{desk.command(f'hint {chapter.short} {task.id}')}` opens the next one.")
    else:
        _after_the_last(desk, chapter)
    return ExitCode.PASSED


def _hinted(desk: Desk, wanted: str, task_id: str | None) -> tuple[Chapter, TaskSpec]:
    if task_id is None and _TASK_ID.fullmatch(wanted):
        found = find_task(desk.book, wanted)
        if found is None:
            raise UsageError(f"There is no task `{wanted}`; `{desk.command('list')}` shows the chapters.")
        return found
    chapter = find_chapter(desk.book, wanted)
    if task_id is not None:
        return chapter, task_of(chapter, task_id)
    task = current_task(chapter, desk.progress().chapter(chapter.id))
    if task is None:
        raise UsageError(
            f"Every task of {chapter.short} has passed. Name the one you mean: "
            f"`{desk.command(f'hint {chapter.short} {chapter.tasks[0].id}')}`."
        )
    return chapter, task


def _all_hints(desk: Desk, chapter: Chapter, task: TaskSpec) -> int:
    terminal.out(
        terminal.style(f"Task {task.id}, {task.title}", bold=True) + f"  (all {HINTS} hints are open)"
    )
    for hint in task.hints:
        terminal.out()
        terminal.out(terminal.wrap(hint, indent=2))
    terminal.out()
    _after_the_last(desk, chapter)
    return ExitCode.PASSED


def _after_the_last(desk: Desk, chapter: Chapter) -> None:
    terminal.out(
        terminal.wrap(
            "That was the last hint. The lesson is in "
            f"{lesson_place(desk, chapter)}; `{desk.command(f'solution {chapter.short} --give-up')}` shows the "
            "reference beside your files."
        )
    )


def _minutes(chapter: Chapter) -> int:
    return chapter.minutes + sum(task.minutes for task in chapter.tasks)


def _state(desk: Desk, chapter: Chapter, record: ChapterProgress) -> str:
    own = desk.folder(chapter)
    if record.passed_at is not None:
        return terminal.style("passed", fg="green")
    if own is not None and not own.is_dir():
        return terminal.style("no folder", fg="yellow")
    return "begun" if record.attempts or record.hints else "not begun"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"
