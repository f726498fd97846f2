"""How the trusted side and a child talk: JSON lines over a socket, file descriptors beside them.

Both sides use this module; it imports the standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Sequence
from typing import Any

MOST_BYTES = 8 * 2**20
"""The longest message that is accepted; an OpenAPI document of a large app fits many times over."""

MOST_DESCRIPTORS = 64
"""As many open files may come with one message."""

WHOLE_ENVIRONMENT = "*"
"""Among the names of variables that were read: all of them."""


_ENCODER = json.JSONEncoder(default=str)
_DECODER = json.JSONDecoder()
# Not by name later: an app may put functions of its own into the module `json`.


DEEPEST = 200
"""How deep JSON may nest; what reads it after us may not go as deep as we."""


def read_json(data: bytes) -> Any:
    """The value in untrusted JSON; raises `ValueError` where there is none that can be handed on.

    Halves of surrogate pairs, which no UTF-8 can hold, become `?`.
    """
    try:
        value = _DECODER.decode(data.decode())
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if b"\\ud" in data or b"\\uD" in data or data.count(b"[") + data.count(b"{") > DEEPEST:
        return tamed(value)
    return value


def tamed(value: Any, depth: int = 0) -> Any:
    """The value without halves of surrogate pairs; raises `ValueError` where it nests too deep."""
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {tamed(key, depth): tamed(one, depth + 1) for key, one in value.items()}
        case list():
            return [tamed(one, depth + 1) for one in value]
        case _:
            return value


class ChannelError(Exception):
    """The other side closed the channel or said something that is not a message."""


class Channel:
    """One end of a connected stream socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray()
        self._searched = 0
        self.size = 0
        """Bytes of the message that came last."""
        self._descriptors: list[int] = []

    def fileno(self) -> int:
        """For selectors."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end; the other one then reads the end of the stream."""
        self._socket.close()

    def send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send one message, with open file descriptors where the system can pass them.

        Raises `ChannelError` where nobody listens any more.
        """
        data = _ENCODER.encode(message).encode() + b"\n"
        try:
            if descriptors:
                # The descriptors travel with the first bytes.
                sent = socket.send_fds(self._socket, [data], list(descriptors))
                data = data[sent:]
            self._socket.sendall(data)
        except OSError as error:
            raise ChannelError(f"nobody listens: {error.strerror}") from error

    def receive(self, timeout: float | None = None) -> tuple[dict[str, Any], list[int]]:
        """Wait for one message; raises `ChannelError` at the end of the stream, `TimeoutError` in time.

        Open files that come along belong to the caller.
        """
        self._socket.settimeout(timeout)
        while (end := self._buffer.find(b"\n", self._searched)) < 0:
            self._searched = len(self._buffer)
            if len(self._buffer) > MOST_BYTES or len(self._descriptors) > MOST_DESCRIPTORS:
                raise self._broken("a message is longer than allowed")
            try:
                if hasattr(socket, "recv_fds") and self._socket.family != socket.AF_INET:
                    data, descriptors, _, _ = socket.recv_fds(self._socket, 2**16, MOST_DESCRIPTORS)
                    self._descriptors += descriptors
                else:
                    data = self._socket.recv(2**16)
            except TimeoutError:
                raise
            except OSError as error:
                raise self._broken(f"the channel broke: {error.strerror}") from error
            if not data:
                raise self._broken("the channel was closed")
            self._buffer += data
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._searched, self.size = 0, end
        try:
            message = read_json(line)
        except ValueError as error:
            raise self._broken("a message is not JSON") from error
        if not isinstance(message, dict):
            raise self._broken("a message is not an object")
        descriptors, self._descriptors = self._descriptors, []
        return message, descriptors

    def hear(self, timeout: float | None = None) -> dict[str, Any]:
        """`receive` without open files: such as come along are closed."""
        message, descriptors = self.receive(timeout)
        close_all(descriptors)
        return message

    def _broken(self, why: str) -> ChannelError:
        close_all(self._descriptors)
        self._descriptors = []
        return ChannelError(why)


def close_all(descriptors: Sequence[int]) -> None:
    """Close open files that nobody wants."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
