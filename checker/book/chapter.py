"""The types of `chapter.toml`, and a chapter with its places on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

SpecId = Annotated[str, Meta(pattern=r"^\d\.\d+\.\d+$|^6\.\d$", description="an id of the specification")]
TaskId = Annotated[str, Meta(pattern=r"^\d{1,2}\.\d{1,2}$", description="chapter and number: 4.1")]
Sentence = Annotated[str, Meta(min_length=8)]


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a learner's process may use; the whole run has one clock, each step its own."""

    start_s: Annotated[float, Meta(gt=0, le=60)] = 10.0
    """From starting the process until the app is imported, and again until a server answers."""
    answer_s: Annotated[float, Meta(gt=0, le=60)] = 5.0
    """One reply, from the first byte sent to the last byte received."""
    run_s: Annotated[float, Meta(gt=0, le=600)] = 90.0
    """All hidden tests of the chapter together."""
    tests_s: Annotated[float, Meta(gt=0, le=600)] = 60.0
    """The learner's own tests, with coverage."""
    cpu_s: Annotated[int, Meta(gt=0, le=600)] = 60
    memory_mb: Annotated[int, Meta(ge=128, le=8192)] = 1536
    output_mb: Annotated[int, Meta(ge=1, le=64)] = 8
    file_mb: Annotated[int, Meta(ge=1, le=1024)] = 32
    processes: Annotated[int, Meta(ge=1, le=1024)] = 64


class AppSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is served: the import string and the environment that every server gets."""

    target: Annotated[str, Meta(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")] = "app.main:app"
    env: dict[str, str] = msgspec.field(default_factory=dict)


class Grades(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts in this chapter; everything else is shown as advice."""

    constraints: tuple[Annotated[str, Meta(pattern=r"^[HS]\d$")], ...]
    metrics: tuple[Annotated[str, Meta(pattern=r"^M\d$")], ...]


class LoadSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The load test: `module` is a file of the suite with `world(rng)` and `requests(rng, world)`."""

    module: str = "load.py"
    rate: Annotated[float, Meta(gt=0, le=2000)] = 100.0
    """Requests per second, sent whether or not earlier ones have been answered."""
    seconds: Annotated[float, Meta(gt=0, le=60)] = 2.0


class BrokenApp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An app that is like the reference but for one mistake, which `broken/<id>.toml` beside the suite makes."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    does: Sentence
    """What it does wrong, in the learner's words, after "an app that": `lends tools to blocked members`."""
    notice: Sentence
    """What a test would do to notice: `send a checkout as a blocked member and expect 403`."""


class Twins(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The apps that a learner's own tests are to tell apart; see M3."""

    least: Annotated[int, Meta(ge=1)]
    """How many of the broken apps must be noticed."""
    broken: Annotated[tuple[BrokenApp, ...], Meta(min_length=1)]
    given: bool = False
    """The chapter gives the app and fixes its names, so that tests which fail with the reference are wrong."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `##` heading of the lesson, the minutes it takes and the ids it teaches."""

    heading: Sentence
    minutes: Annotated[int, Meta(ge=1, le=60)]
    teaches: tuple[SpecId, ...] = ()


class TaskSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One task as the author writes it; the task sheet is built from these fields and no others."""

    id: TaskId
    title: Annotated[str, Meta(min_length=3, max_length=60)]
    minutes: Annotated[int, Meta(ge=5, le=60)]
    covers: Annotated[tuple[SpecId, ...], Meta(min_length=1)]
    acceptance: Sentence
    """What holds when the task is done, one or two sentences; the learner reads this first."""
    lesson: Annotated[str, Meta(min_length=1)]
    """The anchor of the lesson's heading that teaches it."""
    docs: Annotated[str, Meta(pattern=r"^https://")]
    """FastAPI's own page, or that of the library that the task is about."""
    hints: Annotated[tuple[Sentence, Sentence, Sentence], Meta(description="idea, place, partial code")]
    suite: Annotated[str, Meta(pattern=r"^test_\w+\.py$")]
    points: Annotated[float, Meta(ge=0, le=100)] = 10.0
    stretch: bool = False
    details: str = ""
    """Markdown under the acceptance sentence: the exact contract (paths, fields, statuses, names given)."""


class ChapterFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`chapter.toml` as it stands."""

    title: Annotated[str, Meta(min_length=3)]
    summary: Sentence
    """One sentence for lists and search results."""
    goals: Annotated[tuple[Sentence, ...], Meta(min_length=2)]
    """What one can do afterwards."""
    teaches: Annotated[tuple[SpecId, ...], Meta(min_length=1)]
    needs: tuple[SpecId, ...] = ()
    grades: Grades
    section: Annotated[tuple[Section, ...], Meta(min_length=1)]
    task: Annotated[tuple[TaskSpec, ...], Meta(min_length=1)]
    app: AppSpec = msgspec.field(default_factory=AppSpec)
    limits: Limits = msgspec.field(default_factory=Limits)
    load: LoadSpec | None = None
    twins: Twins | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter of a book: what its file says, and where its parts lie."""

    number: int
    name: str
    """The folder's name in all three trees: `chapter-04-dependency-injection`."""
    file: ChapterFile
    toml: Path
    lesson: Path
    notebook: Path
    starter: Path
    solution: Path
    suite: Path
    proofs: Path
    """Holds `wrong/` and `alternatives/`; not part of an installed package."""

    @property
    def id(self) -> str:
        """`chapter-04`, as reports write it."""
        return f"chapter-{self.number:02d}"

    @property
    def short(self) -> str:
        """`chapter-4`, as one types it."""
        return f"chapter-{self.number}"

    @property
    def slug(self) -> str:
        """`dependency-injection`."""
        return self.name.removeprefix(f"{self.id}-")

    @property
    def title(self) -> str:
        return self.file.title

    @property
    def tasks(self) -> tuple[TaskSpec, ...]:
        return self.file.task

    @property
    def minutes(self) -> int:
        """Reading time of the lesson."""
        return sum(section.minutes for section in self.file.section)

    def task(self, task_id: str) -> TaskSpec | None:
        """The task with this id, or None."""
        return next((task for task in self.tasks if task.id == task_id), None)

    @property
    def broken(self) -> Path:
        """Where the broken apps' files lie, and `over_http.py`."""
        return self.suite / "broken"

    def suite_files(self) -> Iterator[tuple[TaskSpec, Path]]:
        """Each task with the file of its hidden tests."""
        for task in self.tasks:
            yield task, self.suite / task.suite
