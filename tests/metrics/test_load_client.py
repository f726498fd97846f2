"""The load generator against servers of a few lines: what it counts, and that nothing can make it wait."""

from __future__ import annotations

import asyncio
import base64
import itertools
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from checker.metrics.programs.load_client import Target, crowding, precise_loop, run_plan

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]

GET = b"GET /x HTTP/1.1\r\nHost: t\r\n\r\n"
HEAD = b"HEAD /x HTTP/1.1\r\nHost: t\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answering(*answers: bytes, wait_s: float = 0.0) -> Handler:
    """Gives the answers in turn."""
    turns = itertools.cycle(answers)

    async def handle(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(wait_s)
        writer.write(next(turns))

    return handle


def run(handler: Handler, *, requests: tuple[bytes, ...] = (GET,), **plan: Any) -> dict[str, Any]:
    """Run a small plan against one server; what the client says of it."""

    async def serve() -> dict[str, Any]:
        connections: set[asyncio.Task[Any] | None] = {asyncio.current_task()}

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.add(asyncio.current_task())
            try:
                while not writer.is_closing():
                    await handler(await reader.readuntil(b"\r\n\r\n"), writer)
                writer.close()
                await writer.wait_closed()
            except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
                pass
            finally:
                # No word is waited for: what is left open would be a warning in whatever test runs next.
                writer.transport.abort()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        try:
            return await run_plan(
                {
                    "targets": {"app": {"uds": None, "host": host, "port": port}},
                    "requests": [base64.b64encode(request).decode() for request in requests],
                    "rate": 200.0,
                    "slices": 2,
                    "slice_s": 0.1,
                    "patience_s": 10.0,
                    "connections": 4,
                    "closed_s": 0.3,
                    "warm_up_s": 0.1,
                    **plan,
                }
            )
        finally:
            # A connection that is being made when the server closes has nobody to close its socket; one left open would be
            # a warning, and so an error in whatever test runs next.
            while asyncio.all_tasks() - connections:
                await asyncio.sleep(0)
            server.close()
            ending = asyncio.all_tasks() - {asyncio.current_task()}
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
            await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=precise_loop) as runner:
        return runner.run(serve())


def stand_still(seconds: float) -> None:
    """What a blocking call does to a server."""
    time.sleep(seconds)


def errors(result: dict[str, Any]) -> tuple[int, str]:
    slices = result["slices"]["app"]
    return sum(one["errors"] for one in slices), next((o["first_error"] for o in slices if o["errors"]), "")


def test_sends_at_the_rate_and_measures_every_request() -> None:
    result = run(answering(OK))
    assert [len(one["latencies_ms"]) for one in result["slices"]["app"]] == [20, 20]
    assert all(latency >= 0 for one in result["slices"]["app"] for latency in one["latencies_ms"])
    assert errors(result) == (0, "")
    assert sum(one["unanswered"] for one in result["slices"]["app"]) == 0
    assert len(result["lag_ms"]) == 40
    assert result["closed"]["app"]["requests"] > 0


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(OK, id="length"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", id="204"),
        pytest.param(b"HTTP/1.1 304 Not Modified\r\n\r\n", id="304"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", id="chunked"
        ),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + OK, id="100 first"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n", id="redirect"),
    ],
)
def test_whole_answers_of_every_form_are_no_errors(answer: bytes) -> None:
    result = run(answering(answer))
    assert errors(result) == (0, "")
    assert sum(one["unanswered"] for one in result["slices"]["app"]) == 0


def test_an_answer_to_head_has_no_body() -> None:
    result = run(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"), requests=(HEAD,))
    assert errors(result) == (0, "")
    assert sum(one["unanswered"] for one in result["slices"]["app"]) == 0


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
    ],
)
def test_a_server_that_hangs_up_after_each_answer_is_measured(head: bytes) -> None:
    async def handle(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        writer.close()

    result = run(handle)
    assert errors(result) == (0, "")
    assert sum(one["unanswered"] for one in result["slices"]["app"]) == 0
    assert result["closed"]["app"]["requests"] > 0


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", "GET /x answered 500"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "GET /x answered 404"),
        (b"this is not HTTP\r\n\r\n", "GET /x broke off without an answer"),
    ],
)
def test_answers_that_are_none_are_counted_and_named(answer: bytes, says: str) -> None:
    assert errors(run(answering(answer))) == (40, says)


def test_a_connection_that_breaks_is_counted() -> None:
    async def handle(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")
        writer.close()

    assert errors(run(handle)) == (40, "GET /x broke off without an answer")


def test_nobody_listening_is_counted() -> None:
    place: dict[str, Any] = {"targets": {"app": {"uds": None, "host": "127.0.0.1", "port": 1}}}
    assert errors(run(answering(OK), **place)) == (40, "GET /x broke off without an answer")


def test_requests_take_turns() -> None:
    seen: list[bytes] = []

    async def handle(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request.split()[1])
        writer.write(OK)

    run(handle, requests=(GET, GET.replace(b"/x", b"/y")))
    assert {b"/x", b"/y"} == set(seen)
    assert abs(seen.count(b"/x") - seen.count(b"/y")) <= 8


def test_a_server_that_never_answers_costs_its_patience_only() -> None:
    async def silent(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    (first, second) = run(silent, patience_s=0.3)["slices"]["app"]
    assert first["unanswered"] == second["unanswered"] == 20
    # Each waited from its own intended time to the end of the patience.
    assert first["latencies_ms"] == sorted(first["latencies_ms"], reverse=True)
    assert first["latencies_ms"][0] >= 300


def test_a_stall_is_charged_to_every_request_that_was_due_meanwhile() -> None:
    """Coordinated omission: a client that waits for answers would see one slow request here, and no more."""
    stalled = False

    async def handle(request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal stalled
        if request.startswith(b"GET /stall") and not stalled:
            stalled = True
            stand_still(0.2)
        writer.write(OK)

    # In another process the client goes on meanwhile; here it stalls with the server, which is the harder case.
    (one,) = run(handle, requests=(GET.replace(b"/x", b"/stall"),), slices=1, slice_s=0.4, warm_up_s=0.0)[
        "slices"
    ]["app"]
    slow = [latency for latency in one["latencies_ms"] if latency > 20]
    assert len(slow) >= 20


def test_hanging_up_ends_connections_that_are_being_made_too() -> None:
    async def hang_up_soon() -> int:
        """How many of the server's connections are open when each but the last was given up after some turns of the loop."""
        connected: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        server = await asyncio.start_server(lambda *both: connected.append(both), "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        target = Target({"host": host, "port": port}, [GET])
        for turns in range(6):
            target.ask(lambda status: None)
            for _ in range(turns):
                await asyncio.sleep(0)
            target.hang_up()
        target.ask(lambda status: None)
        await asyncio.sleep(0.2)
        left = sum(not reader.at_eof() for reader, _ in connected)
        target.hang_up()
        server.close()
        for _, writer in connected:
            writer.transport.abort()
        await asyncio.sleep(0)
        return left

    with asyncio.Runner(loop_factory=precise_loop) as runner:
        assert runner.run(hang_up_soon()) == 1


def test_answers_that_fail_are_no_throughput() -> None:
    closed = run(answering(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))["closed"]["app"]
    assert closed["requests"] == 0


def test_throughput_of_a_slow_server_is_measured_all_the_same() -> None:
    closed = run(answering(OK, wait_s=0.08), closed_s=0.1)["closed"]["app"]
    assert closed["requests"] >= 4
    assert closed["seconds"] >= 0.08


def test_crowding_is_at_least_one() -> None:
    # The processor's clock has ticks of 16 ms on Windows.
    assert crowding() >= (0.5 if sys.platform == "win32" else 0.99)
