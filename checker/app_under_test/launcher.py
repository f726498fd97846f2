"""Starts a learner's app: a zygote imports it once and forks real Uvicorn servers; a portable way without fork."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import socket
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from checker.app_under_test import holder as holders
from checker.app_under_test.channel import WHOLE_ENVIRONMENT, Channel, ChannelError
from checker.app_under_test.holder import Holder
from checker.app_under_test.ports import HOW_MANY, Ports
from checker.app_under_test.server import Address, AppFault, Server
from checker.book import Limits
from checker.models.facts import AppFacts, BlockedLoop
from checker.models.report import Fault, FaultKind
from checker.sandbox import Confinement, Isolation, ProcessLimits, clean_environment, find_member

CAN_FORK = hasattr(os, "fork") and hasattr(socket, "AF_UNIX") and sys.platform != "darwin"
"""macOS has fork, but its system libraries may crash in a forked child: there each server is a process."""

OWN_CODE = tuple(
    Path(__file__).resolve().parents[1] / name for name in ("__init__.py", "app_under_test", "sandbox")
)
"""What the child needs of the checker, and all that it may read of it."""

_LONGEST_SOCKET = 100
"""What the path of a Unix socket may measure on every system, with some bytes to spare."""


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
    `isolation` says how the app is kept in: what it may write to is `box`.
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
        isolation: Isolation = Isolation.PORTABLE,
    ) -> None:
        self.folder = folder.resolve()
        self.limits = limits
        self.box = box.resolve()
        self.ports = Ports(as_needed=isolation is Isolation.PORTABLE)
        self._target = target
        self._home = self.box / "home"
        self._home.mkdir(parents=True, exist_ok=True)
        self._env = clean_environment(self._home) | dict(env or {})
        self._fork = CAN_FORK if fork is None else fork
        self._watch = watch
        self._roots = tuple(root.resolve() for root in roots)
        self._cwd = (cwd or folder).resolve()
        self.python = python
        self.pulse_path = f"/{secrets.token_hex(8)}"
        """What a server answers without the app, for whoever wants to feel whether its loop turns."""
        self.confinement = Confinement(level=isolation, read=(self.folder, *OWN_CODE), write=(self.box,))
        if isolation is Isolation.LANDLOCK:
            self.ports.open()
        self._zygote: Holder | None = None
        self._ahead: Holder | None = None
        """Started before there is an app to import."""
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

    def prepare(self, modules: Sequence[str]) -> None:
        """Start the process that will import the app, and have it import these libraries; `load` goes on with it.

        Until `load`, the folder may be empty.
        """
        self._ahead = self._new_holder()
        self._ahead.warm(modules)

    def load(self) -> AppFacts:
        """Import the app; raises `AppFault` where that fails or takes too long."""
        if self._facts is None:
            zygote, self._ahead = self._ahead, None
            if zygote is None or not zygote.waits:
                zygote = self._new_holder()
            self._facts = zygote.load()
            if self._fork and self._facts.threads_at_import > 1:
                # Threads do not survive a fork: a correct app that starts one at import would notice.
                self._fork = False
            if self._fork:
                self._zygote = zygote
                zygote.tell_excess(self._fail_all)
                threading.Thread(target=self._listen, args=(zygote,), daemon=True).start()
            else:
                zygote.end()
        return self._facts

    def start(
        self,
        env: Mapping[str, str],
        *,
        without: Collection[str] = (),
        database: Path | None = None,
        errors: ErrorPaths | None = None,
    ) -> Server:
        """Begin starting a server with `env` on top of the launcher's; `Server.wait_ready` waits for it.

        The variables `without` are not there at all. With `errors` it has paths that fail on purpose.
        """
        facts = self.load()
        with self._lock:
            self._next += 1
            number = self._next
        box = self.box / f"server-{number}"
        box.mkdir()
        server = Server(number, box, folder=self.folder, limits=self.limits, database=database)
        self._servers[number] = server
        read_at_import = set(facts.environment_read_at_import)
        whole = self._env | dict(env)
        left = {name: value for name, value in whole.items() if name not in without}
        changed = {name for name in {*self._env, *left} if self._env.get(name) != left.get(name)}
        read_of_them = changed if WHOLE_ENVIRONMENT in read_at_import else changed & read_at_import
        if self._zygote is not None and not read_of_them:
            self._start_fork(self._zygote, server, self._command("start", env, without, errors), errors)
        else:
            self._start_process(server, left, self._command("serve", env, without, errors), errors)
        return server

    def _new_holder(self) -> Holder:
        return Holder(self, self._env, self.box / "import.txt")

    @property
    def process_limits(self) -> ProcessLimits:
        """What each process of the app may use."""
        return ProcessLimits(
            cpu_s=self.limits.cpu_s,
            memory_mb=self.limits.memory_mb,
            file_mb=self.limits.file_mb,
            output_mb=self.limits.output_mb,
            processes=self.limits.processes,
        )

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
        for holder in (self._zygote, self._ahead):
            if holder is not None:
                holder.end()
        self._zygote = self._ahead = None
        self.ports.close()

    def _fail_all(self, fault: Fault) -> None:
        for server in list(self._servers.values()):
            server.fail(fault)

    def _command(
        self, do: str, env: Mapping[str, str], without: Collection[str], errors: ErrorPaths | None
    ) -> dict[str, Any]:
        return {
            "do": do,
            "env": dict(env),
            "without": sorted(without),
            "watch": self._watch,
            "pulse": self.pulse_path,
            "errors": errors.token if errors else None,
            "cut_off": errors is not None and errors.cut_off,
            "lifespan": errors is None or errors.lifespan,
        }

    def _start_fork(
        self, zygote: Holder, server: Server, command: dict[str, Any], errors: ErrorPaths | None
    ) -> None:
        with _sockets(server, errors) as (address, ours, descriptors):
            server.attach(address, Channel(ours))
            try:
                zygote.channel.send({**command, "id": server.number}, descriptors)
            except ChannelError:
                server.fail(
                    Fault(kind=FaultKind.CRASH, message="The process that holds your imported app ended.")
                )

    def _start_process(
        self,
        server: Server,
        env: Mapping[str, str],
        command: dict[str, Any],
        errors: ErrorPaths | None,
    ) -> None:
        holder = Holder(self, env, _output(server, errors))
        try:
            holder.load()
        except AppFault as error:
            server.fail_import(error.fault)
            return
        if not holders.PASSES_DESCRIPTORS:
            holder.channel.send(command)
            server.attach(None, holder.channel, holder)
            return
        with _sockets(server, errors) as (address, ours, descriptors):
            server.attach(address, Channel(ours), holder)
            holder.tell_excess(server.fail)
            with contextlib.suppress(ChannelError):
                holder.channel.send(command, descriptors)
        # From here on the server speaks on a channel of its own.
        holder.channel.close()

    def _listen(self, zygote: Holder) -> None:
        """Hand the zygote's news to the servers that they are about; what is no news is passed over."""
        while True:
            try:
                message = zygote.channel.hear()
            except (ChannelError, OSError):
                for server in list(self._servers.values()):
                    server.note_exit(None)
                return
            number, pid, code = (message.get(name) for name in ("id", "pid", "code"))
            subject = self._servers.get(number) if isinstance(number, int) else None
            if subject is None:
                continue
            if message.get("event") == "started" and isinstance(pid, int):
                # A claim of code that ran beside the app: only what is below the zygote will ever be ended.
                subject.note_pid(find_member(zygote.pid, pid))
            elif message.get("event") == "exit":
                subject.hear_exit(code if isinstance(code, int) else None)

    @property
    def import_path(self) -> list[str]:
        """Where the child may find libraries beside its own Python's places; another Python has packages of its own."""
        return [] if self.python else [entry for entry in sys.path if entry and Path(entry).is_dir()]

    def _ports_to_open(self) -> list[int]:
        return self.ports.in_use if self.ports.numbers else [0] * HOW_MANY

    def settings(self, env: Mapping[str, str]) -> dict[str, Any]:
        """The first message to a child: what to import, and under which limits."""
        inside = self.confinement.level is Isolation.NAMESPACES
        reach = self.confinement.reach(self.ports.numbers)
        return {
            "do": "load",
            # In namespaces of its own it cannot see us; bubblewrap ends it with us.
            "parent": None if inside else os.getpid(),
            "ports": self._ports_to_open() if inside else [],
            "reach": None if reach is None else dataclasses.asdict(reach),
            "folder": str(self.folder),
            "target": self._target,
            "limits": dataclasses.asdict(self.process_limits),
            "start_s": self.limits.start_s,
            "path": self.import_path,
            "env": dict(env),
            "roots": [str(root) for root in self._roots],
            "cwd": str(self._cwd),
        }


@contextlib.contextmanager
def _sockets(server: Server, errors: ErrorPaths | None) -> Iterator[tuple[Address, socket.socket, list[int]]]:
    """Where a server will listen, our end of its channel, and the descriptors that it is given."""
    listener, address = _listener(server.box / "http.sock")
    ours, theirs = socket.socketpair()
    output = os.open(_output(server, errors), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield address, ours, [listener.fileno(), output, theirs.fileno()]
    finally:
        os.close(output)
        theirs.close()
        listener.close()


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
