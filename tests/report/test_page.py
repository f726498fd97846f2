"""The page `docs/reference/report.md` names every field and every value of the report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from checker.errors import ExitCode
from checker.report.json import report_schema

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "report.md").read_text(encoding="utf-8")
DEFINITIONS: dict[str, dict[str, Any]] = report_schema()["$defs"]


def section(name: str) -> str:
    found = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/reference/report.md has no section `## {name}`"
    return found[1]


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_every_field_and_value_has_its_row_and_no_other(name: str) -> None:
    definition = DEFINITIONS[name]
    wanted = set(definition.get("properties", definition.get("enum", ())))
    assert wanted
    assert set(re.findall(r"^\| `([^`]+)` \|", section(name), re.MULTILINE)) == wanted


def test_every_exit_code_has_its_row() -> None:
    rows = re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)
    assert [int(row) for row in rows] == [*sorted(ExitCode), 130]
