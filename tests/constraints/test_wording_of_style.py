"""What S7 and S8 say, and the two ends of an offset that no call joins."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.constraints import judge_constraints
from checker.models.report import ConstraintOutcome, ConstraintResult
from checker.source import read_project

HANDED = """\
from fastapi import FastAPI

app = FastAPI()


def rows(db, skip: int):
    return db.query(int).offset(skip).all()


@app.get("/tools")
async def read(db, skip: int = 0):
    return rows(db, skip)
"""
APART = """\
from fastapi import FastAPI

from container import Container

app = FastAPI()


class Tools:
    async def page(self, rows, {parameter}):
        return rows.offset({parameter})


@app.get("/tools")
async def read({taken}: int = 0):
    return await Container.tools().page(rows={taken})
"""
SAID = """\
import logging
import traceback

from fastapi import FastAPI

app = FastAPI()
logging.basicConfig()


@app.get("/tools")
async def read() -> int:
    print("reading")
    logging.info("reading")
    traceback.print_exc()
    return 1
"""


def judge(folder: Path, constraint: str, source: str) -> ConstraintResult:
    (folder / "main.py").write_text(source, encoding="utf-8")
    (result,) = judge_constraints(read_project(folder), None, graded={constraint}, only={constraint})
    return result


def test_the_query_the_call_to_it_and_the_parameter_whose_number_it_gets_are_one_finding_each(
    tmp_path: Path,
) -> None:
    findings = {finding.rule: finding for finding in judge(tmp_path, "S7", HANDED).findings}
    query, taken, handed = (
        findings.pop(rule) for rule in ("offset-in-query", "offset-from-client", "offset-handed-on")
    )
    assert not findings
    assert query.line == 7
    assert query.message == (
        "`.offset(skip)` in `rows` pages by a number from the client: the database reads every row before the page, and rows move "
        "between pages."
    )
    assert (taken.line, taken.message) == (
        11,
        "`GET /tools` takes an offset or page number (`skip`), which ends in a query (`.offset(skip)`, main.py:7).",
    )
    assert (
        taken.trace == handed.trace == ("main.py:11 `read` takes it", "main.py:7 `.offset(skip)` pages by it")
    )
    assert (handed.line, handed.message) == (
        12,
        "`rows` is handed the client's offset or page number (`skip`), which ends in a query (`.offset(skip)`, main.py:7).",
    )


@pytest.mark.parametrize(
    ("parameter", "taken", "outcome"),
    [
        ("skip", "skip", ConstraintOutcome.FAILED),
        ("skip", "limit", ConstraintOutcome.PASSED),  # no client sends a number to begin at
        ("rank", "skip", ConstraintOutcome.PASSED),  # nothing says that the parameter begins a page
    ],
)
def test_a_method_behind_a_container_is_judged_by_its_parameter(
    tmp_path: Path, parameter: str, taken: str, outcome: ConstraintOutcome
) -> None:
    source = APART.format(parameter=parameter, taken=taken)
    assert judge(tmp_path, "S7", source).outcome is outcome


def test_what_structured_logging_says(tmp_path: Path) -> None:
    assert [(f.line, f.message) for f in judge(tmp_path, "S8", SAID).findings] == [
        (7, "`logging.basicConfig` at import makes text of every record, for eyes and not for machines."),
        (12, "`print` in `read` writes a line without level, logger or request id."),
        (13, "`logging.info` in `read` logs through the root logger, which does not say who speaks."),
        (14, "`traceback.print_exc` in `read` writes past the log, many lines for one event."),
    ]


def test_a_library_without_an_app_may_print(tmp_path: Path) -> None:
    assert judge(tmp_path, "S8", "print(1)\n").outcome is ConstraintOutcome.NOT_APPLICABLE
