"""What the probe reads off an app: effective routes, dependency trees, handlers, places in the learner's folder."""

from __future__ import annotations

import functools
import importlib.util
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from checker.app_under_test.description import describe_app, inner_app, is_async, is_typed, relative_path
from checker.models.facts import AppFacts

SOURCE = """
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager
    from functools import lru_cache
    from typing import Annotated, Any

    from fastapi import APIRouter, Depends, FastAPI, Request, Security
    from fastapi.exceptions import RequestValidationError
    from fastapi.security import OAuth2PasswordBearer
    from pydantic import BaseModel

    class Tool(BaseModel):
        name: str

    oauth = OAuth2PasswordBearer(tokenUrl="token")

    async def session(): yield 1
    def member(token: Annotated[str, Depends(oauth)], db: Annotated[int, Depends(session, scope="function")]): ...

    class Audit:
        async def __call__(self) -> None: ...

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield

    app = FastAPI(lifespan=lifespan)
    sub = FastAPI()
    inner, outer = APIRouter(prefix="/tools", tags=["tools"]), APIRouter(prefix="/v1", dependencies=[Depends(Audit())])

    @inner.post("", status_code=201)
    async def create(
        tool: Tool, who: Annotated[None, Security(member, scopes=["w"])], q: int = 0
    ) -> Tool:
        return tool

    @inner.get("/raw")
    def raw(body: dict[str, Any]): ...

    @sub.get("/below")
    def below() -> list[Tool]: return []

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError): ...

    @app.websocket("/feed")
    async def feed(socket): ...

    outer.include_router(inner)
    app.include_router(outer)
    app.mount("/sub", sub)
"""


@pytest.fixture
def describe(tmp_path: Path) -> Callable[[str], AppFacts]:
    def run(source: str) -> AppFacts:
        path = tmp_path / "main.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        spec = importlib.util.spec_from_file_location("described_app", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["described_app"] = module
        try:
            spec.loader.exec_module(module)
            return msgspec.convert(describe_app(module.app, "main:app", tmp_path), AppFacts)
        finally:
            del sys.modules["described_app"]

    return run


def test_routes_are_the_effective_ones(describe: Callable[[str], AppFacts]) -> None:
    routes = {(route.path, *route.methods): route for route in describe(SOURCE).routes}
    assert set(routes) == {
        ("/v1/tools", "POST"),
        ("/v1/tools/raw", "GET"),
        ("/sub/below", "GET"),
        ("/feed", "WEBSOCKET"),
    }
    create = routes["/v1/tools", "POST"]
    assert create.site is not None
    assert (create.site.path, create.site.name) == ("main.py", "create")
    assert textwrap.dedent(SOURCE).splitlines()[create.site.line - 1].startswith("async def create")
    assert (create.is_async, create.status_code, create.response_model) == (True, 201, "Tool")
    assert (create.body, create.parameters["query"], create.tags) == (("Tool",), ("q",), ("tools",))
    assert [(one.name, one.is_async, one.scope, one.depth) for one in create.dependencies] == [
        ("Audit", True, None, 1),
        ("member", False, None, 1),
        ("OAuth2PasswordBearer", True, None, 2),
        ("session", True, "function", 2),
    ]
    assert [one.is_security for one in create.dependencies] == [False, False, True, False]


def test_untyped_bodies_and_answers_are_told_apart(describe: Callable[[str], AppFacts]) -> None:
    routes = {route.path: route for route in describe(SOURCE).routes}
    assert not routes["/v1/tools/raw"].body_is_typed
    assert routes["/v1/tools/raw"].response_model is None
    assert routes["/sub/below"].response_model_is_typed


def test_lifespan_handlers_and_document_are_known(describe: Callable[[str], AppFacts]) -> None:
    facts = describe(SOURCE)
    assert facts.has_lifespan
    assert facts.exception_handlers == ("RequestValidationError",)
    assert facts.openapi is not None
    assert "/v1/tools" in facts.openapi["paths"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_event_handlers_are_found_with_their_place(describe: Callable[[str], AppFacts]) -> None:
    source = """
    from fastapi import FastAPI
    app = FastAPI()
    @app.on_event("startup")
    async def begin(): ...
    """
    facts = describe(source)
    assert not facts.has_lifespan
    assert [site.name for site in facts.on_event_handlers] == ["begin"]


def test_a_document_that_cannot_be_built_is_said(describe: Callable[[str], AppFacts]) -> None:
    source = """
    from fastapi import FastAPI
    class App(FastAPI):
        def openapi(self): raise RuntimeError("no document")
    app = App()
    """
    facts = describe(source)
    assert facts.openapi is None
    assert facts.openapi_error == "RuntimeError: no document"


def test_an_app_that_is_not_fastapi_has_no_routes(tmp_path: Path) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    assert describe_app(app, "main:app", tmp_path) == {"target": "main:app"}


class _Model(BaseModel):
    name: str


@pytest.mark.parametrize(
    ("annotation", "typed"),
    [
        (_Model, True),
        (list[_Model], True),
        (_Model | None, True),
        (dict[str, _Model], True),
        (int, True),
        (dict, False),
        (list, False),
        (Any, False),
        (dict[str, Any], False),
        (list[dict[str, Any]], False),
        (_Model | dict[str, Any], False),
    ],
)
def test_a_type_that_says_what_it_holds_is_typed(annotation: object, typed: bool) -> None:
    assert is_typed(annotation) is typed


def test_only_the_learners_own_files_have_a_relative_path(tmp_path: Path) -> None:
    assert relative_path(f"{tmp_path}/app/main.py", tmp_path) == "app/main.py"
    assert relative_path(f"{tmp_path}/.venv/lib/site-packages/x.py", tmp_path) is None
    assert relative_path("/usr/lib/python3/json/__init__.py", tmp_path) is None
    assert relative_path(f"{tmp_path}-other/app.py", tmp_path) is None


ROUTERS = """
    from contextlib import asynccontextmanager
    from fastapi import APIRouter, FastAPI

    @asynccontextmanager
    async def lifespan(app):
        yield

    app = FastAPI({})
    for _ in range(3):
        app.include_router(APIRouter(), prefix="/v1")
"""


@pytest.mark.parametrize(("given", "has_lifespan"), [("", False), ("lifespan=lifespan", True)])
def test_included_routers_make_no_lifespan(
    given: str, has_lifespan: bool, describe: Callable[[str], AppFacts]
) -> None:
    assert describe(ROUTERS.format(given)).has_lifespan is has_lifespan


def test_what_is_awaited_is_async_whatever_is_wrapped_around_it() -> None:
    async def coroutine() -> None: ...

    def plain() -> None: ...

    @functools.wraps(coroutine)
    def around_coroutine() -> None: ...

    @functools.wraps(plain)
    async def around_plain() -> None: ...

    assert [is_async(f) for f in (coroutine, plain, around_coroutine, around_plain)] == [
        True,
        False,
        True,
        True,
    ]
    assert is_async(functools.partial(coroutine))


def test_an_app_is_found_behind_what_is_wrapped_around_it() -> None:
    class Layer:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    app = FastAPI()
    assert inner_app(Layer(Layer(app))) is app
    assert inner_app(Layer(42)) is None
    endless = Layer(None)
    endless.app = endless
    assert inner_app(endless) is None


def test_before_included_routers_stayed_whole_the_routes_of_the_app_are_read(
    describe: Callable[[str], AppFacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("fastapi.routing.iter_route_contexts")
    source = """
    from fastapi import FastAPI
    app = FastAPI()

    @app.get("/tools/{tool_id}")
    async def read(tool_id: int) -> int: ...
    """
    (route,) = describe(source).routes
    assert (route.path, route.response_model, route.parameters["path"]) == (
        "/tools/{tool_id}",
        "int",
        ("tool_id",),
    )
