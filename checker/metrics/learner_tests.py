"""M3: whether the learner's own tests pass, how much of `app/` they run, and what they tell apart.

## What counts
Lines of `app/` that ran while the tests ran (branches come in the chapter on testing, as advice), in percent of all lines
that can run; files that no test imports count as not run. A failing test fails the metric whatever the number: lines
under a red test prove nothing.

## With whose configuration
The checker's own, for pytest (no plugin autoload; asyncio and anyio, and fixture libraries such as pytest-mock where they
are installed) and for coverage (from Python 3.12 on `sys.monitoring`; below it `concurrency = greenlet, thread` where SQLAlchemy is
imported, whose async engine runs in greenlets).
Of the learner's pytest configuration only the two loop scopes of pytest-asyncio are taken over: they say on which loop
fixtures were meant to run, and can hide nothing. `# pragma: no cover` has no effect; `if TYPE_CHECKING:`, `...` bodies,
overloads and abstract methods do not count as lines.

## What they tell apart
Coverage says that lines ran, not that anybody looked. So where a chapter names broken apps (its `[twins]`), the tests also
run against the reference solution and against each of its broken twins, every run in a process, a folder and a home of its
own, and with nothing in it that says which app it is. A broken app is noticed when a test fails with it that passes with
the right one, twice. One line names each app that goes unnoticed, and what to ask it; fewer noticed than the chapter asks
for fail the metric.

Tests that fail with the reference are no mistake where the task sheet leaves open what they ask for: a function of your
own, the words of a refusal. They are set aside, and what went unnoticed is tried once more with your own app, whose replies
are changed on their way out. Where neither can compare anything, the report says so, and coverage decides.

## What runs
`conftest.py` is loaded. Fixtures there are good practice, and honest suites break without it. It gives nothing away: the
tests themselves are code of the learner's in the same process, so the number is the learner's own word at any rate.
That process is a limited child that works on a copy of its own. It has imported pytest and the libraries of the chapter's
starter before the tests come, and before coverage watches: neither is the learner's code, and watched they take three times as
long to import.
"""

from __future__ import annotations

import configparser
import json
import shutil
import sys
import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from checker.metrics.metric import (
    PROGRAMS,
    Metric,
    MetricContext,
    Place,
    Reading,
    reading_result,
    start_tool,
)
from checker.metrics.twins import Apart, tell_apart
from checker.metrics.twins import unnoticed_over_http as twins_unnoticed_over_http
from checker.models.events import Stage
from checker.models.report import MetricOutcome, MetricResult
from checker.sandbox import Finished, LimitedProcess, State
from checker.submission import imported_libraries
from checker.submission.snapshot import read_regular, shown

_CHILD = PROGRAMS / "learner_tests.py"
_MOST_RESULT_BYTES = 8 * 2**20
_COVERAGE = """\
[run]
source = app
relative_files = true
[report]
ignore_errors = true
exclude_lines =
    if (typing\\.)?TYPE_CHECKING:
    if __name__ == .__main__.:
    @(typing\\.)?overload
    @(abc\\.)?abstractmethod
    ^\\s*(((async )?def .*?)?[\\])]+(\\s*->.*?)?:\\s*)?\\.\\.\\.\\s*(#|$)
"""
_LOOP_SCOPES = ("asyncio_default_fixture_loop_scope", "asyncio_default_test_loop_scope")
_SCOPES = frozenset({"function", "class", "module", "package", "session"})


class _Failure(msgspec.Struct, frozen=True):
    test: str
    path: str = ""
    line: int | None = None
    message: str = ""


class _Coverage(msgspec.Struct, frozen=True):
    path: str
    statements: int
    missing: tuple[int, ...]


class _Run(msgspec.Struct, frozen=True):
    """What the child says of its run: claims, checked for shape only."""

    passed: int
    failed: int
    errors: int
    skipped: int
    first: _Failure | None
    files: tuple[_Coverage, ...]


def measure_learner_tests(context: MetricContext) -> tuple[MetricResult, ...]:
    """M3 of the snapshot."""
    if not any(_is_test(name) for name in context.snapshot.python_files):
        return _failed(
            context,
            "There are no tests: pytest looks for `test_*.py` in `tests`. Begin with one that sends a request and "
            "looks at status and body.",
        )
    room = context.room("learner-tests")
    code = room / "code"
    shutil.copytree(context.snapshot.folder, code)
    wall_s = context.chapter.file.limits.tests_s
    child = context.ahead
    if child is None or not child.runs:
        child = begin_learner_tests(context)
    child.send(json.dumps(_settings(context, room, code)).encode())
    finished = child.finish(wall_s)
    run = _read(room / "result.json")
    if run is None or finished.state is not State.FINISHED:
        return _failed(context, _why_no_result(finished, room / "running.txt", wall_s))
    coverage = _judge(context, run)
    twins = context.chapter.file.twins
    if twins is None or coverage.outcome is not MetricOutcome.PASSED:
        return (coverage,)
    ini = room / "pytest.ini"
    return (_with(coverage, tell_apart(context, twins, ini, _where(context), finished.seconds)),)


def begin_learner_tests(place: Place) -> LimitedProcess:
    """The child for the tests, which imports pytest and libraries while it waits for `_settings`."""
    return start_tool(
        [sys.executable, "-P", "-B", str(_CHILD), *place.libraries],
        place,
        cwd=place.scratch,
        limits=place.limits,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **place.chapter.file.app.env},
        stdin=None,
    )


def unnoticed_over_http(context: MetricContext) -> tuple[str, ...]:
    """For authors: the broken apps that these tests do not notice from the replies of their own app."""
    twins = context.chapter.file.twins
    if twins is None:
        return ()
    ini = _write_ini(context, context.room("learner-tests"))
    return twins_unnoticed_over_http(context, twins, ini, _where(context))


def _with(coverage: MetricResult, apart: Apart) -> MetricResult:
    """The result of coverage, which was enough, and of what the tests tell apart."""
    if apart.problem:
        outcome, head = MetricOutcome.FAILED, apart.problem
    else:
        outcome, head = coverage.outcome, coverage.message
        if apart.judged:
            head = f"{head.removesuffix('.')}, and notice {apart.noticed} of {apart.judged} broken apps."
    message = "\n".join([head, *apart.lines])
    return replace(
        coverage, outcome=outcome, message=message, detail=coverage.detail | {"told_apart": apart.detail}
    )


def _settings(context: MetricContext, room: Path, code: Path) -> dict[str, str]:
    (room / "coverage.ini").write_text(_COVERAGE, encoding="utf-8")
    return {
        "code": str(code),
        "pytest": str(_write_ini(context, room)),
        "coverage": str(room / "coverage.ini"),
        "where": _where(context),
        "result": str(room / "result.json"),
        "running": str(room / "running.txt"),
        "imported": " ".join(imported_libraries(context.snapshot.folder)),
    }


def _write_ini(context: MetricContext, room: Path) -> Path:
    lines = ["[pytest]", "asyncio_mode = auto"]
    lines += [f"{name} = {scope}" for name, scope in _loop_scopes(context.snapshot.folder).items()]
    path = room / "pytest.ini"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _where(context: MetricContext) -> str:
    return "tests" if any(_is_test(name) for name in context.snapshot.python_files_in("tests")) else "."


def _is_test(name: str) -> bool:
    stem = Path(name).name.removesuffix(".py")
    return stem.startswith("test_") or stem.endswith("_test")


def _loop_scopes(folder: Path) -> dict[str, str]:
    """The loop scopes that the learner's pytest configuration sets; nothing where it cannot be read."""
    found: dict[str, Any] = {}
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string((folder / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue
        if parser.has_section(section):
            found |= dict(parser[section])
    try:
        table: Any = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        options = table["tool"]["pytest"]
        found |= options.get("ini_options", options)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        pass
    except (KeyError, TypeError, AttributeError, ValueError):
        pass  # no such table, or something else in its place
    return {name: str(found[name]) for name in _LOOP_SCOPES if str(found.get(name)) in _SCOPES}


def _read(path: Path) -> _Run | None:
    try:
        # The tests may have put anything in its place, a link to a private file or a pipe.
        content = read_regular(path, _MOST_RESULT_BYTES)
        return None if content is None else msgspec.json.decode(content, type=_Run)
    except (OSError, ValueError, RecursionError):
        return None


def _judge(context: MetricContext, run: _Run) -> MetricResult:
    statements = sum(file.statements for file in run.files)
    covered = statements - sum(len(file.missing) for file in run.files)
    percent = 100 * covered / statements if statements else 0.0
    ran = run.passed + run.failed + run.errors
    problem = _problem(run, ran, statements) or _too_little(run, covered, statements, percent)
    return reading_result(
        _READING,
        context.chapter,
        MetricOutcome.FAILED if problem else MetricOutcome.PASSED,
        # Cut, not rounded: 79.99 % shall not read as 80.
        value=int(percent * 10) / 10,
        message=problem or f"{run.passed} of your tests pass and run {percent:.1f} % of `app`.",
        detail={
            "tests": {
                "passed": run.passed,
                "failed": run.failed,
                "errors": run.errors,
                "skipped": run.skipped,
            },
            "covered": covered,
            "statements": statements,
            "first_failure": None if run.first is None else msgspec.to_builtins(run.first),
            "files": [
                {"path": file.path, "statements": file.statements, "missing": _ranges(file.missing)}
                for file in _worst(run)[:10]
            ],
        },
    )


def _problem(run: _Run, ran: int, statements: int) -> str | None:
    """What is wrong with the tests themselves."""
    bad = run.failed + run.errors
    if bad or (run.first is not None and not ran):
        first = run.first or _Failure(test="a test")
        where = (
            f"`{shown(first.path)}:{first.line}`" if first.path and first.line else f"`{shown(first.test)}`"
        )
        name = shown(first.test.rpartition("::")[2])
        how_many = f"{bad} of {ran} tests fail" if bad > 1 else "One test fails"
        return f"{how_many}, first {where} ({name}): {first.message}. Coverage counts when all tests pass."
    if not ran:
        what = f"All {run.skipped} tests are skipped" if run.skipped else "pytest found no test function"
        return f"{what}, so nothing of `app` is proven; a test is a function whose name begins with `test_`."
    if not statements:
        return "There is no code in `app` that tests could run."
    return None


def _too_little(run: _Run, covered: int, statements: int, percent: float) -> str | None:
    if covered * 100 > _READING_TARGET * statements:
        return None
    worst = _worst(run)[0]
    missing = ", ".join(f"{a}-{b}" if a != b else str(a) for a, b in _ranges(worst.missing)[:4])
    more = ", …" if len(_ranges(worst.missing)) > 4 else ""
    return (
        f"Your tests run {int(percent * 10) / 10:g} % of `app`; more than {_READING_TARGET} % is asked for. Most is "
        f"missing in `{shown(worst.path)}`, lines {missing}{more}: write a test that makes a request go there."
    )


def _worst(run: _Run) -> list[_Coverage]:
    return sorted(
        (file for file in run.files if file.missing), key=lambda file: (-len(file.missing), file.path)
    )


def _ranges(lines: tuple[int, ...]) -> list[tuple[int, int]]:
    """Runs of neighbouring lines: (12, 13, 14, 30) becomes 12-14 and 30-30."""
    if not lines:
        return []
    ordered = sorted(lines)
    starts = [ordered[0], *(after for before, after in pairwise(ordered) if after > before + 1)]
    ends = [*(before for before, after in pairwise(ordered) if after > before + 1), ordered[-1]]
    return list(zip(starts, ends, strict=True))


def _why_no_result(finished: Finished, running: Path, wall_s: float) -> str:
    try:
        test = shown((read_regular(running, 4096) or b"").decode("utf-8", "replace")[:300])
    except OSError:
        test = ""
    during = f" while `{test}` ran" if test else " while pytest imported them"
    match finished.state:
        case State.TIMED_OUT:
            return (
                f"Your tests did not finish within {wall_s:g} s: the time ended{during}. Look there for a wait without a "
                "time limit."
            )
        case State.FLOODED:
            return f"Your tests wrote too much output{during} and were stopped."
        case State.CROWDED:
            return f"Your tests started too many processes or took too much memory{during} and were stopped."
        case State.KILLED:
            return f"Your tests were ended by signal {-(finished.returncode or 0)}{during}; look for memory or an endless loop."
        case State.FINISHED:
            return (
                f"Your tests ended their own process{during} (code {finished.returncode}); look for `os._exit` or "
                "`pytest.exit`."
            )


def _failed(context: MetricContext, why: str) -> tuple[MetricResult, ...]:
    return (reading_result(_READING, context.chapter, MetricOutcome.FAILED, value=0.0, message=why),)


_READING_TARGET = 80
_READING = Reading(id="M3", title="coverage by the learner's own tests", target=_READING_TARGET, unit="%")
METRIC = Metric(
    stage=Stage.TESTS, readings=(_READING,), take=measure_learner_tests, begin=begin_learner_tests
)
