"""A stand-in for an upstream HTTP service: scripted answers, and a record of who called and who hung up."""

from __future__ import annotations

import contextlib
import json as jsonlib
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import accumulate
from typing import Any, Final

from checker.app_under_test.ports import Port

_LOOK_EVERY_S: Final = 0.01


@dataclass(slots=True, kw_only=True)
class UpstreamRequest:
    """A call that the app made. It is under way until it was answered, cut, or left by the caller."""

    method: str
    path: str
    """As it was asked for, with the query."""
    headers: Mapping[str, str]
    body: bytes
    at: float
    """Its start, by `time.monotonic`."""
    ended_at: float | None = None
    answered: bool = False
    """The whole answer was sent to somebody who was still there."""
    abandoned: bool = False
    """The caller hung up first."""
    over_at: float | None = None
    """From when on the caller may make another call: its answer's last byte was about to go out, or it was seen to be gone.

    `ended_at` follows when the thread that answers gets its turn, which a busy machine may give to the next call first.
    """

    @property
    def under_way(self) -> bool:
        """Somebody still waits for the answer."""
        return self.ended_at is None

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return jsonlib.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int = 200
    json: Any = None
    content: bytes | None = None
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    cut: bool = False
    drip: float = 0.0

    @property
    def body(self) -> bytes:
        if self.content is not None:
            return self.content
        return b"" if self.json is None else jsonlib.dumps(self.json).encode()


class _Gone(Exception):
    """The caller hung up, or the stand-in closes."""


class Upstream:
    """An HTTP service behind a port on loopback. Paths without an answer get 404."""

    def __init__(self, port: Port) -> None:
        self.requests: list[UpstreamRequest] = []
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._waiting: list[tuple[UpstreamRequest, socket.socket]] = []
        self._answers: dict[str, list[_Answer]] = {}
        self._news = threading.Condition()
        self._closing = threading.Event()
        self._port = port
        self._servers: list[ThreadingHTTPServer] = []
        port.serve(self._serve)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._port.number}"

    @property
    def open_connections(self) -> int:
        """How many connections nobody has closed yet."""
        return len(self._open)

    @property
    def at_once(self) -> int:
        """How many calls were under way at the same time, at most."""
        return self.most_at_once()

    @property
    def finished(self) -> int:
        """How many calls were answered whole while the caller was still there."""
        return sum(one.answered for one in self.requests)

    def calls(self, path: str) -> list[UpstreamRequest]:
        """The calls of this path so far, or of all paths that begin with it where it ends in a slash."""
        with self._news:
            return [one for one in self.requests if _asks_for(one, path)]

    def most_at_once(self, path: str = "/") -> int:
        """How many of these calls were under way at the same time, at most."""
        calls = self.calls(path)
        moments = [(one.at, 1) for one in calls]
        moments += [(one.over_at, -1) for one in calls if one.over_at is not None]
        return max(accumulate(change for _, change in sorted(moments)), default=0)

    def under_way(self, path: str = "/") -> int:
        """How many calls somebody is still waiting for."""
        return sum(one.under_way for one in self.calls(path))

    def wait_until(self, condition: Callable[[], bool], within: float) -> bool:
        """Wait until `condition` holds, looked at again whenever a call begins or ends; False where it does not in time."""
        with self._news:
            return self._news.wait_for(condition, within)

    def answer(
        self,
        path: str,
        *,
        status: int = 200,
        json: Any = None,
        content: bytes | None = None,
        delay: float = 0.0,
        headers: Mapping[str, str] | None = None,
        silent: bool = False,
        cut: bool = False,
        drip: float = 0.0,
    ) -> None:
        """Script the next answer for `path`; the last one given is repeated.

        `content` is a body that need not be JSON. `silent` never answers, `cut` hangs up without a word, `drip` sends the
        body byte by byte with so many seconds between.
        """
        answer = _Answer(
            status=status,
            json=json,
            content=content,
            delay=delay,
            headers=headers or {},
            silent=silent,
            cut=cut,
            drip=drip,
        )
        with self._news:
            self._answers.setdefault(path, []).append(answer)

    def forget(self, path: str) -> None:
        """Take back all answers for `path`, so that the next one scripted is the next one sent."""
        with self._news:
            self._answers.pop(path, None)

    def close(self) -> None:
        """Stop: open connections end, silent answers too, and whoever connects from now on is refused."""
        self._closing.set()
        for server in self._servers:
            server.shutdown()
        self._port.close()
        with self._news:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _serve(self, listener: socket.socket) -> None:
        server = ThreadingHTTPServer(
            ("127.0.0.1", self._port.number), self._handler(), bind_and_activate=False
        )
        server.socket.close()
        server.socket = listener
        server.daemon_threads = True
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _begin(self, request: UpstreamRequest, caller: socket.socket) -> _Answer:
        path = request.path.partition("?")[0]
        with self._news:
            for other, other_caller in self._waiting:
                if other.over_at is None and _has_hung_up(other_caller, 0):
                    other.over_at = request.at
            self._waiting.append((request, caller))
            self.requests.append(request)
            answers = self._answers.get(path)
            if not answers:
                answer = _Answer(status=404, json={"detail": "not found"})
            else:
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
            self._news.notify_all()
        return answer

    def _end(self, request: UpstreamRequest, *, answered: bool = False, abandoned: bool = False) -> None:
        with self._news:
            self._waiting = [one for one in self._waiting if one[0] is not request]
            request.ended_at = time.monotonic()
            request.over_at = request.over_at or request.ended_at
            request.answered, request.abandoned = answered, abandoned
            self._news.notify_all()

    def _note_connection(self, connection: socket.socket) -> None:
        with self._news:
            self.connections += 1
            self._open.add(connection)
            self._news.notify_all()

    def _forget_connection(self, connection: socket.socket) -> None:
        with self._news:
            self._open.discard(connection)
            self._news.notify_all()

    def _wait(self, caller: socket.socket, seconds: float | None) -> None:
        """Wait so long, for ever where there is no number; `_Gone` as soon as nobody waits for us any more."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            left = _LOOK_EVERY_S if until is None else min(_LOOK_EVERY_S, max(0.0, until - time.monotonic()))
            if self._closing.is_set() or _has_hung_up(caller, left):
                raise _Gone
            if until is not None and time.monotonic() >= until:
                return

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer goes out at once, or the next call on this connection waits for it.
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                upstream._note_connection(self.connection)

            def finish(self) -> None:
                upstream._forget_connection(self.connection)
                super().finish()

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                request = UpstreamRequest(
                    method=self.command,
                    path=self.path,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(int(self.headers.get("content-length") or 0)),
                    at=time.monotonic(),
                )
                answer = upstream._begin(request, self.connection)
                try:
                    self._send(answer, request)
                except (_Gone, OSError):
                    self.close_connection = True
                    upstream._end(request, abandoned=True)
                else:
                    upstream._end(request, answered=not answer.cut)

            def _send(self, answer: _Answer, request: UpstreamRequest) -> None:
                upstream._wait(self.connection, None if answer.silent else answer.delay)
                if answer.cut:
                    request.over_at = time.monotonic()
                    self.close_connection = True
                    return
                data = answer.body
                headers = {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(data)),
                    **answer.headers,
                }
                self.send_response(answer.status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if not answer.drip or not data:
                    request.over_at = time.monotonic()
                self.end_headers()
                if not answer.drip:
                    self.wfile.write(data)
                    return
                for place in range(len(data)):
                    upstream._wait(self.connection, answer.drip)
                    if place == len(data) - 1:
                        request.over_at = time.monotonic()
                    self.wfile.write(data[place : place + 1])

            def log_message(self, *_: object) -> None:
                """Say nothing: the judge's output is the report."""

        return Handler


def _asks_for(request: UpstreamRequest, path: str) -> bool:
    asked = request.path.partition("?")[0]
    return asked == path or (path.endswith("/") and asked.startswith(path))


def _has_hung_up(caller: socket.socket, within: float) -> bool:
    try:
        readable, _, _ = select.select([caller], [], [], within)
        return bool(readable) and not caller.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):  # the latter of a socket that is closed on our side
        return True
