"""A hidden suite run the way one would by hand: pytest and the app in one process, over `ASGITransport`.

The suite's files are the checker's own, unchanged; only what stands behind their fixtures differs. A new app means
its lifespan anew, and modules imported anew only where another app is still open. There is no isolation, no limit
and no watch, so this is the floor that a safe verdict is measured against.

    python -m benchmarks.in_process 4 solutions/chapter-04-dependency-injection
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import os
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Collection, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import httpx2
import msgspec
import pytest
from asgi_lifespan import LifespanManager
from uvicorn.config import STARTUP_FAILURE

from checker.app_under_test.channel import Channel
from checker.app_under_test.description import describe_app
from checker.app_under_test.launcher import Launcher
from checker.app_under_test.ports import Ports
from checker.app_under_test.probe import Probe
from checker.app_under_test.server import Exit, Server, StartUp
from checker.book import Chapter, open_book
from checker.models.facts import AppFacts
from checker.models.report import Check, Outcome
from checker.suite.client import App
from checker.suite.fleet import Fleet, Need
from checker.suite.messages import JudgeStart
from checker.suite.plugin import JudgePlugin
from checker.suite.reply import Stream
from checker.suite.world import Call, World


class Loop:
    """One event loop in a thread of its own, as a test client has it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine there and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """Stop the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class LoopTransport(httpx2.BaseTransport):
    """A synchronous client's way into an app on the loop."""

    def __init__(self, loop: Loop, app: Any) -> None:
        self._loop = loop
        self._app = httpx2.ASGITransport(app=app, raise_app_exceptions=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response: httpx2.Response = self._loop.run(self._send(request))
        return response

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._app.handle_async_request(request)
        body = await response.aread()
        return httpx2.Response(response.status_code, headers=response.headers, stream=httpx2.ByteStream(body))


class OpenAnswer:
    """An answer that the app is still giving, one piece at a time; leaving it early is a disconnect."""

    def __init__(self, loop: Loop, app: Any, request: httpx2.Request) -> None:
        self._loop = loop
        self._gone = asyncio.Event()
        self._sent: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(maxsize=8)
        self._body: bytes | None = request.read()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": ("testserver", 80),
            "client": ("testclient", 50000),
        }
        self._task = loop.run(self._start(app, scope))
        start = loop.run(self._sent.get())
        if start is None:
            raise RuntimeError("the app gave no answer")
        self.response = httpx2.Response(start["status"], headers=start["headers"], stream=_Pieces(self))

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes."""
        while (message := self._loop.run(self._sent.get())) is not None:
            yield message.get("body", b"")
            if not message.get("more_body"):
                return

    def close(self) -> None:
        """Hang up and wait until the app has noticed."""
        self._loop.run(self._hang_up())

    async def _start(self, app: Any, scope: dict[str, Any]) -> asyncio.Task[None]:
        return asyncio.create_task(self._serve(app, scope))

    async def _serve(self, app: Any, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._receive, self._sent.put)
        finally:
            if not self._gone.is_set():
                await self._sent.put(None)

    async def _receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _hang_up(self) -> None:
        self._gone.set()
        while not self._task.done():
            # Room for a piece that is being sent, so that the app comes to see the disconnect.
            with contextlib.suppress(asyncio.QueueEmpty):
                self._sent.get_nowait()
            await asyncio.sleep(0)


class _Pieces(httpx2.SyncByteStream):
    def __init__(self, answer: OpenAnswer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.pieces()

    def close(self) -> None:
        self._answer.close()


class LocalChannel:
    """Takes what the probe says straight to the server, without a socket."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server

    def send(self, message: dict[str, Any]) -> None:
        self._server.hear(message)


class LocalServer(Server):
    """An app in this process, with its lifespan open."""

    def __init__(self, launcher: LocalLauncher, env: Mapping[str, str], database: Path | None) -> None:
        super().__init__(
            0, launcher.box, folder=launcher.folder, limits=launcher.chapter.file.limits, database=database
        )
        self.env = env
        self.client: httpx2.Client | None = None
        self._launcher = launcher
        self._app: Any = None
        self._probe: Probe | None = None
        self._lifespan: LifespanManager | None = None

    def hear(self, message: dict[str, Any]) -> None:
        """What the probe says of a request."""
        with self._news:
            self._note(message, 0)
            self._news.notify_all()

    def open(self) -> httpx2.Client:
        """Run the lifespan up to its `yield`."""
        if self.client is None:
            self._app = self._launcher.borrow()
            self.use_environment()
            probe = Probe(
                self._app, self._launcher.folder, cast("Channel", LocalChannel(self)), watch=False, pulse=""
            )
            self._probe = probe
            self._lifespan = self._launcher.loop.run(_enter_lifespan(probe))
            transport = LoopTransport(self._launcher.loop, probe)
            self.client = httpx2.Client(
                transport=transport, base_url="http://testserver", trust_env=False, follow_redirects=False
            )
        return self.client

    def open_answer(self, request: httpx2.Request) -> OpenAnswer:
        """Begin an answer that is read while the app gives it."""
        self.open()
        return OpenAnswer(self._launcher.loop, self._probe, request)

    def use_environment(self) -> None:
        """The variables of this server: the process has one environment for all of them."""
        for name in self._launcher.own_variables - self.env.keys():
            os.environ.pop(name, None)
        os.environ.update(self.env)
        self._launcher.own_variables |= self.env.keys()

    def wait_ready(self, within: float | None = None) -> None:
        self.open()

    def start_up(self, within: float | None = None) -> StartUp:
        try:
            self.open()
        except Exception as error:  # noqa: BLE001 -- an app that refuses to start
            return StartUp(served=False, code=STARTUP_FAILURE, lines=tuple(str(error).splitlines()))
        return StartUp(served=True)

    def terminate(self, within: float) -> Exit:
        started = time.monotonic()
        self.kill()
        return Exit(code=0, seconds=time.monotonic() - started)

    def kill(self) -> None:
        """Run the rest of the lifespan."""
        if self.client is not None and self._lifespan is not None:
            self.use_environment()
            self._launcher.loop.run(self._lifespan.__aexit__(None, None, None))
            self.client.close()
            self.client = None
            self._launcher.give_back(self._app)
        self.note_exit(0)


async def _enter_lifespan(app: Any) -> LifespanManager:
    # Made on the loop, for it looks at once which async library runs.
    manager = LifespanManager(app, startup_timeout=30, shutdown_timeout=30)
    await manager.__aenter__()
    return manager


class LocalApp(App):
    """The suite's `App`, without a socket."""

    @classmethod
    def over(cls, app: App) -> LocalApp:
        """The same server and clock, spoken to without a socket."""
        return cls(
            app._server,
            answer_s=app._answer_s,
            clock=app.clock,
            folder=app._folder,
            upstream=app._upstream,
        )

    @property
    def _local(self) -> LocalServer:
        return cast("LocalServer", self._server)

    def send(self, what: Call) -> Any:
        self._local.use_environment()
        return super().send(what)

    @contextlib.contextmanager
    def stream(self, method: str, path: str, **request: Any) -> Iterator[Stream]:
        """An answer that is read piece by piece and may be left early."""
        self._local.use_environment()
        client = self._connect()
        built, _, _ = self._build(client, Call(method=method, path=path, **request))
        with contextlib.closing(self._local.open_answer(built)) as answer:
            yield Stream(answer.response)

    def close(self) -> None:
        self._server.kill()

    def _new_client(self) -> Any:
        return self._local.open()


class LocalLauncher:
    """Imports the app, again only where every imported one is in use."""

    def __init__(self, chapter: Chapter, folder: Path, box: Path, *, anew: bool) -> None:
        self.chapter = chapter
        self.folder = folder
        self.box = box
        self.loop = Loop()
        self.own_variables: set[str] = set()
        self.ports = Ports(as_needed=True)
        self.pulse_path = ""
        self.imports = 0
        self._anew = anew
        self._free: list[Any] = []

    def borrow(self) -> Any:
        """An imported app that no server uses."""
        return self._free.pop() if self._free else self._import()

    def give_back(self, app: Any) -> None:
        """Its server has ended."""
        if not self._anew:
            self._free.append(app)

    def facts(self) -> AppFacts:
        """What the checker's probe would say of the app after its import."""
        app = self.borrow()
        self._free.append(app)
        described = describe_app(app, self.chapter.file.app.target, self.folder)
        return msgspec.convert(described, AppFacts)

    def start(
        self, env: Mapping[str, str], *, without: Collection[str] = (), database: Path | None = None
    ) -> LocalServer:
        """A server whose lifespan opens with the first request."""
        whole = dict(self.chapter.file.app.env) | dict(env)
        return LocalServer(
            self, {name: value for name, value in whole.items() if name not in without}, database
        )

    def _import(self) -> Any:
        module, _, attribute = self.chapter.file.app.target.partition(":")
        package = module.partition(".")[0]
        for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
            del sys.modules[name]
        self.imports += 1
        return getattr(importlib.import_module(module), attribute)


class LocalFleet(Fleet):
    """Nothing is started ahead, and a file's shared app ends where the next file begins."""

    def __init__(self, launcher: LocalLauncher, box: Path, *, answer_s: float) -> None:
        super().__init__(cast("Launcher", launcher), box, answer_s=answer_s)
        self._shared: App | None = None

    def plan(self, needs: list[Need]) -> None:
        """Nothing to do ahead."""

    def take(self, name: str, world: World) -> App:
        app = self.start(world)
        if name.startswith("shared "):
            if self._shared is not None:
                self._shared.close()
            self._shared = app
        return app

    def start(self, world: World, env: Mapping[str, str] | None = None, without: Collection[str] = ()) -> App:
        app = LocalApp.over(super().start(world, env, without))
        self._apps[-1] = app
        return app


def run_suite(chapter: Chapter, folder: Path, *, seed: int, anew: bool) -> dict[str, Any]:
    """Run the chapter's suite against `folder` in this process; counts, names and seconds."""
    started = time.perf_counter()
    os.chdir(folder)
    sys.path.append(str(folder))
    checks: list[Check] = []
    with tempfile.TemporaryDirectory(prefix="in-process-", ignore_cleanup_errors=True) as name:
        box = Path(name)
        launcher = LocalLauncher(chapter, folder, box, anew=anew)

        def begin() -> tuple[JudgeStart, AppFacts]:
            facts = launcher.facts()
            if "sqlalchemy" in sys.modules:
                Probe(None, folder, cast("Channel", None), watch=False, pulse="")._listen_to_statements()
            return JudgeStart(seed=seed), facts

        fleet = LocalFleet(launcher, box, answer_s=chapter.file.limits.answer_s)
        plugin = JudgePlugin(
            fleet, begin, say_check=lambda path, check: checks.append(check), say_fault=print
        )
        code = run_pytest(chapter, box, plugin)
        fleet.close()
        launcher.loop.close()
    return {
        "passed": sum(check.outcome is Outcome.PASSED for check in checks),
        "not_passed": {c.id: c.message for c in checks if c.outcome is not Outcome.PASSED},
        "imports": launcher.imports,
        "pytest": int(code),
        "seconds": round(time.perf_counter() - started, 3),
        "threads_left": threading.active_count() - 1,
    }


def run_pytest(chapter: Chapter, box: Path, plugin: JudgePlugin) -> int:
    """The judge's own way of calling pytest."""
    configuration = box / "pytest.ini"
    configuration.write_text(
        f"[pytest]\npythonpath = {chapter.suite}\nfilterwarnings = ignore\n", encoding="utf-8"
    )
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with contextlib.redirect_stdout(sys.stderr):
        return pytest.main(
            [
                *("-c", str(configuration), "--rootdir", str(chapter.suite)),
                *("--import-mode=importlib", "--assert=plain", "--noconftest", "-p", "no:cacheprovider"),
                *("-q", "--no-header", "--no-summary", "--tb=short"),
                *(str(path) for _, path in chapter.suite_files()),
            ],
            plugins=[plugin],
        )


def main() -> int:
    """Print what the suite came to, as JSON; 0 where every check passed."""
    parser = argparse.ArgumentParser(
        description="Run a chapter's hidden suite and the app in one process, without any isolation."
    )
    parser.add_argument("chapter", help="4, chapter-4 or the chapter's name")
    parser.add_argument("folder", type=Path, nargs="?", help="the app's folder; default: the reference")
    parser.add_argument("--book", type=Path, help="another book than the workbook's own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--let-fail",
        type=int,
        default=0,
        metavar="N",
        help="end with 0 though N checks fail: some need signals, logs or a client that leaves, which one process has not",
    )
    parser.add_argument("--anew", action="store_true", help="import the app anew for every server")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    chapter = open_book(options.book).find(options.chapter)
    folder = (options.folder or chapter.solution).resolve()
    result = run_suite(chapter, folder, seed=options.seed, anew=options.anew)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if len(result["not_passed"]) <= options.let_fail and result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
