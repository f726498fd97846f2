"""JUnit XML: counts that add up, verdicts that agree with the exit code, characters that XML allows."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from checker.models.report import MetricOutcome, Report
from checker.models.service import ServiceReport
from checker.report.junit import render, render_service

from .services import BEHIND, FAILED, SERVICES, SLEEPS


def cases(root: ET.Element, suite: str) -> dict[str, ET.Element]:
    found = next(s for s in root if (s.get("name") or "").startswith(suite))
    return {(case.get("name") or "").split(":")[0]: case for case in found}


def verdict(case: ET.Element) -> str:
    tags = [child.tag for child in case if child.tag != "system-out"]
    return tags[0] if tags else "passed"


def test_counts_equal_the_cases(example: tuple[str, Report]) -> None:
    root = ET.fromstring(render(example[1]))
    assert root.tag == "testsuites"
    for element in (root, *root):
        found = [verdict(case) for case in element.iter("testcase")]
        assert found
        assert element.get("tests") == str(len(found))
        assert element.get("failures") == str(found.count("failure"))
        assert element.get("errors") == str(found.count("error"))
        assert element.get("skipped") == str(found.count("skipped"))


def test_pipeline_is_red_exactly_when_the_chapter_is_not_passed(example: tuple[str, Report]) -> None:
    root = ET.fromstring(render(example[1]))
    red = root.get("failures") != "0" or root.get("errors") != "0"
    assert red is not example[1].passed


def test_suites_are_tasks_constraints_and_metrics(examples: dict[str, Report]) -> None:
    root = ET.fromstring(render(examples["failed"]))
    names = [suite.get("name") for suite in root]
    assert names == [
        "4.1 One session for all helpers",
        "4.2 Asked once: the request cache, and when to go round it",
        "4.6 A pool of your own",
        "constraints",
        "metrics",
    ]


def test_outcomes_become_failed_error_and_skipped(examples: dict[str, Report]) -> None:
    root = ET.fromstring(render(examples["failed"]))
    assert {name: verdict(case) for name, case in cases(root, "4.2").items()} == {
        "4.2-one-query": "passed",
        "4.2-blocked-now": "failure",
        "4.2-fresh-clock": "error",
    }
    assert verdict(cases(root, "4.6")["4.6-limit"]) == "skipped"
    assert {name: verdict(case) for name, case in cases(root, "constraints").items()} == {
        "H1": "passed",
        "S2": "failure",
        "H3": "failure",
        "S7": "passed",
        "S8": "skipped",
        "H6": "skipped",
    }
    assert verdict(cases(root, "metrics")["M1"]) == "failure"
    inconclusive = ET.fromstring(render(examples["inconclusive"]))
    assert verdict(cases(inconclusive, "metrics")["M4"]) == "skipped"
    fault = ET.fromstring(render(examples["fault"]))
    assert verdict(cases(fault, "faults")["syntax"]) == "error"


def test_failed_check_carries_place_message_and_evidence(examples: dict[str, Report]) -> None:
    case = cases(ET.fromstring(render(examples["failed"])), "4.2")["4.2-blocked-now"]
    assert case.get("file") == "app/dependencies.py"
    assert case.get("line") == "31"
    assert case.get("classname") == "chapter-04.4.2"
    failure = case.find("failure")
    assert failure is not None
    assert (failure.get("message") or "").startswith("The second request still saw the member")
    for part in (
        "POST /loans?notify=true",
        '"tool_id": 4711',
        "status 403",
        '"status": 201',
        "sub-dependencies",
    ):
        assert part in (failure.text or "")


def test_failed_stretch_and_soft_constraint_do_not_redden_a_passed_chapter(
    examples: dict[str, Report],
) -> None:
    passed, failed = examples["passed"], examples["failed"]
    stretch = replace(failed.tasks[1], id="4.6", stretch=True)
    soft = next(c for c in failed.constraints if c.id == "S2")
    root = ET.fromstring(render(replace(passed, tasks=(*passed.tasks, stretch), constraints=(soft,))))
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    skipped = cases(root, "constraints")["S2"].find("skipped")
    assert skipped is not None
    assert (skipped.get("message") or "").startswith("not needed to pass: `session` is made once")


def test_a_services_counts_equal_its_cases_and_red_means_not_passed(
    service: tuple[str, ServiceReport],
) -> None:
    root = ET.fromstring(render_service(service[1]))
    for element in (root, *root):
        found = [verdict(case) for case in element.iter("testcase")]
        assert element.get("tests") == str(len(found))
        assert element.get("failures") == str(found.count("failure"))
        assert element.get("errors") == str(found.count("error"))
    red = root.get("failures") != "0" or root.get("errors") != "0"
    assert red is not service[1].passed


def test_a_suite_is_a_constraint_and_a_case_is_a_finding() -> None:
    root = ET.fromstring(render_service(FAILED))
    h3 = next(suite for suite in root if suite.get("name") == "H3 The event loop is never blocked")
    assert h3.get("failures") == "4"
    case = next(one for one in h3 if one.get("name") == f"{BEHIND.rule}: {BEHIND.path}:33")
    assert (case.get("file"), case.get("line"), case.get("classname")) == (BEHIND.path, "33", "check app.H3")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "hard"
    assert "app/security.py:35 `bcrypt.hashpw` blocks" in (failure.text or "")
    kept = {suite.get("name", "").split()[0]: [verdict(case) for case in suite] for suite in root}
    assert (kept["H1"], kept["S6"], kept["S7"], kept["S8"]) == (
        ["passed"],
        ["skipped"],
        ["passed"],
        ["passed"],
    )


def test_soft_findings_do_not_redden_where_only_hard_ones_fail() -> None:
    root = ET.fromstring(render_service(SERVICES["soft"]))
    s5 = next(suite for suite in root if (suite.get("name") or "").startswith("S5"))
    assert {verdict(case) for case in s5} == {"skipped"}


def test_what_keeps_the_app_from_running_is_said_and_not_red() -> None:
    root = ET.fromstring(render_service(FAILED))
    faults = next(suite for suite in root if suite.get("name") == "faults")
    assert [verdict(case) for case in faults] == ["error", "skipped"]


def test_more_findings_than_anybody_reads_are_one_case() -> None:
    many = tuple(replace(SLEEPS[0], line=n) for n in range(1, 301))
    root = ET.fromstring(render_service(replace(FAILED, findings=many)))
    h3 = next(suite for suite in root if (suite.get("name") or "").startswith("H3"))
    assert len(h3) == 201
    assert h3[-1].get("name") == "100 more findings"


@pytest.mark.parametrize(
    "text", ["\x00\x1b[31m", "\ud800", "\ufffe\uffff", "]]>", "<&\"'>", "\x0b\x0c", "\U0001f527"], ids=ascii
)
def test_any_character_gives_xml_that_parses(examples: dict[str, Report], text: str) -> None:
    task = examples["failed"].tasks[1]
    check = replace(task.checks[1], claim=text, message=text, expected=text, received={text: text}, path=text)
    xml = render(
        replace(examples["failed"], chapter=text, tasks=(replace(task, title=text, checks=(check,)),))
    )
    xml.encode("utf-8")
    root = ET.fromstring(xml.encode())
    assert len(list(root.iter("testcase"))) == 12


@pytest.mark.parametrize("outcome", [MetricOutcome.PASSED, MetricOutcome.FAILED])
def test_each_line_of_a_metric_is_kept(examples: dict[str, Report], outcome: MetricOutcome) -> None:
    metric = examples["failed"].metrics[0]
    told = replace(
        metric, id="M3", outcome=outcome, message="Your tests notice none.\nThey pass with A.\nAnd B."
    )
    root = ET.fromstring(render(replace(examples["failed"], metrics=(told,))))
    text = "".join(cases(root, "metrics")["M3"].itertext())
    assert "They pass with A." in text
    assert "And B." in text
