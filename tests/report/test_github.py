"""Workflow commands: escaped, at most what GitHub shows, the rest in the log."""

from __future__ import annotations

from dataclasses import replace

from checker.report.github import render_service

from .services import BEHIND, FAILED, PASSED, SLEEPS, SOFT


def test_at_most_ten_of_a_level_are_annotations_and_the_rest_is_in_the_log() -> None:
    lines = render_service(FAILED).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 5
    assert sum(line.startswith("::warning ") for line in lines) == 10
    plain = [line for line in lines if not line.startswith("::")]
    assert len(plain) == 30
    assert plain[0].startswith("- app/deps.py:20: S5 depends-as-default-value: ")
    assert "30 of them stand in the log" in lines[-1]


def test_every_constraint_is_annotated_before_any_twice() -> None:
    (unread, first, second, *_) = render_service(FAILED).splitlines()
    assert unread.startswith(
        "::error file=app/new.py,line=3,title=Not read::`app/new.py` is not valid Python"
    )
    assert "title=H3 " in first
    assert second.startswith("::warning file=app/deps.py,line=10,col=5,title=S5 depends-as-default-value::")


def test_values_cannot_leave_their_place() -> None:
    odd = replace(BEHIND, path="a,b:c%d.py", message="100 % of\nlines\r\n::error::x", rule="x::y,z")
    (line, *_) = render_service(replace(FAILED, findings=(odd,), faults=(), unread_files=0)).splitlines()
    assert line.startswith("::error file=a%2Cb%3Ac%25d.py,line=33,col=5,title=H3 x%3A%3Ay%2Cz::")
    assert "100 %25 of%0Alines%0A::error::x" in line


def test_a_plain_line_is_no_command() -> None:
    odd = tuple(replace(SLEEPS[0], path=f"::error::{n}##[add-path]", line=n + 1) for n in range(12))
    lines = render_service(replace(FAILED, findings=odd, faults=(), unread_files=0)).splitlines()
    assert [line[0] for line in lines[10:12]] == ["-", "-"]
    assert "##[" not in "".join(lines[10:12])


def test_paths_count_from_the_root_of_the_repository() -> None:
    assert "file=backend/app/routers/users.py," in render_service(FAILED, repository="backend/")


def test_the_last_line_sums_up_and_says_why_the_app_did_not_run() -> None:
    assert render_service(PASSED) == (
        "::notice title=check app::check app: passed, 0 hard findings and 0 soft findings in 12 files\n"
    )
    last = render_service(FAILED).splitlines()[-1]
    assert "1 known finding in the baseline; the app did not run: `app.main` needs" in last
    assert "check app: passed, 0 hard findings and 40 soft" in render_service(SOFT).splitlines()[-1]
