"""`check app`: what was typed and what the project's settings say become one run, its report and its exit code."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from checker.cli.delivery import check_format, check_output, deliver
from checker.cli.desk import close_names, shown
from checker.cli.settings import Settings, find_settings
from checker.errors import ExitCode, UsageError
from checker.models.report import ConstraintOutcome
from checker.models.service import FailOn, ServiceReport

if TYPE_CHECKING:
    from checker.grade.baseline import Baseline
    from checker.grade.service import ServiceOptions

_T = TypeVar("_T")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(\))?")
_ROOT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", ".git")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line, not yet checked; None where nothing was said."""

    path: Path = Path()
    app: str | None = None
    static: bool | None = None
    env_file: Path | None = None
    select: Sequence[str] | None = None
    ignore: Sequence[str] | None = None
    exclude: Sequence[str] | None = None
    baseline: Path | None = None
    write_baseline: bool = False
    fail_on: str | None = None
    format: str = "text"
    output: Path | None = None
    everything: bool = False


def check_app(wanted: Wanted) -> int:
    """Check a service, print or write the report; the exit code is the verdict."""
    check_format(wanted.format, ServiceReport)
    if wanted.output is not None:
        check_output(wanted.output)
    folder, only = _place(wanted.path)
    options = _options(wanted, folder, only, find_settings(folder))
    report = _run(folder, options)

    from checker.constraints import rule_pages

    count = len(report.open_findings)
    word = "passed" if report.passed else "not passed"
    deliver(
        report,
        format=wanted.format,
        output=wanted.output,
        said=f"{wanted.path}: {word}, {count:,} {'finding' if count == 1 else 'findings'}.",
        everything=wanted.everything,
        here=_prefix(folder, Path.cwd()),
        repository=_prefix(folder, _repository(folder) or Path.cwd()),
        rules=rule_pages(),
    )
    return verdict(report)


def verdict(report: ServiceReport) -> ExitCode:
    """The exit code: what the service's code caused is 1, what only the checker could not tell is 3."""
    if report.passed:
        return ExitCode.PASSED
    theirs = report.unread_files or any(map(report.fails, report.findings))
    untold = any(one.outcome is ConstraintOutcome.ERROR for one in report.constraints)
    return ExitCode.CHECKER_FAULT if untold and not theirs else ExitCode.NOT_PASSED


def _run(folder: Path, options: ServiceOptions) -> ServiceReport:
    # Everything heavy comes with the run itself, so that a mistyped option is answered at once.
    from checker.cli.live import LiveDisplay
    from checker.grade.service import check_service

    with LiveDisplay(f"Checking {options.shown}") as live:
        return check_service(folder, options, live)


def _options(wanted: Wanted, folder: Path, only: str | None, settings: Settings) -> ServiceOptions:
    """The command line where it says something, else the settings."""
    from checker.grade.selection import select
    from checker.grade.service import ServiceOptions

    given = wanted.exclude is not None
    exclude = _first(wanted.exclude, settings.exclude, ())
    written_in = Path.cwd() if given or settings.folder is None else settings.folder
    env_file = _file(wanted.env_file, settings.env_file, settings)
    baseline = _file(wanted.baseline, settings.baseline, settings)
    if wanted.write_baseline and baseline is None:
        raise UsageError(
            "`--write-baseline` needs a file to write: add `--baseline check-baseline.json`, or name it in `[tool.check]`."
        )
    app = _first(wanted.app, settings.app, None)
    if app is not None and not _TARGET.fullmatch(app):
        raise UsageError(
            f"`{app}` is no `module:attribute`; name the app as its module and its variable, as `app.main:app`."
        )
    return ServiceOptions(
        selection=select(
            _names(_first(wanted.select, settings.select, ())),
            _names(_first(wanted.ignore, settings.ignore, ())),
        ),
        app=app,
        static=_first(wanted.static, settings.static, False),
        env=_environment(env_file) if env_file is not None else {},
        exclude=_patterns(exclude, _prefix(folder, written_in)),
        only=only,
        baseline=_baseline(baseline, writes=wanted.write_baseline) if baseline is not None else None,
        write_baseline=baseline if wanted.write_baseline else None,
        fail_on=_fail_on(wanted.fail_on, settings),
        shown=str(wanted.path),
    )


def _first(typed: _T | None, kept: _T | None, otherwise: _T) -> _T:
    if typed is not None:
        return typed
    return kept if kept is not None else otherwise


def _names(given: Sequence[str]) -> tuple[str, ...]:
    """`H3,S5` and two options are the same."""
    return tuple(name for text in given for name in re.split(r"[,\s]+", text) if name)


def _patterns(given: Sequence[str], prefix: str) -> tuple[str, ...]:
    """Patterns counted from the service's folder; one may begin with the way to it, as its writer sees it."""
    patterns = list(given)
    for pattern in given:
        sign, plain = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
        plain = plain.removeprefix("./").removeprefix("/")
        if prefix and plain.startswith(prefix) and plain != prefix:
            patterns.append(f"{sign}/{plain.removeprefix(prefix)}")
    return tuple(patterns)


def _fail_on(typed: str | None, settings: Settings) -> FailOn:
    if typed is None:
        return settings.fail_on or FailOn.ALL
    try:
        return FailOn(typed.lower())
    except ValueError:
        known = " or ".join(f"`{one.value}`" for one in FailOn)
        raise UsageError(f"`--fail-on` takes {known}, not `{typed}`.") from None


# Places


def _place(path: Path) -> tuple[Path, str | None]:
    """The folder to read, and the one file in it that was asked for."""
    if not os.path.lexists(path):
        raise UsageError(_missing(path))
    if path.is_dir():
        return path.resolve(), None
    if path.suffix != ".py":
        raise UsageError(
            f"`{path}` is no Python file; give the folder of your service, or a `.py` file in it."
        )
    file = path.resolve()
    root = _root(file)
    return root, file.relative_to(root).as_posix()


def _missing(path: Path) -> str:
    if _TARGET.fullmatch(str(path)):
        return f"There is no file or folder `{path}`; an app is named with `--app {path}`."
    try:
        beside = [one.name for one in path.absolute().parent.iterdir()]
    except OSError:
        beside = []
    hint = f"; did you mean {close}?" if (close := close_names(path.name, beside)) else "."
    return f"There is no file or folder `{path}`{hint}"


def _root(file: Path) -> Path:
    """The project that a file belongs to: what it calls elsewhere is followed, so the whole is read."""
    for place in file.parents:
        if any((place / name).exists() for name in _ROOT_FILES):
            return place
    place = file.parent
    while (place / "__init__.py").exists() and place.parent != place:
        place = place.parent
    return place


def _repository(folder: Path) -> Path | None:
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def _prefix(folder: Path, seen_from: Path) -> str:
    """What stands before a path of the service for who is in `seen_from`; empty where that is elsewhere."""
    try:
        relative = folder.relative_to(seen_from.resolve()).as_posix()
    except ValueError:
        return ""
    return "" if relative == "." else f"{relative}/"


def _file(typed: Path | None, kept: str | None, settings: Settings) -> Path | None:
    """A file that was typed, or one that the settings name, counted from where they stand."""
    if typed is not None or kept is None or settings.folder is None:
        return typed
    return settings.folder / kept


def _baseline(path: Path, *, writes: bool) -> Baseline | None:
    from checker.grade.baseline import read_baseline

    if writes:
        check_output(path, "--baseline")
        if not path.exists():
            return None
    return read_baseline(path, shown(path))


def _environment(path: Path) -> Mapping[str, str]:
    """The variables in a file of python-dotenv's format; what they hold stands in no message."""
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"`--env-file {shown(path)}` is not UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"`--env-file {shown(path)}` cannot be read: {reason}.") from error
    for binding in parse_stream(StringIO(text)):
        if binding.error:
            raise UsageError(
                f"`--env-file {shown(path)}`, line {binding.original.line}, is no `NAME=value`; mend that line."
            )
    values = dotenv_values(stream=StringIO(text))
    return {name: value for name, value in values.items() if value is not None}
