"""One running server of the app, as the trusted side sees it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import psutil

from checker.app_under_test.channel import Channel, ChannelError
from checker.book import Limits
from checker.models.facts import BlockedLoop, SharedSession, Site
from checker.models.report import Fault, FaultKind
from checker.sandbox import end_tree, processor_seconds_of

if TYPE_CHECKING:
    from checker.app_under_test.holder import Holder

_LAST_LINES = 12
_LONGEST_ERROR = 8000
_LONGEST_TOKEN = 500
_MOST_KEPT = 64 * 2**20
"""Bytes of what a server says of its requests that are kept: it may say as much as it likes."""


class AppFault(Exception):
    """The app cannot be served; carries the fault for the report."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server listens: a Unix socket, or a port on loopback."""

    uds: str | None = None
    host: str = "127.0.0.1"
    port: int = 0

    def connect(self, timeout: float) -> socket.socket:
        """A new connection; raises `OSError` where nobody listens."""
        if self.uds is None:
            return socket.create_connection((self.host, self.port), timeout=timeout)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(self.uds)
        except OSError:
            connection.close()
            raise
        return connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRequest:
    """What the probe said of one request."""

    label: str = ""
    status: int | None = None
    sql: tuple[str, ...] = ()
    sql_count: int = 0
    site: Site | None = None
    error: str | None = None
    error_site: Site | None = None
    routed: bool = False
    """A path operation or a mounted app was found for it."""
    reached_error: bool = False
    """It came to the path that raises, in a server that is asked for its errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a server ended: `code` is negative for a signal, `lines` its last output."""

    code: int | None
    seconds: float
    lines: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUp:
    """How a start went: it `served`, or ended with `code`; `lines` is all that was written, the last words included."""

    served: bool
    imported: bool = True
    """The app could be imported; only its start failed."""
    hangs: bool = False
    code: int | None = None
    lines: tuple[str, ...] = ()


class Server:
    """A server process. It starts in the background; `wait_ready` waits until it serves."""

    def __init__(
        self, number: int, box: Path, *, folder: Path, limits: Limits, database: Path | None
    ) -> None:
        self.number = number
        self.box = box
        self.output = box / "output.txt"
        self.database = database
        self.address: Address | None = None
        self.blocked: list[BlockedLoop] = []
        self.shared_sessions: list[SharedSession] = []
        self.fault: Fault | None = None
        self.pid: int | None = None
        self._folder = folder
        self._limits = limits
        self._requests: dict[str, ServedRequest] = {}
        self._kept = 0
        self._news = threading.Condition()
        self._forked = False
        self._ready = False
        self._exited = False
        self._imported = True
        self._hung = False
        self._asked_to_stop = False
        self._heard_out = threading.Event()
        """Everything that the process said has been read."""
        self._code: int | None = None
        self._start_up_error = ""
        self._holder: Holder | None = None

    # What the launcher calls

    def attach(self, address: Address | None, channel: Channel, holder: Holder | None = None) -> None:
        """Connect to the child; without an address the child tells its port. A server that was not forked has a `holder`."""
        self.address = address
        self._holder = holder
        if holder is not None:
            self.pid = holder.pid
        threading.Thread(target=self._listen, args=(channel,), daemon=True).start()

    def note_pid(self, pid: int | None) -> None:
        """The zygote forked the server; None where it has gone again. Said once: nothing later takes the number away."""
        with self._news:
            if not self._forked:
                self._forked, self.pid = True, pid
            self._news.notify_all()

    def hear_exit(self, code: int | None) -> None:
        """The zygote says that the process has ended, which is true only where the process is gone."""
        if self._forked and (self.pid is None or not psutil.pid_exists(self.pid)):
            self.note_exit(code)

    def note_exit(self, code: int | None) -> None:
        """The process has ended."""
        with self._news:
            if not self._exited:
                self._exited, self._code = True, code
            self._news.notify_all()

    def fail(self, fault: Fault) -> None:
        """The server cannot be started, or was stopped for a reason that is known."""
        with self._news:
            self.fault = self.fault or fault
            self._exited = True
            self._news.notify_all()

    def fail_import(self, fault: Fault) -> None:
        """In this server's own environment the app cannot be imported."""
        self._imported = False
        self.fail(fault)

    # What fixtures call

    def start_up(self, within: float | None = None) -> StartUp:
        """Wait until the server serves, or until it is known that it will not: no fault where it refuses to start."""
        limit_s = self._limits.start_s if within is None else within
        try:
            self.wait_ready(limit_s)
        except AppFault as error:
            last = () if self._imported else tuple(error.fault.message.splitlines())
            return StartUp(
                served=False,
                imported=self._imported,
                hangs=self._hung,
                code=self._code if self._exited and not self._hung else None,
                lines=(*self.lines(), *last),
            )
        return StartUp(served=True, lines=tuple(self.lines()))

    def wait_ready(self, within: float | None = None) -> None:
        """Wait until the server serves; raises `AppFault` where it does not within the limit."""
        limit_s = self._limits.start_s if within is None else within
        with self._news:
            done = self._news.wait_for(lambda: self._ready or self._exited, limit_s)
        if self._ready:
            return
        if self.fault is None:
            # Its end may be known before its last words are.
            self._heard_out.wait(1.0 if done else 0.0)
            self._hung = not done
            self.fault = self._start_up_fault(limit_s, hangs=not done)
        self.kill()
        raise AppFault(self.fault)

    def request(self, token: str, timeout: float = 2.0) -> ServedRequest | None:
        """What the probe said of the request that carried `token`; None where it has not ended in time."""
        with self._news:
            self._news.wait_for(lambda: token in self._requests or self._exited, timeout)
            return self._requests.get(token)

    @property
    def alive(self) -> bool:
        """Whether the process still runs, as far as is known."""
        return not self._exited

    def wait_exit(self, timeout: float) -> int | None:
        """Wait for the end; the exit code, or None where it still runs or the code is unknown."""
        if self._holder is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.note_exit(self._holder.wait(timeout))
        with self._news:
            self._news.wait_for(lambda: self._exited, timeout)
            return self._code

    def processor_s(self) -> float:
        """Processor time that it has used so far, in seconds; 0 where it is gone."""
        return processor_seconds_of(self.pid) if self.pid is not None else 0.0

    def ask_to_stop(self) -> None:
        """SIGTERM, once: a second one would cut the end short."""
        with self._news:
            self._news.wait_for(lambda: self.pid is not None or self._exited, 2.0)
        if self.pid is None or self._exited or self._asked_to_stop:
            return
        self._asked_to_stop = True
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                # SIGTERM would end it there and then; Uvicorn takes a Ctrl-Break for what it is elsewhere.
                group = self._holder.process.pid if self._holder is not None else self.pid
                os.kill(group, signal.CTRL_BREAK_EVENT)
            else:
                os.kill(self.pid, signal.SIGTERM)

    def terminate(self, within: float) -> Exit:
        """SIGTERM, and the wait for the end; a server that does not end in time is killed and has no code."""
        started = time.monotonic()
        self.ask_to_stop()
        code = self.wait_exit(within)
        seconds = time.monotonic() - started
        if not self._exited:
            self.kill()
        return Exit(code=code, seconds=seconds, lines=tuple(self.lines()[-_LAST_LINES:]))

    def kill(self) -> None:
        """End it now, with everything that it started."""
        if self._holder is not None:
            self.note_exit(self._holder.end())
        elif self.pid is not None and not self._exited:
            end_tree(self.pid)

    def lines(self) -> list[str]:
        """Its output so far, both streams in the order written."""
        try:
            with self.output.open("rb") as file:
                text = file.read(self._limits.output_mb * 2**20)
        except FileNotFoundError:
            return []
        return text.decode("utf-8", "replace").splitlines()

    def crash_fault(self) -> Fault | None:
        """Why it no longer serves, or None where it does."""
        if self.fault is None and self.flooded:
            self.fault = Fault(
                kind=FaultKind.OUTPUT,
                message=(
                    f"The app wrote more than {self._limits.output_mb} MB of output and was stopped. Print less: one "
                    "line for each request is plenty."
                ),
            )
            self.kill()
        if self.fault is None and not self.alive:
            self.fault = _death(self._code, self._limits)
        return self.fault

    @property
    def flooded(self) -> bool:
        """Whether it wrote more than a server may."""
        try:
            return self.output.stat().st_size >= self._limits.output_mb * 2**20
        except FileNotFoundError:
            return False

    def _start_up_fault(self, limit_s: float, *, hangs: bool) -> Fault:
        if self.flooded:
            return Fault(kind=FaultKind.OUTPUT, message="The app flooded its output while it started.")
        if hangs:
            return Fault(
                kind=FaultKind.START_UP,
                message=(
                    f"Start-up did not finish within {limit_s:g} s. Look at the code before `yield` in the "
                    "lifespan: every wait in it needs a time limit."
                ),
            )
        path, line = _last_place(self._start_up_error, self._folder)
        last = (self._start_up_error.strip().splitlines() or ["it ended without a word"])[-1][:400]
        at = f" at {path}:{line}" if path else ""
        return Fault(
            kind=FaultKind.START_UP,
            message=f"Start-up failed{at}: {last}. Look at the code before `yield` in the lifespan.",
            path=path,
            line=line,
        )

    def _listen(self, channel: Channel) -> None:
        """Read what the probe says until the process ends; everything in it is a claim, and bounded."""
        while True:
            try:
                message = channel.hear()
            except (ChannelError, OSError):
                break
            with self._news:
                with contextlib.suppress(
                    msgspec.ValidationError, KeyError, TypeError, ValueError, OverflowError
                ):
                    self._note(message, channel.size)
                self._news.notify_all()
        channel.close()
        self._heard_out.set()
        if self._holder is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.note_exit(self._holder.wait(5))

    def _note(self, message: dict[str, Any], size: int) -> None:
        match message.get("event"):
            case "ready":
                if self.address is None:
                    host, port = message["address"][:2]
                    self.address = Address(host=str(host), port=int(port))
                self._ready = True
            case "start-up-failed":
                self._start_up_error = str(message["message"])[-_LONGEST_ERROR:]
            case "request" if len(self._requests) < 50_000:
                token = message["token"]
                self._kept += size
                if self._kept > _MOST_KEPT:
                    # Enough was said; how many statements there were is still heard.
                    message = {
                        key: message[key] for key in ("status", "sql_count", "routed") if key in message
                    }
                    if size > _LONGEST_ERROR:
                        return
                self._requests[str(token)[:_LONGEST_TOKEN]] = msgspec.convert(message, ServedRequest)
            case "blocked" if len(self.blocked) < 200 and size < _LONGEST_ERROR:
                self.blocked.append(msgspec.convert(message, BlockedLoop))
            case "shared-session" if len(self.shared_sessions) < 200 and size < _LONGEST_ERROR:
                self.shared_sessions.append(msgspec.convert(message, SharedSession))


def _death(code: int | None, limits: Limits) -> Fault:
    if code is None or code >= 0:
        ended = f"with code {code}" if code is not None else "by itself"
        return Fault(
            kind=FaultKind.CRASH,
            message=f"The server process ended {ended} while it was being used. Something called `os._exit` or `sys.exit`.",
        )
    name = signal.Signals(-code).name if -code in signal.valid_signals() else str(-code)
    if sys.platform != "win32" and name == "SIGXCPU":
        return Fault(
            kind=FaultKind.TIMEOUT,
            message=f"The app used more than {limits.cpu_s} s of processor time. Look for a loop that does not end.",
        )
    return Fault(
        kind=FaultKind.CRASH, message=f"The server process was ended by {name} while it was being used."
    )


def _last_place(text: str, folder: Path) -> tuple[str | None, int | None]:
    prefix = f'  File "{folder}/'
    for line in reversed(text.splitlines()):
        if line.startswith(prefix):
            path, _, rest = line.removeprefix(prefix).partition('", line ')
            number = rest.split(",")[0].strip()
            return path, int(number) if number.isdigit() else None
    return None, None
