"""The process that imports an app and holds it: started, spoken to, and asked why it hangs or died."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from checker.app_under_test.channel import Channel, ChannelError, close_all
from checker.app_under_test.server import AppFault
from checker.models.facts import AppFacts
from checker.models.report import Fault, FaultKind
from checker.sandbox import Excess, Guard, end_process, end_tree, find_member, start_process

if TYPE_CHECKING:
    from checker.app_under_test.launcher import Launcher

PASSES_DESCRIPTORS = hasattr(socket, "AF_UNIX") and sys.platform != "win32"
"""Whether a child can be given open sockets; otherwise it calls back on loopback with a one-time token."""


_SAID_BY_CHILD = frozenset({FaultKind.IMPORT, FaultKind.SYNTAX, FaultKind.MEMORY, FaultKind.CRASH})


class Holder:
    """The process that runs `checker.app_under_test.child`, and its channel."""

    def __init__(self, launcher: Launcher, env: Mapping[str, str], output: Path) -> None:
        self._launcher = launcher
        self._output = output
        self._env = env
        self.pid = 0
        """The child itself; `process` is what was started, which may stand above it."""
        # By path: the checker that runs need not be the one that this Python has installed.
        python = launcher.python or Path(sys.executable)
        command = [str(python), "-I", "-B", str(Path(__file__).with_name("guest.py"))]
        command = launcher.confinement.enclosed(command)
        with output.open("ab") as file:
            if PASSES_DESCRIPTORS:
                ours, theirs = socket.socketpair()
                with theirs:
                    self.process = self._spawn([*command, str(theirs.fileno())], file, (theirs.fileno(),))
            else:
                ours = self._spawn_and_accept(command, file)
        self.channel = Channel(ours)
        self._fault: Fault | None = None
        self._told: Callable[[Fault], None] | None = None
        self._guard = Guard(self.process.pid, launcher.process_limits, self._stop_for)

    def wait(self, within_s: float) -> int:
        """The child's exit code once it ends by itself; raises `subprocess.TimeoutExpired`."""
        return self._launcher.confinement.exit_code(self.process.wait(within_s))

    def tell_excess(self, told: Callable[[Fault], None]) -> None:
        """Call `told` when the family had to be stopped for what it took."""
        self._told = told
        if self._fault is not None:
            told(self._fault)

    def _stop_for(self, excess: Excess) -> None:
        limits = self._launcher.limits
        if excess.processes:
            what = f"ran {excess.processes} processes at once; {limits.processes} are allowed"
        else:
            what = f"took {excess.memory_mb} MB of memory in all its processes"
        kind = FaultKind.CRASH if excess.processes else FaultKind.MEMORY
        self._fault = Fault(
            kind=kind, message=f"The app {what}, and was stopped. Look for what starts them in a loop."
        )
        if self._told is not None:
            self._told(self._fault)
        end_tree(self.process.pid)

    def _spawn(
        self, command: list[str], output: Any, descriptors: tuple[int, ...]
    ) -> subprocess.Popen[bytes]:
        return start_process(
            command,
            env=self._env,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
            limits=self._launcher.process_limits,
        )

    def _spawn_and_accept(self, command: list[str], output: Any) -> socket.socket:
        """Without descriptors to pass, the child calls back on loopback and shows a one-time token."""
        token = secrets.token_hex(16)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(self._launcher.limits.start_s)
            host, port = listener.getsockname()
            self.process = self._spawn([*command, f"{host}:{port}:{token}"], output, ())
            while True:
                connection, _ = listener.accept()
                connection.settimeout(2)
                if connection.recv(len(token) + 1) == f"{token}\n".encode():
                    connection.settimeout(None)
                    return connection
                connection.close()

    @property
    def waits(self) -> bool:
        """Whether a child that was started ahead is there; one that is gone is ended with all that belongs to it."""
        if self.process.poll() is None:
            return True
        self.end()
        return False

    def warm(self, modules: Sequence[str]) -> None:
        """Have the child import libraries, before there is an app for it; nobody waits for that."""
        with contextlib.suppress(ChannelError):
            self.channel.send({"do": "warm", "path": self._launcher.import_path, "modules": list(modules)})

    def load(self) -> AppFacts:
        """Send the settings and wait for the import; raises `AppFault`, and then the child is dead."""
        limits = self._launcher.limits
        deadline = time.monotonic() + limits.start_s
        try:
            settings = self._launcher.settings(self._env)
            self.channel.send(settings)
            self._greet(settings["ports"], deadline - time.monotonic())
            message: dict[str, Any] = {}
            while message.get("event") not in ("loaded", "fault"):
                # Whatever else is said meanwhile was not asked for.
                message = self.channel.hear(timeout=max(0.01, deadline - time.monotonic()))
        except TimeoutError:
            place = self._place_of_hang()
            self.end()
            raise AppFault(
                Fault(
                    kind=FaultKind.TIMEOUT,
                    message=(
                        f"Importing the app did not finish within {limits.start_s:g} s{place.text}. Move the work "
                        "into the lifespan or a path operation; an import must only define things."
                    ),
                    path=place.path,
                    line=place.line,
                )
            ) from None
        except ChannelError:
            ended = True
            try:
                self.wait(2)
            except subprocess.TimeoutExpired:
                # It closed the channel and lives on.
                ended = False
            code = self.end()
            raise AppFault(self._fault or _death_at_import(code if ended else None)) from None
        if message.get("event") == "fault":
            self.end()
            raise AppFault(_fault(message))
        try:
            return msgspec.convert(message.get("facts"), AppFacts)
        except msgspec.ValidationError as error:
            self.end()
            raise AppFault(
                Fault(
                    kind=FaultKind.ISOLATION, message=f"The app's process said something unreadable: {error}."
                )
            ) from error

    def _greet(self, ports: Sequence[int], within_s: float) -> None:
        """Hear from the child before it knows the app: who it is, and the ports that it opened."""
        hello, descriptors = self.channel.receive(timeout=max(0.01, within_s))
        pid, numbers = hello.get("pid"), hello.get("ports")
        self.pid = (find_member(self.process.pid, pid) if isinstance(pid, int) else None) or self.process.pid
        if not ports or not isinstance(numbers, list) or len(numbers) != len(descriptors):
            close_all(descriptors)
            if ports:
                raise ChannelError("ports and sockets do not match")
            return
        listeners: list[socket.socket] = []
        try:
            for one in descriptors:
                listeners.append(socket.socket(fileno=one))
        except OSError as error:
            for listener in listeners:
                listener.close()
            close_all(descriptors[len(listeners) :])
            raise ChannelError("not every open file is a socket") from error
        self._launcher.ports.adopt(numbers, listeners)

    def _place_of_hang(self) -> _Place:
        """Ask the hanging child for its stack (it answers a signal from inside), and read it from its output."""
        if hasattr(signal, "SIGUSR1"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGUSR1)
            time.sleep(0.2)
        return _Place.read(self._output, self._launcher.folder)

    def end(self) -> int:
        """Kill the child with all its servers; its exit code."""
        self._guard.stop()
        code = self._launcher.confinement.exit_code(end_process(self.process))
        self.channel.close()
        return code


class _Place:
    """Where the newest faulthandler dump in an output file stood in the learner's folder."""

    def __init__(self, path: str | None = None, line: int | None = None) -> None:
        self.path, self.line = path, line
        self.text = f"; it hangs at {path}:{line}" if path else ""

    @classmethod
    def read(cls, output: Path, folder: Path) -> _Place:
        prefix = f'  File "{folder}{os.sep}'
        for text in _tail(output, 2**16).splitlines():
            if text.startswith(prefix):
                path, _, rest = text.removeprefix(prefix).partition('", line ')
                number = rest.partition(" ")[0]
                # The app writes to the same file.
                path = path.replace(os.sep, "/")
                return cls(path, int(number)) if number.isdecimal() and len(number) < 8 else cls()
        return cls()


def _tail(path: Path, most_bytes: int) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - most_bytes))
        return file.read().decode("utf-8", "replace")


def _death_at_import(code: int | None) -> Fault:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in signal.valid_signals() else str(-code)
        if name == "SIGXCPU" or name == "SIGKILL":
            return Fault(
                kind=FaultKind.CRASH, message=f"The process was killed ({name}) while it imported your app."
            )
        return Fault(
            kind=FaultKind.CRASH, message=f"The process was ended by {name} while it imported your app."
        )
    if code is None:
        return Fault(
            kind=FaultKind.CRASH,
            message="The app closed files that it had not opened, or wrote to them, while it was imported. An import must only define things.",
        )
    return Fault(
        kind=FaultKind.CRASH,
        message=f"The process ended with code {code} while it imported your app. An import must only define things.",
    )


def _fault(message: dict[str, Any]) -> Fault:
    try:
        fault = msgspec.convert({key: message.get(key) for key in ("kind", "message", "path", "line")}, Fault)
        # That the checker is to blame is not for the app to say.
        return fault if fault.kind in _SAID_BY_CHILD else dataclasses.replace(fault, kind=FaultKind.IMPORT)
    except msgspec.ValidationError:
        text = json.dumps(message, default=str)[:300]
        return Fault(kind=FaultKind.IMPORT, message=f"The app could not be imported: {text}")
