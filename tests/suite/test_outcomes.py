"""How a hidden test's end becomes a check: what the learner reads, and whose fault it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.errors import BookError
from checker.models.report import Check, Outcome
from checker.suite.checks import declared_checks
from checker.suite.expectations import same
from tests.suite.conftest import RunSuite

APP = """
    from fastapi import FastAPI
    app = FastAPI()

    @app.get("/tool")
    async def read_tool() -> dict[str, object]:
        return {"name": "saw", "copies": 2, "secret": "marker-1"}

    @app.get("/broken")
    async def broken() -> int:
        return {}["lost"]
"""


def check_of(run_suite: RunSuite, body: str) -> Check:
    run = run_suite(
        APP,
        f"""
        @check("1.1-a", "A tool is shown.", say="Show the tool.", docs="https://fastapi.tiangolo.com/")
        def test_a(app, rng):
            {body}
        """,
    )
    assert run.broken is None, run.broken
    return run.checks["1.1-a"]


@pytest.mark.parametrize(
    ("body", "expected", "received"),
    [
        ('expect(app.get("/tool")).status(201)', "status 201", 200),
        ('expect(app.get("/tool")).json({"name": "saw"})', {"name": "saw"}, "saw"),
        ('expect(app.get("/tool")).having({"copies": 3})', {"copies": 3}, 2),
        ('expect(app.get("/tool")).header("location")', "a header `location`", "no header"),
        (
            'expect(app.get("/tool")).header("content-type", contains="xml")',
            "contains `xml`",
            "application/json",
        ),
        (
            'expect(app.get("/tool")).no_header("content-type")',
            "no header `content-type`",
            "application/json",
        ),
        ('expect(app.get("/tool")).empty()', "no body", "saw"),
        ('expect(app.get("/tool")).without("marker-1")', "without the private value", "marker-1"),
        ('require(False, expected="one", received="two", reply=app.get("/tool"))', "one", "two"),
    ],
)
def test_a_failed_expectation_shows_what_was_asked_and_what_came(
    run_suite: RunSuite, body: str, expected: object, received: object
) -> None:
    check = check_of(run_suite, body)
    assert (check.outcome, check.message) == (Outcome.FAILED, "Show the tool.")
    assert str(expected) in str(check.expected)
    assert str(received) in str(check.received)
    assert check.request is not None
    assert (check.request.method, check.request.url) == ("GET", "/tool")
    assert (check.path, check.docs) == ("app/main.py", "https://fastapi.tiangolo.com/")


def test_a_more_specific_sentence_wins(run_suite: RunSuite) -> None:
    check = check_of(run_suite, 'expect(app.get("/tool"), say="Read this instead.").status(404)')
    assert check.message == "Read this instead."


def test_an_error_in_the_app_is_said_first_with_its_line(run_suite: RunSuite) -> None:
    check = check_of(run_suite, 'expect(app.get("/broken")).status(200)')
    assert "KeyError: 'lost'" in check.message
    assert (check.path, check.line) == ("app/main.py", 11)


def test_a_reply_of_another_shape_is_the_learners_to_mend(run_suite: RunSuite) -> None:
    check = check_of(run_suite, 'app.get("/tool").json["items"][0]')
    assert check.outcome is Outcome.FAILED
    assert "shape" in str(check.expected)


def test_a_test_that_breaks_by_itself_is_not_the_learners_fault(run_suite: RunSuite) -> None:
    check = check_of(run_suite, "1 / 0")
    assert check.outcome is Outcome.ERROR
    assert "not your fault" in check.message


def test_a_suite_that_cannot_be_imported_is_said_to_be_broken(run_suite: RunSuite) -> None:
    run = run_suite(APP, "import no_such_module")
    assert run.broken is not None
    assert not run.checks


def test_a_judge_that_runs_too_long_is_ended(run_suite: RunSuite) -> None:
    import msgspec

    from tests.suite.conftest import LIMITS

    run = run_suite(
        APP,
        """
        import time
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app): time.sleep(60)
        """,
        limits=msgspec.structs.replace(LIMITS, run_s=2.0),
    )
    assert not run.checks
    assert "longer than 2 s" in run.faults[0].message


def test_checks_that_failed_last_time_run_first_and_the_run_can_stop_there(run_suite: RunSuite) -> None:
    run = run_suite(
        APP,
        """
        @check("1.1-a", "It holds.", say="It does not hold; mend it.")
        def test_a(app): pass
        @check("1.1-b", "It holds.", say="It does not hold; mend it.")
        def test_b(app): expect(app.get("/tool")).status(404)
        """,
        first=("1.1-b",),
        stop_early=True,
    )
    assert list(run.checks) == ["1.1-b"]


def test_declared_checks_are_read_without_running_the_file(tmp_path: Path) -> None:
    path = tmp_path / "test_1_1.py"
    path.write_text('raise SystemExit\n@check("1.1-a", "A holds.", say="x")\ndef test_a(app): ...\n')
    assert [(one.id, one.claim, one.function) for one in declared_checks(path)] == [
        ("1.1-a", "A holds.", "test_a")
    ]


@pytest.mark.parametrize(
    "source",
    [
        "def test_a(app): ...\n",
        '@check(name, "A holds.", say="x")\ndef test_a(app): ...\n',
        '@check(1, "A holds.", say="x")\ndef test_a(app): ...\n',
        "def test_a(:\n",
    ],
)
def test_a_test_without_a_readable_check_is_an_authors_mistake(tmp_path: Path, source: str) -> None:
    path = tmp_path / "test_1_1.py"
    path.write_text(source)
    with pytest.raises(BookError, match=r"test_1_1\.py"):
        declared_checks(path)


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1, {"a": 2}], [1, {"a": 2}], True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("1", 1, False),
        (None, None, True),
        (None, False, False),
    ],
)
def test_json_values_are_compared_as_json(left: object, right: object, equal: bool) -> None:
    assert same(left, right) is equal
