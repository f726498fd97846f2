"""What `check init` and `check update` do to each file, decided before anything is touched.

A file is the workbook's own while it is exactly what was laid down; from the first edit on it is the learner's. So
are a file that they deleted, and whatever they put in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from checker.keeping.change import Change
from checker.keeping.content import LESSONS, BookFile, Content
from checker.keeping.record import Record
from checker.keeping.standing import Kind, Standing, standing

EDITED = "edited"
DELETED = "deleted"


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to be done, and what is left alone."""

    chapters: list[str] = field(default_factory=list)
    """Folders of chapters that come whole."""
    updated: dict[str, str] = field(default_factory=dict)
    """Files that are brought to the new content, each with the digest of the old one."""
    added: list[str] = field(default_factory=list)
    removed: dict[str, str] = field(default_factory=dict)
    """Untouched files that the book has no more, each with its digest."""
    taken: list[str] = field(default_factory=list)
    """Files of the learner's that go into a backup, because they asked for the book's."""
    kept: dict[str, str] = field(default_factory=dict)
    """Files that the book has another version of, each with what the learner has there."""
    unchanged: int = 0
    """Files of the learner's that the book has nothing new for."""
    parted: list[str] = field(default_factory=list)
    """Files that the book has no more and that stay because they were edited."""
    gone: list[str] = field(default_factory=list)
    """Files that neither the book nor the learner has any more."""
    same: dict[str, str] = field(default_factory=dict)
    """Files that are as in the book already, with their digests."""

    @property
    def is_empty(self) -> bool:
        """Whether no file is to be touched."""
        return not (self.chapters or self.updated or self.added or self.removed or self.taken)


def plan_init(root: Path, content: Content) -> Plan:
    """Chapters and lessons that are not there yet; whatever is there stays as it is."""
    plan = Plan()
    for folder in content.folders:
        if standing(root, folder).is_absent:
            plan.chapters.append(folder)
    for name in content.files:
        if not _is_below(name, content.folders) and standing(root, name).is_absent:
            plan.added.append(name)
    return plan


def plan_update(root: Path, record: Record, content: Content, take: Callable[[str], bool]) -> Plan:
    """Bring everything that nobody edited to `content`; `take` says which others the learner gives up."""
    plan = Plan()
    settled: set[str] = set()
    for folder in content.folders:
        settled |= set(_plan_folder(plan, root, record, content, folder, take))
    # Chapters that this book does not have may be another book's: their folders stay as they are.
    chapters = {PurePosixPath(folder).name for folder in content.folders}
    ours = [name for name in record.files if _chapter_of(name) in chapters]
    for name in sorted({*content.files, *ours} - settled):
        _plan_file(plan, name, standing(root, name), record.sha256(name), content.files.get(name), take)
    return plan


def _plan_folder(
    plan: Plan, root: Path, record: Record, content: Content, folder: str, take: Callable[[str], bool]
) -> Iterator[str]:
    """Settle a chapter whose folder is not there, or is none: the names that need no look of their own."""
    found = standing(root, folder)
    if found.kind is Kind.FOLDER:
        return
    known = [name for name in record.files if name.startswith(f"{folder}/")]
    if found.is_absent and (not known or take(folder)):
        plan.chapters.append(folder)
    else:
        plan.kept[folder] = DELETED if found.is_absent else found.what
    yield from known
    yield from content.below(folder)


def _plan_file(
    plan: Plan,
    name: str,
    found: Standing,
    base: str | None,
    new: BookFile | None,
    take: Callable[[str], bool],
) -> None:
    if new is None:
        if base is not None and found.is_file(base):
            plan.removed[name] = base
        elif found.is_absent:
            plan.gone.append(name)
        else:
            plan.parted.append(name)
    elif found.is_file(new.sha256):
        plan.same[name] = new.sha256
    elif found.is_file(base):
        plan.updated[name] = found.sha256
    elif found.is_absent and base is None:
        plan.added.append(name)
    elif take(name) and not found.is_blocked:
        plan.taken.append(name)
    elif base == new.sha256:
        plan.unchanged += 1
    else:
        plan.kept[name] = {Kind.FILE: EDITED, Kind.ABSENT: DELETED}.get(found.kind, found.what)


def carry_out(plan: Plan, change: Change, content: Content, backup: Path | None = None) -> None:
    """Stage what the plan needs and add its steps to `change`; `backup` is where files that are taken go."""
    for folder in plan.chapters:
        for name, file in content.below(folder).items():
            change.stage(name, file)
        change.swap(folder, change.room(folder))
    for name in plan.taken:
        change.swap(name, change.stage(name, content.files[name]), backup / name if backup else None)
    for name in [*plan.updated, *plan.added]:
        change.stage(name, content.files[name])
        change.lay(name, sha256=content.sha256[name], expect=plan.updated.get(name))
    for name, sha256 in plan.removed.items():
        change.remove(name, sha256)
    laid = [*plan.updated, *plan.added, *plan.taken]
    laid += [name for folder in plan.chapters for name in content.below(folder)]
    change.record({**plan.same, **{name: content.sha256[name] for name in laid}}, content.version)
    change.forget(*plan.parted, *plan.gone)


def _is_below(name: str, folders: tuple[str, ...]) -> bool:
    return name.startswith(tuple(f"{folder}/" for folder in folders))


def _chapter_of(name: str) -> str:
    """`exercises/chapter-04-x/app/main.py` and `lessons/chapter-04-x.ipynb` are of `chapter-04-x`."""
    folder, _, rest = name.partition("/")
    return PurePosixPath(rest).stem if folder == LESSONS else rest.partition("/")[0]
