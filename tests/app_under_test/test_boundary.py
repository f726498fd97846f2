"""The boundary to a child, fuzzed: whatever it says on its channels, the trusted side goes on by its own rules.

It never raises anything but its own errors, never waits longer than it wanted, keeps no file that came along, and ends no
process outside the child's family.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.app_under_test.channel import Channel, ChannelError
from checker.app_under_test.holder import Holder
from checker.app_under_test.launcher import Launcher
from checker.app_under_test.server import AppFault, Server
from checker.book import Limits
from checker.models.facts import AppFacts
from checker.sandbox import Confinement

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="counts open files and processes in /proc"),
    # An exception in a thread that listens would be a warning otherwise, and the test would pass.
    pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning"),
]

LIMITS = Limits(start_s=0.5, answer_s=0.5)
FUZZ = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

SITE = {"path": "app/main.py", "line": 3, "name": "read"}
REAL: list[dict[str, Any]] = [
    {"event": "hello", "pid": 7, "ports": []},
    {"event": "loaded", "facts": msgspec.to_builtins(AppFacts(target="app.main:app"))},
    {"event": "fault", "kind": "import", "message": "no", "path": None, "line": None},
    {"event": "started", "id": 1, "pid": 7},
    {"event": "exit", "id": 1, "code": 0},
    {"event": "ready", "address": ["127.0.0.1", 1]},
    {"event": "shared-session", "what": "AsyncSession.execute", "site": SITE, "request": "GET /x"},
    {"event": "start-up-failed", "message": "no"},
    {
        "event": "request",
        "token": "t",
        "label": "GET /",
        "status": 200,
        "sql": ["select 1"],
        "sql_count": 1,
        "site": SITE,
    },
    {"event": "blocked", "how": "held", "what": "the loop", "site": SITE, "held_ms": 9.0, "request": "GET /"},
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, 1, -1, 2**31, -(2**63), 2**64, 10**300]),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["", "\ud800", "\0", "x" * 5000, "../../etc/passwd", "\x1b[2J"]),
)
VALUE = st.recursive(
    ODD,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real message in which some values are others, or are gone."""
    message = dict(draw(st.sampled_from(REAL)))
    for key in draw(st.lists(st.sampled_from(sorted(message)), max_size=2)):
        if draw(st.booleans()):
            message[key] = draw(VALUE)
        else:
            message.pop(key, None)
    return json.dumps(message).encode()


LINE = st.one_of(
    mutated(),
    VALUE.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=60),
    st.sampled_from(
        [b"[" * 5000, b'{"event": ' + b'{"a": ' * 300, b"1" * 5000, b'{"event": "request", "token": 1e999}']
    ),
)
LINES = st.lists(LINE, max_size=8)
DESCRIPTORS = st.integers(0, 5)


def say(theirs: socket.socket, lines: list[bytes], descriptors: int) -> None:
    """All of it at once, with open files beside it, and then the end."""
    data = b"".join(line + b"\n" for line in lines)
    with contextlib.suppress(OSError), open(os.devnull, "rb") as file:
        socket.send_fds(theirs, [data or b"\n"], [file.fileno()] * descriptors)
    theirs.shutdown(socket.SHUT_WR)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture(scope="module")
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process of somebody else's."""
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as process:
        yield process
        process.kill()


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    """What stands for the child."""
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as process:
        yield process
        process.kill()


def a_server(tmp_path: Path, number: int = 1) -> Server:
    return Server(number, tmp_path, folder=tmp_path, limits=LIMITS, database=None)


@FUZZ
@given(lines=LINES, descriptors=DESCRIPTORS)
def test_a_channel_gives_messages_or_its_own_error(lines: list[bytes], descriptors: int) -> None:
    before = open_files()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        say(theirs, lines, descriptors)
        channel = Channel(ours)
        with pytest.raises(ChannelError):
            while True:
                message = channel.hear(1)
                assert isinstance(message, dict)
                # What was let in can be handed on.
                msgspec.json.encode(message)
    assert open_files() == before


@FUZZ
@given(lines=LINES, descriptors=DESCRIPTORS)
def test_a_server_that_says_anything_is_served_or_a_fault(
    lines: list[bytes], descriptors: int, tmp_path: Path
) -> None:
    before = open_files()
    server = a_server(tmp_path)
    ours, theirs = socket.socketpair()
    listening = threading.active_count()
    server.attach(None, Channel(ours))
    with theirs:
        say(theirs, lines, descriptors)
        deadline = time.monotonic() + 5
        while threading.active_count() > listening:
            assert time.monotonic() < deadline
            time.sleep(0.001)
    with contextlib.suppress(AppFault):
        server.wait_ready(0.01)
    for fact in (server.request("t", 0.01), server.fault, server.crash_fault(), *server.blocked):
        msgspec.json.encode(fact)
    assert server.pid is None
    server.kill()
    assert open_files() == before


@FUZZ
@given(lines=LINES, descriptors=DESCRIPTORS, data=st.data())
def test_news_of_servers_end_nobody_elses_process(
    lines: list[bytes],
    descriptors: int,
    data: st.DataObject,
    bystander: subprocess.Popen[bytes],
    tmp_path: Path,
) -> None:
    family = subprocess.Popen(["sleep", "300"], start_new_session=True)
    try:
        pids = st.sampled_from([bystander.pid, os.getpid(), os.getppid(), 1, 0, -1, 2**80, True])
        lines = [*lines, json.dumps({"event": "started", "id": 1, "pid": data.draw(pids)}).encode()]
        launcher = Launcher(tmp_path, "app.main:app", box=tmp_path / "box", limits=LIMITS)
        servers = {number: a_server(tmp_path, number) for number in (0, 1, 2)}
        launcher._servers = servers
        ours, theirs = socket.socketpair()
        with ours, theirs:
            say(theirs, lines, descriptors)
            zygote: Any = SimpleNamespace(channel=Channel(ours), pid=family.pid)
            launcher._listen(zygote)
        for server in servers.values():
            assert server.pid in (None, family.pid)
            # It may have been said that it ended; we would end it all the same.
            server._exited = False
            server.kill()
        assert bystander.poll() is None
    finally:
        family.kill()
        family.wait()


@FUZZ
@given(lines=LINES, descriptors=DESCRIPTORS, ports=st.sampled_from([[], [0, 0]]))
def test_an_import_that_says_anything_is_facts_or_a_fault(
    lines: list[bytes], descriptors: int, ports: list[int], family: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    before = open_files()
    output = tmp_path / "import.txt"
    output.write_bytes(b"\n".join(lines))
    adopted: list[socket.socket] = []
    holder = Holder.__new__(Holder)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        settings: dict[str, Any] = {"ports": ports}
        stand_in: Any = SimpleNamespace(
            limits=LIMITS,
            folder=tmp_path,
            settings=lambda env: settings,
            ports=SimpleNamespace(adopt=lambda numbers, listeners: adopted.extend(listeners)),
        )
        vars(holder).update(
            _launcher=stand_in,
            _output=output,
            _env={},
            channel=Channel(ours),
            process=family,
            pid=0,
            _fault=None,
        )
        vars(holder)["end"] = lambda: 0
        vars(holder)["wait"] = lambda within_s: 0
        say(theirs, lines, descriptors)
        try:
            facts = holder.load()
        except AppFault as error:
            assert error.fault.message
            msgspec.json.encode(error.fault)
        else:
            msgspec.json.encode(facts)
    for one in adopted:
        one.close()
    assert open_files() == before
    assert family.poll() is None


def test_a_flood_of_facts_is_heard_and_forgotten(tmp_path: Path) -> None:
    server = a_server(tmp_path)
    ours, theirs = socket.socketpair()
    server.attach(None, Channel(ours))
    large = json.dumps({"event": "request", "token": "T", "sql": ["x" * 1000] * 4000}).encode() + b"\n"
    with theirs:
        for number in range(40):
            theirs.sendall(large.replace(b'"T"', f'"{number}"'.encode()))
        theirs.sendall(b'{"event": "request", "token": "last", "sql_count": 3}\n')
        last = server.request("last", 20)
    assert last is not None
    assert last.sql_count == 3
    kept = sum(len(text) for one in list(server._requests.values()) for text in one.sql)
    assert kept <= 2**26
    server.kill()


def test_a_child_that_hangs_up_and_lives_on_is_a_fault(
    family: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    holder = Holder.__new__(Holder)
    ours, theirs = socket.socketpair()
    stand_in = SimpleNamespace(
        limits=LIMITS, folder=tmp_path, settings=lambda env: {"ports": []}, confinement=Confinement()
    )
    vars(holder).update(
        _launcher=stand_in, _env={}, channel=Channel(ours), process=family, pid=0, _fault=None
    )
    vars(holder)["end"] = lambda: 0
    with ours:
        theirs.close()
        with pytest.raises(AppFault, match="closed files"):
            holder.load()
    assert family.poll() is None


def test_a_false_place_in_the_output_is_no_place(family: subprocess.Popen[bytes], tmp_path: Path) -> None:
    output = tmp_path / "import.txt"
    prefix = f'  File "{tmp_path}/app/main.py'
    output.write_text(f'{prefix}", line x\n{prefix}", line \n{prefix}\n', encoding="utf-8")
    holder = Holder.__new__(Holder)
    vars(holder).update(_launcher=SimpleNamespace(folder=tmp_path), _output=output, pid=family.pid)
    place = holder._place_of_hang()
    assert (place.path, place.line) == (None, None)
    # It was asked by a signal, which is what ended the stand-in.
    assert family.wait(5) == -signal.SIGUSR1
