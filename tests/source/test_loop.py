"""Which functions run on the event loop is computed from what FastAPI is given."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from checker.source import Project

Make = Callable[..., Project]
HEAD = """\
    import asyncio
    import threading
    from contextlib import asynccontextmanager

    import anyio
    from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, WebSocket
    from fastapi.concurrency import run_in_threadpool
    from fastapi.responses import StreamingResponse
    from starlette.middleware.base import BaseHTTPMiddleware

    app = FastAPI()

    def helper(): ...

    async def coroutine(): helper()

"""


def on_loop(project: Project) -> set[str]:
    return {function.name for function in project.on_loop}


@pytest.mark.parametrize(
    "source",
    [
        "@app.get('/')\nasync def f(): helper()",
        "@app.api_route('/', methods=['GET'])\nasync def f(): await coroutine()",
        "async def f(): helper()\napp.add_api_route('/', f)",
        "@app.websocket('/')\nasync def f(ws: WebSocket): helper()",
        "async def f(): helper()\n@app.get('/')\ndef g(n=Depends(f)): ...",
        "async def f(): helper()\napp = FastAPI(dependencies=[Depends(f)])",
        "class F:\n    async def __call__(self): helper()\nf = F()\n@app.get('/')\ndef g(n=Depends(f)): ...",
        "@app.middleware('http')\nasync def f(request, call_next): helper()",
        "class M(BaseHTTPMiddleware):\n    async def dispatch(self, request, call_next): helper()\napp.add_middleware(M)",
        "class M:\n    async def __call__(self, scope, receive, send): helper()\napp.add_middleware(M)",
        "@app.exception_handler(ValueError)\nasync def f(request, error): helper()",
        "async def f(request, error): helper()\napp = FastAPI(exception_handlers={ValueError: f})",
        "@app.get('/')\ndef g(tasks: BackgroundTasks): tasks.add_task(coroutine)",
        "@app.get('/')\nasync def f(): asyncio.create_task(coroutine())",
        "@app.get('/')\nasync def f(): await asyncio.to_thread(helper())",
        "def make():\n    r = APIRouter()\n    @r.get('/')\n    async def f(): helper()\n    return r",
        "@asynccontextmanager\nasync def lifespan(app):\n    asyncio.create_task(coroutine())\n    yield",
        "class S:\n    async def only_here(self): helper()\n@app.get('/')\nasync def f(s=Depends(make)): await s.only_here()",
        "def wrap(f):\n    async def inner(): helper()\n    return inner\n@app.get('/')\n@wrap\nasync def f(): ...",
        "class A:\n    async def run(self): helper()\nclass B:\n    async def run(self): ...\n@app.get('/')\nasync def f(x): await x.run()",
        "async def dispatch(request, call_next): helper()\napp.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)",
        "class M:\n    def __init__(self): self.loop = asyncio.get_running_loop()\n    def ask(self): asyncio.run_coroutine_threadsafe(coroutine(), self.loop)\n@app.get('/')\ndef f(m=Depends(M)): m.ask()",
        "class A:\n    def __init__(self):\n        if hasattr(self, 'ready'):\n            return\n        self.ready = helper()\n@app.get('/')\nasync def f(): A()",
        "@app.get('/')\nasync def f():\n    async with anyio.create_task_group() as group:\n        group.start_soon(coroutine)",
        "@app.get('/')\nasync def f(): asyncio.get_running_loop().call_soon(helper)",
        "@app.get('/')\nasync def f(): await asyncio.gather(*[coroutine() for _ in range(3)])",
        "@app.get('/')\nasync def f(): list(map(helper, [1]))",
        "async def lines():\n    helper()\n    yield b''\n@app.get('/')\nasync def f(): return StreamingResponse(lines())",
        "class S:\n    def start(self): asyncio.create_task(coroutine())\n@asynccontextmanager\nasync def lifespan(app):\n    S().start()\n    yield",
        "from apscheduler.schedulers.asyncio import AsyncIOScheduler\nscheduler = AsyncIOScheduler()\nscheduler.add_job(coroutine, 'cron')",
        "def repeat_every(*, seconds): return lambda f: f\n@repeat_every(seconds=1)\nasync def f():\n    async def inner(): helper()\n    keep(inner)",
        "from fastapi_utils.tasks import repeat_every\n@app.on_event('startup')\n@repeat_every(seconds=1)\nasync def f(): helper()",
        "import socketio\nsio = socketio.AsyncServer()\n@sio.event\nasync def connect(sid): helper()",
        "from starlette.endpoints import HTTPEndpoint\nclass E(HTTPEndpoint):\n    async def get(self, request): helper()",
        "from starlette.routing import Route\nasync def f(request): helper()\nroutes = [Route('/', f)]",
        "from fastapi.routing import APIRoute\nclass R(APIRoute):\n    def get_route_handler(self):\n        async def handler(request): helper()\n        return handler",
        "class U:\n    def __enter__(self): helper()\n    def __exit__(self, *a): ...\n@app.get('/')\nasync def f():\n    with U(): ...",
        "class U:\n    def __init__(self): helper()\n@app.get('/')\nasync def f(): U()",
        "async def serve(reader, writer): helper()\n@asynccontextmanager\nasync def lifespan(app):\n    await asyncio.start_server(serve, 'localhost', 1)\n    yield",
        "def rows():\n    yield helper()\n@app.get('/')\nasync def f(): next(rows())",
        "def checker(role):\n    async def check(): helper()\n    return check\n@app.get('/', dependencies=[Depends(checker('a'))])\ndef f(): ...",
    ],
)
def test_helpers_called_from_here_run_on_the_loop(project: Make, source: str) -> None:
    assert "helper" in on_loop(project(main=dedent(HEAD) + source))


@pytest.mark.parametrize(
    "source",
    [
        "@app.get('/')\ndef f(): helper()",
        "def f(): helper()\n@app.get('/')\nasync def g(n=Depends(f)): ...",
        "@app.get('/')\nasync def f(): await run_in_threadpool(helper)",
        "@app.get('/')\nasync def f(): await asyncio.to_thread(helper)",
        "@app.get('/')\nasync def f(): await anyio.to_thread.run_sync(helper)",
        "@app.get('/')\nasync def f(): await asyncio.get_running_loop().run_in_executor(None, helper)",
        "@app.get('/')\nasync def f(): await asyncio.to_thread(lambda: helper())",
        "@app.get('/')\nasync def f(): threading.Thread(target=helper).start()",
        "@app.get('/')\nasync def f():\n    def inner(): helper()\n    await asyncio.to_thread(inner)",
        "@app.get('/')\nasync def f(tasks: BackgroundTasks): tasks.add_task(helper)",
        "@asynccontextmanager\nasync def lifespan(app):\n    helper()\n    yield",
        "@app.on_event('startup')\nasync def f(): helper()",
        "def chunks():\n    helper()\n    yield b''\n@app.get('/')\nasync def f(): return StreamingResponse(chunks())",
        "async def script(): helper()\nif __name__ == '__main__':\n    asyncio.run(script())",
        "import functools\n@functools.lru_cache\ndef once(): helper()\n@app.get('/')\nasync def f(): once()",
        "import functools\n_kept = None\ndef once():\n    global _kept\n    if _kept is None:\n        _kept = helper()\n@app.get('/')\nasync def f(): once()",
        "_kept = None\ndef once():\n    global _kept\n    if _kept is not None:\n        return _kept\n    _kept = helper()\n@app.get('/')\nasync def f(): once()",
        "class A:\n    one = None\n    @classmethod\n    def get(cls):\n        if not cls.one:\n            cls.one = helper()\n@app.get('/')\nasync def f(): A.get()",
        "def threaded(g):\n    def start(): threading.Thread(target=g).start()\n    return start\n@threaded\ndef work(): helper()\n@app.get('/')\nasync def f(): work()",
        "def chunks():\n    helper()\n    yield b''\n@app.get('/')\nasync def f():\n    body = chunks()\n    return StreamingResponse(body)",
        "def unit():\n    yield 1\n    helper()\n@app.get('/')\nasync def f(): next(unit())",
        "def unit():\n    yield 1\n    helper()\n@app.get('/')\nasync def f():\n    opened = unit()\n    next(opened)\n    opened.close()",
        "import dramatiq\n@dramatiq.actor\nasync def work(): helper()\n@app.get('/')\ndef f(): work.send()",
        "import dramatiq\nclass W:\n    def __call__(self): asyncio.run(self.run())\n    async def run(self): helper()\nwork = dramatiq.actor(W())",
        "class WorkerSettings:\n    functions = ['x', coroutine]\nrun = coroutine",
        "async def unused(): helper()",
        "class A:\n    async def unused(self): helper()",
        "class A:\n    async def __aenter__(self): helper()\nclass B:\n    async def __aenter__(self): await self.a.__aenter__()",
        "async def main(): await coroutine()\ndef command(): asyncio.run(main())",
        "class M:\n    def __init__(self):\n        self.loop = asyncio.new_event_loop()\n        threading.Thread(target=self.loop.run_forever).start()\n    def ask(self): asyncio.run_coroutine_threadsafe(coroutine(), self.loop)",
        "loop = asyncio.new_event_loop()\nthreading.Thread(target=loop.run_forever).start()\ndef ask(): loop.create_task(coroutine())",
        "from versions import VersionedFastAPI\nserved = VersionedFastAPI(app)\n@served.on_event('startup')\nasync def f(): helper()",
        "class Single(type):\n    kept = {}\n    def __call__(cls):\n        if cls not in cls.kept:\n            cls.kept[cls] = super().__call__()\n        return cls.kept[cls]\nclass A(metaclass=Single):\n    def __init__(self): helper()\n@app.get('/')\nasync def f(): A()",
        "class A:\n    kept = None\n    def __new__(cls):\n        if cls.kept is None:\n            cls.kept = super().__new__(cls)\n        return cls.kept\n    def __init__(self):\n        if hasattr(self, 'ready'):\n            return\n        self.ready = helper()\n@app.get('/')\nasync def f(): A()",
        "def singleton(cls): return cls\n@singleton\nclass A:\n    def __init__(self): helper()\n@app.get('/')\nasync def f(): A()",
    ],
)
def test_helpers_used_from_here_do_not_run_on_the_loop(project: Make, source: str) -> None:
    assert "helper" not in on_loop(project(main=dedent(HEAD) + source))


def test_calls_are_followed_across_modules(project: Make) -> None:
    made = project(
        app__main="from fastapi import FastAPI\nfrom .service import run\napp = FastAPI()\n@app.get('/')\nasync def f(): run()\n",
        app__service="from app import store\ndef run(): store.load()\n",
        app__store="def load(): ...\n",
    )
    assert on_loop(made) == {"f", "run", "load"}


def test_what_only_a_worker_makes_runs_beside_the_loop(project: Make) -> None:
    made = project(
        app__main="from fastapi import FastAPI\nimport app.jobs\napp = FastAPI()\n",
        app__jobs="class Jobs:\n    async def start(self): await self.step()\n    async def step(self): load()\n"
        "def load(): ...\ndef ask(jobs): hand(jobs.start)\n",
        worker="from app.jobs import Jobs\ndef main(run): run(Jobs())\n",
    )
    assert "load" not in on_loop(made)


def test_what_the_service_makes_too_runs_on_the_loop(project: Make) -> None:
    made = project(
        app__main="from fastapi import FastAPI\nfrom app.jobs import Jobs\napp = FastAPI()\napp.state.jobs = Jobs()\n",
        app__jobs="class Jobs:\n    async def start(self): await self.step()\n    async def step(self): load()\n"
        "def load(): ...\ndef ask(jobs): hand(jobs.start)\n",
        worker="from app.jobs import Jobs\ndef main(run): run(Jobs())\n",
    )
    assert "load" in on_loop(made)


def test_a_coroutine_that_nothing_is_seen_to_call_runs_with_those_that_call_it(project: Make) -> None:
    made = project(
        main=dedent(HEAD)
        + "import bus\nfrom pydantic import BaseModel\n"
        + "class Job(BaseModel):\n    run: object\n"
        + "async def crawl(): await fetch()\nasync def fetch(): helper()\nJob(run=crawl)\n"
        + "async def answer(): await ask()\nasync def ask(): ...\nbus.subscribe(answer)\n"
    )
    assert on_loop(made) == {"answer", "ask"}


def test_a_decorator_that_only_stands_around_a_coroutine_registers_nothing(project: Make) -> None:
    made = project(
        main=dedent(HEAD)
        + "def timed(function):\n    @wraps(function)\n    async def inner(*args): return await function(*args)\n    return inner\n"
        + "def listed(function):\n    ALL['x'] = function\n    return function\n"
        + "def known(name):\n    def decorate(function):\n        bus.on(name, function)\n        return function\n    return decorate\n"
        + "@timed\nasync def crawl(): ...\n@listed\nasync def ask(): ...\n@known('x')\nasync def answer(): ...\n"
    )
    assert {"ask", "answer"} <= on_loop(made)
    assert "crawl" not in on_loop(made)


def test_what_a_decorator_gives_to_a_helper_that_calls_it_runs_where_it_is_called(project: Make) -> None:
    made = project(
        main=dedent(HEAD)
        + "def within(function, *args):\n    with session() as one: return function(*args, one)\n"
        + "def sessioned(function):\n    @wraps(function)\n    def inner(*args): return within(function, *args)\n    return inner\n"
        + "def moved(function):\n    def inner(*args): return pool(function, *args)\n    return inner\n"
        + "@sessioned\ndef read(session): ...\n@moved\ndef write(session): ...\n"
        + "@app.get('/')\nasync def f():\n    read()\n    write()\n"
    )
    assert {"read", "within"} <= on_loop(made)
    assert "write" not in on_loop(made)


def test_the_jobs_of_a_scheduler_with_threads_run_beside_the_loop(project: Make) -> None:
    made = project(
        main=dedent(HEAD)
        + "from quartz import Timer\ntimer = Timer()\n"
        + "async def clean(): ...\nasync def sweep(): ...\nasync def warm(): ...\nJOBS = {'a': sweep, 'b': clean}\n"
        + "def begin(name): timer.add_task(func=JOBS[name], interval=60)\n"
        + "@app.get('/')\nasync def f():\n    timer.add_task(func=clean, delay=1)\n    begin('a')\n    asyncio.get_running_loop().call_later(1, warm)\n"
    )
    assert on_loop(made) == {"f", "begin", "warm"}


def test_test_files_make_no_app(project: Make) -> None:
    made = project(
        tests__test_x="from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\nasync def f(): ...\n"
    )
    assert made.operations == []
    assert on_loop(made) == set()


def test_an_object_of_the_project_with_a_method_get_is_no_router(project: Make) -> None:
    source = "class Bus:\n    def get(self, path): ...\nbus = Bus()\n@bus.get('/')\nasync def f(): helper()"
    assert project(main=dedent(HEAD) + source).operations == []


def test_operations_know_method_path_and_router(project: Make) -> None:
    made = project(
        app__routes="from fastapi import APIRouter\nr = APIRouter(include_in_schema=False)\n",
        app__main="from app.routes import r\n@r.post('/tools')\nasync def add(): ...\n",
    )
    (operation,) = made.operations
    assert operation.label == "POST /tools"
    assert operation.router_keyword("include_in_schema") is not None


def test_requests_reach_what_a_thread_runs(project: Make) -> None:
    made = project(main=dedent(HEAD) + "@app.get('/')\nasync def f(): await asyncio.to_thread(helper)")
    assert "helper" in {function.name for function in made.in_requests}


def test_service_modules_are_those_that_the_app_imports(project: Make) -> None:
    made = project(
        app__main="from fastapi import FastAPI\nfrom app.store import load\napp = FastAPI()\n",
        app__store="def load(): ...\n",
        scripts__seed="import app.store\n",
    )
    assert {m.path for m in made.service_modules} == {"app/main.py", "app/store.py"}
