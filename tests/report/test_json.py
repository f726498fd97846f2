"""The JSON report: the contract, its schema, and values that JSON cannot hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from checker.models.report import Report
from checker.models.service import ServiceReport
from checker.report.json import render, render_service, report_schema, schema_texts, service_schema

from .services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "schema" / "report.schema.json"


@pytest.mark.parametrize("name", ["report.schema.json", "service.schema.json"])
def test_published_schema_is_the_one_built_from_the_classes(name: str) -> None:
    published = (SCHEMA.parent / name).read_text(encoding="utf-8")
    assert published == schema_texts()[name], "`check dev build` writes it"


@pytest.mark.parametrize("schema", [report_schema, service_schema])
def test_schema_is_a_valid_schema(schema: Callable[[], dict[str, Any]]) -> None:
    Draft202012Validator.check_schema(schema())


def test_services_satisfy_the_published_schema(service: tuple[str, ServiceReport]) -> None:
    schema = json.loads((SCHEMA.parent / "service.schema.json").read_text(encoding="utf-8"))
    content = json.loads(render_service(service[1]))
    Draft202012Validator(schema).validate(content)
    del content["findings"]
    assert not Draft202012Validator(schema).is_valid(content)


def test_fields_of_the_services_contract_are_there() -> None:
    content = json.loads(render_service(SERVICES["failed"]))
    assert list(content)[:5] == ["schema_version", "app", "files", "findings", "faults"]
    assert (content["schema_version"], content["app"], content["files"]) == (1, "app.main:app", 120)
    finding = {
        "rule",
        "constraint",
        "path",
        "line",
        "column",
        "message",
        "help",
        "docs",
        "evidence",
        "flexed",
    }
    assert content["findings"][0].keys() >= finding
    assert content["faults"][0].keys() >= {"kind", "message", "path", "line"}
    outcomes = {one["id"]: one["outcome"] for one in content["constraints"]}
    assert outcomes["S6"] == "not-applicable"
    assert content["baseline"] == {"file": "check-baseline.json", "entries": 3, "known": 1, "stale": 2}


def test_reports_satisfy_the_published_schema(example: tuple[str, Report]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(render(example[1])))


@pytest.mark.parametrize(
    "path",
    [
        ["score"],
        ["tasks", 0, "outcome"],
        ["constraints", 0, "findings"],
        ["metrics", 3, "detail"],
        ["run", "seed"],
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_schema_refuses_a_report_without_a_field(examples: dict[str, Report], path: list[Any]) -> None:
    content = json.loads(render(examples["failed"]))
    parent = content
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    assert not Draft202012Validator(report_schema()).is_valid(content)


def test_schema_refuses_an_unknown_outcome_and_allows_a_new_field(examples: dict[str, Report]) -> None:
    validator = Draft202012Validator(report_schema())
    content = json.loads(render(examples["failed"]))
    content["tasks"][0]["checks"][0]["some_later_field"] = 1
    assert validator.is_valid(content)
    content["tasks"][0]["outcome"] = "maybe"
    assert not validator.is_valid(content)


def test_fields_of_the_contract_are_there(examples: dict[str, Report]) -> None:
    content = json.loads(render(replace(examples["failed"], faults=examples["fault"].faults)))
    head = {"schema_version", "chapter", "passed", "score", "duration_s"}
    assert content.keys() >= head | {"tasks", "constraints", "metrics", "faults"}
    assert content["schema_version"] == 1
    task = content["tasks"][1]
    assert task.keys() >= {"id", "title", "outcome", "points", "max_points", "checks"}
    check = {"id", "outcome", "message", "request", "expected", "received", "path", "line", "lesson", "docs"}
    assert task["checks"][1].keys() >= check
    finding = {
        "rule",
        "constraint",
        "path",
        "line",
        "column",
        "message",
        "help",
        "docs",
        "evidence",
        "flexed",
    }
    constraint = content["constraints"][1]
    assert constraint.keys() >= {"id", "outcome", "findings"}
    assert constraint["findings"][0].keys() >= finding
    assert content["metrics"][0].keys() >= {"id", "outcome", "value", "target", "unit", "detail"}
    assert content["faults"][0].keys() >= {"kind", "message", "path", "line"}
    outcomes = {constraint["outcome"] for constraint in content["constraints"]}
    assert outcomes == {"passed", "failed", "flexed", "not-applicable"}


def test_json_is_indented_and_ends_with_one_newline(example: tuple[str, Report]) -> None:
    text = render(example[1])
    assert text.startswith('{\n  "schema_version": 1,\n  "chapter": ')
    assert text.endswith("}\n")


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        {"\udfff": 1},
        nested(5000),
        object(),
        {1, 2},
        {(1, 2): 3},
        10**40,
        float("nan"),
        b"\xff",
        "\x9b\x7f",
    ],
    ids=["surrogate", "surrogate-key", "deep", "object", "set", "tuple-key", "big", "nan", "bytes", "c1"],
)
def test_foreign_values_become_valid_json(examples: dict[str, Report], value: Any) -> None:
    task = examples["failed"].tasks[1]
    check = replace(task.checks[1], received=value)
    report = replace(examples["failed"], tasks=(replace(task, checks=(check,)),))
    text = render(report)
    text.encode("utf-8")
    assert not any(0x7F <= ord(letter) <= 0x9F for letter in text)
    content = json.loads(text)
    Draft202012Validator(report_schema()).validate(content)
    assert content["tasks"][0]["checks"][0]["id"] == "4.2-blocked-now"
