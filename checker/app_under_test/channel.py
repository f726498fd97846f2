"""How the trusted side and a child talk: JSON lines over a socket, file descriptors beside them.

Both sides use this module; it imports the standard library only.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any

MOST_BYTES = 8 * 2**20
"""The longest message that is accepted; an OpenAPI document of a large app fits many times over."""

MOST_DESCRIPTORS = 64
"""As many open files may come with one message."""


class ChannelError(Exception):
    """The other side closed the channel or said something that is not a message."""


class Channel:
    """One end of a connected stream socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = b""
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
        data = json.dumps(message, default=str).encode() + b"\n"
        try:
            if descriptors:
                # The descriptors travel with the first bytes.
                sent = socket.send_fds(self._socket, [data], list(descriptors))
                data = data[sent:]
            self._socket.sendall(data)
        except OSError as error:
            raise ChannelError(f"nobody listens: {error.strerror}") from error

    def receive(self, timeout: float | None = None) -> tuple[dict[str, Any], list[int]]:
        """Wait for one message; raises `ChannelError` at the end of the stream, `TimeoutError` in time."""
        self._socket.settimeout(timeout)
        while b"\n" not in self._buffer:
            if len(self._buffer) > MOST_BYTES:
                raise ChannelError("a message is longer than allowed")
            try:
                if hasattr(socket, "recv_fds") and self._socket.family != socket.AF_INET:
                    data, descriptors, _, _ = socket.recv_fds(self._socket, 2**16, MOST_DESCRIPTORS)
                    self._descriptors += descriptors
                else:
                    data = self._socket.recv(2**16)
            except TimeoutError:
                raise
            except OSError as error:
                raise ChannelError(f"the channel broke: {error.strerror}") from error
            if not data:
                raise ChannelError("the channel was closed")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ChannelError("a message is not JSON") from error
        if not isinstance(message, dict):
            raise ChannelError("a message is not an object")
        descriptors, self._descriptors = self._descriptors, []
        return message, descriptors
