"""A stand-in for an upstream HTTP service: scripted answers, and a record of who called."""

from __future__ import annotations

import json as jsonlib
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from checker.app_under_test.ports import Port


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRequest:
    """A call that the app made; `finished` is False while the answer is still being sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int = 200
    json: Any = None
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    cut: bool = False


class Upstream:
    """An HTTP service behind a port on loopback. Paths without an answer get 404."""

    def __init__(self, port: Port) -> None:
        self.requests: list[UpstreamRequest] = []
        self.connections = 0
        self.at_once = 0
        self.finished = 0
        self._open = 0
        self._answers: dict[str, list[_Answer]] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._port = port
        self._servers: list[ThreadingHTTPServer] = []
        port.serve(self._serve)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._port.number}"

    def answer(
        self,
        path: str,
        *,
        status: int = 200,
        json: Any = None,
        delay: float = 0.0,
        headers: Mapping[str, str] | None = None,
        silent: bool = False,
        cut: bool = False,
    ) -> None:
        """Script the next answer for `path`; the last one given is repeated. `silent` never answers, `cut` hangs up."""
        answer = _Answer(status=status, json=json, delay=delay, headers=headers or {}, silent=silent, cut=cut)
        with self._lock:
            self._answers.setdefault(path, []).append(answer)

    def close(self) -> None:
        """Stop; silent answers end too."""
        self._closing.set()
        for server in self._servers:
            server.shutdown()
        self._port.close()

    def _serve(self, listener: socket.socket) -> None:
        server = ThreadingHTTPServer(
            ("127.0.0.1", self._port.number), self._handler(), bind_and_activate=False
        )
        server.socket.close()
        server.socket = listener
        server.daemon_threads = True
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _next(self, path: str) -> _Answer:
        with self._lock:
            answers = self._answers.get(path)
            if not answers:
                return _Answer(status=404, json={"detail": "not found"})
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with upstream._lock:
                    upstream.connections += 1

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                self._answer()

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                path = self.path.partition("?")[0]
                with upstream._lock:
                    upstream._open += 1
                    upstream.at_once = max(upstream.at_once, upstream._open)
                    upstream.requests.append(
                        UpstreamRequest(
                            method=self.command,
                            path=self.path,
                            headers={name.lower(): value for name, value in self.headers.items()},
                            body=body,
                            at=time.monotonic(),
                        )
                    )
                try:
                    self._send(upstream._next(path))
                finally:
                    with upstream._lock:
                        upstream._open -= 1

            def _send(self, answer: _Answer) -> None:
                wait = None if answer.silent else answer.delay
                if wait is None or wait > 0:
                    upstream._closing.wait(wait)
                if answer.silent or answer.cut:
                    self.close_connection = True
                    return
                data = b"" if answer.json is None else jsonlib.dumps(answer.json).encode()
                try:
                    self.send_response(answer.status)
                    headers = {
                        "Content-Type": "application/json",
                        "Content-Length": str(len(data)),
                        **answer.headers,
                    }
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(data)
                    with upstream._lock:
                        upstream.finished += 1
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing: the judge's output is the report."""

        return Handler
