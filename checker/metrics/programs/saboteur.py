"""A layer around a learner's own app, in which one behaviour can be broken over HTTP: no name or layout is asked for.

It stands around every FastAPI app that code of the learner's `app/` makes, outside all of its middleware, and changes
replies as an author's function says. An app that the tests make themselves, a copy for instance, is left alone. It imports
nothing of the checker: it lives in the process of the learner's tests.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from weakref import WeakSet

import fastapi

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_WITHOUT_BODY = frozenset({204, 304})


class Call:
    """One request and its reply, which an author's function may change; `memory` lasts from one start of the app to the next."""

    def __init__(
        self,
        scope: _Message,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        memory: dict[str, Any],
    ) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        """Headers of the request; names are in small letters."""
        self.status = status
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
        """Headers of the reply."""
        self.body = body
        self.memory = memory

    @property
    def json(self) -> Any:
        """The reply's body; None where it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def answer(self, status: int, body: object) -> None:
        """Reply something else."""
        self.status = status
        self.body = json.dumps(body).encode()
        self.headers["content-type"] = "application/json"


Act = Callable[[Call], None]


class Layer:
    """Passes everything on, and every finished reply through `act`; counts requests."""

    requests = 0

    def __init__(self, app: Callable[[_Message, _Receive, _Send], Awaitable[None]], act: Act) -> None:
        self._app = app
        self._act = act
        self._memory: dict[str, Any] = {}

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "lifespan":
            self._memory.clear()
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        Layer.requests += 1
        start: _Message | None = None
        body = bytearray()

        async def change(message: _Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_whole(message):
                start = message
            elif start is None or message["type"] != "http.response.body":
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    for one in self._changed(scope, start, bytes(body)):
                        await send(one)

        await self._app(scope, receive, change)

    def _changed(self, scope: _Message, start: _Message, body: bytes) -> tuple[_Message, _Message]:
        headers = [(bytes(name), bytes(value)) for name, value in start.get("headers", ())]
        call = Call(scope, start["status"], headers, body, self._memory)
        before = dict(call.headers)
        self._act(call)
        if call.body != body:
            call.headers["content-length"] = str(len(call.body))
        # Headers that stay as they were keep their order and their repetitions (cookies).
        kept = [(name, value) for name, value in headers if _same(name, before, call.headers)]
        new = [
            (n.encode("latin-1"), v.encode("latin-1")) for n, v in call.headers.items() if before.get(n) != v
        ]
        return (
            {**start, "status": call.status, "headers": [*kept, *new]},
            {"type": "http.response.body", "body": call.body, "more_body": False},
        )


def _same(name: bytes, before: dict[str, str], after: dict[str, str]) -> bool:
    key = name.decode("latin-1").lower()
    return after.get(key) == before[key]


def _is_whole(start: _Message) -> bool:
    """A reply of known length; a stream is passed on piece by piece, and as it is."""
    return start["status"] in _WITHOUT_BODY or any(
        bytes(name).lower() == b"content-length" for name, _ in start.get("headers", ())
    )


def install(act: Act, app_folder: Path) -> None:
    """Put a layer around each app that a file below `app_folder` makes from now on."""
    inside = str(app_folder) + "/"
    made: WeakSet[fastapi.FastAPI] = WeakSet()
    init, build = fastapi.FastAPI.__init__, fastapi.FastAPI.build_middleware_stack

    def remember(self: fastapi.FastAPI, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename.replace("\\", "/").startswith(inside.replace("\\", "/")):
                made.add(self)
                return
            frame = frame.f_back  # type: ignore[assignment]

    def surround(self: fastapi.FastAPI) -> Any:
        stack = build(self)
        return Layer(stack, act) if self in made else stack

    fastapi.FastAPI.__init__ = remember  # type: ignore[method-assign]
    fastapi.FastAPI.build_middleware_stack = surround  # type: ignore[method-assign]
