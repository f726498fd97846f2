"""`App`: how a hidden test speaks to a server, and what it can ask of it."""

from __future__ import annotations

import contextlib
import secrets
import select
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from checker.app_under_test.server import AppFault, Exit, ServedRequest, Server, StartUp
from checker.models.facts import BlockedLoop, SharedSession
from checker.models.report import SentRequest
from checker.suite.clock import Clock
from checker.suite.failure import CheckFailed
from checker.suite.pulse import Pulse, Stillness
from checker.suite.reply import MOST_SHOWN, Reply, Stream, last_reply
from checker.suite.upstream import Upstream
from checker.suite.world import Call

MOST_BODY_BYTES = 32 * 2**20
MOST_TOGETHER = 64


class App:
    """A running server, spoken to over HTTP and WebSocket."""

    def __init__(
        self,
        server: Server,
        *,
        answer_s: float,
        clock: Clock,
        folder: Path | None = None,
        upstream: Upstream | None = None,
        pulse_path: str = "",
    ) -> None:
        self.clock = clock
        self._folder = folder
        self._upstream = upstream
        self._pulse = Pulse(server, pulse_path) if pulse_path else None
        self._server = server
        self._answer_s = answer_s
        self._client: httpx2.Client | None = None
        self._opening = threading.Lock()

    @property
    def alive(self) -> bool:
        """Whether the server still runs."""
        return self._server.alive

    @property
    def database(self) -> Path:
        """The server's SQLite file."""
        if self._server.database is None:
            raise RuntimeError("this server has no database of its own")
        return self._server.database

    @property
    def folder(self) -> Path:
        """Where the server keeps files of its own, its `TOOLSHED_FOLDER`."""
        if self._folder is None:
            raise RuntimeError("this server has no folder of its own")
        return self._folder

    @property
    def upstream(self) -> Upstream:
        """The stand-in that this server was led to, where its world names a variable for one."""
        if self._upstream is None:
            raise RuntimeError("the world of this server names no variable for an upstream service")
        return self._upstream

    def request(self, method: str, path: str, **request: Any) -> Reply:
        """Send one request and read the whole answer."""
        return self.send(Call(method=method, path=path, **request))

    def get(self, path: str, **request: Any) -> Reply:
        return self.request("GET", path, **request)

    def post(self, path: str, **request: Any) -> Reply:
        return self.request("POST", path, **request)

    def put(self, path: str, **request: Any) -> Reply:
        return self.request("PUT", path, **request)

    def patch(self, path: str, **request: Any) -> Reply:
        return self.request("PATCH", path, **request)

    def delete(self, path: str, **request: Any) -> Reply:
        return self.request("DELETE", path, **request)

    def head(self, path: str, **request: Any) -> Reply:
        return self.request("HEAD", path, **request)

    def options(self, path: str, **request: Any) -> Reply:
        return self.request("OPTIONS", path, **request)

    def send(self, what: Call) -> Reply:
        """Send a prepared call; fails the check where no answer comes in time."""
        client = self._connect()
        request, token, sent = self._build(client, what)
        limit = what.timeout or self._answer_s
        started = time.monotonic()
        try:
            with self._felt(what):
                response = client.send(request, stream=True)
                body = self._read(response, sent, started, limit)
        except httpx2.TimeoutException:
            held = self._held()
            raise self._no_answer(sent, f"no answer within {limit:g} s", held) from None
        except httpx2.HTTPError as error:
            raise self._no_answer(sent, f"the connection broke ({type(error).__name__})", None) from None
        seconds = time.monotonic() - started
        whole = self._whole(request, sent, response, body)
        reply = Reply(self._server, token, sent, whole, seconds)
        last_reply.set(reply)
        if self._server.flooded and (fault := self._server.crash_fault()):
            raise AppFault(fault)
        return reply

    def _felt(self, what: Call) -> contextlib.AbstractContextManager[None]:
        if self._pulse is None:
            return contextlib.nullcontext()
        return self._pulse.during(what.method, what.path.partition("?")[0])

    def _read(self, response: httpx2.Response, sent: SentRequest, started: float, limit: float) -> bytes:
        body = bytearray()
        with contextlib.closing(response):
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > MOST_BODY_BYTES:
                    raise self._no_answer(sent, f"a body of more than {MOST_BODY_BYTES // 2**20} MB", None)
                if time.monotonic() - started > limit:
                    raise self._no_answer(sent, f"a body that was not complete after {limit:g} s", None)
        return bytes(body)

    def _whole(
        self, request: httpx2.Request, sent: SentRequest, response: httpx2.Response, body: bytes
    ) -> httpx2.Response:
        """The answer with its body unpacked, which a few bytes can make as large as memory: so we do it ourselves."""
        coding = response.headers.get("content-encoding", "")
        try:
            unpacked = _unpacked(coding, body)
        except (zlib.error, LookupError):
            raise self._no_answer(
                sent, f"a body that is not what `Content-Encoding: {coding[:60]}` says", None
            ) from None
        if len(unpacked) > MOST_BODY_BYTES:
            raise self._no_answer(sent, f"a body of more than {MOST_BODY_BYTES // 2**20} MB", None)
        headers = response.headers.copy()
        headers.pop("content-encoding", None)
        whole = httpx2.Response(response.status_code, headers=headers, content=unpacked, request=request)
        whole.headers = response.headers
        return whole

    def together(self, *calls: Call) -> list[Reply]:
        """Send all calls at once; replies in the order of the calls. The first failure is raised at the end."""
        if not calls:
            return []
        self._connect()
        with ThreadPoolExecutor(max_workers=min(len(calls), MOST_TOGETHER)) as pool:
            waiting = [pool.submit(self.send, what) for what in calls]
        return [one.result() for one in waiting]

    @contextmanager
    def stream(self, method: str, path: str, **request: Any) -> Iterator[Stream]:
        """Read an answer as it comes; leaving the block closes the connection."""
        what = Call(method=method, path=path, **request)
        # A client of its own, so that closing really hangs up.
        with self._new_client() as client:
            built, _, sent = self._build(client, what)
            try:
                response = client.send(built, stream=True)
                try:
                    yield Stream(response)
                finally:
                    response.close()
            except httpx2.TimeoutException:
                raise self._no_answer(sent, f"nothing within {self._answer_s:g} s", self._held()) from None
            except httpx2.HTTPError as error:
                raise self._no_answer(sent, f"the connection broke ({type(error).__name__})", None) from None

    def leave(
        self, method: str, path: str, *, when: Callable[[], bool], within: float = 5.0, **request: Any
    ) -> Departure:
        """Send a request, and hang up as soon as `when` holds, without waiting for the answer.

        Fails the check where the answer comes first, or where `when` does not hold in time.
        """
        what = Call(method=method, path=path, **request)
        with self._new_client() as client:
            built, token, sent = self._build(client, what)
        address = self._server.address
        if address is None:
            raise RuntimeError("a ready server has an address")
        with contextlib.closing(address.connect(within)) as connection:
            connection.sendall(_written(built))
            started = time.monotonic()
            while not when():
                if select.select([connection], [], [], 0.01)[0]:
                    raise CheckFailed(
                        expected="a request that is still under way", received="its answer", request=sent
                    )
                if time.monotonic() - started > within:
                    raise CheckFailed(
                        expected=f"what the request does, within {within:g} s",
                        received="nothing yet",
                        request=sent,
                    )
        return Departure(self._server, token, sent)

    @contextmanager
    def websocket(
        self, path: str, *, headers: dict[str, str] | None = None, token: str | None = None
    ) -> Iterator[Any]:
        """An open WebSocket (httpx2's session)."""
        given = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        with (
            self._new_client() as client,
            client.websocket(f"ws://testserver{path}", headers=given) as session,
        ):
            yield session

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = self.get("/openapi.json").json
        if not isinstance(document, dict):
            raise CheckFailed(expected="an OpenAPI document at /openapi.json", received=document)
        return document

    def logs(self) -> list[str]:
        """Everything that the server wrote so far, line by line."""
        return self._server.lines()

    def blocked(self) -> tuple[BlockedLoop, ...]:
        """What was seen to hold the event loop so far."""
        return tuple(self._server.blocked)

    def shared_sessions(self) -> tuple[SharedSession, ...]:
        """When two tasks or threads were seen inside one database session so far; what requests did is known once they are `served`."""
        return tuple(self._server.shared_sessions)

    def wait_ready(self) -> None:
        """Wait until the server serves; raises `AppFault` where it does not start."""
        self._server.wait_ready()

    def stillness(self) -> tuple[Stillness, ...]:
        """When the event loop was felt not to turn, from outside."""
        return self._pulse.stillness if self._pulse is not None else ()

    def start_up(self, within: float | None = None) -> StartUp:
        """How the start went, for a server that may be right to refuse it."""
        return self._server.start_up(within)

    def processor_s(self) -> float:
        """Processor time that the server has used so far, in seconds, by the system's books."""
        return self._server.processor_s()

    def ask_to_stop(self) -> None:
        """SIGTERM, without the wait; `terminate` waits afterwards."""
        self._server.ask_to_stop()

    def terminate(self, within: float = 6.0) -> Exit:
        """SIGTERM, and the wait for the end."""
        return self._server.terminate(within)

    def close(self) -> None:
        """Hang up and end the server."""
        if self._client is not None:
            self._client.close()
        if self._pulse is not None:
            self._pulse.close()
        self._server.kill()
        if self._upstream is not None:
            # Nobody calls it any more, so nobody waits for its end either.
            threading.Thread(target=self._upstream.close, daemon=True).start()

    def _connect(self) -> httpx2.Client:
        with self._opening:
            if self._client is None:
                self._server.wait_ready()
                self._client = self._new_client()
            return self._client

    def _new_client(self) -> httpx2.Client:
        self._server.wait_ready()
        address = self._server.address
        if address is None:
            raise RuntimeError("a ready server has an address")
        base = "http://testserver" if address.uds else f"http://{address.host}:{address.port}"
        transport = httpx2.HTTPTransport(
            # No TLS here, and building a context costs 20 ms.
            verify=_no_tls(),
            uds=address.uds,
            trust_env=False,
            # Kept-alive connections would fail the next request: Uvicorn hangs up after an error behind the reply.
            limits=httpx2.Limits(max_connections=MOST_TOGETHER + 8, max_keepalive_connections=0),
        )
        return httpx2.Client(
            base_url=base,
            transport=transport,
            timeout=self._answer_s,
            trust_env=False,
            follow_redirects=False,
        )

    def _build(self, client: httpx2.Client, what: Call) -> tuple[httpx2.Request, str, SentRequest]:
        # Looks like any client; its number joins the answer with what the probe says of the request.
        token = f"python-httpx2/{httpx2.__version__} ({secrets.token_hex(6)})"
        headers = {"User-Agent": token, **what.headers}
        packed = (
            {}
            if any(name.lower() == "accept-encoding" for name in headers)
            else {"Accept-Encoding": "gzip, deflate"}
        )
        if what.token is not None:
            headers["Authorization"] = f"Bearer {what.token}"
        try:
            built = client.build_request(
                what.method,
                what.path,
                params=what.params,
                headers=packed | headers,
                json=what.json,
                content=what.content,
                data=what.data,
                files=what.files,
                timeout=what.timeout or self._answer_s,
            )
        except httpx2.InvalidURL as error:
            # No suite writes such a thing down: it was read from an answer, a `Location` for instance.
            raise CheckFailed(
                expected="an address that can be asked for", received=f"`{what.path[:200]}` ({error})"
            ) from None
        # Whatever an answer names as the next address: nobody but the app is ever asked.
        built.url = built.url.copy_with(
            scheme=client.base_url.scheme, host=client.base_url.host, port=client.base_url.port
        )
        token = built.headers["user-agent"]
        shown = {name: value for name, value in headers.items() if name.lower() != "user-agent"}
        body = what.json if what.json is not None else what.data
        if body is None and isinstance(what.content, str | bytes):
            body = what.content[:MOST_SHOWN] if isinstance(what.content, str) else repr(what.content[:200])
        path = str(built.url.raw_path, "ascii")
        return built, token, SentRequest(method=what.method, url=path, headers=shown, body=body)

    def _held(self) -> BlockedLoop | None:
        return self._server.blocked[-1] if self._server.blocked else None

    def _no_answer(self, sent: SentRequest, received: str, held: BlockedLoop | None) -> Exception:
        # A server that dies is noticed a moment later than the connection that broke.
        time.sleep(0.05)
        if fault := self._server.crash_fault():
            return AppFault(fault)
        say = "The app did not answer. Look for a wait without a time limit, a loop that does not end, or a lock."
        site = held.site if held else None
        if held:
            say = f"The app did not answer; {held.site.path}:{held.site.line} held the event loop."
        elif self._server.shared_sessions:
            # Two in one session may well wait for each other for ever.
            site = self._server.shared_sessions[0].site
            where = f", at {site.path}:{site.line}" if site.path else ""
            say = (
                "The app did not answer. Two tasks were using one database session at the same time"
                f"{where}; a session belongs to one task."
            )
        return CheckFailed(
            expected="an answer",
            received=received,
            request=sent,
            say=say,
            path=(site.path or None) if site else None,
            line=(site.line or None) if site else None,
        )


class Departure:
    """A request whose client hung up before the answer."""

    def __init__(self, server: Server, token: str, request: SentRequest) -> None:
        self.request = request
        self._server = server
        self._token = token

    def served(self, within: float) -> ServedRequest | None:
        """What the probe said once the app had ended the request; None where it is still at it."""
        return self._server.request(self._token, within)


def _written(request: httpx2.Request) -> bytes:
    """The request as it goes over the wire."""
    lines = [f"{request.method} {request.url.raw_path.decode('ascii')} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + request.read()


def _unpacked(codings: str, body: bytes) -> bytes:
    """The body as its `Content-Encoding` says, one byte longer than allowed where it is longer than allowed."""
    for coding in reversed([one.strip().lower() for one in codings.split(",") if one.strip()]):
        if not body or coding == "identity":
            continue
        if coding in {"gzip", "x-gzip"}:
            body = zlib.decompressobj(31).decompress(body, MOST_BODY_BYTES + 1)
        elif coding == "deflate":
            try:
                body = zlib.decompressobj(15).decompress(body, MOST_BODY_BYTES + 1)
            except zlib.error:
                # Some leave the frame out.
                body = zlib.decompressobj(-15).decompress(body, MOST_BODY_BYTES + 1)
        else:
            raise LookupError(coding)
    return body


def _no_tls() -> ssl.SSLContext:
    global _context
    if _context is None:
        _context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return _context


_context: ssl.SSLContext | None = None
