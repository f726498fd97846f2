"""An engineer's app is imported, described and asked for its errors; whatever it does ends as facts or one sentence."""

from __future__ import annotations

import os
import socket
import sys
import threading
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import fastapi
import psutil
import pytest

from checker.app_under_test import launcher as launchers
from checker.app_under_test.service import Observed, observe_service
from checker.book import Limits
from checker.models.facts import AppFacts, ErrorAnswer
from checker.models.report import FaultKind

LIMITS = Limits(start_s=20, answer_s=5)
ROUTES = """
@app.get("/tools")
async def list_tools() -> list[str]:
    return []

@app.post("/tools/{tool_id}")
async def amend(tool_id: int) -> int:
    return tool_id
"""
PLAIN = f"from fastapi import FastAPI\napp = FastAPI()\n{ROUTES}"
CAUSES = ["unknown-path", "wrong-method", "invalid-input", "unhandled-error"]

Observe = Callable[..., Observed]


@pytest.fixture
def observe(tmp_path: Path) -> Observe:
    """Writes a project and observes it: `app__main` is `app/main.py`."""

    def run(
        target: str = "main:app",
        *,
        env: dict[str, str] | None = None,
        limits: Limits = LIMITS,
        folder: str = ".",
        **files: str,
    ) -> Observed:
        project = tmp_path / "project"
        for name, text in files.items():
            path = project / folder / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        box = tmp_path / f"box-{len(list(tmp_path.iterdir()))}"
        box.mkdir()
        return observe_service(project, target, env=env or {}, box=box, limits=limits, seed=7)

    return run


def facts_of(observed: Observed) -> AppFacts:
    assert observed.facts is not None, observed.faults
    assert observed.faults == ()
    return observed.facts


def answers_of(observed: Observed) -> dict[str, ErrorAnswer]:
    return {answer.cause: answer for answer in facts_of(observed).answers}


# What it answers


def test_a_plain_app_answers_four_mistakes(observe: Observe) -> None:
    facts = facts_of(observe(main=PLAIN))
    assert [route.path for route in facts.routes] == ["/tools", "/tools/{tool_id}"]
    assert [answer.cause for answer in facts.answers] == CAUSES
    assert [answer.status for answer in facts.answers] == [404, 405, 422, 500]
    assert [answer.shape for answer in facts.answers] == [("detail",), ("detail",), ("detail",), ()]
    assert [answer.detail_kind for answer in facts.answers] == ["string", "string", "array", ""]
    assert [answer.media_type for answer in facts.answers] == ["application/json"] * 3 + ["text/plain"]
    asked = facts.answers[1]
    assert asked.request == "OPTIONS /tools"
    assert asked.site is not None
    assert asked.site.name == "list_tools"


def test_a_path_operation_without_dependencies_is_asked_itself(observe: Observe, tmp_path: Path) -> None:
    note = tmp_path / "ran"
    source = f"""
from typing import Annotated
from fastapi import Depends
from pathlib import Path

def first() -> int:
    Path({str(note)!r}).touch()
    return 1

@app.get("/a/{{number}}")
async def with_dependency(number: int, n: Annotated[int, Depends(first)]) -> int:
    return number

@app.get("/b/{{number}}")
async def without(number: int) -> int:
    return number

@app.get("/b/none")
async def hidden() -> str:
    Path({str(note)!r}).touch()
    return "ran"
"""
    answer = answers_of(observe(main=PLAIN + source))["invalid-input"]
    assert (answer.request, answer.status) == ("GET /b/none", 422)
    assert answer.site is not None
    assert answer.site.name == "without"
    assert not note.exists()


def test_the_apps_own_handlers_are_what_answers(observe: Observe) -> None:
    handlers = """
    from fastapi import FastAPI, Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse
    from starlette.exceptions import HTTPException

    app = FastAPI(debug=True)

    @app.exception_handler(HTTPException)
    async def known(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"title": error.detail, "status": error.status_code}, error.status_code, media_type="application/problem+json")

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"errors": error.errors()}, 400)

    @app.exception_handler(Exception)
    async def unknown(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"title": "unknown", "status": 500}, 500)
    """
    answers = answers_of(observe(main=dedent(handlers) + ROUTES))
    assert answers["unknown-path"].shape == answers["wrong-method"].shape == ("status", "title")
    assert answers["unknown-path"].media_type == "application/problem+json"
    assert (answers["invalid-input"].status, answers["invalid-input"].shape) == (400, ("errors",))
    assert (answers["unhandled-error"].status, answers["unhandled-error"].shape) == (500, ("status", "title"))


def test_an_error_that_a_middleware_answers_with_200_is_one(observe: Observe) -> None:
    swallows = """
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse
    app = FastAPI()

    @app.middleware("http")
    async def swallow(request: Request, call_next):
        try:
            return await call_next(request)
        except Exception as error:
            return JSONResponse({"ok": False, "error": str(error)})
    """
    answer = answers_of(observe(main=dedent(swallows) + ROUTES))["unhandled-error"]
    assert (answer.status, answer.shape) == (200, ("error", "ok"))


def test_an_app_that_lets_nobody_in_tells_nothing(observe: Observe) -> None:
    closed = """
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse
    app = FastAPI()

    @app.middleware("http")
    async def sign_in(request: Request, call_next):
        return JSONResponse({"error": "who are you?"}, 401)
    """
    assert answers_of(observe(main=dedent(closed) + ROUTES)) == {}


def test_a_page_for_every_path_is_no_answer_to_an_unknown_one(observe: Observe) -> None:
    page = """
    @app.get("/{path:path}")
    async def page(path: str) -> str:
        return "<html>"
    """
    assert set(answers_of(observe(main=PLAIN + dedent(page)))) == set(CAUSES) - {"unknown-path"}


def test_an_app_at_the_root_is_no_answer_to_an_unknown_path(observe: Observe) -> None:
    mounted = """
    from starlette.responses import PlainTextResponse
    app.mount("/", PlainTextResponse("no such page", 404))
    """
    assert "unknown-path" not in answers_of(observe(main=PLAIN + dedent(mounted)))


@pytest.mark.skipif(
    sys.platform != "linux", reason="where nothing cuts it off for certain, no lifespan is run"
)
def test_start_up_is_run_only_where_the_app_cannot_answer_without_it(
    observe: Observe, tmp_path: Path
) -> None:
    stateful = """
    from contextlib import asynccontextmanager
    from pathlib import Path
    from fastapi import FastAPI, Request

    @asynccontextmanager
    async def lifespan(app):
        Path(NOTE).touch()
        app.state.name = "shed"
        yield

    app = FastAPI(lifespan=lifespan)
    """
    note = tmp_path / "started"
    middleware = """
    @app.middleware("http")
    async def name(request: Request, call_next):
        response = await call_next(request)
        response.headers["x-name"] = request.app.state.name
        return response
    """
    plain = dedent(stateful).replace("NOTE", repr(str(note))) + ROUTES
    assert len(facts_of(observe(main=plain)).answers) == 4
    assert not note.exists()
    answers = answers_of(observe(main=plain + dedent(middleware)))
    assert set(answers) >= {"unknown-path", "wrong-method", "invalid-input"}
    assert note.exists()


START_UPS = {
    "fails": "raise RuntimeError('no database')",
    "has no database": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "waits for ever": "import asyncio; await asyncio.sleep(600)",
    "blocks": "import time; time.sleep(600)",
    "exits": "import os; os._exit(3)",
}


@pytest.mark.parametrize("name", START_UPS)
def test_a_start_up_that_cannot_succeed_costs_nothing_where_it_is_not_needed(
    name: str, observe: Observe
) -> None:
    source = f"""
from contextlib import asynccontextmanager
from fastapi import FastAPI

@asynccontextmanager
async def lifespan(app):
    {START_UPS[name]}
    yield

app = FastAPI(lifespan=lifespan)
"""
    assert len(facts_of(observe(main=source + ROUTES)).answers) == 4


@pytest.mark.parametrize(
    "start_up", ["import asyncio; await asyncio.sleep(600)", "raise RuntimeError('no database')"]
)
def test_an_app_that_cannot_answer_keeps_its_facts(start_up: str, observe: Observe) -> None:
    source = f"""
from contextlib import asynccontextmanager
from fastapi import FastAPI, Request

@asynccontextmanager
async def lifespan(app):
    {start_up}
    yield

app = FastAPI(lifespan=lifespan)

@app.middleware("http")
async def name(request: Request, call_next):
    request.app.state.name
    return await call_next(request)
"""
    observed = observe(main=source + ROUTES, limits=Limits(start_s=10, answer_s=2))
    assert observed.facts is not None
    assert len(observed.facts.routes) == 2
    assert [fault.kind for fault in observed.faults] == [FaultKind.START_UP]
    assert "judged from the source alone" in observed.faults[0].message


def test_an_app_that_never_answers_is_not_waited_for_twice(observe: Observe) -> None:
    silent = """
    import asyncio
    from fastapi import FastAPI, Request
    app = FastAPI()

    @app.middleware("http")
    async def wait(request: Request, call_next):
        await asyncio.sleep(600)
    """
    observed = observe(main=dedent(silent) + ROUTES, limits=Limits(start_s=10, answer_s=0.3))
    assert observed.facts is not None
    assert observed.facts.answers == ()
    assert "answered nothing" in observed.faults[0].message


# What must not happen


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A service on this machine, and who called it."""
    callers: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            try:
                while True:
                    callers.append(server.accept())
            except OSError:
                return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], callers
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only Python's own sockets and files refuse")
def test_nothing_is_reached_and_nothing_is_written(
    observe: Observe, tmp_path: Path, listener: tuple[int, list[object]]
) -> None:
    port, callers = listener
    note = tmp_path / "note"
    careless = f"""
    import socket, subprocess, sys
    from typing import Annotated
    from fastapi import Depends, FastAPI, Request

    def note(who):
        with open({str(note)!r}, "a") as file:
            file.write(who)

    async def session():
        note("dependency ")
        socket.create_connection(("127.0.0.1", {port}))

    app = FastAPI(dependencies=[Depends(session)])

    @app.middleware("http")
    async def audit(request: Request, call_next):
        for attempt in (
            lambda: note("middleware "),
            lambda: socket.create_connection(("127.0.0.1", {port})),
            lambda: subprocess.run([sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', {port}))"]),
        ):
            try:
                attempt()
            except OSError:
                pass
        return await call_next(request)

    @app.api_route("/{{word}}", methods=["GET", "POST", "HEAD", "DELETE"])
    async def send(word: str) -> str:
        note("path operation ")
        return word

    @app.get("/numbers/{{number}}")
    async def number(number: int) -> int:
        note("path operation ")
        return number

    @app.get("/{{first}}/{{second}}/{{third:path}}")
    async def send_all(first: str) -> str:
        note("path operation ")
        return first
    """
    answers = answers_of(observe(main=careless))
    assert set(answers) == {"wrong-method", "invalid-input", "unhandled-error"}
    assert not note.exists() or note.read_text() == ""
    assert callers == []


def test_the_checkers_own_secrets_stay_outside(observe: Observe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    source = """
    import os
    from pathlib import Path
    from fastapi import FastAPI
    assert "AWS_SECRET_ACCESS_KEY" not in os.environ
    assert os.environ["GIVEN"] == "yes"
    assert "box-" in str(Path.home())
    app = FastAPI()
    """
    facts_of(observe(main=dedent(source) + ROUTES, env={"GIVEN": "yes"}))
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == "very-secret"


def test_nothing_is_left_running(observe: Observe) -> None:
    source = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    facts_of(observe(main=source + PLAIN))
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert after <= before


# What can be an app


APPS: dict[str, tuple[str, str]] = {
    "a factory": ("main:create_app()", PLAIN.replace("app = FastAPI()", "app = FastAPI()\ndef create_app(): return app")),
    "a factory without a mark": ("main:create_app", f"{PLAIN}\ndef create_app(debug: bool = False):\n    return app\n"),
    "an attribute of an object": ("main:server.app", f"{PLAIN}\nclass Server: ...\nserver = Server()\nserver.app = app\n"),
    "wrapped in middleware": (
        "main:wrapped",
        f"{PLAIN}\nfrom starlette.middleware.cors import CORSMiddleware\nwrapped = CORSMiddleware(app, allow_origins=['*'])\n",
    ),
    "prints at import": ("main:app", f"print('x' * 100_000)\nimport sys; sys.stderr.write('y' * 100_000)\n{PLAIN}"),
    "has threads": ("main:app", f"import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n{PLAIN}"),
}  # fmt: skip


@pytest.mark.parametrize("name", APPS)
def test_what_serves_can_be_observed(name: str, observe: Observe) -> None:
    target, source = APPS[name]
    facts = facts_of(observe(target, main=source))
    assert [route.path for route in facts.routes] == ["/tools", "/tools/{tool_id}"]
    assert [answer.cause for answer in facts.answers] == CAUSES


def test_without_fork_the_answers_are_the_same(observe: Observe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launchers, "CAN_FORK", False)
    assert [answer.status for answer in facts_of(observe(main=PLAIN)).answers] == [404, 405, 422, 500]


def test_mounted_apps_are_described_and_the_app_itself_is_asked(observe: Observe) -> None:
    source = f"""
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
app = below = FastAPI()
{ROUTES}
app = FastAPI()
app.mount("/v1", GZipMiddleware(below))

@app.get("/health")
async def health() -> str:
    return "ok"
"""
    facts = facts_of(observe(main=source))
    assert {route.path for route in facts.routes} == {"/health", "/v1/tools", "/v1/tools/{tool_id}"}
    assert [answer.request for answer in facts.answers if answer.cause == "wrong-method"] == [
        "OPTIONS /health"
    ]


def test_only_mounted_apps_are_asked_nothing(observe: Observe) -> None:
    source = "\nroot = FastAPI(openapi_url=None)\nroot.mount('/v1', app)\n"
    assert facts_of(observe("main:root", main=PLAIN + source)).answers == ()


def test_a_service_below_the_folder_is_imported_as_its_people_do(observe: Observe, tmp_path: Path) -> None:
    files = {
        "app__main": f"from app.deps import PORT\nassert open('settings.txt').read() == 'x'\n{PLAIN}",
        "app__deps": "PORT = 1\n",
    }
    (tmp_path / "project" / "backend").mkdir(parents=True)
    (tmp_path / "project" / "backend" / "pyproject.toml").touch()
    (tmp_path / "project" / "backend" / "settings.txt").write_text("x")
    facts = facts_of(observe("app.main:app", folder="backend", **files))
    assert facts.routes[0].site is not None
    assert facts.routes[0].site.path == "backend/app/main.py"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment in the project, with FastAPI, Uvicorn and a package that is nowhere else."""
    place = tmp_path / "project" / ".venv"
    venv.create(place, symlinks=sys.platform != "win32")
    packages = next(place.rglob("site-packages"))
    (packages / "libraries.pth").write_text(str(Path(fastapi.__file__).parents[1]))
    (packages / "only_here.py").write_text("import sys\nassert 'psutil' not in sys.modules\n")
    return packages


def test_the_services_own_environment_imports_it(observe: Observe, environment: Path) -> None:
    facts = facts_of(observe(main=f"import only_here\n{PLAIN}"))
    assert [answer.status for answer in facts.answers] == [404, 405, 422, 500]


def test_in_its_own_environment_it_can_be_started_anew(
    observe: Observe, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launchers, "CAN_FORK", False)
    assert len(facts_of(observe(main=f"import only_here\n{PLAIN}")).answers) == 4


def test_an_environment_without_a_server_leaves_the_facts(observe: Observe, environment: Path) -> None:
    (environment / "uvicorn.py").write_text("raise ImportError('there is none')\n")
    observed = observe(main=PLAIN)
    assert observed.facts is not None
    assert len(observed.facts.routes) == 2
    assert "there is none" in observed.faults[0].message


def test_an_environment_that_lacks_what_ours_has_is_not_insisted_on(
    observe: Observe, environment: Path
) -> None:
    (environment / "libraries.pth").unlink()
    assert len(facts_of(observe(main=PLAIN)).answers) == 4


def test_an_environment_that_is_too_old_is_passed_over(
    observe: Observe, environment: Path, tmp_path: Path
) -> None:
    (tmp_path / "project" / ".venv" / "pyvenv.cfg").write_text("version = 3.9.2\n")
    assert "`only_here` is not installed" in observe(main=f"import only_here\n{PLAIN}").faults[0].message


# What cannot be imported


SETTINGS = """
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    database_url: str
    signing_key: str = Field(validation_alias="SIGNING_KEY")
    workers: int = 1

settings = Settings()
"""
REFUSED: dict[str, tuple[str, FaultKind, list[str]]] = {
    "exits": ("raise SystemExit(1)", FaultKind.CRASH, ["ended the process", "main.py:1"]),
    "exits hard": ("import os; os._exit(0)", FaultKind.CRASH, ["ended with code 0"]),
    "is killed": (
        "import os; os.kill(os.getpid(), 9)",
        FaultKind.CRASH,
        ["code 9" if sys.platform == "win32" else "SIGKILL"],
    ),
    "takes too long": ("import time; time.sleep(600)", FaultKind.TIMEOUT, ["did not finish within 3 s", "main.py:1"]),
    "has no database": (
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        FaultKind.IMPORT,
        ["does not answer", "lifespan", "--env-file"],
    ),
    "has no host": (
        "import socket; socket.getaddrinfo('db.invalid', 5432)",
        FaultKind.IMPORT,
        ["does not answer", "lifespan", "--env-file"],
    ),
    "lacks a package": ("import no_such_package", FaultKind.IMPORT, ["`no_such_package`", "own environment", "--static", sys.prefix]),
    "lacks a setting": (SETTINGS, FaultKind.IMPORT, ["`SHOP_DATABASE_URL`, `SIGNING_KEY`", "--env-file"]),
    "lacks a variable": ("import os; os.environ['SHOP_KEY']", FaultKind.IMPORT, ["`SHOP_KEY`", "--env-file"]),
    "says which variable it lacks": (
        "import os\nif not os.getenv('SHOP_KEY'): raise RuntimeError('set SHOP_KEY first')",
        FaultKind.IMPORT,
        ["`SHOP_KEY`", "--env-file"],
    ),
    "is for a newer Python": ("def f(:\n", FaultKind.SYNTAX, ["cannot read the code in main.py, line 1", "Python that"]),
    "asks for a newer library": ("from typing import from_the_future", FaultKind.IMPORT, ["does not have", "Python that"]),
    "asks for another release": ("from fastapi import from_the_past", FaultKind.IMPORT, ["another release", "--static"]),
    "asks for a part of another release": (
        "import fastapi.part_of_the_past",
        FaultKind.IMPORT,
        ["another release", "--static"],
    ),
    "is no app": ("app = 42", FaultKind.IMPORT, ["is a int, not an ASGI application"]),
    "has another name": ("application = 1", FaultKind.IMPORT, ["has no `app`", "--app"]),
    "raises": ("1 / 0", FaultKind.IMPORT, ["ZeroDivisionError", "main.py:1", "--static"]),
    "needs too much memory": ("x = bytearray(2**45)", FaultKind.MEMORY, ["memory"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_app_that_cannot_be_imported_is_one_sentence(name: str, observe: Observe) -> None:
    source, kind, words = REFUSED[name]
    observed = observe(main=source, limits=Limits(start_s=3 if kind is FaultKind.TIMEOUT else 20))
    assert observed.facts is None
    assert [fault.kind for fault in observed.faults] == [kind]
    for word in words:
        assert word in observed.faults[0].message


def test_a_setting_with_a_wrong_value_is_named(observe: Observe) -> None:
    env = {"SHOP_DATABASE_URL": "sqlite://", "SIGNING_KEY": "x", "SHOP_WORKERS": "many"}
    message = observe(main=SETTINGS, env=env).faults[0].message
    assert "`Settings` refuses its values (workers: " in message


def test_what_stands_in_the_environment_file_is_not_said_aloud(observe: Observe) -> None:
    source = "import os\nraise ValueError('cannot connect to ' + os.environ['DATABASE_URL'])\n"
    message = observe(main=source, env={"DATABASE_URL": "postgres://me:hunter2@db"}).faults[0].message
    assert "cannot connect to ***" in message


def test_a_module_that_is_not_there_is_one_sentence(observe: Observe) -> None:
    message = observe("nowhere:app", main=PLAIN).faults[0].message
    assert "no module `nowhere`" in message
    assert "--app" in message


def test_an_app_that_cannot_be_described_is_one_sentence(observe: Observe) -> None:
    broken = """
    class Broken(FastAPI):
        @property
        def user_middleware(self): return 42
        @user_middleware.setter
        def user_middleware(self, value): ...
    app = Broken()
    """
    (fault,) = observe(main=PLAIN + dedent(broken)).faults
    assert "cannot be described (TypeError: " in fault.message


def test_an_app_without_fastapi_in_it_is_one_sentence(observe: Observe) -> None:
    observed = observe(main="async def app(scope, receive, send): ...\n")
    assert observed.facts is not None
    assert "no path operation was found" in observed.faults[0].message
