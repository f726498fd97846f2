"""The program that imports a learner's app once and serves it; `guest.py` starts it.

It reads commands from the channel whose descriptor (or loopback address) is its only argument:

    {"do": "warm", path, modules}                        imports these libraries ahead of the load; may be left out
    {"do": "load", folder, target, limits, path, env, roots, cwd, ports, reach}
                                                         says `hello` + [a socket for each port], gives up all but `reach`,
                                                         imports the app; answers `loaded` or `fault`
    {"do": "start", id, env, without, watch, pulse, errors, cut_off} + [listen, output, facts]   fork a server; answers `started`, later `exit`
    {"do": "serve", ...as start...}                      become the server (where there is no fork)

Nothing here decides anything: what it says is evidence for the trusted side, which alone judges.
"""

from __future__ import annotations

import contextlib
import dataclasses
import faulthandler
import gc
import importlib
import inspect
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from checker.app_under_test.channel import WHOLE_ENVIRONMENT, Channel, ChannelError
from checker.app_under_test.description import describe_app
from checker.app_under_test.import_faults import import_fault
from checker.app_under_test.ports import open_ports
from checker.sandbox.cut_off import cut_off_this_process
from checker.sandbox.landlock import Reach, restrict_this_process
from checker.sandbox.limits import ProcessLimits, adopt_orphans, end_with_parent, limit_this_process
from checker.sandbox.seccomp import refuse_datagrams

_PROBE = "checker.app_under_test.probe"
_LATE: tuple[str, ...] = (
    "uvicorn.loops.auto",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "anyio._backends._asyncio",
    "concurrent.futures.thread",
    "blockbuster",
)
_LATE_WITH_SQLALCHEMY = ("sqlalchemy.dialects.sqlite.aiosqlite", "aiosqlite")
_out_of_sight: dict[str, ModuleType] = {}
"""Our own modules while the app is there."""


class RecordingEnvironment(type(os.environ)):  # type: ignore[misc]  # os._Environ has no public name
    """`os.environ` while the app is imported: notes which names were read."""

    read: set[str]

    def __getitem__(self, key: str) -> str:
        self.read.add(key)
        value: str = super().__getitem__(key)
        return value

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return bool(super().__contains__(key))

    def __iter__(self) -> Iterator[str]:
        # Settings look for their names in a copy of all that there is: those that are not there yet count too.
        self.read.add(WHOLE_ENVIRONMENT)
        for key in super().__iter__():
            self.read.add(key)
            yield key


@contextlib.contextmanager
def recorded_environment() -> Iterator[set[str]]:
    """The names of environment variables that are read inside the block."""
    plain = type(os.environ)
    RecordingEnvironment.read = set()
    os.environ.__class__ = RecordingEnvironment
    try:
        yield RecordingEnvironment.read
    finally:
        os.environ.__class__ = plain


def main() -> None:
    """Serve commands until the channel closes."""
    channel = Channel(_connect(sys.argv[1]))
    sys.argv[1:] = []
    # Before anything of the app's, and once for all servers; an engineer's environment may be without Uvicorn.
    with contextlib.suppress(ImportError):
        importlib.import_module(_PROBE)
    try:
        message, _ = channel.receive()
        if message["do"] == "warm":
            _warm(message)
            message, _ = channel.receive()
        app = _load(channel, message)
        if app is not None:
            Zygote(channel, message, app).run()
    except ChannelError:
        # The trusted side is gone, and with it the reason to live.
        os._exit(0)


def _connect(where: str) -> socket.socket:
    if where.isdigit():
        return socket.socket(fileno=int(where))
    host, port, token = where.split(":")
    connection = socket.create_connection((host, int(port)))
    connection.sendall(f"{token}\n".encode())
    return connection


def _warm(message: dict[str, Any]) -> None:
    """Import libraries while there is no app yet: an app finds the same ones, since its own folder is looked in last."""
    sys.path[:] = _import_path(message["path"])
    # Libraries stay, so there is nothing to collect while they come.
    gc.disable()
    for name in message["modules"]:
        # What cannot be imported is the app's to stumble over, if it asks for it.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.freeze()
    gc.enable()


def _load(channel: Channel, message: dict[str, Any]) -> Any:
    if message["parent"] is not None:
        end_with_parent(message["parent"])
    limit_this_process(ProcessLimits(**message["limits"]))
    adopt_orphans()
    opened = _say_hello(channel, message["ports"])
    if hasattr(signal, "SIGUSR1"):
        # The trusted side asks a hanging import where it stands.
        faulthandler.register(signal.SIGUSR1, file=2, all_threads=False)
    folder = Path(message["folder"])
    os.chdir(message["cwd"])
    _arrange_path(message)
    if message["reach"] is not None:
        refuse_datagrams()
        reach = Reach(**message["reach"])
        # What was opened here, in a network of our own, is answered by the trusted side, which could not name it yet.
        restrict_this_process(dataclasses.replace(reach, ports=(*reach.ports, *opened)))
    sys.argv[:] = ["uvicorn", message["target"]]
    os.environ.clear()
    os.environ.update(message["env"])
    _use_time_zone()
    started = time.perf_counter()
    service = bool(message["roots"])
    module_name, _, attribute = message["target"].partition(":")
    if not service:
        _step_aside()
    with recorded_environment() as read, _noted_where_it_stands(message["start_s"]):
        try:
            app = _import(module_name, attribute, service=service)
        except BaseException as error:  # noqa: BLE001 -- learner code: SystemExit and all else are findings
            unset = frozenset(read - {WHOLE_ENVIRONMENT, *message["env"]})
            fault = import_fault(error, folder, module_name, attribute, service=service, unset=unset)
            channel.send({"event": "fault", **fault})
            return None
    seconds = time.perf_counter() - started
    if not callable(app):
        kind = type(app).__name__
        text = (
            f"`{message['target']}` is a {kind}, not an ASGI application. Make it `{attribute} = FastAPI()`."
        )
        channel.send({"event": "fault", "kind": "import", "message": text})
        return None
    try:
        facts = describe_app(app, message["target"], folder)
    except Exception as error:  # noqa: BLE001 -- routes and models are objects of the app's own making
        text = (
            f"`{message['target']}` was imported, but cannot be described ({type(error).__name__}: {error})"
        )
        fault = {"kind": "import", "message": f"{text[:500]}. Please report it; the source alone is judged."}
        channel.send({"event": "fault", **fault})
        return None
    facts |= {
        "import_s": seconds,
        "threads_at_import": threading.active_count(),
        "environment_read_at_import": sorted(read),
    }
    channel.send({"event": "loaded", "facts": facts})
    return app


@contextlib.contextmanager
def _noted_where_it_stands(limit_s: float) -> Iterator[None]:
    """Where there is no signal to ask with (Windows), an import writes down where it is before its time is over."""
    if hasattr(signal, "SIGUSR1"):
        yield
        return
    # A thread of Python's: faulthandler's own timer looks at frames that change under its eyes.
    timer = threading.Timer(0.6 * limit_s, faulthandler.dump_traceback, args=(2,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _step_aside() -> None:
    """Take our own modules out of sight: an app that looks around finds what it finds under Uvicorn.

    It makes the easy ways to tell a grade from real use wrong ones; whoever reads stacks and `/proc` can still tell.
    """
    for name in list(sys.modules):
        if name.partition(".")[0] == "checker" or name == "__main__":
            _out_of_sight[name] = sys.modules.pop(name)
    sys.modules["__main__"] = ModuleType("__main__")


def _say_hello(channel: Channel, ports: list[int]) -> list[int]:
    """Hand out the ports that the trusted side answers; gives back their numbers."""
    listeners = open_ports(ports)
    numbers = [listener.getsockname()[1] for listener in listeners]
    channel.send(
        {"event": "hello", "pid": os.getpid(), "ports": numbers},
        [listener.fileno() for listener in listeners],
    )
    for listener in listeners:
        listener.close()
    return numbers


def _arrange_path(message: dict[str, Any]) -> None:
    libraries = _import_path(message["path"])
    first, *others = message["roots"] or [""]
    if first:
        # As `uvicorn` and `fastapi run` do it; an engineer's own packages are the ones that are served.
        sys.path[:] = [first, *libraries, *others]
    else:
        # The learner's folder comes last: a file called random.py must not stand in for the standard library's.
        sys.path[:] = [*libraries, message["folder"]]


def _import_path(more: list[str]) -> list[str]:
    """Where libraries are found: this Python's own places, then `more`."""
    own = Path(__file__).resolve().parents[2]
    # The checker's own folder goes: a clone holds `tests` and more.
    kept = [
        entry for entry in sys.path if Path(entry).resolve() != own or Path(entry).name == "site-packages"
    ]
    return [*kept, *(entry for entry in more if entry not in kept and Path(entry).resolve() != own)]


def _import(module_name: str, attribute: str, *, service: bool) -> Any:
    """What the target names; `create_app()` is called, and so is a service's function without parameters."""
    app: Any = importlib.import_module(module_name)
    for name in attribute.removesuffix("()").split("."):
        app = getattr(app, name)
    is_factory = service and inspect.isfunction(app) and not _needs_arguments(app)
    return app() if attribute.endswith("()") or is_factory else app


def _needs_arguments(function: Any) -> bool:
    plain = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
    )
    parameters = inspect.signature(function).parameters.values()
    return any(one.default is one.empty and one.kind in plain for one in parameters)


def _use_time_zone() -> None:
    """Let `TZ` of the new environment hold from now on (Windows reads it by itself)."""
    if sys.platform != "win32":
        time.tzset()


def _import_late_modules() -> None:
    """Import once what each server would import for itself when it starts or meets its first request."""
    names = _LATE
    if "sqlalchemy" in sys.modules:
        names += _LATE_WITH_SQLALCHEMY
    for name in names:
        # What is missing here is missed where it is needed.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


class Zygote:
    """Holds the imported app and forks servers from it."""

    def __init__(self, channel: Channel, settings: dict[str, Any], app: Any) -> None:
        self._channel = channel
        self._folder = Path(settings["folder"])
        self._app = app
        self._servers: dict[int, int] = {}

    def run(self) -> None:
        """Obey commands; notice servers that end. Returns never: ends the process with the channel."""
        _import_late_modules()
        # What is there now stays. Each server would look through it again, and so copy every page that it shares with us.
        gc.collect()
        gc.freeze()
        if not hasattr(os, "fork"):
            message, _ = self._channel.receive()
            self._serve_here(message, [])
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(wake_read, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        while True:
            ready, _, _ = select.select([self._channel.fileno(), wake_read], [], [], 1.0)
            if wake_read in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake_read, 512)
            self._reap()
            if self._channel.fileno() in ready:
                message, descriptors = self._channel.receive()
                if message["do"] == "serve":
                    self._serve_here(message, descriptors)
                elif message["do"] == "start":
                    self._fork(message, descriptors, (wake_read, wake_write))

    def _fork(self, message: dict[str, Any], descriptors: list[int], ours: tuple[int, int]) -> None:
        # Flushed, or the child would print it again.
        sys.stdout.flush()
        sys.stderr.flush()
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for descriptor in ours:
                    os.close(descriptor)
                self._channel.close()
                os.setsid()
                end_with_parent(zygote)
                adopt_orphans()
                self._serve_here(message, descriptors)
            except BaseException:  # noqa: BLE001 -- said where the app's output goes, and then it ends
                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(70)
        self._servers[pid] = message["id"]
        for descriptor in descriptors:
            os.close(descriptor)
        self._channel.send({"event": "started", "id": message["id"], "pid": pid})

    def _reap(self) -> None:
        while self._servers:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self._servers:
                code = os.waitstatus_to_exitcode(status)
                self._channel.send({"event": "exit", "id": self._servers.pop(pid), "code": code})

    def _serve_here(self, message: dict[str, Any], descriptors: list[int]) -> NoReturn:
        os.environ.update(message["env"])
        for name in message["without"]:
            os.environ.pop(name, None)
        _use_time_zone()
        if descriptors:
            listen, output, facts = descriptors
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.close(output)
            listener = socket.socket(fileno=listen)
            facts_channel = Channel(socket.socket(fileno=facts))
        else:
            listener = socket.create_server(("127.0.0.1", 0))
            facts_channel = self._channel
        try:
            module: Any = _out_of_sight.get(_PROBE) or importlib.import_module(_PROBE)
        except ImportError as error:
            facts_channel.send({"event": "start-up-failed", "message": f"{type(error).__name__}: {error}"})
            os._exit(70)
        probe = module.Probe(
            self._app, self._folder, facts_channel, watch=message["watch"], pulse=message["pulse"]
        )
        if message["errors"]:
            probe.add_error_routes(message["errors"])
        # What may not reach anybody and cannot be kept from it by the system does not start up at all.
        start_up = not message["cut_off"] or cut_off_this_process()
        try:
            code = probe.serve(listener, start_up=start_up and message["lifespan"])
        except SystemExit as exit_:
            # How Uvicorn ends where the lifespan fails, and whoever calls `sys.exit`.
            code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
