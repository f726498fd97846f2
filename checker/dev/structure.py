"""Claims that need no grade: files, tasks, hints, TODOs, regions, proofs as far as they can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from checker.book import Book, Chapter
from checker.dev.claims import Problem
from checker.dev.proofs import (
    alternative_folders,
    read_alternative,
    read_wrong,
    wrong_paths,
)
from checker.dev.regions import SHEET, TODO, differences, new_files, split_regions
from checker.dev.suites import authored_checks, shape_faults, text_faults
from checker.dev.trees import read_text, relative, stray_files, tree_files
from checker.errors import BookError
from checker.suite.checks import declared_checks

CHECKS_A_TASK = 2
WRONG_A_TASK = 3
ALTERNATIVES_A_CHAPTER = 2


def parts_exist(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """Lesson, starter, reference, suite and proofs are where the book looks for them."""
    wanted = [
        (chapter.lesson, "the lesson"),
        (chapter.suite, "the folder of hidden tests"),
        *((path, "a hidden suite") for _, path in chapter.suite_files()),
        (chapter.proofs / "wrong", "the folder of wrong solutions"),
        (chapter.proofs / "alternatives", "the folder of alternative solutions"),
    ]
    for tree, what in ((chapter.starter, "the starter"), (chapter.solution, "the reference")):
        wanted += [(tree / "app", f"{what}'s app"), (tree / "tests", f"{what}'s tests")]
    if chapter.file.load is not None:
        wanted.append((chapter.suite / chapter.file.load.module, "the load test that chapter.toml names"))
    for path, what in wanted:
        if not path.exists():
            yield Problem(
                path=relative(book.root, path),
                what=f"is missing: {what}.",
                remedy="Write it; `check dev new` shows what a whole chapter holds.",
            )


def nothing_stray(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """No cache, database or editor file lies in the chapter's trees."""
    for folder in (chapter.toml.parent, chapter.starter, chapter.solution, chapter.suite, chapter.proofs):
        yield from stray_files(book.root, folder)


def suites_declare_checks(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """Each task has at least two checks, their ids begin with its id and are unique, nothing else is there."""
    seen: Counter[str] = Counter()
    for task, path in chapter.suite_files():
        where = relative(book.root, path)
        try:
            declared = declared_checks(path)
        except BookError as error:
            yield Problem(path=where, what=str(error), remedy="Mend it at that place.")
            continue
        seen.update(check.id for check in declared)
        if len(declared) < CHECKS_A_TASK:
            yield Problem(
                path=where,
                what=f"holds {len(declared)} check for task {task.id}."
                if declared
                else f"holds no check for task {task.id}.",
                remedy=f"A task has at least {CHECKS_A_TASK}, each for another way to be wrong.",
            )
        for check in declared:
            if not check.id.startswith(f"{task.id}-"):
                yield Problem(
                    path=where,
                    what=f"`{check.id}` does not begin with `{task.id}-`.",
                    remedy="A check's id begins with its task's id and a hyphen.",
                )
            if not check.claim.strip():
                yield Problem(
                    path=where,
                    what=f"`{check.id}` claims nothing.",
                    remedy="Say in one sentence what holds when it passes.",
                )
        for fault in shape_faults(path):
            yield Problem(path=f"{where}:{fault.line}", what=fault.what, remedy=fault.remedy)
    for check_id, count in seen.items():
        if count > 1:
            yield Problem(
                path=relative(book.root, chapter.suite),
                what=f"`{check_id}` is declared {count} times.",
                remedy="Give each check an id of its own.",
            )
    known = {task.suite for task in chapter.tasks}
    for path in sorted(chapter.suite.glob("test_*.py")):
        if path.name not in known:
            yield Problem(
                path=relative(book.root, path),
                what="is a suite that no task names.",
                remedy="Name it in `suite` of its task in chapter.toml, or delete it.",
            )


def messages_teach(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """Every check has a message for its failure, and none shows the test's source."""
    for _, path in chapter.suite_files():
        for check in authored_checks(path):
            for fault in text_faults(check):
                yield Problem(
                    path=f"{relative(book.root, path)}:{fault.line}", what=fault.what, remedy=fault.remedy
                )


def hints_lead(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """Each task has three hints that say something, and no two of them the same."""
    toml = relative(book.root, chapter.toml)
    for task in chapter.tasks:
        for number, hint in enumerate(task.hints, start=1):
            if not hint.strip():
                yield Problem(
                    path=toml,
                    what=f"hint {number} of task {task.id} is empty.",
                    remedy="The three hints are the idea, the place, and a piece of the code.",
                )
        if len({hint.strip() for hint in task.hints}) < len(task.hints):
            yield Problem(
                path=toml,
                what=f"two hints of task {task.id} are equal.",
                remedy="Each opens one step more: the idea, the place, a piece of the code.",
            )
    for suite, count in Counter(task.suite for task in chapter.tasks).items():
        if count > 1:
            yield Problem(
                path=toml,
                what=f"{count} tasks name the suite `{suite}`.",
                remedy="Each task has a suite of its own.",
            )


def todos_stand_once(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """Each task's TODO stands once in the starter, inside a region of the task; the reference has none."""
    seen: Counter[str] = Counter()
    known = {task.id for task in chapter.tasks}
    for name in tree_files(chapter.starter):
        path = chapter.starter / name
        text = None if name == Path(SHEET) else read_text(path)
        if text is None or "TODO(" not in text:
            continue
        where = relative(book.root, path)
        for stretch in split_regions(text, where):
            for offset, line in enumerate(stretch.lines):
                for match in TODO.finditer(line):
                    task, place = match["task"], f"{where}:{stretch.first_line + offset}"
                    seen[task] += 1
                    if task not in known:
                        yield Problem(
                            path=place,
                            what=f"`TODO({task})` names no task of this chapter.",
                            remedy="Write the task's id as chapter.toml has it.",
                        )
                    elif task not in stretch.tasks:
                        yield Problem(
                            path=place,
                            what=f"`TODO({task})` stands outside the regions of its task.",
                            remedy=f"Fence the place with `# region {task}` and `# endregion`.",
                        )
    for task in chapter.tasks:
        if seen[task.id] != 1:
            count = f"stands {seen[task.id]} times" if seen[task.id] else "does not stand"
            yield Problem(
                path=relative(book.root, chapter.starter),
                what=f"`TODO({task.id})` {count} in the starter.",
                remedy="Each task has one TODO, at the place where a learner begins.",
            )
    for name in tree_files(chapter.solution):
        text = read_text(chapter.solution / name)
        for number, line in enumerate((text or "").splitlines(), start=1):
            if TODO.search(line):
                yield Problem(
                    path=f"{relative(book.root, chapter.solution / name)}:{number}",
                    what="the reference still holds a TODO.",
                    remedy="Delete it; the reference is done.",
                )


def trees_differ_in_regions(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """Starter and reference are equal outside task regions, and every region's task exists."""
    starter = relative(book.root, chapter.starter)
    for problem in differences(chapter.starter, chapter.solution):
        yield Problem(path=f"{starter}/{problem.path}", what=problem.what, remedy=problem.remedy)
    known = {task.id for task in chapter.tasks}
    worked: set[str] = set()
    for tasks in new_files(chapter.starter, chapter.solution).values():
        worked |= tasks
    for name in tree_files(chapter.solution):
        text = read_text(chapter.solution / name)
        if text is None:
            continue
        where = relative(book.root, chapter.solution / name)
        for stretch in split_regions(text, where):
            worked |= set(stretch.tasks)
            for named in stretch.tasks:
                if named not in known:
                    yield Problem(
                        path=f"{where}:{stretch.first_line}",
                        what=f"the region names `{named}`, which is no task of this chapter.",
                        remedy="Write the task's id as chapter.toml has it.",
                    )
    for task in chapter.tasks:
        if task.id not in worked:
            yield Problem(
                path=relative(book.root, chapter.solution),
                what=f"no region of the reference belongs to task {task.id}.",
                remedy=f"Fence what the task changes with `# region {task.id}` in starter and reference.",
            )


def proofs_are_there(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """At least three wrong solutions a task and two alternatives, and each names what exists."""
    checks = {check.id for _, path in chapter.suite_files() for check in declared_checks(path)}
    known = {task.id for task in chapter.tasks}
    graded = set(chapter.file.grades.constraints)
    count: Counter[str] = Counter()
    folder = relative(book.root, chapter.proofs)
    for path in wrong_paths(chapter):
        where = relative(book.root, path)
        try:
            wrong = read_wrong(path)
        except BookError as error:
            yield Problem(path=where, what=str(error), remedy="")
            continue
        count[wrong.task] += 1
        if wrong.task not in known:
            yield Problem(
                path=where,
                what=f"its name begins with `{wrong.task}`, which is no task of this chapter.",
                remedy="Begin the name with the task's id and a hyphen.",
            )
        named = [("caught_by", one) for one in wrong.file.caught_by]
        named += [("by_chance", one) for one in wrong.file.by_chance if one not in graded]
        for key, check in named:
            if check not in checks:
                yield Problem(
                    path=where,
                    what=f"`{key}` names `{check}`, and no suite declares it.",
                    remedy="Write the check's id as `@check` has it.",
                )
        if not any(check.startswith(f"{wrong.task}-") for check in wrong.file.caught_by):
            yield Problem(
                path=where,
                what=f"`caught_by` names no check of task {wrong.task}.",
                remedy="The suite of its own task must catch a mistake; add a check there, or move the file.",
            )
        for constraint in wrong.file.constraints:
            if constraint not in graded:
                yield Problem(
                    path=where,
                    what=f"`constraints` names {constraint}, which this chapter does not grade.",
                    remedy="Name only those of `grades.constraints` in chapter.toml.",
                )
    for task in chapter.tasks:
        if count[task.id] < WRONG_A_TASK:
            yield Problem(
                path=f"{folder}/wrong",
                what=f"task {task.id} has {count[task.id]} wrong solutions.",
                remedy=f"Write at least {WRONG_A_TASK}, each wrong in a way that people are.",
            )
    alternatives = alternative_folders(chapter)
    for path in alternatives:
        try:
            read_alternative(path)
        except BookError as error:
            yield Problem(path=relative(book.root, path), what=str(error), remedy="")
        if not (path / "app").is_dir():
            yield Problem(
                path=relative(book.root, path),
                what="holds no `app`.",
                remedy="An alternative is a whole submission: `app/`, `tests/` and `alternative.toml`.",
            )
    if len(alternatives) < ALTERNATIVES_A_CHAPTER:
        yield Problem(
            path=f"{folder}/alternatives",
            what=f"holds {len(alternatives)} alternative solutions.",
            remedy=f"Write at least {ALTERNATIVES_A_CHAPTER}, in the styles that the tasks must accept.",
        )
