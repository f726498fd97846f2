"""Routers whose app is made in a package that is not here, and what no app here loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.constraints import judge_constraints
from checker.source import read_project

_ROUTES = """
from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse

router = APIRouter()


@router.get("/tools")
def read_tools(number: int):
    if number == 1:
        return JSONResponse({"status": "error", "message": "none"}, status_code=404)
    return []


@router.get("/loans")
def read_loans(number: int):
    if number == 1:
        raise HTTPException(404, "none")
    return []
"""
_HANDLED = """
from elsewhere import app
from fastapi import HTTPException


@app.exception_handler(HTTPException)
async def answer(request, error):
    return elsewhere.answer(error)
"""


def _told(folder: Path) -> list[int | None]:
    results = judge_constraints(read_project(folder), None, graded={"H9"})
    return [f.line for r in results for f in r.findings if f.rule == "error-shape-differs"]


def test_a_shape_of_its_own_is_told_beside_the_exceptions_of_fastapi(tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_text(_ROUTES)

    assert _told(tmp_path) == [11]


def test_nothing_is_told_where_the_app_answers_exceptions_otherwise(tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_text(_ROUTES)
    (tmp_path / "handlers.py").write_text(_HANDLED)

    assert _told(tmp_path) == []


def test_nothing_is_told_where_no_exception_shows_another_shape(tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_text(_ROUTES.replace("raise HTTPException", "return print"))

    assert _told(tmp_path) == []


_USED = """

@app.get("/")
def read():
    raise HTTPException(404, "none")
"""
_UNUSED = """
from fastapi import HTTPException
from starlette.middleware.base import BaseHTTPMiddleware


class Limit(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        raise HTTPException(429, "slow down")


def add_to(app):
    app.add_middleware(Limit)
"""


@pytest.mark.parametrize("is_used", [False, True])
def test_what_the_app_never_loads_has_no_share_in_its_errors(is_used: bool, tmp_path: Path) -> None:
    folder = tmp_path / "shed"
    folder.mkdir()
    imports = "from shed import limits, old\n\n" if is_used else ""
    (folder / "main.py").write_text(
        f"{imports}from fastapi import FastAPI, HTTPException\n\napp = FastAPI()\n{_USED}"
    )
    (folder / "limits.py").write_text(_UNUSED)
    (folder / "old.py").write_text(_ROUTES)

    results = judge_constraints(read_project(tmp_path), None, graded={"H9"}, only={"H9"})
    told = [(f.path, f.rule) for r in results for f in r.findings]
    expected = [("shed/limits.py", "http-exception-in-middleware"), ("shed/old.py", "error-shape-differs")]
    assert told == (expected if is_used else [])


_ENVELOPE = """
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

app = FastAPI()


@app.exception_handler(RequestValidationError)
async def answer(request, error):
    return JSONResponse({"error": {"message": "invalid"}}, 422)


@app.get("/tools/{name}")
def read_tool(name: str) -> str:
    raise HTTPException(404, "none")


async def wrap(request: Request, call_next):
    response = await call_next(request)
    body = b"".join([part async for part in response.body_iterator])
    return MADE


def envelope(body, status):
    return JSONResponse({"error": {"message": body.decode()}}, status)


app.middleware("http")(wrap)
"""


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("envelope(body, response.status_code)", []),
        ("Response(body, response.status_code)", ["handlers-cover-only-part"]),  # it only looked
    ],
)
def test_shapes_are_not_compared_where_a_middleware_writes_every_answer_anew(
    made: str, told: list[str], tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(_ENVELOPE.replace("MADE", made))

    results = judge_constraints(read_project(tmp_path), None, graded={"H9"}, only={"H9"})
    assert [f.rule for r in results for f in r.findings] == told


@pytest.mark.parametrize(
    ("use", "told"),
    [
        ("", []),
        ("app.add_middleware(Limit)\n", ["http-exception-in-middleware"]),
        ("class Slower(Limit): ...\n", ["http-exception-in-middleware"]),
        ("app.user_middleware = wrap([(Limit, {})])\n", ["http-exception-in-middleware"]),
    ],
)
def test_a_middleware_that_nothing_names_never_runs(use: str, told: list[str], tmp_path: Path) -> None:
    unused = _UNUSED.partition("def add_to")[0]
    (tmp_path / "main.py").write_text(f"from fastapi import FastAPI\n{unused}\napp = FastAPI()\n{use}")

    results = judge_constraints(read_project(tmp_path), None, graded={"H9"}, only={"H9"})
    assert [f.rule for r in results for f in r.findings] == told


@pytest.mark.parametrize(
    ("route", "told"),
    [("", []), ("@limiter.limit('5/minute')\n", ["own-exception-in-another-shape"])],
    ids=["limits nothing", "limits a route"],
)
def test_the_error_of_a_limiter_counts_where_it_limits_something(
    route: str, told: list[str], tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(
        "from fastapi import FastAPI, Request\nfrom slowapi import Limiter, _rate_limit_exceeded_handler\n"
        "from slowapi.errors import RateLimitExceeded\n\nlimiter = Limiter(key_func=str)\napp = FastAPI()\n"
        "app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)\n\n\n"
        f"@app.get('/')\n{route}def read(request: Request) -> str: ...\n"
    )

    results = judge_constraints(read_project(tmp_path), None, graded={"H9"}, only={"H9"})
    assert [f.rule for r in results for f in r.findings] == told
