"""Answers that no server should give end as a failed check, and cost the judge no more than a bounded body."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from checker.app_under_test.server import Address
from checker.suite.client import MOST_BODY_BYTES, App
from checker.suite.clock import Clock
from checker.suite.failure import CheckFailed

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="the stand-in listens on a Unix socket"
)

Answering = Callable[..., App]


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    """`answering(body, header, ...)`: an app that answers every request so."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()
    apps: list[App] = []
    answer = b""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(2**16)
                connection.sendall(answer)

    def make(body: bytes, *headers: str) -> App:
        nonlocal answer
        head = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
        answer = "\r\n".join(head).encode() + body
        server: Any = SimpleNamespace(
            address=Address(uds=str(tmp_path / "s")),
            flooded=False,
            blocked=[],
            shared_sessions=[],
            wait_ready=lambda: None,
            crash_fault=lambda: None,
            request=lambda token: None,
            kill=lambda: None,
        )
        apps.append(App(server, answer_s=5.0, clock=Clock(tmp_path / "clock")))
        return apps[-1]

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield make
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
    for app in apps:
        app.close()


@pytest.mark.parametrize(
    "coding", ["gzip", "deflate", "x-gzip", "identity", "GZIP, identity", "deflate, gzip"]
)
def test_what_is_packed_is_unpacked(answering: Answering, coding: str) -> None:
    body = b'{"a": 1}'
    for one in coding.lower().split(", "):
        pack = {"deflate": zlib.compress, "identity": bytes}.get(one, gzip.compress)
        body = pack(body)
    reply = answering(body, f"Content-Encoding: {coding}").get("/")
    assert reply.json == {"a": 1}
    assert reply.headers["content-encoding"] == coding


def test_a_small_answer_that_unpacks_to_a_giant_fails_the_check(answering: Answering) -> None:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    block = packer.compress(bytes(2**23)) + packer.flush(zlib.Z_FULL_FLUSH)
    body = block + b"".join(packer.compress(bytes(2**23)) for _ in range(7)) + packer.flush()
    with pytest.raises(CheckFailed, match="more than 32 MB"):
        answering(body, "Content-Encoding: gzip").get("/")
    assert len(body) < MOST_BODY_BYTES / 100


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "no such thing"])
def test_a_body_that_is_not_packed_as_it_says_fails_the_check(answering: Answering, coding: str) -> None:
    with pytest.raises(CheckFailed, match="Content-Encoding"):
        answering(b'{"a": 1}', f"Content-Encoding: {coding}").get("/")


@pytest.mark.parametrize("charset", ["hex", "zlib", "idna", "punycode", "undefined", "no-such-one", ""])
def test_a_charset_that_is_none_is_no_trouble(answering: Answering, charset: str) -> None:
    reply = answering(b"plain", f"Content-Type: text/plain; charset={charset}").get("/")
    assert reply.text == "plain"
    assert reply.shown()["body"] == "plain"


@pytest.mark.parametrize("body", [b'{"a": "\\ud800"}', b'{"\\uDFFF": 1}'])
def test_half_a_character_can_be_reported(answering: Answering, body: bytes) -> None:
    shown = answering(body, "Content-Type: application/json").get("/").shown()
    assert "?" in str(shown["body"]).encode().decode()


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" * 500 + b"]" * 500, b"1" * 5000, b"\xff"])
def test_what_nobody_can_read_is_no_json(answering: Answering, body: bytes) -> None:
    with pytest.raises(CheckFailed, match="a body of JSON"):
        _ = answering(body).get("/").json


@pytest.mark.parametrize("address", ["http://[::1/visitors", "http://a:b/", "/\x00", "/" + "x" * 70_000])
def test_an_address_that_is_none_fails_the_check(answering: Answering, address: str) -> None:
    with pytest.raises(CheckFailed, match="address that can be asked for"):
        answering(b"").get(address)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_but_the_app_is_asked_whatever_an_answer_names(answering: Answering, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        reply = answering(b"mine").get(f"{scheme}://127.0.0.1:{other.getsockname()[1]}/visitors/1")
        assert reply.text == "mine"
        with pytest.raises(BlockingIOError):
            other.accept()
