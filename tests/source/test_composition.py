"""How apps are put together: which routes each one serves, and what cannot be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checker.source import read_project
from checker.source.composition import ServedApp

Compose = Callable[..., dict[int, ServedApp]]

ROUTER = """\
from fastapi import APIRouter

router = APIRouter(prefix="/tools")


@router.get("/{number}")
async def read(number: int) -> int:
    return number
"""


@pytest.fixture
def compose(tmp_path: Path) -> Compose:
    """The apps of `main.py`, beside `tools.py`, by their line."""

    def run(main: str) -> dict[int, ServedApp]:
        (tmp_path / "tools.py").write_text(ROUTER, encoding="utf-8")
        (tmp_path / "main.py").write_text(
            f"from fastapi import APIRouter, FastAPI\nimport tools\n{main}", "utf-8"
        )
        return {app.call.line: app for app in read_project(tmp_path).composition.apps}

    return run


@pytest.mark.parametrize(
    ("main", "paths"),
    [
        ("app = FastAPI()\napp.include_router(tools.router, prefix='/v1')", ["/v1/tools/{number}"]),
        (
            "app = FastAPI()\nV = '/v2'\napp.include_router(tools.router, prefix=f'{V}/x')",
            ["/v2/x/tools/{number}"],
        ),
        ("app = FastAPI()\nfor r in [tools.router]:\n    app.include_router(r)", ["/tools/{number}"]),
        (
            "app = FastAPI()\nfor m in (tools,):\n    for r in (getattr(m, 'router', None), getattr(m, 'other', None)):\n        app.include_router(r)",
            ["/tools/{number}"],
        ),
        ("app = FastAPI()\napp.include_router(getattr(tools, 'router'))", ["/tools/{number}"]),
        ("app = FastAPI()\ndef add(a):\n    a.include_router(tools.router)\nadd(app)", ["/tools/{number}"]),
        (
            "app = FastAPI()\no = APIRouter(prefix='/o')\no.include_router(tools.router)\napp.include_router(o, prefix='/p')",
            ["/p/o/tools/{number}"],
        ),
        ("app = FastAPI()\ndef f(): ...\napp.add_api_route('/x', f)\napp.get('/y')(f)", ["/x", "/y"]),
        ("app = FastAPI()\n@app.get(tools.UNKNOWN)\ndef f(): ...", ["<UNKNOWN>"]),
        (
            "app = FastAPI()\ndef guarded(method, path): ...\n@guarded(app.get, '/z')\ndef f(): ...\n@guarded(dict.get, '/q')\ndef g(): ...",
            ["/z"],
        ),
        (
            "app = FastAPI()\ndef listing(r, path): return r.get(path, tags=['x'])\n@listing(app, '/l')\ndef f(): ...",
            ["/l"],
        ),
    ],
    ids=[
        "prefix",
        "computed prefix",
        "loop",
        "read by name in a loop",
        "read by name",
        "helper",
        "router in a router",
        "calls",
        "unknown path",
        "own decorator",
        "decorator made by a helper",
    ],
)
def test_prefixes_of_every_include_are_applied(compose: Compose, main: str, paths: list[str]) -> None:
    app = compose(main)[3]
    assert sorted(route.path for route in app.routes) == paths
    assert app.unseen == []


def test_a_factory_is_followed_to_what_its_callers_give(compose: Compose) -> None:
    apps = compose(
        "def make(r):\n    a = FastAPI()\n    a.include_router(r)\n    return a\napp = make(r=tools.router)"
    )
    assert [route.path for route in apps[4].routes] == ["/tools/{number}"]


def test_a_mounted_app_is_part_of_the_other(compose: Compose) -> None:
    apps = compose(
        "inner = FastAPI()\nouter = FastAPI()\n@inner.get('/a')\ndef a(): ...\nouter.mount('/in', inner)"
    )
    assert [route.path for route in apps[4].routes] == ["/in/a"]
    assert apps[3].call in apps[4].parts


@pytest.mark.parametrize(
    "main",
    [
        "app = FastAPI()\nfor r in load():\n    app.include_router(r)",
        "app = FastAPI()\nfrom tools import missing\napp.include_router(missing)",
        "app = FastAPI()\nimport kit\nkit.prepare(app)",
        "app = FastAPI()\napp.router.routes.append(load())",
        "app = FastAPI(routes=load())",
    ],
    ids=["loop over a call", "name that is not there", "library", "list of routes", "routes argument"],
)
def test_what_cannot_be_seen_is_noted(compose: Compose, main: str) -> None:
    assert compose(main)[3].unseen


def test_a_class_of_views_hides_nothing(compose: Compose) -> None:
    main = "from kit import cbv\napp = FastAPI()\n@cbv(tools.router)\nclass Views:\n    @tools.router.get('/a')\n    def a(self): ..."
    app = compose(f"{main}\napp.include_router(tools.router)")[4]
    assert sorted(route.path for route in app.routes) == ["/tools/a", "/tools/{number}"]
    assert app.unseen == []


def test_apps_that_mount_each_other_end(compose: Compose) -> None:
    apps = compose("a = FastAPI()\nb = FastAPI()\na.mount('/b', b)\nb.mount('/a', a)")
    assert apps[4].call in apps[3].parts
