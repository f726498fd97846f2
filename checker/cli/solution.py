"""`check solution`: the reference beside the learner's files, task by task; nothing of theirs is touched."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checker.book import Chapter, TaskSpec
from checker.cli import terminal
from checker.cli.desk import find_chapter, now, open_desk, shown, task_of
from checker.dev.regions import RegionError, Stretch, compared_files, split_regions
from checker.dev.trees import read_text
from checker.errors import BookError, ExitCode
from checker.progress import solution_shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One place of a file; `remark` says what `lines`, a unified diff, cannot."""

    path: str
    lines: tuple[str, ...] = ()
    remark: str = ""


def show_solution(
    book_folder: Path | None, wanted: str, task_id: str | None = None, *, give_up: bool = False
) -> int:
    """Print where the reference lies and how the learner's files differ from it."""
    desk = open_desk(book_folder)
    chapter = find_chapter(desk.book, wanted)
    tasks = (task_of(chapter, task_id),) if task_id is not None else chapter.tasks
    if not chapter.solution.is_dir():
        raise BookError(f"The reference of {chapter.short}, `{chapter.solution}`, is missing from this book.")
    if not give_up and desk.progress().chapter(chapter.id).passed_at is None:
        terminal.complain(
            f"{chapter.short} is not passed yet, so its reference stays closed. "
            f"`{desk.command(f'hint {chapter.short}')}` helps on; "
            f"`{desk.command(f'solution {chapter.short} --give-up')}` shows it all the same."
        )
        return ExitCode.NOT_PASSED
    if desk.store is not None:
        at = now()
        desk.store.update(lambda progress: solution_shown(progress, chapter.id, at=at))
    terminal.out(f"The reference of {chapter.short} lies in {shown(chapter.solution)}")
    own = desk.folder(chapter)
    if own is None or not own.is_dir():
        terminal.out("There is no folder of yours to compare it with.")
        return ExitCode.PASSED
    terminal.out(terminal.wrap(f"Lines with - are yours, in {shown(own)}; lines with + are the reference's."))
    for task in tasks:
        _show_task(own, chapter, task)
    _show_rest(own, chapter, task_id)
    terminal.out()
    terminal.out(f"`{desk.command(f'{chapter.short} --solution')}` grades the reference.")
    return ExitCode.PASSED


def _show_task(own: Path, chapter: Chapter, task: TaskSpec) -> None:
    terminal.out()
    terminal.out(terminal.style(f"Task {task.id}, {task.title}", bold=True))
    places = list(compare_task(own, chapter.solution, task.id))
    if not places:
        terminal.out("  no place of its own in the reference")
    for place in places:
        terminal.out()
        terminal.out(f"  {place.path}" + (f"  ({place.remark})" if place.remark else ""))
        for line in place.lines:
            terminal.out("  " + _coloured(line))


def _show_rest(own: Path, chapter: Chapter, task_id: str | None) -> None:
    new = [path.as_posix() for path in compared_files(chapter.solution) if not (own / path).exists()]
    if new and task_id is None:
        terminal.out()
        terminal.out("Files that only the reference has: " + ", ".join(new))


def compare_task(own: Path, reference: Path, task_id: str) -> Iterator[Comparison]:
    """The reference's regions of a task against the learner's; a region of theirs that is gone is said to be."""
    for path in compared_files(reference):
        text = read_text(reference / path)
        if text is None:
            continue
        name = path.as_posix()
        theirs = split_regions(text, name)
        if not any(task_id in stretch.tasks for stretch in theirs):
            continue
        mine = _own_stretches(own / path, name)
        if mine is None:
            remark = "your file has other regions; this is the reference's whole part"
            if not (own / path).exists():
                remark = "you have no such file"
            mine = ()
        else:
            remark = ""
        for key, stretch in _keyed(theirs):
            if task_id in stretch.tasks:
                yield _compare(name, dict(_keyed(mine)).get(key), stretch, remark)


def _compare(name: str, mine: Stretch | None, theirs: Stretch, remark: str) -> Comparison:
    before = mine.lines if mine is not None else ()
    lines = tuple(
        line.rstrip("\n")
        for line in difflib.unified_diff(before, theirs.lines, n=2)
        if not line.startswith(("---", "+++"))
    )
    if not lines:
        return Comparison(path=f"{name}:{theirs.first_line}", remark="the same")
    if mine is None and not remark:
        remark = "this region is gone from your file"
    line_number = mine.first_line if mine is not None else theirs.first_line
    return Comparison(path=f"{name}:{line_number}", lines=lines, remark=remark)


def _own_stretches(path: Path, name: str) -> tuple[Stretch, ...] | None:
    try:
        text = read_text(path) if path.is_file() else None
        return None if text is None else split_regions(text, name)
    except (OSError, RegionError):
        return None  # the learner moved or deleted fences, as they may


def _keyed(stretches: tuple[Stretch, ...]) -> Iterator[tuple[tuple[tuple[str, ...], int], Stretch]]:
    """Each region under its tasks and its position among those with the same tasks."""
    counts: dict[tuple[str, ...], int] = {}
    for stretch in stretches:
        if stretch.is_region:
            number = counts.get(stretch.tasks, 0)
            counts[stretch.tasks] = number + 1
            yield (stretch.tasks, number), stretch


def _coloured(line: str) -> str:
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return terminal.style(line, fg=colour) if colour else line
