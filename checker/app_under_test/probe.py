"""Serves the app with Uvicorn in this process, and says what happens inside.

The app stays untouched: an outer ASGI layer notes each request's path operation, SQL statements and error; a watch
notes what holds the event loop while a request is being served.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import os
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn

from checker.app_under_test.channel import Channel, ChannelError
from checker.app_under_test.description import place_of_exception, relative_path, unwrap
from checker.app_under_test.error_routes import add_error_routes
from checker.app_under_test.loop_watch import LoopWatch, intercept_blocking_calls
from checker.app_under_test.overlaps import record_overlaps

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_STATEMENTS = 500
MOST_STATEMENT_LENGTH = 500


class Request:
    """One request while it is being served."""

    def __init__(self, scope: Scope) -> None:
        self.label = f"{scope.get('method', 'WEBSOCKET')} {scope['path']}"
        self.token = next(
            (value.decode("latin-1") for name, value in scope["headers"] if name == b"user-agent"), ""
        )
        self.statements: list[str] = []
        self.statement_count = 0
        self.status: int | None = None
        self.reached_error = False


current_request: contextvars.ContextVar[Request | None] = contextvars.ContextVar("request", default=None)


class Server(uvicorn.Server):
    """Uvicorn, saying when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()


class Probe:
    """The outer layer around a learner's app, and the server that runs both."""

    def __init__(self, app: Any, folder: Path, channel: Channel, *, watch: bool, pulse: str) -> None:
        self._app = app
        self._folder = folder
        self._channel = channel
        self._sending = threading.Lock()
        self._watching = watch
        self._pulse = pulse
        self._watch: LoopWatch | None = None

    def add_error_routes(self, token: str) -> None:
        """Make this server one that can be asked for its errors."""

        def reached() -> None:
            request = current_request.get()
            if request is not None:
                request.reached_error = True

        add_error_routes(self._app, token, reached)

    def serve(self, listener: socket.socket, *, start_up: bool = True) -> int:
        """Serve until told to stop; returns the exit code, and ends by the signal where one ended it.

        Without `start_up` the app's lifespan is left out.
        """
        if "sqlalchemy" in sys.modules:
            self._listen_to_statements()
        if "sqlalchemy.orm" in sys.modules and self._watching:
            record_overlaps(self._folder, self._say_shared)
        if self._watching:
            self._watch = LoopWatch(self._folder, self._say_blocked)
            intercept_blocking_calls(
                self._folder, self._say_blocked, lambda: current_request.get() is not None
            )
        config = uvicorn.Config(
            self,
            log_level="info",
            use_colors=False,
            ws_max_size=2**20,
            lifespan="auto" if start_up else "off",
        )
        # Configured by now, also where the app has brought a configuration of its own.
        logging.getLogger("uvicorn.access").addFilter(lambda record: self._pulse not in (record.args or ()))
        address = listener.getsockname()
        server = Server(config, lambda: self._say({"event": "ready", "address": address}))
        server.run(sockets=[listener])
        return 0 if server.started else uvicorn.config.STARTUP_FAILURE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["path"] == self._pulse:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})
        else:
            await self._request(scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watch_failure(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                self._say({"event": "start-up-failed", "message": str(message.get("message", ""))[-4000:]})
            await send(message)

        await self._app(scope, receive, watch_failure)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        mark = current_request.set(request)
        error: BaseException | None = None

        async def watch_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
            await send(message)

        served = self._watch.serving(request.label) if self._watch else contextlib.nullcontext()
        try:
            with served:
                await self._app(scope, receive, watch_status)
        except BaseException as raised:
            error = raised
            raise
        finally:
            current_request.reset(mark)
            self._say(self._fact(request, scope, error))

    def _fact(self, request: Request, scope: Scope, error: BaseException | None) -> dict[str, Any]:
        fact: dict[str, Any] = {
            "event": "request",
            "token": request.token,
            "label": request.label,
            "status": request.status,
            "sql": request.statements,
            "sql_count": request.statement_count,
            "routed": scope.get("endpoint") is not None,
            "reached_error": request.reached_error,
        }
        endpoint = scope.get("endpoint")
        code = getattr(unwrap(endpoint), "__code__", None) if endpoint is not None else None
        if code is not None and (path := relative_path(code.co_filename, self._folder)):
            fact["site"] = {"path": path, "line": code.co_firstlineno, "name": code.co_qualname}
        if isinstance(error, BaseExceptionGroup):
            error = _only_one(error)
        if isinstance(error, Exception):
            fact["error"] = f"{type(error).__name__}: {error}"[:1000]
            if place := place_of_exception(error, self._folder):
                fact["error_site"] = {"path": place[0], "line": place[1]}
        return fact

    def _listen_to_statements(self) -> None:
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            request = current_request.get()
            if request is not None:
                request.statement_count += 1
                if len(request.statements) < MOST_STATEMENTS:
                    request.statements.append(statement[:MOST_STATEMENT_LENGTH])

        event.listen(Engine, "before_cursor_execute", note)

    def _say_blocked(
        self, how: str, what: str, site: dict[str, Any], held_ms: float = 0.0, label: str = ""
    ) -> None:
        request = current_request.get()
        self._say(
            {
                "event": "blocked",
                "how": how,
                "what": what,
                "site": site,
                "held_ms": held_ms,
                "request": request.label if request else label,
            }
        )

    def _say_shared(self, what: str, site: dict[str, Any]) -> None:
        request = current_request.get()
        label = request.label if request else ""
        self._say({"event": "shared-session", "what": what, "site": site, "request": label})

    def _say(self, message: dict[str, Any]) -> None:
        # What we send ourselves is no blocking call of the learner's, though their lines may stand on the stack.
        mark = current_request.set(None)
        try:
            # The trusted side may be gone; the app must not fail for it.
            with self._sending, contextlib.suppress(ChannelError):
                self._channel.send({**message, "pid": os.getpid()})
        finally:
            current_request.reset(mark)


def _only_one(error: BaseException) -> BaseException:
    """What a group of tasks failed with, where it was one thing: the group's own words say nothing."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
