"""M1: what `ruff check` finds in the app and its tests, by ruff's own default rules.

## What counts
Every violation of the default rule set of the pinned ruff, in every `.py` file of `app/` and `tests/`. The set is taken
as it is: nothing is selected on top (the constraints say what FastAPI code needs, so FAST would count twice), and
nothing is ignored for tests, since the default set has no rule against `assert` (S101 is not in it).

## What does not count
The learner's `pyproject.toml`, `ruff.toml` and `.gitignore` (`--isolated`, and files are named one by one), and comments
that silence rules (`--ignore-noqa`). RUF100, which speaks only of such comments, is dropped: with them switched
off it would call each of them unused. TRY004 is dropped, too: it asks for `TypeError` where a type is wrong, and Pydantic turns
only `ValueError` and `AssertionError` of a validator into a 422; who follows ruff there gets a 500. I001 counts only where the imports are out of order at any line length: whoever
formats at 100 columns breaks no rule by it.

## Known limits
`# isort: skip_file` still silences I001, the order of imports, which no reader is misled by.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import msgspec

from checker.metrics.metric import (
    Complaint,
    Metric,
    MetricContext,
    Reading,
    Unmeasurable,
    complaints_detail,
    first_of,
    last_words,
    read_lines,
    reading_result,
    run_tool,
)
from checker.models.events import Stage
from checker.models.report import MetricOutcome, MetricResult

_WALL_S = 20.0
_IMPORT_ORDER = "I001"
_WIDEST = "320"
_PASSED_OVER = frozenset({"RUF100", "TRY004"})


class _Location(msgspec.Struct, frozen=True):
    row: int
    column: int


class _Violation(msgspec.Struct, frozen=True):
    filename: str
    message: str
    location: _Location
    code: str | None = None
    url: str | None = None


def measure_ruff(context: MetricContext) -> tuple[MetricResult, ...]:
    """M1 of the snapshot."""
    snapshot = context.snapshot
    files = [*snapshot.python_files_in("app"), *snapshot.python_files_in("tests")]
    if not files:
        return METRIC.without_value(
            context.chapter, MetricOutcome.FAILED, "There is no Python file in `app` or `tests` to look at."
        )
    complaints = [_complaint(violation, snapshot.folder) for violation in _run(context, files)]
    complaints = [one for one in complaints if one.rule not in _PASSED_OVER]
    if any(one.rule == _IMPORT_ORDER for one in complaints):
        wide = _run(context, files, "--select", _IMPORT_ORDER, "--line-length", _WIDEST)
        at_any_length = {_complaint(violation, snapshot.folder) for violation in wide}
        complaints = [one for one in complaints if one.rule != _IMPORT_ORDER or one in at_any_length]
    return (
        reading_result(
            _READING,
            context.chapter,
            MetricOutcome.FAILED if complaints else MetricOutcome.PASSED,
            value=float(len(complaints)),
            message=_message(complaints),
            detail=complaints_detail(complaints, files=len(files)),
        ),
    )


def _run(context: MetricContext, files: list[str], *more: str) -> list[_Violation]:
    # A file of arguments, since Windows allows no more than 32,767 characters on a command line.
    arguments = context.room("ruff") / "files.txt"
    arguments.write_text("\n".join(f"./{name}" for name in files if "\n" not in name), encoding="utf-8")
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    command = [
        *_ruff(),
        "check",
        "--isolated",
        "--ignore-noqa",
        "--no-cache",
        "--no-fix",
        "--exit-zero",
    ]
    command += ["--target-version", version, "--output-format", "json-lines", *more, f"@{arguments}"]
    finished = run_tool(command, context, cwd=context.snapshot.folder, wall_s=_WALL_S)
    violations = read_lines(finished, _Violation, "ruff", _WALL_S)
    if finished.returncode and not violations:
        raise Unmeasurable(f"ruff ended with code {finished.returncode}: {last_words(finished)}")
    return violations


def _ruff() -> list[str]:
    # The program itself where it lies beside this Python: half as long to start as `-m ruff`.
    program = Path(sysconfig.get_path("scripts")) / ("ruff.exe" if sys.platform == "win32" else "ruff")
    return [str(program)] if program.is_file() else [sys.executable, "-P", "-m", "ruff"]


def _complaint(violation: _Violation, folder: Path) -> Complaint:
    path = Path(violation.filename)
    # ruff resolves links in the path of the working folder (`/tmp` is one on macOS).
    for base in (folder, folder.resolve()):
        if path.is_relative_to(base):
            path = path.relative_to(base)
            break
    return Complaint(
        path=path.as_posix(),
        line=violation.location.row,
        column=violation.location.column,
        rule=violation.code or "syntax",
        message=violation.message,
        url=violation.url,
    )


def _message(complaints: list[Complaint]) -> str:
    if not complaints:
        return "ruff has nothing to say against `app` and `tests`."
    first = first_of(complaints)
    rest = "" if len(complaints) == 1 else f" and {len(complaints) - 1} more"
    return f"ruff reports {first}{rest}. `ruff check --isolated --ignore-noqa app tests` shows them all."


_READING = Reading(id="M1", title="ruff", target=0, unit="errors")
METRIC = Metric(stage=Stage.RUFF, readings=(_READING,), take=measure_ruff)
