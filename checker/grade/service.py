"""`check_service`: a real service from folder to report; its source is read while its app runs."""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from checker import __version__
from checker.constraints import judge_constraints
from checker.errors import CheckerError, UsageError
from checker.grade.app_lane import AppLane
from checker.grade.baseline import Baseline, Entry, baseline_text, entry_of, finding_keys, stale_entries
from checker.grade.selection import Selection, select
from checker.models.events import (
    ConstraintsFinished,
    Listener,
    SourceRead,
    Stage,
    StageFinished,
    StageStarted,
)
from checker.models.facts import AppFacts
from checker.models.report import ConstraintOutcome, ConstraintResult, Fault, FaultKind, Finding
from checker.models.service import BaselineUse, FailOn, JudgedConstraint, ServiceFinding, ServiceReport
from checker.progress import why, write_atomically
from checker.prompt import quoted
from checker.source import Project, Unreadable, read_project

_MANY = 10
"""Findings from which on a baseline is worth proposing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What an engineer may ask of `check app`; `shown` is the folder as it was named, `only` one file in it."""

    selection: Selection
    app: str | None = None
    static: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    """Patterns as in a `.gitignore`, counted from the folder."""
    only: str | None = None
    baseline: Baseline | None = None
    write_baseline: Path | None = None
    """The file that takes this run's findings as its baseline."""
    fail_on: FailOn = FailOn.ALL
    shown: str = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class _App:
    """What is known of the running app: its name, its facts, or why there are none."""

    target: str | None = None
    facts: AppFacts | None = None
    faults: tuple[Fault, ...] = ()
    reason: str = ""


def check_service(folder: Path, options: ServiceOptions, listen: Listener) -> ServiceReport:
    """Judge the service in `folder`; `listen` hears results as they land.

    Never raises for what the service's code does. Raises `UsageError` where there is nothing to judge, and
    `CheckerError` where this machine cannot run the app or write the baseline.
    """
    started = time.monotonic()
    check = _Check(folder, options, listen)
    return replace(check.run(), duration_s=round(time.monotonic() - started, 2))


class _Check:
    def __init__(self, folder: Path, options: ServiceOptions, listen: Listener) -> None:
        self._folder = folder
        self._options = options
        self._listen = listen

    def run(self) -> ServiceReport:
        """Read and run, judge, compare with the baseline, settle the verdict."""
        with AppLane(self._folder, self._options.env, self._listen) as lane:
            if self._options.app is not None and not self._options.static:
                lane.start(self._options.app)
            project = self._read()
            self._refuse_nothing(project)
            app = self._ask_app(lane, project)
        results = self._judge(project, app.facts)
        findings = self._findings(results, project)
        use, findings = self._compare(findings, project, app)
        constraints = tuple(_judged(result, findings) for result in results)
        self._listen(ConstraintsFinished(results=_outcomes(results, constraints)))
        return self._report(project, app, findings, constraints, use)

    def _read(self) -> Project:
        with self._stage(Stage.SOURCE):
            project = read_project(self._folder, self._options.exclude)
            read = [m for m in project.modules if self._is_wanted(m.path)]
            routes = _static_routes(project)
            self._listen(SourceRead(files=len(read), routes=routes, unread=len(self._unread(project))))
            return project

    def _is_wanted(self, path: str) -> bool:
        return self._options.only is None or path == self._options.only

    def _unread(self, project: Project, *, left_out: bool = False) -> tuple[Unreadable, ...]:
        return tuple(
            one for one in project.unreadable if one.left_out is left_out and self._is_wanted(one.path)
        )

    def _refuse_nothing(self, project: Project) -> None:
        shown = self._options.shown
        read = [module for module in project.modules if self._is_wanted(module.path)]
        unread = self._unread(project)
        if any(one.path.endswith(".py") for one in unread):
            return
        if not read:
            left = " that `--exclude` leaves in" if self._options.exclude else ""
            why_not = f" {unread[0].sentence}" if unread and unread[0].path != "." else ""
            raise UsageError(
                f"There is no Python file in `{shown}`{left}; give the folder that holds your service.{why_not}"
            )
        if not any(_imports_fastapi(module.imported) for module in project.modules):
            files = "1 Python file" if len(read) == 1 else f"{len(read):,} Python files"
            raise UsageError(
                f"Nothing in `{shown}` imports FastAPI ({files} read), so there is no service to check; give the folder "
                "that holds it."
            )

    def _ask_app(self, lane: AppLane, project: Project) -> _App:
        if self._options.static:
            return _App(target=self._options.app, reason="`--static` was asked for.")
        target = self._options.app
        if target is None:
            found = lane.find(project)
            if found.target is None:
                return _App(reason=found.reason)
            target = found.target
            lane.start(target, found.python_path)
        # What the rules will ask first is computed while the app starts.
        _ = project.on_loop, project.in_requests, project.service_modules
        observed = lane.result()
        if observed is None or observed.facts is None:
            faults = observed.faults if observed is not None else ()
            return _App(target=target, faults=faults, reason=faults[0].message if faults else "")
        return _App(target=target, facts=observed.facts, faults=observed.faults)

    def _judge(self, project: Project, facts: AppFacts | None) -> tuple[ConstraintResult, ...]:
        selection = self._options.selection
        with self._stage(Stage.CONSTRAINTS):
            return judge_constraints(
                project,
                facts,
                graded=selection.constraints,
                only=selection.constraints,
                rules=selection.rules,
            )

    def _findings(self, results: Sequence[ConstraintResult], project: Project) -> tuple[ServiceFinding, ...]:
        found = [
            f for result in results for f in result.findings if f.path is None or self._is_wanted(f.path)
        ]
        found.sort(key=lambda f: (f.path or "", f.line or 0, f.column or 0, f.constraint, f.rule))
        keys = finding_keys(found, project)
        return tuple(_service_finding(finding, key) for finding, key in zip(found, keys, strict=True))

    def _compare(
        self, findings: tuple[ServiceFinding, ...], project: Project, app: _App
    ) -> tuple[BaselineUse | None, tuple[ServiceFinding, ...]]:
        """The findings with those marked that the baseline knows, and what it did; a new one knows them all."""
        baseline = self._options.baseline
        current = [entry_of(finding, finding.key) for finding in findings if finding.flexed is None]
        stale: tuple[Entry, ...] = ()
        if baseline is not None:
            stale = stale_entries(baseline, current, lambda entry: self._was_looked_at(entry, project, app))
        if self._options.write_baseline is not None:
            baseline = self._write_baseline(self._options.write_baseline, baseline, current, stale)
            stale = ()
        if baseline is None:
            return None, findings
        known = baseline.identities
        marked = tuple(
            replace(finding, baselined=True)
            if finding.flexed is None and entry_of(finding, finding.key).identity in known
            else finding
            for finding in findings
        )
        use = BaselineUse(
            file=baseline.shown,
            entries=len(baseline.entries),
            known=sum(finding.baselined for finding in marked),
            stale=len(stale),
        )
        return use, marked

    def _was_looked_at(self, entry: Entry, project: Project, app: _App) -> bool:
        """Whether this run would have found the entry's finding if it were still there."""
        if entry.rule not in select((), ()).rules:
            # No version of this checker will find it again under that name.
            return True
        if entry.rule not in self._options.selection.rules or (entry.running and app.facts is None):
            return False
        if not entry.path or project.module_at(entry.path) is not None:
            return not entry.path or self._is_wanted(entry.path)
        return self._options.only is None and not (self._folder / entry.path).exists()

    def _write_baseline(
        self, path: Path, old: Baseline | None, current: Sequence[Entry], stale: Sequence[Entry]
    ) -> Baseline:
        gone = {entry.identity for entry in (*stale, *current)}
        # What this run did not look at stays known.
        kept = [entry for entry in old.entries if entry.identity not in gone] if old is not None else []
        entries = (*current, *kept)
        try:
            write_atomically(path, baseline_text(entries).encode("utf-8", "replace"))
        except OSError as error:
            raise CheckerError(
                f"The baseline could not be written to `{path}` ({why(error)}); make room or permission, or name "
                "another file."
            ) from error
        shown = old.shown if old is not None else str(path)
        return Baseline(shown=shown, entries=entries)

    def _report(
        self,
        project: Project,
        app: _App,
        findings: tuple[ServiceFinding, ...],
        constraints: tuple[JudgedConstraint, ...],
        use: BaselineUse | None,
    ) -> ServiceReport:
        unread, left_out = self._unread(project), self._unread(project, left_out=True)
        read = [module for module in project.modules if self._is_wanted(module.path)]
        faults = [
            Fault(kind=FaultKind.SYNTAX, message=u.sentence, path=u.path, line=u.line)
            for u in (*unread, *left_out)
        ]
        report = ServiceReport(
            app=app.target,
            files=len(read),
            findings=findings,
            faults=(*faults, *app.faults),
            passed=True,
            fail_on=self._options.fail_on,
            app_ran=app.facts is not None,
            app_reason="" if app.facts is not None else app.reason,
            constraints=constraints,
            baseline=use,
            unread_files=len(unread),
            left_out=len(left_out),
            lines=sum(len(module.lines) for module in read),
            routes=len(app.facts.routes) if app.facts is not None else _static_routes(project),
            folder=self._options.shown,
            checker=__version__,
            python=platform.python_version(),
        )
        untold = any(one.outcome is ConstraintOutcome.ERROR for one in constraints)
        passed = not report.unread_files and not untold and not any(map(report.fails, findings))
        report = replace(report, passed=passed)
        return replace(report, next_step=_next_step(report, self._options))

    @contextmanager
    def _stage(self, stage: Stage) -> Iterator[None]:
        self._listen(StageStarted(stage=stage))
        started = time.monotonic()
        try:
            yield
        finally:
            self._listen(StageFinished(stage=stage, seconds=time.monotonic() - started))


def _imports_fastapi(imported: set[str]) -> bool:
    return any(name.partition(".")[0] in {"fastapi", "starlette"} for name in imported)


def _static_routes(project: Project) -> int:
    return sum(not operation.function.module.is_test for operation in project.operations)


def _service_finding(finding: Finding, key: str) -> ServiceFinding:
    return ServiceFinding(
        rule=finding.rule,
        constraint=finding.constraint,
        path=finding.path,
        line=finding.line,
        column=finding.column,
        message=finding.message,
        help=finding.help,
        docs=finding.docs,
        evidence=finding.evidence,
        flexed=finding.flexed,
        trace=finding.trace,
        key=key,
    )


def _judged(result: ConstraintResult, findings: Sequence[ServiceFinding]) -> JudgedConstraint:
    """One outcome for what is left of a constraint's findings."""
    own = [finding for finding in findings if finding.constraint == result.id]
    counted = Counter("baselined" if f.baselined else "open" if f.is_open else "flexed" for f in own)
    if result.outcome is ConstraintOutcome.ERROR:
        outcome = ConstraintOutcome.ERROR
    elif counted["open"]:
        outcome = ConstraintOutcome.FAILED
    elif counted["flexed"]:
        outcome = ConstraintOutcome.FLEXED
    elif result.outcome is ConstraintOutcome.NOT_APPLICABLE:
        outcome = ConstraintOutcome.NOT_APPLICABLE
    else:
        outcome = ConstraintOutcome.PASSED
    return JudgedConstraint(
        id=result.id,
        title=result.title,
        hard=result.hard,
        outcome=outcome,
        findings=counted["open"],
        flexed=counted["flexed"],
        baselined=counted["baselined"],
        detail=result.detail if not own or outcome is ConstraintOutcome.ERROR else "",
    )


def _outcomes(
    results: Sequence[ConstraintResult], judged: Sequence[JudgedConstraint]
) -> tuple[ConstraintResult, ...]:
    """The results as a listener may show them: with the outcome that counts here."""
    return tuple(
        replace(result, outcome=one.outcome, findings=()) for result, one in zip(results, judged, strict=True)
    )


def _next_step(report: ServiceReport, options: ServiceOptions) -> str:
    again = f"check app {quoted(report.folder)}"
    unread = report.unread[0].path if report.unread else None
    untold = [one.id for one in report.constraints if one.outcome is ConstraintOutcome.ERROR]
    if report.open_findings:
        worst = report.violations[0].constraint.id
        step = f"`check explain {worst}` says why it matters and how to mend it."
        if report.baseline is None and len(report.open_findings) >= _MANY:
            step += (
                f" On an old code base, `{again} --baseline check-baseline.json --write-baseline` records what is there, "
                "so that only new findings fail."
            )
        return step
    if unread is not None:
        return f"Mend `{unread}`, or leave it out with `--exclude {quoted(unread)}`."
    if untold:
        return f"{', '.join(untold)} could not be judged, which is the checker's fault; please report it."
    if report.baseline is not None and report.baseline.stale:
        return f"`{again} --baseline {quoted(report.baseline.file)} --write-baseline` takes the stale entries out."
    if report.baseline is not None and options.write_baseline is not None:
        return f"Commit `{report.baseline.file}`, and give it with `--baseline` or in `[tool.check]`: only new findings fail."
    return ""
