"""What a family of processes takes is seen from outside: all together, and each where the kernel does not look."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from checker.sandbox import ProcessLimits, tree
from checker.sandbox.guard import find_excess

Family = Callable[..., int]

_PARENT = """
import subprocess, sys
children = [
    subprocess.Popen([sys.executable, "-I", "-c", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for _ in range(int(sys.argv[2]))
]
for child in children:
    child.stdout.readline()
print("ready", flush=True)
sys.stdin.read()
for child in children:
    child.kill()
"""


@pytest.fixture
def family() -> Iterator[Family]:
    """Starts a process with so many children, each of which holds memory or ends at once; gives its number."""
    started: list[subprocess.Popen[bytes]] = []

    def start(children: int = 1, *, holding_mb: int = 1, ends: bool = False) -> int:
        code = f"x = b'x' * ({holding_mb} * 2**20); print(len(x), flush=True)"
        parent = subprocess.Popen(
            [sys.executable, "-I", "-c", _PARENT, code if ends else f"{code}; input()", str(children)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(parent)
        assert parent.stdout is not None
        assert parent.stdout.readline().strip() == b"ready"
        return parent.pid

    yield start
    for parent in started:
        parent.communicate()


def test_a_process_above_the_limit_is_seen_where_each_is_looked_at(family: Family) -> None:
    root = family(holding_mb=120)
    limits = ProcessLimits(memory_mb=100)
    assert find_excess(root, limits, each=False) is None
    excess = find_excess(root, limits, each=True)
    assert excess is not None
    assert excess.memory_mb >= 100
    assert find_excess(root, ProcessLimits(memory_mb=400), each=True) is None


def test_a_family_above_three_times_the_limit_is_seen(family: Family) -> None:
    assert find_excess(family(2, holding_mb=80), ProcessLimits(memory_mb=50), each=False) is not None


def test_more_processes_than_allowed_are_seen(family: Family) -> None:
    root = family(3)
    excess = find_excess(root, ProcessLimits(processes=2))
    assert excess is not None
    assert excess.processes == 3
    assert find_excess(root, ProcessLimits(processes=3)) is None


def test_who_has_ended_takes_nothing(family: Family) -> None:
    root = family(2, ends=True)
    deadline = time.monotonic() + 20
    while find_excess(root, ProcessLimits(processes=0)) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("lists", [True, False], ids=["by the kernel's list", "by psutil"])
def test_all_descendants_are_seen(family: Family, monkeypatch: pytest.MonkeyPatch, lists: bool) -> None:
    monkeypatch.setattr(tree, "_LISTS_CHILDREN", lists and tree._LISTS_CHILDREN)
    root = family(3)
    below = {one.pid for one in psutil.Process(root).children(recursive=True)}
    assert len(below) >= 3
    assert set(tree.see_descendants(root)) == below
    assert set(tree.see_descendants(os.getpid())) >= {root, *below}


def test_a_process_that_is_gone_has_no_descendants() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert tree.see_descendants(gone.pid) == []
