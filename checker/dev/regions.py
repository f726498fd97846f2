"""Task regions: the places where starter and reference may differ, and how one task is grafted on another.

# region 4.1 4.2
...                     belongs to both tasks
# endregion
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from checker.dev.claims import Problem
from checker.dev.trees import read_text, tree_files
from checker.errors import BookError

_OPEN = re.compile(r"^\s*#\s*region\b(?P<tasks>.*)$")
_CLOSE = re.compile(r"^\s*#\s*endregion\b")
_TASK = re.compile(r"^\d{1,2}\.\d{1,2}$")
TODO = re.compile(r"\bTODO\((?P<task>[^)]*)\)")
SHEET = "README.md"
LEARNERS_TESTS = "tests"


class RegionError(BookError):
    """A file's regions cannot be read; names file, line and remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Consecutive lines of a file; `tasks` is empty for what starter and reference share.

    A region's own fences are its first and last line.
    """

    tasks: tuple[str, ...]
    first_line: int
    lines: tuple[str, ...]

    @property
    def is_region(self) -> bool:
        return bool(self.tasks)


def split_regions(text: str, name: str) -> tuple[Stretch, ...]:
    """Cut a file's text into shared stretches and regions; `name` is for messages.

    Raises `RegionError` where a region is nested, never closed, never opened, or names no task.
    """
    found: list[Stretch] = []
    lines: list[str] = []
    first, tasks, opened = 1, (), 0

    def close(next_line: int) -> None:
        nonlocal first, lines
        if lines:
            found.append(Stretch(tasks=tasks, first_line=first, lines=tuple(lines)))
        first, lines = next_line, []

    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if match := _OPEN.match(line):
            if opened:
                raise RegionError(
                    f"`{name}`, line {number}: a region begins inside the one of line {opened}. Regions do not "
                    "nest; close the first with `# endregion`, or name both tasks in one."
                )
            named = tuple(match["tasks"].split())
            wrong = [task for task in named if not _TASK.match(task)]
            if wrong or not named:
                which = f"`{wrong[0]}` is not a task's id" if wrong else "the region names no task"
                raise RegionError(
                    f"`{name}`, line {number}: {which}. Write the tasks it belongs to, for example "
                    "`# region 4.1 4.2`."
                )
            close(number)
            tasks, opened = named, number
            lines.append(line)
        elif _CLOSE.match(line):
            if not opened:
                raise RegionError(
                    f"`{name}`, line {number}: `# endregion` closes nothing. Open it with `# region` and the "
                    "task's id, or delete the line."
                )
            lines.append(line)
            close(number + 1)
            tasks, opened = (), 0
        else:
            lines.append(line)
    if opened:
        raise RegionError(
            f"`{name}`, line {opened}: the region is never closed. Write `# endregion` where it ends."
        )
    close(0)
    return tuple(found)


def has_regions(path: Path) -> bool:
    """Only text files carry regions; a picture or a database is compared as a whole."""
    return read_text(path) is not None


def compared_files(folder: Path) -> tuple[Path, ...]:
    """The files of a tree that starter and reference share: all but the sheet and the learner's tests."""
    return tuple(
        path for path in tree_files(folder) if path.parts[0] != LEARNERS_TESTS and path != Path(SHEET)
    )


def new_files(starter: Path, reference: Path) -> dict[Path, frozenset[str]]:
    """Files of the reference that the starter lacks, each with the tasks whose TODO names it."""
    missing = [path for path in compared_files(reference) if not (starter / path).exists()]
    named: dict[Path, set[str]] = {path: set() for path in missing}
    for path in compared_files(starter) if missing else ():
        text = read_text(starter / path)
        if text is None:
            continue
        for stretch in split_regions(text, path.as_posix()):
            body = "".join(stretch.lines)
            tasks = {match["task"] for match in TODO.finditer(body)}
            for new in missing:
                if new.as_posix() in body:
                    named[new] |= tasks
    return {path: frozenset(tasks) for path, tasks in named.items()}


def differences(starter: Path, reference: Path) -> Iterator[Problem]:
    """Where the two trees differ outside task regions; paths are relative to either tree."""
    theirs = set(compared_files(reference))
    for path in compared_files(starter):
        if path not in theirs:
            yield Problem(
                path=path.as_posix(),
                what="stands in the starter and not in the reference.",
                remedy="Copy it over, or delete it in both.",
            )
            continue
        left, right = read_text(starter / path), read_text(reference / path)
        if left is None or right is None:
            if (starter / path).read_bytes() != (reference / path).read_bytes():
                yield Problem(
                    path=path.as_posix(),
                    what="is not text and differs between starter and reference.",
                    remedy="Use one of them in both trees.",
                )
            continue
        try:
            yield from _compare(
                path, split_regions(left, path.as_posix()), split_regions(right, path.as_posix())
            )
        except RegionError as error:
            yield Problem(path=path.as_posix(), what=str(error), remedy="")
    for path, tasks in new_files(starter, reference).items():
        if not tasks:
            yield Problem(
                path=path.as_posix(),
                what="is new in the reference, and no TODO of the starter names it.",
                remedy=f"Name `{path.as_posix()}` in the TODO of its task, or put the code into a region.",
            )


def _compare(path: Path, left: tuple[Stretch, ...], right: tuple[Stretch, ...]) -> Iterator[Problem]:
    for one, other in zip_longest(left, right):
        if one is not None and other is not None and one.tasks == other.tasks:
            if one.is_region:
                continue
            line = _first_difference(one.lines, other.lines)
            if line is None:
                continue
        else:
            line = 0
        starter_line = one.first_line + line if one else "its end"
        reference_line = other.first_line + line if other else "its end"
        yield Problem(
            path=path.as_posix(),
            what=f"differs outside task regions: starter line {starter_line}, reference line {reference_line}.",
            remedy="Make both equal there, or fence the place in both with `# region` and the task's id.",
        )
        return  # what follows a first difference is out of step and would only repeat it


def _first_difference(left: tuple[str, ...], right: tuple[str, ...]) -> int | None:
    for offset, (one, other) in enumerate(zip_longest(left, right)):
        if one != other:
            return offset
    return None


def graft(starter: Path, reference: Path, tasks: Collection[str], into: Path) -> Path:
    """Write the starter with the reference's regions of `tasks`, and give back the folder.

    A region that several tasks share comes from the reference as soon as one of them is asked for. Raises
    `RegionError` where the trees do not fit together.
    """
    wanted = frozenset(tasks)
    for path in tree_files(starter):
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = read_text(starter / path)
        other = reference / path
        if text is None or not other.is_file() or path.parts[0] == LEARNERS_TESTS:
            shutil.copyfile(starter / path, target)
            continue
        name = path.as_posix()
        left = split_regions(text, name)
        right = split_regions(read_text(other) or "", name)
        target.write_text(_grafted(name, left, right, wanted), encoding="utf-8", newline="")
    for path, owners in new_files(starter, reference).items():
        if owners & wanted:
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(reference / path, into / path)
    return into


def _grafted(name: str, left: tuple[Stretch, ...], right: tuple[Stretch, ...], wanted: frozenset[str]) -> str:
    if [one.tasks for one in left if one.is_region] != [one.tasks for one in right if one.is_region]:
        raise RegionError(
            f"`{name}`: starter and reference have other regions, or another order of them. Make them agree."
        )
    theirs = iter([stretch for stretch in right if stretch.is_region])
    text = ""
    for stretch in left:
        if stretch.is_region:
            other = next(theirs)
            text += "".join(other.lines if wanted & set(stretch.tasks) else stretch.lines)
        else:
            text += "".join(stretch.lines)
    return text
