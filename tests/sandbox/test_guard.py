"""What a family of processes takes is seen from outside: all together, and each where the kernel does not look."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from checker.sandbox import ProcessLimits
from checker.sandbox.guard import find_excess

_HOLDING = "x = b'x' * (120 * 2**20); print(len(x), flush=True); input()"


@pytest.fixture
def one_child_with_120_mb() -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-I", "-c", _HOLDING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield
        child.kill()


@pytest.mark.usefixtures("one_child_with_120_mb")
def test_a_process_above_the_limit_is_seen_where_each_is_looked_at() -> None:
    limits = ProcessLimits(memory_mb=100)
    assert find_excess(os.getpid(), limits, each=False) is None
    excess = find_excess(os.getpid(), limits, each=True)
    assert excess is not None
    assert excess.memory_mb >= 100
    assert find_excess(os.getpid(), ProcessLimits(memory_mb=400), each=True) is None


@pytest.mark.usefixtures("one_child_with_120_mb")
def test_a_family_above_three_times_the_limit_is_seen() -> None:
    assert find_excess(os.getpid(), ProcessLimits(memory_mb=30), each=False) is not None


def test_more_processes_than_allowed_are_seen() -> None:
    children = [
        subprocess.Popen([sys.executable, "-I", "-c", "input()"], stdin=subprocess.PIPE) for _ in range(3)
    ]
    try:
        excess = find_excess(os.getpid(), ProcessLimits(processes=2))
        assert excess is not None
        assert excess.processes >= 3
    finally:
        for child in children:
            child.communicate(b"\n")


def test_who_has_ended_takes_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-I", "-c", ""])
    try:
        deadline = time.monotonic() + 20
        while find_excess(os.getpid(), ProcessLimits(processes=0)) is not None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        child.wait()
