"""`check app` as text: about a screen at 80 columns, worst first, the next step last."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from checker.models.report import ConstraintOutcome
from checker.models.service import ServiceReport
from checker.report.text import render_service

from .services import FAILED, PASSED, finding, judged

GOLD = Path(__file__).parent / "gold"
ANSI = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


def test_text_equals_its_gold_file(service: tuple[str, ServiceReport]) -> None:
    name, report = service
    path = GOLD / f"service-{name}.txt"
    text = render_service(report)
    if "UPDATE_GOLD" in os.environ:
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8"), (
        f"UPDATE_GOLD=1 pytest {__file__} rewrites the gold files"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize("ascii", [False, True], ids=["unicode", "ascii"])
@pytest.mark.parametrize("everything", [False, True], ids=["short", "all"])
def test_no_line_is_wider_than_the_screen(
    service: tuple[str, ServiceReport], width: int, ascii: bool, everything: bool
) -> None:
    text = render_service(service[1], width=width, ascii=ascii, everything=everything)
    assert max(map(len, text.splitlines())) <= width


def test_colour_changes_no_word(service: tuple[str, ServiceReport]) -> None:
    coloured = render_service(service[1], colour=True)
    assert "\x1b[" in coloured
    plain = "\n".join(line.rstrip() for line in ANSI.sub("", coloured).splitlines())
    assert plain == render_service(service[1]).rstrip("\n")


def crowded(constraints: int, findings: int) -> ServiceReport:
    """A service with so many violated constraints, and so many findings of each."""
    ids = [f"H{n}" for n in range(1, 10)] + [f"S{n}" for n in range(1, 9)]
    found = tuple(
        finding(f"rule-{one}-{n % 3}", one, f"app/some/folder/module_{n}.py", n + 1)
        for one in ids[:constraints]
        for n in range(findings)
    )
    judged_ones = tuple(judged(one, ConstraintOutcome.FAILED, findings=findings) for one in ids[:constraints])
    return replace(PASSED, passed=False, findings=found, constraints=judged_ones, next_step="Go on.")


@pytest.mark.parametrize("constraints", [1, 3, 6, 9, 13, 17])
@pytest.mark.parametrize("findings", [1, 5, 400])
def test_a_report_is_about_one_screen_and_names_every_constraint(constraints: int, findings: int) -> None:
    report = crowded(constraints, findings)
    text = render_service(report)
    assert len(text.splitlines()) <= 60
    for one in report.constraints:
        assert f"✗ {one.id} " in text
    assert f"{constraints * findings:,} finding" in text


def test_few_findings_are_told_in_full() -> None:
    text = " ".join(render_service(crowded(3, 1)).split())
    assert text.count("Write it in the other way, as the page shows.") == 3


def test_all_shows_every_finding() -> None:
    report = crowded(17, 40)
    text = render_service(report, everything=True)
    assert all(f"{one.path}:{one.line}" in text for one in report.findings)


def test_hard_constraints_come_first_then_the_most_findings() -> None:
    text = render_service(FAILED)
    assert text.index("✗ H3") < text.index("✗ S5")


def test_a_trace_names_the_way_and_not_the_start_again() -> None:
    text = render_service(FAILED, everything=True)
    block = text[text.index("app/routers/users.py:33") :]
    assert "→ app/helpers.py:12 calls `hashed`" in block
    assert "→ app/security.py:35 `bcrypt.hashpw` blocks" in block
    assert text.count("app/routers/users.py:33") == 1


def test_paths_can_be_opened_from_where_the_command_ran() -> None:
    text = render_service(FAILED, here="backend/")
    assert "backend/app/routers/users.py:33" in text
    long = render_service(FAILED, here="a/very/long/way/down/to/the/service/")
    assert "a/very/long" not in long
