"""What a metric is, what it is given, and the one way in which all of them start a tool."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from checker.book import Chapter
from checker.models.events import Stage
from checker.models.report import MetricOutcome, MetricResult
from checker.sandbox import (
    Confinement,
    Finished,
    Isolation,
    LimitedProcess,
    ProcessLimits,
    State,
    clean_environment,
)
from checker.submission import Snapshot

if TYPE_CHECKING:
    from checker.app_under_test.launcher import Launcher

PROGRAMS = Path(__file__).parent / "programs"
"""What runs in a child of ours that also runs the learner's code."""
SHOWN = 20
"""How many complaints of a tool a report carries; the count is that of all."""


# mypy's first run needs about ten seconds of a quick processor and 400 MB.
_TOOL_LIMITS = ProcessLimits(cpu_s=240, memory_mb=3072)
_T = TypeVar("_T")


class Unmeasurable(Exception):
    """The checker could not measure; carries the sentence for the report. Never the learner's fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One number that a metric takes; `target` in `unit`, None where the number is only reported."""

    id: str
    title: str
    target: float | None
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a metric's tools work: on the copy in `folder`, which may still be empty, and in `scratch`, their own.

    `scratch` is new for each grade. `libraries` are modules that the learner's code is likely to import.
    """

    chapter: Chapter
    folder: Path
    scratch: Path
    isolation: Isolation = Isolation.PORTABLE
    libraries: tuple[str, ...] = ()

    @property
    def limits(self) -> ProcessLimits:
        """The chapter's limits for one process."""
        limits = self.chapter.file.limits
        return ProcessLimits(
            cpu_s=limits.cpu_s,
            memory_mb=limits.memory_mb,
            file_mb=limits.file_mb,
            output_mb=limits.output_mb,
            processes=limits.processes,
        )

    def room(self, name: str) -> Path:
        """A folder of `scratch`, made where it is missing."""
        path = self.scratch / name
        path.mkdir(parents=True, exist_ok=True)
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricContext(Place):
    """What a metric may use: the copy to measure, a place to work, and a cache that outlives the run.

    `launch` makes an unstarted `Launcher` for a folder; the metric closes it. None means that no app is to be started, and
    load metrics are skipped. `ahead` is what the metric itself started before there was a copy.
    """

    snapshot: Snapshot
    cache: Path
    seed: int
    launch: Callable[[Path], AbstractContextManager[Launcher]] | None = None
    ahead: LimitedProcess | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One tool. `take` measures; `measure` is what to call, for it turns "could not measure" into an outcome.

    `begin` starts what can be started before there is anything to measure; the result comes back as the context's `ahead`.
    """

    stage: Stage
    readings: tuple[Reading, ...]
    take: Callable[[MetricContext], tuple[MetricResult, ...]]
    begin: Callable[[Place], LimitedProcess] | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """M1 and so on."""
        return tuple(reading.id for reading in self.readings)

    def measure(self, context: MetricContext) -> tuple[MetricResult, ...]:
        """One result for each reading; never raises for what the learner's code or the machine does."""
        try:
            return self.take(context)
        except Unmeasurable as error:
            return self.without_value(context.chapter, MetricOutcome.ERROR, str(error))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            where = f" (`{error.filename}`)" if error.filename else ""
            return self.without_value(
                context.chapter, MetricOutcome.ERROR, f"This could not be measured here: {reason}{where}."
            )

    def without_value(self, chapter: Chapter, outcome: MetricOutcome, why: str) -> tuple[MetricResult, ...]:
        """Results that say why there is no number, for instance that the app does not start."""
        return tuple(reading_result(reading, chapter, outcome, message=why) for reading in self.readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One line of a linter or type checker, with the page that explains the rule."""

    path: str
    line: int
    column: int
    rule: str
    message: str
    url: str | None = None

    def as_detail(self) -> dict[str, Any]:
        """The form that a report carries."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "rule": self.rule,
            "message": self.message,
            "url": self.url,
        }

    def __str__(self) -> str:
        """`app/main.py:12 rule: message`."""
        return f"`{self.path}:{self.line}` {self.rule}: {self.message.rstrip('.')}"


def reading_result(
    reading: Reading,
    chapter: Chapter,
    outcome: MetricOutcome,
    *,
    value: float | None = None,
    message: str = "",
    detail: dict[str, Any] | None = None,
) -> MetricResult:
    """The result for a reading, graded as the chapter says."""
    return MetricResult(
        id=reading.id,
        title=reading.title,
        outcome=outcome,
        value=value,
        target=reading.target,
        unit=reading.unit,
        graded=reading.id in chapter.file.grades.metrics,
        message=message,
        detail=detail or {},
    )


def complaints_detail(complaints: Sequence[Complaint], **more: Any) -> dict[str, Any]:
    """The first complaints in the order of file and line, and how many there are."""
    ordered = sorted(complaints, key=lambda one: (one.path, one.line, one.column, one.rule))
    return {"count": len(ordered), "errors": [one.as_detail() for one in ordered[:SHOWN]], **more}


def first_of(complaints: Sequence[Complaint]) -> Complaint:
    """The one to mend first: the earliest in the order of file and line."""
    return min(complaints, key=lambda one: (one.path, one.line, one.column, one.rule))


def run_tool(
    command: Sequence[str],
    context: Place,
    *,
    cwd: Path,
    wall_s: float,
    env: dict[str, str] | None = None,
    limits: ProcessLimits | None = None,
    write: Sequence[Path] = (),
) -> Finished:
    """Run a command on the learner's files; raises `Unmeasurable` where it cannot be started.

    It reads the snapshot and writes to the context's scratch folder and to `write`. `limits` are by default those for
    tools of the checker's own, which a chapter's limits do not bind.
    """
    return start_tool(command, context, cwd=cwd, env=env, limits=limits, write=write).finish(wall_s)


def start_tool(
    command: Sequence[str],
    place: Place,
    *,
    cwd: Path,
    env: dict[str, str] | None = None,
    limits: ProcessLimits | None = None,
    write: Sequence[Path] = (),
    stdin: bytes | None = b"",
) -> LimitedProcess:
    """`run_tool` in two steps; with `stdin=None` the command waits for what it is sent."""
    confinement = Confinement(
        level=place.isolation,
        read=(Path(command[0]).resolve(), PROGRAMS, place.folder.resolve()),
        write=(place.scratch.resolve(), *(path.resolve() for path in write)),
    )
    try:
        return LimitedProcess(
            command,
            cwd=cwd,
            env=clean_environment(place.room("home")) | (env or {}),
            limits=limits or _TOOL_LIMITS,
            confinement=confinement,
            stdin=stdin,
        )
    except OSError as error:
        raise Unmeasurable(
            f"`{Path(command[0]).name}` cannot be started ({(error.strerror or str(error)).lower()}); "
            "`check doctor` says what is missing."
        ) from error


def read_lines(finished: Finished, kind: type[_T], tool: str, wall_s: float) -> list[_T]:
    """What a tool wrote, one JSON value a line; raises `Unmeasurable` where it did not end by itself.

    A tool that was stopped for too much output had more to say than anybody reads: what came is enough.
    """
    lines = finished.stdout.splitlines()
    if finished.state is State.FLOODED:
        lines = lines[:-1]
    elif stopped := why_stopped(finished, tool, wall_s):
        raise Unmeasurable(stopped)
    try:
        return [msgspec.json.decode(line, type=kind) for line in lines if line]
    except msgspec.DecodeError as error:
        said = next((line for line in lines if not line.startswith(b"{")), b"").decode("utf-8", "replace")[
            :300
        ]
        raise Unmeasurable(
            f"{tool} did not give a readable answer: {said or last_words(finished)}"
        ) from error


def why_stopped(finished: Finished, tool: str, wall_s: float) -> str | None:
    """A sentence for a tool that did not end by itself, or None where it did."""
    match finished.state:
        case State.TIMED_OUT:
            return f"{tool} did not finish within {wall_s:g} s."
        case State.KILLED:
            return f"{tool} was ended by the system (signal {-(finished.returncode or 0)}), most likely for memory."
        case State.FLOODED:
            return f"{tool} wrote too much output and was stopped."
        case State.CROWDED:
            return f"{tool} started too many processes or took too much memory and was stopped."
        case State.FINISHED:
            return None


def last_words(finished: Finished) -> str:
    """The last line that a tool wrote to its error stream, for a message."""
    lines = finished.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "it said nothing"


def all_metrics() -> tuple[Metric, ...]:
    """Every metric of this package, in the order of their ids."""
    found: list[Metric] = []
    package = importlib.import_module("checker.metrics")
    for module in pkgutil.iter_modules(package.__path__):
        if module.ispkg:
            continue
        metric = getattr(importlib.import_module(f"checker.metrics.{module.name}"), "METRIC", None)
        if isinstance(metric, Metric):
            found.append(metric)
    return tuple(sorted(found, key=lambda metric: metric.ids))


def user_cache() -> Path:
    """Where this person's caches lie on this system; not made yet."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "fastapi-workbook"
