"""Starts a learner's app: a zygote imports it once and forks real Uvicorn servers; a portable way without fork."""

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
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import msgspec

from checker.app_under_test.channel import Channel, ChannelError
from checker.app_under_test.server import Address, AppFault, Server
from checker.book import Limits
from checker.models.facts import AppFacts, BlockedLoop
from checker.models.report import Fault, FaultKind
from checker.sandbox import ProcessLimits, clean_environment, end_process, start_process

CAN_FORK = hasattr(os, "fork") and hasattr(socket, "AF_UNIX") and sys.platform != "darwin"
"""macOS has fork, but its system libraries may crash in a forked child: there each server is a process."""


_LONGEST_SOCKET = 100
"""What the path of a Unix socket may measure on every system, with some bytes to spare."""

PASSES_DESCRIPTORS = hasattr(socket, "AF_UNIX") and sys.platform != "win32"
"""Whether a child can be given open sockets; otherwise it calls back on loopback with a one-time token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPaths:
    """A server that is there to be asked for its errors: it has two paths below `/token` that fail on purpose.

    One that is `cut_off` can connect to nobody and write nothing down, its output neither; it leaves its lifespan out where
    the system cannot see to that.
    """

    token: str
    cut_off: bool = False
    lifespan: bool = True


class Launcher:
    """One app under test. Use as a context manager; leaving it ends every process that it started.

    `box` is a fresh folder for sockets, databases and output; `env` what every server gets. `roots` are the folders from
    which an engineer's service is imported, in the working folder `cwd`, by `python`; a learner's app needs none of them.
    """

    def __init__(
        self,
        folder: Path,
        target: str,
        *,
        box: Path,
        limits: Limits,
        env: Mapping[str, str] | None = None,
        fork: bool | None = None,
        watch: bool = True,
        roots: Sequence[Path] = (),
        cwd: Path | None = None,
        python: Path | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.limits = limits
        self._target = target
        self._box = box
        self._home = box / "home"
        self._home.mkdir(parents=True, exist_ok=True)
        self._env = clean_environment(self._home) | dict(env or {})
        self._fork = CAN_FORK if fork is None else fork
        self._watch = watch
        self._roots = tuple(root.resolve() for root in roots)
        self._cwd = (cwd or folder).resolve()
        self.python = python
        self._zygote: _Child | None = None
        self._facts: AppFacts | None = None
        self._servers: dict[int, Server] = {}
        self._next = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def mode(self) -> str:
        """ "fork" or "spawn"."""
        return "fork" if self._fork else "spawn"

    def load(self) -> AppFacts:
        """Import the app; raises `AppFault` where that fails or takes too long."""
        if self._facts is None:
            zygote = _Child(self, self._env, self._box / "import.txt")
            self._facts = zygote.load()
            if self._fork and self._facts.threads_at_import > 1:
                # Threads do not survive a fork: a correct app that starts one at import would notice.
                self._fork = False
            if self._fork:
                self._zygote = zygote
                threading.Thread(target=self._listen, args=(zygote,), daemon=True).start()
            else:
                zygote.end()
        return self._facts

    def start(
        self, env: Mapping[str, str], *, database: Path | None = None, errors: ErrorPaths | None = None
    ) -> Server:
        """Begin starting a server with `env` on top of the launcher's; `Server.wait_ready` waits for it.

        With `errors` it has paths that fail on purpose.
        """
        facts = self.load()
        with self._lock:
            self._next += 1
            number = self._next
        box = self._box / f"server-{number}"
        box.mkdir()
        server = Server(number, box, folder=self.folder, limits=self.limits, database=database)
        self._servers[number] = server
        read_at_import = set(facts.environment_read_at_import)
        changed = {name for name, value in env.items() if self._env.get(name) != value}
        if self._zygote is not None and not changed & read_at_import:
            self._start_fork(self._zygote, server, env, errors)
        else:
            self._start_process(server, env, errors)
        return server

    def facts(self) -> AppFacts:
        """The facts after the import, with everything that was seen to block the loop so far."""
        facts = self.load()
        blocked: list[BlockedLoop] = []
        for server in list(self._servers.values()):
            blocked += [one for one in server.blocked if one not in blocked]
        return dataclasses.replace(facts, blocked=tuple(blocked))

    def close(self) -> None:
        """End every process; nothing is left behind."""
        for server in self._servers.values():
            server.kill()
        if self._zygote is not None:
            self._zygote.end()
            self._zygote = None

    def _command(self, do: str, env: Mapping[str, str], errors: ErrorPaths | None) -> dict[str, Any]:
        return {
            "do": do,
            "env": dict(env),
            "watch": self._watch,
            "errors": errors.token if errors else None,
            "cut_off": errors is not None and errors.cut_off,
            "lifespan": errors is None or errors.lifespan,
        }

    def _start_fork(
        self, zygote: _Child, server: Server, env: Mapping[str, str], errors: ErrorPaths | None
    ) -> None:
        listener, address = _listener(server.box / "http.sock")
        ours, theirs = socket.socketpair()
        output = os.open(_output(server, errors), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        server.attach(address, Channel(ours))
        try:
            zygote.channel.send(
                {**self._command("start", env, errors), "id": server.number},
                [listener.fileno(), output, theirs.fileno()],
            )
        except ChannelError:
            server.fail(
                Fault(kind=FaultKind.CRASH, message="The process that holds your imported app ended.")
            )
        finally:
            os.close(output)
            theirs.close()
            listener.close()

    def _start_process(self, server: Server, env: Mapping[str, str], errors: ErrorPaths | None) -> None:
        child = _Child(self, self._env | dict(env), _output(server, errors))
        try:
            child.load()
        except AppFault as error:
            server.fail(error.fault)
            return
        child.channel.send(self._command("serve", env, errors))
        server.attach(None, child.channel, process=child.process)

    def _listen(self, zygote: _Child) -> None:
        """Hand the zygote's news to the servers that they are about."""
        while True:
            try:
                message, _ = zygote.channel.receive()
            except (ChannelError, OSError):
                for server in list(self._servers.values()):
                    server.note_exit(None)
                return
            subject = self._servers.get(message.get("id", -1))
            if subject is not None and message.get("event") == "started":
                subject.note_pid(message["pid"])
            elif subject is not None and message.get("event") == "exit":
                subject.note_exit(message["code"])

    def settings(self, env: Mapping[str, str]) -> dict[str, Any]:
        """The first message to a child: what to import, and under which limits."""
        limits = ProcessLimits(
            cpu_s=self.limits.cpu_s,
            memory_mb=self.limits.memory_mb,
            file_mb=self.limits.file_mb,
            output_mb=self.limits.output_mb,
            processes=self.limits.processes,
        )
        return {
            "do": "load",
            "parent": os.getpid(),
            "folder": str(self.folder),
            "target": self._target,
            "limits": dataclasses.asdict(limits),
            # Another Python has packages of its own.
            "path": [] if self.python else [entry for entry in sys.path if entry and Path(entry).is_dir()],
            "env": dict(env),
            "roots": [str(root) for root in self._roots],
            "cwd": str(self._cwd),
        }


def _listener(path: Path) -> tuple[socket.socket, Address]:
    """A socket on which connections queue from now on, so that nobody has to poll."""
    if len(os.fsencode(path)) > _LONGEST_SOCKET:
        # Somebody's folder for temporary files lies deep.
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        host, port = listener.getsockname()
        return listener, Address(host=host, port=port)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(128)
    return listener, Address(uds=str(path))


def _output(server: Server, errors: ErrorPaths | None) -> Path:
    return Path(os.devnull) if errors is not None and errors.cut_off else server.output


class _Child:
    """The process that runs `checker.app_under_test.child`, and its channel."""

    def __init__(self, launcher: Launcher, env: Mapping[str, str], output: Path) -> None:
        self._launcher = launcher
        self._output = output
        self._env = env
        command = [sys.executable, "-I", "-B", "-m", "checker.app_under_test.child"]
        if launcher.python is not None:
            command = [str(launcher.python), "-I", "-B", str(Path(__file__).with_name("guest.py"))]
        with output.open("ab") as file:
            if PASSES_DESCRIPTORS:
                ours, theirs = socket.socketpair()
                with theirs:
                    self.process = self._spawn([*command, str(theirs.fileno())], file, (theirs.fileno(),))
            else:
                ours = self._spawn_and_accept(command, file)
        self.channel = Channel(ours)

    def _spawn(
        self, command: list[str], output: Any, descriptors: tuple[int, ...]
    ) -> subprocess.Popen[bytes]:
        return start_process(
            command, env=self._env, stdout=output, stderr=subprocess.STDOUT, pass_fds=descriptors
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

    def load(self) -> AppFacts:
        """Send the settings and wait for the import; raises `AppFault`, and then the child is dead."""
        limits = self._launcher.limits
        deadline = time.monotonic() + limits.start_s
        try:
            self.channel.send(self._launcher.settings(self._env))
            message, _ = self.channel.receive(timeout=max(0.01, deadline - time.monotonic()))
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
            self.process.wait(5)
            code = self.process.returncode
            self.end()
            raise AppFault(_death_at_import(code)) from None
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

    def _place_of_hang(self) -> _Place:
        """Ask the hanging child for its stack (it answers a signal from inside), and read it from its output."""
        if not hasattr(signal, "SIGUSR1"):
            return _Place()
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGUSR1)
        time.sleep(0.2)
        return _Place.read(self._output, self._launcher.folder)

    def end(self) -> None:
        """Kill the child with all its servers."""
        end_process(self.process)
        self.channel.close()


class _Place:
    """Where the newest faulthandler dump in an output file stood in the learner's folder."""

    def __init__(self, path: str | None = None, line: int | None = None) -> None:
        self.path, self.line = path, line
        self.text = f"; it hangs at {path}:{line}" if path else ""

    @classmethod
    def read(cls, output: Path, folder: Path) -> _Place:
        prefix = f'  File "{folder}/'
        for text in _tail(output, 2**16).splitlines():
            if text.startswith(prefix):
                path, _, rest = text.removeprefix(prefix).partition('", line ')
                return cls(path, int(rest.split()[0]))
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
    return Fault(
        kind=FaultKind.CRASH,
        message=f"The process ended with code {code} while it imported your app. An import must only define things.",
    )


def _fault(message: dict[str, Any]) -> Fault:
    try:
        return msgspec.convert({key: message.get(key) for key in ("kind", "message", "path", "line")}, Fault)
    except msgspec.ValidationError:
        text = json.dumps(message, default=str)[:300]
        return Fault(kind=FaultKind.IMPORT, message=f"The app could not be imported: {text}")
