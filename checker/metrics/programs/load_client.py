"""The load generator: `python -P load_client.py < plan.json`, in a process of its own; the answer is JSON.

Open loop: every request has an intended time, is sent whether or not earlier ones have been answered, and its latency
counts from that intended time, so that a server that stalls cannot slow down the questions and hide it (coordinated
omission). Slices of the two targets alternate, so that the machine's noise hits both.

Lean on purpose (prepared bytes, httptools' parser, no objects for each header): httpx needs about as long for a request
as a small FastAPI app for its answer, and would measure itself. It imports nothing of the checker, so that it
starts quickly.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import json
import selectors
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import httptools

_MOST_CONNECTIONS = 100
_SPIN_S = 0.004


@dataclass(slots=True)
class Slice:
    """One stretch of requests to one target; latencies in the order of sending, in milliseconds.

    A request that was not answered in time has the time that it had waited.
    """

    latencies_ms: list[float] = field(default_factory=list)
    unanswered: int = 0
    errors: int = 0
    first_error: str = ""


@dataclass(slots=True)
class Throughput:
    """What a few connections get through when each asks again as soon as it is answered."""

    requests: int = 0
    seconds: float = 0.0


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection with at most one request on its way; `done` gets the status, 0 for a broken one."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.open = False
        self._done: Callable[[int], None] | None = None
        self._head = False
        self._headers_complete = False
        self._delimited = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.open = True

    def send(self, request: bytes, done: Callable[[int], None]) -> None:
        """Write one request; `done` is called once."""
        assert self.transport is not None
        self._parser = httptools.HttpResponseParser(self)
        self._done, self._headers_complete, self._delimited = done, False, False
        self._head = request.startswith(b"HEAD ")
        self.transport.write(request)

    def close(self) -> None:
        """Hang up without another word."""
        self._done = None
        self.open = False
        if self.transport is not None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._done is None:
            self.close()  # an answer that nobody asked for
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            # First, so that nobody sends the next request on it.
            self.open = False
            self._finish(0)
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._delimited |= name.lower() in {b"content-length", b"transfer-encoding"}

    def on_headers_complete(self) -> None:
        self._headers_complete = True
        # The parser cannot know that an answer to HEAD has no body.
        if self._head:
            self.on_message_complete()

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            self._headers_complete = False
            return
        if not self._parser.should_keep_alive():
            self.open = False
        self._finish(status)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._done is not None:
            # Without a length the end of the connection is the end of the answer.
            whole = exc is None and self._headers_complete and not self._delimited
            self._finish(self._parser.get_status_code() if whole else 0)

    def _finish(self, status: int) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(status)


class Target:
    """One server, the connections to it, and the requests in their order."""

    def __init__(self, place: dict[str, Any], requests: list[bytes]) -> None:
        self._place = place
        self._requests = requests
        self._next = 0
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._queue: deque[tuple[bytes, Callable[[int], None]]] = deque()

    def ask(self, done: Callable[[int], None]) -> bytes:
        """Send the next request on a free connection, or on a new one; returns what was sent."""
        request = self._requests[self._next % len(self._requests)]
        self._next += 1
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                self._send(connection, request, done)
                return request
            self._all.discard(connection)
        self._queue.append((request, done))
        self._grow()
        return request

    def hang_up(self) -> None:
        """Close every connection, those in use and those that are being made too."""
        self._queue.clear()
        for task in self._opening:
            task.cancel()
        for connection in self._all:
            connection.close()
        self._all.clear()
        self._idle.clear()

    def _grow(self) -> None:
        if len(self._all) + len(self._opening) < _MOST_CONNECTIONS:
            task = asyncio.get_running_loop().create_task(self._open())
            self._opening.add(task)
            # One that is cancelled before it starts takes itself out nowhere.
            task.add_done_callback(self._opening.discard)

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        itself = asyncio.current_task()
        assert itself is not None
        try:
            if uds := self._place.get("uds"):
                _, connection = await loop.create_unix_connection(Connection, uds)
            else:
                _, connection = await loop.create_connection(
                    Connection, self._place["host"], self._place["port"]
                )
        except OSError:
            if self._queue:
                self._queue.popleft()[1](0)
            return
        finally:
            self._opening.discard(itself)
        self._all.add(connection)
        self._free(connection)

    def _free(self, connection: Connection) -> None:
        if not connection.open:
            self._all.discard(connection)
            connection.close()
            if self._queue:
                self._grow()
        elif self._queue:
            self._send(connection, *self._queue.popleft())
        else:
            self._idle.append(connection)

    def _send(self, connection: Connection, request: bytes, done: Callable[[int], None]) -> None:
        def finished(status: int) -> None:
            done(status)
            self._free(connection)

        connection.send(request, finished)


async def run_slice(
    target: Target, *, rate: float, seconds: float, patience_s: float, lag_ms: list[float]
) -> Slice:
    """Send `rate * seconds` requests at their times, then wait for the answers, at most `patience_s` longer.

    `lag_ms` gets by how much each was sent late: the generator's own share of every latency.
    """
    loop = asyncio.get_running_loop()
    count = max(1, round(rate * seconds))
    result = Slice(latencies_ms=[-1.0] * count)
    everything = asyncio.Event()
    left = count
    start = loop.time() + 0.002

    def ask(number: int, intended: float) -> None:
        lag_ms.append((loop.time() - intended) * 1000)
        # Where clocks tick slowly (Windows) a timer may come too early: nothing waits before it is sent.
        intended = min(intended, loop.time())

        def done(status: int) -> None:
            nonlocal left
            result.latencies_ms[number] = (loop.time() - intended) * 1000
            left -= 1
            if not 200 <= status < 400:
                result.errors += 1
                result.first_error = result.first_error or describe(request, status)
            if left == 0:
                everything.set()

        request = target.ask(done)

    timers = [
        loop.call_at(start + number / rate, ask, number, start + number / rate) for number in range(count)
    ]
    try:
        await asyncio.wait_for(everything.wait(), seconds + patience_s)
    except TimeoutError:
        now = loop.time()
        target.hang_up()
        for number, latency in enumerate(result.latencies_ms):
            if latency < 0:
                result.latencies_ms[number] = max(0.0, (now - start - number / rate) * 1000)
                result.unanswered += 1
    finally:
        for timer in timers:
            timer.cancel()
    return result


def describe(request: bytes, status: int) -> str:
    """`GET /tools answered 500`."""
    what = request.split(b" HTTP/1.1", 1)[0].decode("ascii", "replace")[:200]
    return f"{what} answered {status}" if status else f"{what} broke off without an answer"


async def run_closed(target: Target, *, connections: int, seconds: float) -> Throughput:
    """Keep `connections` requests on their way for `seconds`, or longer where that is no time for a slow app."""
    loop = asyncio.get_running_loop()
    result = Throughput()
    start = loop.time()
    over = asyncio.Event()

    def done(status: int) -> None:
        waited = loop.time() - start
        result.requests += 200 <= status < 400
        result.seconds = waited
        # A connection that broke ends it early; what was answered until then still counts.
        enough = waited >= seconds and result.requests >= 3 * connections
        if enough or status == 0 or over.is_set():
            over.set()
        else:
            target.ask(done)

    for _ in range(connections):
        target.ask(done)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), 4 * seconds)
    target.hang_up()
    return result


async def warm_up(target: Target, requests: int, seconds: float) -> None:
    """Let caches and imports settle: one request after the other, as many as fit into `seconds`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    for _ in range(requests):
        answered = asyncio.Event()
        target.ask(_setter(answered))
        try:
            await asyncio.wait_for(answered.wait(), max(0.0, end - loop.time()))
        except TimeoutError:
            target.hang_up()
            return


def _setter(event: asyncio.Event) -> Callable[[int], None]:
    return lambda status: event.set()


def crowding() -> float:
    """How much longer than its processor time a short piece of work takes here: 1 on a machine with nothing else to do."""
    wall, used = time.perf_counter(), time.thread_time()
    while time.thread_time() - used < _SPIN_S:
        pass
    return (time.perf_counter() - wall) / (time.thread_time() - used)


async def run_plan(plan: dict[str, Any]) -> dict[str, Any]:
    """The whole measurement; the plan's keys are those that `checker.metrics.load` writes."""
    requests = [base64.b64decode(request) for request in plan["requests"]]
    targets = {name: Target(place, requests) for name, place in plan["targets"].items()}
    slices: dict[str, list[Slice]] = {name: [] for name in targets}
    lag_ms: list[float] = []
    crowded: list[float] = []
    for target in targets.values():
        await warm_up(target, min(2 * len(requests), 40), plan["warm_up_s"])
    # A collection in the middle would be charged to the app.
    gc.collect()
    gc.disable()
    order = list(targets)
    for _ in range(plan["slices"]):
        for name in order:
            crowded.append(crowding())
            slices[name].append(
                await run_slice(
                    targets[name],
                    rate=plan["rate"],
                    seconds=plan["slice_s"],
                    patience_s=plan["patience_s"],
                    lag_ms=lag_ms,
                )
            )
        order.reverse()
    closed = {
        name: await run_closed(target, connections=plan["connections"], seconds=plan["closed_s"])
        for name, target in targets.items()
    }
    return {
        "slices": {name: [asdict(one) for one in some] for name, some in slices.items()},
        "closed": {name: asdict(one) for name, one in closed.items()},
        "lag_ms": lag_ms,
        "crowding": crowded,
    }


class _PreciseLoop(asyncio.SelectorEventLoop):
    """Wakes within a tenth of a millisecond: epoll, the usual one, rounds up to the next but one."""

    def __init__(self) -> None:
        super().__init__(selectors.SelectSelector())

    def time(self) -> float:
        """The finest clock there is; on Windows the usual one of a loop ticks 64 times a second."""
        return time.perf_counter()


def precise_loop() -> asyncio.AbstractEventLoop:
    """An event loop to measure with."""
    return _PreciseLoop()


def main() -> None:
    """Read the plan, run it, write the answer."""
    with asyncio.Runner(loop_factory=precise_loop) as runner:
        json.dump(runner.run(run_plan(json.load(sys.stdin.buffer))), sys.stdout)


if __name__ == "__main__":
    main()
