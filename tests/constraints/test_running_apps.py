"""What the running app says about health checks and errors: it confirms, clears and adds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checker.constraints import judge_constraints
from checker.models.facts import AppFacts, ErrorAnswer, RouteFact, Site
from checker.models.report import ConstraintOutcome, ConstraintResult, Evidence
from checker.source import read_project

Judge = Callable[..., ConstraintResult]

PLAIN = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/tools")
async def list_tools() -> list[str]:
    return []
"""
CHOSEN = """\
from importlib import import_module

from fastapi import FastAPI

app = FastAPI()
app.include_router(import_module("plugins").router)
"""
RESHAPED = """\
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

app = FastAPI()


@app.exception_handler(RequestValidationError)
async def answer(request: Request, error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"errors": error.errors()}, status_code=422)


@app.get("/tools/{number}")
async def read_tool(number: int) -> int:
    return number
"""


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judges one constraint on `main.py`, with what the running app said."""

    def run(constraint: str, source: str, **facts: object) -> ConstraintResult:
        (tmp_path / "main.py").write_text(source, encoding="utf-8")
        known = AppFacts(target="main:app", **facts)  # type: ignore[arg-type] -- keywords of the dataclass
        (result,) = judge_constraints(read_project(tmp_path), known, graded={constraint}, only={constraint})
        return result

    return run


def route(path: str, name: str = "read", *methods: str) -> RouteFact:
    return RouteFact(
        path=path, methods=methods or ("GET",), name=name, site=Site(path="main.py", line=13), is_async=True
    )


def answer(
    cause: str, status: int, *shape: str, kind: str = "", media: str = "application/json"
) -> ErrorAnswer:
    return ErrorAnswer(
        cause=cause,
        request="GET /none" if cause == "unknown-path" else "GET /tools/x",
        status=status,
        media_type=media,
        shape=shape,
        detail_kind=kind,
        site=Site(path="main.py", line=13) if cause == "invalid-input" else None,
    )


UNKNOWN_PATH = answer("unknown-path", 404, "detail", kind="string")
WRONG_METHOD = answer("wrong-method", 405, "detail", kind="string")
INVALID = answer("invalid-input", 422, "detail", kind="array")
UNHANDLED = answer("unhandled-error", 500, media="text/plain")
RESHAPED_INVALID = answer("invalid-input", 422, "errors")


# H8


def test_a_route_table_without_a_health_check_confirms_the_finding(judge: Judge) -> None:
    (finding,) = judge("H8", PLAIN, routes=(route("/tools"),)).findings
    assert (finding.rule, finding.line, finding.evidence) == ("app-without-health-route", 3, Evidence.BOTH)
    assert finding.message.endswith("The route table of the running app, 1 routes, has none either.")


@pytest.mark.parametrize(
    "found",
    [
        route("/api/v1/health-check/"),
        route("/livez"),
        route("/", "health_check"),
        route("/-/ready"),
        route("/status"),
    ],
    ids=lambda r: f"{r.path} {r.name}",
)
def test_a_health_check_that_only_the_running_app_shows_clears_the_finding(
    judge: Judge, found: RouteFact
) -> None:
    assert judge("H8", PLAIN, routes=(route("/tools"), found)).outcome is ConstraintOutcome.PASSED


@pytest.mark.parametrize(
    "other", [route("/health", "report", "POST"), route("/health-records/{id}"), route("/orders/{id}/health")]
)
def test_a_route_about_something_else_clears_nothing(judge: Judge, other: RouteFact) -> None:
    assert judge("H8", PLAIN, routes=(other,)).outcome is ConstraintOutcome.FAILED


def test_what_is_included_at_run_time_is_judged_by_the_running_app(judge: Judge) -> None:
    assert judge("H8", CHOSEN).outcome is ConstraintOutcome.PASSED
    assert judge("H8", CHOSEN, routes=(route("/a"), route("/healthz"))).findings == ()
    (finding,) = judge("H8", CHOSEN, routes=(route("/a"), route("/b"))).findings
    assert (finding.line, finding.evidence) == (5, Evidence.RUNTIME)
    assert "none of the 2 routes" in finding.message


# H9


def test_fastapis_own_answers_are_one_schema(judge: Judge) -> None:
    answers = (UNKNOWN_PATH, WRONG_METHOD, INVALID, UNHANDLED)
    assert judge("H9", PLAIN, answers=answers).findings == ()


def test_real_answers_confirm_that_handlers_cover_only_part(judge: Judge) -> None:
    result = judge("H9", RESHAPED, answers=(UNKNOWN_PATH, RESHAPED_INVALID))
    (finding,) = result.findings
    assert (finding.rule, finding.line, finding.evidence) == ("handlers-cover-only-part", 5, Evidence.BOTH)
    assert "`GET /none` (an unknown path) is answered 404 with `{detail}`" in finding.message
    assert "`GET /tools/x` (invalid input) is answered 422 with `{errors}`" in finding.message


def test_one_shape_in_real_answers_clears_it(judge: Judge) -> None:
    answers = (answer("unknown-path", 404, "errors"), RESHAPED_INVALID)
    assert judge("H9", RESHAPED, answers=answers).findings == ()


def test_one_answer_alone_tells_nothing(judge: Judge) -> None:
    assert [f.evidence for f in judge("H9", RESHAPED, answers=(RESHAPED_INVALID,)).findings] == [
        Evidence.STATIC
    ]


@pytest.mark.parametrize(
    "answers",
    [
        (answer("unknown-path", 404, "title"), answer("invalid-input", 422, "title"), UNHANDLED),
        (UNKNOWN_PATH, INVALID, answer("unhandled-error", 500, "error")),
        (answer("unknown-path", 404, "message"), WRONG_METHOD),
    ],
    ids=["the unhandled error stays plain text", "only the unhandled error", "404 without 405"],
)
def test_answers_of_two_shapes_are_a_finding_of_their_own(
    judge: Judge, answers: tuple[ErrorAnswer, ...]
) -> None:
    (finding,) = judge("H9", PLAIN, answers=answers).findings
    assert (finding.rule, finding.line, finding.evidence) == ("error-answers-differ", 3, Evidence.RUNTIME)


PROBLEMS = (answer("unknown-path", 404, "title"), answer("invalid-input", 422, "title"), UNHANDLED)


def test_a_plain_500_beside_a_shape_of_ones_own_says_which_handler_is_missing(judge: Judge) -> None:
    (finding,) = judge("H9", PLAIN, answers=PROBLEMS, exception_handlers=("HTTPException",)).findings
    assert finding.message == (
        "One error of the running app has not the shape of the others: `GET /tools/x` (an error that nobody caught) is answered "
        "500 with `text/plain`, where `GET /none` (an unknown path) is answered 404 with `{title}`."
    )
    assert "@app.exception_handler(Exception)" in finding.help


@pytest.mark.parametrize(
    ("answers", "handlers"),
    [
        (PROBLEMS, ("HTTPException", "Exception")),
        ((UNKNOWN_PATH, answer("invalid-input", 422, "detail", kind="string"), UNHANDLED), ()),
    ],
    ids=["there is a handler, which was not asked", "the others have the key of FastAPI's own"],
)
def test_a_plain_500_alone_is_no_second_shape(
    judge: Judge, answers: tuple[ErrorAnswer, ...], handlers: tuple[str, ...]
) -> None:
    assert judge("H9", PLAIN, answers=answers, exception_handlers=handlers).findings == ()


def test_pages_and_replies_that_are_no_errors_are_left_alone(judge: Judge) -> None:
    answers = (
        answer("unknown-path", 200, media="text/html"),
        answer("wrong-method", 405, media="text/html"),
        answer("invalid-input", 422, "errors"),
    )
    assert judge("H9", PLAIN, answers=answers).findings == ()


@pytest.mark.parametrize(("schema", "found"), [("HTTPValidationError", 1), ("Problem", 0)])
def test_a_reshaped_422_has_to_be_in_the_document(judge: Judge, schema: str, found: int) -> None:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    document = {"paths": {"/tools/{number}": {"get": {"responses": {"422": {"content": content}}}}}}
    answers = (answer("unknown-path", 404, "errors"), RESHAPED_INVALID)
    result = judge("H9", RESHAPED, answers=answers, openapi=document, routes=(route("/tools/{number}"),))
    assert [f.rule for f in result.findings] == ["replaced-422-undocumented"] * found
