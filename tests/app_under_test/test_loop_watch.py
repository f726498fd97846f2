"""A loop that the learner's code holds is seen; one that the machine holds is not laid at the learner's door."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from checker.app_under_test import loop_watch
from checker.app_under_test.loop_watch import LoopWatch, waits_for_processor

Held = Callable[..., list[tuple[Any, ...]]]

SLEEPS = "import time\n\ndef hold():\n    time.sleep(0.6)\n"
COMPUTES = """\
import time

def hold():
    until = time.thread_time() + 0.6
    while time.thread_time() < until:
        pass
"""


_TRIES = 5
"""A machine that gives the watch no processor for half a second leaves it nothing to say."""


@pytest.fixture
def held(tmp_path: Path) -> Held:
    """Lets the learner's code hold the loop for 0.6 s during a request; what the watch says of it."""

    def run(source: str = SLEEPS) -> list[tuple[Any, ...]]:
        (tmp_path / "main.py").write_text(source)
        learner = SimpleNamespace()
        exec(compile(source, str(tmp_path / "main.py"), "exec"), learner.__dict__)  # noqa: S102 -- our own text
        said: list[tuple[Any, ...]] = []
        took_ms: list[float] = []
        watch = LoopWatch(tmp_path, lambda *what: said.append(what))

        async def serve() -> None:
            with watch.serving("GET /tools"):
                await asyncio.sleep(0.05)
                began = time.monotonic()
                learner.hold()
                took_ms.append((time.monotonic() - began) * 1000)
                await asyncio.sleep(0.05)

        asyncio.run(serve())
        # The watch looks every few hundredths of a second, so it may be that much off.
        assert all(80 <= held_ms <= took_ms[0] + 100 for _, _, _, held_ms, _ in said)
        return said

    return run


def said_once(held: Held, source: str = SLEEPS) -> tuple[Any, ...]:
    """The one thing that the watch says of a held loop."""
    for _ in range(_TRIES):
        said = held(source)
        if said:
            break
    (only,) = said
    return only


def test_a_held_loop_is_named_with_its_line_and_request(held: Held) -> None:
    how, what, site, _, label = said_once(held)
    assert (how, what, label) == ("held", "the event loop", "GET /tools")
    assert (site["path"], site["line"], site["name"]) == ("main.py", 4, "hold")


def test_time_spent_waiting_for_a_processor_does_not_count(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = itertools.count(0.0, 0.6)
    monkeypatch.setattr(loop_watch, "waits_for_processor", lambda: {"1": next(seconds)})
    assert held() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not say it by thread")
def test_what_the_loop_computes_counts_on_a_busy_machine_too(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = itertools.count(0.0, 5.0)
    monkeypatch.setattr(loop_watch, "waits_for_processor", lambda: {"1": next(seconds)})
    how, _, site, _, _ = said_once(held, COMPUTES)
    assert (how, site["path"], site["name"]) == ("held", "main.py", "hold")


def test_without_figures_only_a_long_hold_counts(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_watch, "waits_for_processor", dict)
    monkeypatch.setattr(loop_watch, "HELD_WITHOUT_FIGURES_S", 5.0)
    assert held() == []


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone counts it")
def test_linux_counts_how_long_threads_wait_for_a_processor() -> None:
    before = waits_for_processor()
    time.sleep(0.05)
    after = waits_for_processor()
    own = str(threading.get_native_id())
    assert after[own] >= before[own] >= 0


_INTERCEPTED = """\
import asyncio, sys
from pathlib import Path
from checker.app_under_test.loop_watch import intercept_blocking_calls

folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
import learner

intercept_blocking_calls(folder, lambda how, what, site: print(how, what, site["line"]), lambda: True)
asyncio.run(learner.serve())
"""

_LEARNER = """\
import pathlib

async def serve():
    import lazily
    pathlib.Path(lazily.__file__).read_text()
"""


def test_a_library_that_is_imported_at_first_use_is_no_blocking_call(tmp_path: Path) -> None:
    (tmp_path / "learner.py").write_text(_LEARNER)
    (tmp_path / "lazily.py").write_text("PART = 1\n")
    # In a process of its own: what is intercepted stays so.
    ran = subprocess.run(
        [sys.executable, "-c", _INTERCEPTED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    told = [line for line in ran.stdout.splitlines() if line]
    assert told, ran.stderr
    assert all(line.endswith(" 5") for line in told), told
