"""`--format sarif`: SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from checker.models.report import Fault
from checker.models.service import RulePage, ServiceFinding, ServiceReport
from checker.report._plain import clean, link, one_line, with_prefix

NAME = "sarif"

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
# A name of our own: readers that want another kind of hash compute theirs.
_FINGERPRINT = "checkFinding/v1"
_STEP = re.compile(r"(?P<path>.+?):(?P<line>[0-9]{1,9}) (?P<what>.*)", re.DOTALL)


def render_service(report: ServiceReport, *, repository: str = "", rules: Sequence[RulePage] = ()) -> str:
    """The report as one SARIF run; `repository` makes paths relative to the repository's root."""
    report = with_prefix(report, repository)
    found = {finding.rule for finding in report.findings}
    described = [rule for rule in rules if rule.name in found]
    index = {rule.name: number for number, rule in enumerate(described)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "check",
                "version": one_line(report.checker, 40) or "0",
                "rules": [_rule(rule) for rule in described],
            }
        },
        "automationDetails": {"id": f"check-app/{quote(clean(repository))}"},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    *(_notification(fault, "error") for fault in report.unread),
                    *(_notification(fault, "note") for fault in report.places_left_out),
                    *(_notification(fault, "warning") for fault in report.app_faults),
                ],
            }
        ],
        "results": [_result(finding, report, index) for finding in report.findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(_cleaned(log)), indent=2).decode() + "\n"


def _cleaned(value: Any) -> Any:
    """The last gate: whatever a path or a message held, no control character reaches a reader."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {name: _cleaned(item) for name, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


def _rule(rule: RulePage) -> dict[str, Any]:
    # The docstring's first line is a sentence for the list of rules; the page follows it.
    page = f"{clean(rule.help)}\n\n{clean(rule.page)}"
    described: dict[str, Any] = {
        "id": rule.name,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": f"{rule.constraint}: {one_line(rule.title, 200)}"},
        "fullDescription": {"text": one_line(rule.help, 900)},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _level(rule.hard)},
        "properties": {
            "tags": [rule.constraint, "hard" if rule.hard else "soft", "fastapi"],
            "precision": "very-high",
            "problem.severity": _level(rule.hard),
        },
    }
    if (address := link(rule.docs)) is not None:
        described["helpUri"] = address
    return described


def _level(hard: bool) -> str:
    return "error" if hard else "warning"


def _result(finding: ServiceFinding, report: ServiceReport, index: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _level(report.is_hard(finding.constraint)),
        "message": {"text": clean(f"{finding.message} {finding.help}".strip()) or finding.rule},
        "partialFingerprints": {_FINGERPRINT: finding.key},
    }
    if finding.rule in index:
        result["ruleIndex"] = index[finding.rule]
    if finding.path:
        result["locations"] = [_location(finding.path, finding.line, finding.column)]
    if steps := list(_steps(finding)):
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.flexed is not None:
        result["suppressions"] = [
            {"kind": "inSource", "status": "accepted", "justification": clean(finding.flexed)}
        ]
    elif finding.baselined:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": "It stands in the baseline."}
        ]
    if report.baseline is not None:
        result["baselineState"] = "unchanged" if finding.baselined else "new"
    return result


def _steps(finding: ServiceFinding) -> Iterator[dict[str, Any]]:
    for step in finding.trace:
        parts = _STEP.fullmatch(step)
        if parts is not None:
            location = _location(parts["path"], int(parts["line"]), None)
            location["message"] = {"text": clean(parts["what"]) or "here"}
            yield {"location": location}


def _location(path: str, line: int | None, column: int | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(clean(path)), "uriBaseId": _ROOT}}
    if line is not None and line > 0:
        place["region"] = {"startLine": line}
        if column is not None and column >= 0:
            place["region"]["startColumn"] = column + 1
    return {"physicalLocation": place}


def _notification(fault: Fault, level: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "level": level,
        "message": {"text": clean(fault.message) or fault.kind.value},
        "descriptor": {"id": fault.kind.value},
    }
    if fault.path:
        said["locations"] = [_location(fault.path, fault.line, None)]
    return said
