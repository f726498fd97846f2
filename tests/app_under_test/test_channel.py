"""The channel to a child: whatever comes over it is a message, a timeout or a channel error, never a surprise."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.app_under_test.channel import MOST_BYTES, Channel, ChannelError


@pytest.fixture
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield Channel(ours), theirs
    ours.close()
    theirs.close()


def test_messages_arrive_whole_and_in_order(pair: tuple[Channel, socket.socket]) -> None:
    channel, theirs = pair
    other = Channel(theirs)
    large = {"text": "x" * 300_000}
    thread = threading.Thread(target=lambda: [other.send(one) for one in ({"n": 1}, large, {"n": 2})])
    thread.start()
    assert [channel.receive(5)[0] for _ in range(3)] == [{"n": 1}, large, {"n": 2}]
    thread.join()


@pytest.mark.skipif(os.name == "nt", reason="descriptors travel over Unix sockets alone")
def test_descriptors_travel_with_their_message(pair: tuple[Channel, socket.socket]) -> None:
    channel, theirs = pair
    reading, writing = os.pipe()
    Channel(theirs).send({"do": "start"}, [writing])
    message, descriptors = channel.receive(5)
    os.write(descriptors[0], b"through")
    assert (message, os.read(reading, 10)) == ({"do": "start"}, b"through")
    for descriptor in (reading, writing, *descriptors):
        os.close(descriptor)


def test_silence_is_a_timeout(pair: tuple[Channel, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        pair[0].receive(0.05)


def test_the_end_of_the_stream_is_a_channel_error(pair: tuple[Channel, socket.socket]) -> None:
    pair[1].sendall(b'{"half": ')
    pair[1].close()
    with pytest.raises(ChannelError, match="closed"):
        pair[0].receive(1)


def test_a_message_without_an_end_is_cut_off(pair: tuple[Channel, socket.socket]) -> None:
    channel, theirs = pair

    def flood() -> None:
        try:
            for _ in range(MOST_BYTES // 2**16 + 8):
                theirs.sendall(b"x" * 2**16)
        except OSError:
            pass

    thread = threading.Thread(target=flood)
    thread.start()
    with pytest.raises(ChannelError, match="longer than allowed"):
        channel.receive(20)
    channel.close()
    thread.join()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=200))
def test_noise_is_never_more_than_a_channel_error(noise: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(noise + b"\n")
        theirs.shutdown(socket.SHUT_WR)
        try:
            message, _ = Channel(ours).receive(1)
        except ChannelError:
            return
        assert isinstance(message, dict)


def test_nesting_without_bottom_is_a_channel_error(pair: tuple[Channel, socket.socket]) -> None:
    pair[1].sendall(b"[" * 100_000 + b"\n")
    with pytest.raises(ChannelError):
        pair[0].receive(1)
