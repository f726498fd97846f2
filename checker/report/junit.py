"""`--format junit`: what continuous integration reads; a suite for each task, the constraints and the metrics.

For `check app` a suite is a constraint, and a case is one finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree as ET

from checker.models.report import (
    Check,
    ConstraintOutcome,
    ConstraintResult,
    Fault,
    Finding,
    MetricOutcome,
    MetricResult,
    Outcome,
    Report,
)
from checker.models.service import JudgedConstraint, ServiceFinding, ServiceReport, Violation
from checker.report._plain import clean, measure, one_line, place, request_line, value_lines

NAME = "junit"

# What XML 1.0 cannot hold, escaped or not, beyond what `clean` has removed.
_ILLEGAL = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_VALUE_LINES = 60
_MOST_FINDINGS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    name: str
    verdict: str | None = None
    """`failure`, `error` or `skipped`; None for a passed one."""
    kind: str = ""
    message: str = ""
    text: str = ""
    output: str = ""
    seconds: float = 0.0
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suite:
    name: str
    cases: list[_Case] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        return sum(case.verdict == verdict for case in self.cases)


def render(report: Report) -> str:
    """The report as JUnit XML, ending with a newline."""
    suites = [
        _Suite(name="faults", cases=[_fault(fault) for fault in report.faults]),
        *(
            _Suite(name=f"{task.id} {task.title}", cases=[_check(check) for check in task.checks])
            for task in report.tasks
        ),
        _Suite(name="constraints", cases=[_constraint(constraint) for constraint in report.constraints]),
        _Suite(name="metrics", cases=[_metric(metric) for metric in report.metrics]),
    ]
    if report.passed:
        suites = [_Suite(name=suite.name, cases=[_forgive(case) for case in suite.cases]) for suite in suites]
    return _document(report.chapter, suites, report.duration_s)


def render_service(report: ServiceReport) -> str:
    """The report of `check app` as JUnit XML, ending with a newline."""
    # Neither what was left out nor an app that does not run costs the verdict.
    others = (*report.places_left_out, *report.app_faults)
    faults = [_fault(fault) for fault in report.unread] + [_forgive(_fault(fault)) for fault in others]
    violations = {violation.constraint.id: violation for violation in report.violations}
    suites = [_Suite(name="faults", cases=faults)]
    for constraint in report.constraints:
        violation = violations.get(constraint.id)
        cases = _findings(report, violation) if violation is not None else [_kept(constraint)]
        suites.append(_Suite(name=f"{constraint.id} {constraint.title}", cases=cases))
    return _document("check app", suites, report.duration_s)


def _findings(report: ServiceReport, violation: Violation) -> list[_Case]:
    constraint = violation.constraint
    if constraint.outcome is ConstraintOutcome.ERROR:
        return [_Case(name=constraint.title, verdict="error", message=constraint.detail)]
    cases = [_finding(report, finding) for finding in violation.findings[:_MOST_FINDINGS]]
    left = violation.findings[_MOST_FINDINGS:]
    if left:
        text = "\n".join(_line(finding) for finding in left)
        cases.append(replace(cases[-1], name=f"{len(left):,} more findings", text=text, path=None, line=None))
    return cases


def _finding(report: ServiceReport, finding: ServiceFinding) -> _Case:
    case = _Case(
        name=f"{finding.rule}: {place(finding.path, finding.line) or 'the running app'}",
        verdict="failure",
        kind="hard" if report.is_hard(finding.constraint) else "soft",
        message=finding.message,
        text="\n".join([_line(finding), *(one_line(step) for step in finding.trace), finding.docs]),
        path=finding.path,
        line=finding.line,
    )
    return case if report.fails(finding) else _forgive(case)


def _kept(constraint: JudgedConstraint) -> _Case:
    if constraint.outcome is ConstraintOutcome.NOT_APPLICABLE:
        return _Case(name=constraint.title, verdict="skipped", message=constraint.outcome.value)
    counts = (("flexed", constraint.flexed), ("in the baseline", constraint.baselined))
    said = ", ".join(f"{count:,} {words}" for words, count in counts if count)
    return _Case(name=constraint.title, output=said)


def _document(name: str, suites: list[_Suite], seconds: float) -> str:
    suites = [suite for suite in suites if suite.cases]
    root = ET.Element("testsuites", _attributes(name, suites))
    root.set("time", f"{seconds:.3f}")
    for suite in suites:
        root.append(_suite(name, suite))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _forgive(case: _Case) -> _Case:
    # A stretch task or a soft constraint must not turn a pipeline red that the exit code calls passed.
    if case.verdict not in ("failure", "error"):
        return case
    return replace(case, verdict="skipped", message=f"not needed to pass: {case.message}")


def _attributes(name: str, suites: list[_Suite]) -> dict[str, str]:
    return {
        "name": _legal(one_line(name, 200)),
        "tests": str(sum(len(suite.cases) for suite in suites)),
        "failures": str(sum(suite.count("failure") for suite in suites)),
        "errors": str(sum(suite.count("error") for suite in suites)),
        "skipped": str(sum(suite.count("skipped") for suite in suites)),
    }


def _suite(name: str, suite: _Suite) -> ET.Element:
    element = ET.Element("testsuite", _attributes(suite.name, [suite]))
    element.set("time", f"{sum(case.seconds for case in suite.cases):.3f}")
    classname = _legal(one_line(f"{name}.{suite.name.split(' ')[0]}", 200))
    for case in suite.cases:
        child = ET.SubElement(element, "testcase", classname=classname, name=_legal(one_line(case.name, 300)))
        child.set("time", f"{case.seconds:.3f}")
        if case.path:
            child.set("file", _legal(one_line(case.path, 300)))
        if case.line:
            child.set("line", str(case.line))
        if case.verdict is not None:
            said = ET.SubElement(child, case.verdict, message=_legal(one_line(case.message, 600)))
            if case.verdict != "skipped":
                said.set("type", case.kind or case.verdict)
            said.text = _legal(clean(case.text)) or None
        if case.output:
            ET.SubElement(child, "system-out").text = _legal(clean(case.output))
    return element


def _fault(fault: Fault) -> _Case:
    return _Case(
        name=fault.kind.value,
        verdict="error",
        kind=fault.kind.value,
        message=fault.message,
        path=fault.path,
        line=fault.line,
    )


def _check(check: Check) -> _Case:
    verdict = {
        Outcome.PASSED: None,
        Outcome.FAILED: "failure",
        Outcome.ERROR: "error",
        Outcome.SKIPPED: "skipped",
    }[check.outcome]
    return _Case(
        name=f"{check.id}: {check.claim}" if check.claim else check.id,
        verdict=verdict,
        message=check.message,
        text="" if verdict in (None, "skipped") else _evidence(check),
        seconds=check.duration_s,
        path=check.path,
        line=check.line,
    )


def _evidence(check: Check) -> str:
    lines: list[str] = []
    if check.request is not None:
        lines.append(f"sent: {request_line(check.request)}")
        if check.request.body is not None:
            lines += value_lines(check.request.body, width=100, limit=_VALUE_LINES)
    for name, value in (("expected", check.expected), ("received", check.received)):
        if value is not None:
            lines += [f"{name}:", *value_lines(value, width=100, limit=_VALUE_LINES)]
    for name, text in (
        ("where", place(check.path, check.line)),
        ("lesson", one_line(check.lesson or "")),
        ("docs", one_line(check.docs or "", 500)),
    ):
        if text:
            lines.append(f"{name}: {text}")
    return "\n".join(lines)


def _constraint(constraint: ConstraintResult) -> _Case:
    listed = [_line(finding) for finding in constraint.findings[:_MOST_FINDINGS]]
    name = f"{constraint.id}: {constraint.title}"
    kind = "hard" if constraint.hard else "soft"
    first = constraint.open_findings[0] if constraint.open_findings else None
    summary = one_line(first.message if first else constraint.detail or constraint.outcome.value, 500)
    text = "\n".join(listed)
    if not constraint.graded:
        return _Case(name=name, verdict="skipped", message="advice, not graded in this chapter", output=text)
    verdict = {
        ConstraintOutcome.PASSED: None,
        ConstraintOutcome.FLEXED: None,
        ConstraintOutcome.FAILED: "failure",
        ConstraintOutcome.ERROR: "error",
        ConstraintOutcome.NOT_APPLICABLE: "skipped",
    }[constraint.outcome]
    if verdict is None:
        return _Case(name=name, output=text)
    return _Case(
        name=name,
        verdict=verdict,
        kind=kind,
        message=summary,
        text=text,
        path=first.path if first else None,
        line=first.line if first else None,
    )


def _line(finding: Finding) -> str:
    where = place(finding.path, finding.line)
    parts = [f"{where}:" if where else "", f"[{one_line(finding.rule, 80)}]", one_line(finding.message)]
    parts.append(
        f"flexed: {one_line(finding.flexed)}" if finding.flexed is not None else one_line(finding.help)
    )
    return " ".join(part for part in parts if part)


def _metric(metric: MetricResult) -> _Case:
    measured = measure(metric.value, metric.unit, beside=metric.target)
    if metric.target is not None:
        measured += f", target {measure(metric.target, metric.unit)}"
    name = f"{metric.id}: {metric.title}"
    measured = "\n".join([measured, *(one_line(line, 600) for line in metric.lines[1:])])
    if not metric.graded and metric.outcome is not MetricOutcome.PASSED:
        return _Case(name=name, verdict="skipped", message="not graded in this chapter", output=measured)
    verdict = {
        MetricOutcome.PASSED: None,
        MetricOutcome.FAILED: "failure",
        MetricOutcome.ERROR: "error",
        MetricOutcome.SKIPPED: "skipped",
        # Nothing is held against the learner, and nothing was shown either.
        MetricOutcome.INCONCLUSIVE: "skipped",
    }[metric.outcome]
    if verdict is None:
        return _Case(name=name, output=measured)
    message = metric.lines[0] if metric.lines else measured
    if metric.outcome is MetricOutcome.INCONCLUSIVE:
        message = f"inconclusive: {message}"
    return _Case(name=name, verdict=verdict, kind="metric", message=message, text=measured)


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
