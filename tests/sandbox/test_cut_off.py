"""A process that is cut off reaches nobody and writes nothing, and neither does what it starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

HEAD = """
import os, socket, subprocess, sys, threading
from checker.sandbox.cut_off import cut_off_this_process
listener = socket.create_server(("127.0.0.1", 0))
assert cut_off_this_process()
"""
REFUSED = {
    "a socket": "socket.socket()",
    "a socket on this machine": "socket.socket(socket.AF_UNIX)",
    "a lookup": "socket.getaddrinfo('example.com', 80)",
    "a file": "open(sys.argv[1], 'wb', buffering=0).write(b'x')",
    "a child's socket": "subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'], check=True, stderr=-3)",
}


def run(source: str, argument: Path) -> int:
    command = [sys.executable, "-c", dedent(source), str(argument)]
    return subprocess.run(
        command, timeout=30, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ).returncode


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux filters calls")
@pytest.mark.parametrize("what", REFUSED)
def test_nothing_new_is_opened(what: str, tmp_path: Path) -> None:
    tried = f"try:\n    {REFUSED[what]}\nexcept (OSError, subprocess.CalledProcessError):\n    os._exit(7)\n"
    assert run(HEAD + tried, tmp_path / "file") == 7


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux filters calls")
def test_threads_that_run_already_are_cut_off_too(tmp_path: Path) -> None:
    source = """
    import os, socket, threading
    from checker.sandbox.cut_off import cut_off_this_process
    go = threading.Event()
    def late():
        go.wait()
        try:
            socket.socket()
        except OSError:
            os._exit(7)
        os._exit(1)
    thread = threading.Thread(target=late)
    thread.start()
    assert cut_off_this_process()
    go.set()
    thread.join()
    """
    assert run(source, tmp_path) == 7


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux filters calls")
def test_what_is_open_goes_on(tmp_path: Path) -> None:
    source = """
    accepted = threading.Thread(target=lambda: listener.accept()[0].sendall(b"x"))
    left, right = socket.socketpair()
    left.send(b"y")
    import asyncio
    asyncio.run(asyncio.sleep(0))
    os._exit(7 if right.recv(1) == b"y" and listener.fileno() > 0 else 1)
    """
    assert run(HEAD + dedent(source), tmp_path) == 7


def test_elsewhere_pythons_own_sockets_refuse(tmp_path: Path) -> None:
    source = """
    import os, platform, socket
    from checker.sandbox.cut_off import cut_off_this_process
    listener = socket.create_server(("127.0.0.1", 0))
    platform.machine = lambda: "unheard-of"
    assert not cut_off_this_process()
    for call in (lambda: socket.create_connection(listener.getsockname()), lambda: socket.socket().connect_ex(("127.0.0.1", 1))):
        try:
            call()
        except OSError:
            continue
        os._exit(1)
    os._exit(7)
    """
    assert run(source, tmp_path) == 7


def test_where_calls_cannot_be_filtered_pythons_own_sockets_refuse_and_pairs_are_made(
    tmp_path: Path,
) -> None:
    """As on Windows and macOS; a pair of sockets is what an event loop begins with."""
    source = """
    import asyncio, os, socket
    from checker.sandbox import cut_off
    listener = socket.create_server(("127.0.0.1", 0))

    def pair_by_connecting():
        one = socket.socket()
        one.connect(listener.getsockname())
        return one, listener.accept()[0]

    socket.socketpair = pair_by_connecting
    cut_off.refuse_sockets = lambda: False
    assert not cut_off.cut_off_this_process()
    one, other = socket.socketpair()
    one.send(b"x")
    assert other.recv(1) == b"x"

    async def connect():
        await asyncio.open_connection(*listener.getsockname())

    refused = 0
    for attempt in (
        lambda: socket.create_connection(listener.getsockname()),
        lambda: socket.socket().connect_ex(listener.getsockname()),
        lambda: asyncio.run(connect()),
    ):
        try:
            attempt()
        except OSError:
            refused += 1
    os._exit(7 if refused == 3 else 1)
    """
    assert run(source, tmp_path) == 7
