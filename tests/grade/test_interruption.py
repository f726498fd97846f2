"""A grade that is stopped, politely or not, leaves no process behind; a polite stop leaves no folder either."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.grade.conftest import MINI_BOOK, runs

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="needs POSIX signals and orphans that are adopted"
)

# A shell that runs the tests in the background makes its children ignore Ctrl-C: undone here.
AS_AT_A_PROMPT = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from checker.cli import main; sys.exit(main())"
)
COMMAND = [
    sys.executable,
    "-c",
    AS_AT_A_PROMPT,
    "--book",
    str(MINI_BOOK),
    "chapter-1",
    "--solution",
    "--no-load",
]


def start(scratch: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND,
        cwd=scratch,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def family_after(process: subprocess.Popen[bytes], moment_s: float) -> list[psutil.Process]:
    """Wait for the first child, then `moment_s`; everything that runs below then."""
    root = psutil.Process(process.pid)
    while not root.children() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(moment_s)
    return root.children(recursive=True)


def alive(family: list[psutil.Process]) -> list[psutil.Process]:
    gone_by = time.monotonic() + 3
    while time.monotonic() < gone_by:
        left = [one for one in family if runs(one)]
        if not left:
            return []
        time.sleep(0.02)
    return left


@pytest.mark.parametrize("moment_s", [0.0, 0.4, 1.2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_polite_stop_leaves_nothing(tmp_path: Path, moment_s: float, number: signal.Signals) -> None:
    process = start(tmp_path)
    family = family_after(process, moment_s)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (130, 143)
    assert b"Traceback" not in errors
    assert not alive(family)
    left = [str(path) for box in tmp_path.glob("check-*") for path in (box, *box.rglob("*"))]
    assert not left


@pytest.mark.parametrize("moment_s", [0.0, 0.1, 0.5, 1.2])
def test_a_killed_grade_takes_its_processes_with_it(tmp_path: Path, moment_s: float) -> None:
    process = start(tmp_path)
    family = family_after(process, moment_s)
    process.kill()
    process.communicate(timeout=60)
    assert not alive(family)


@pytest.mark.parametrize(
    ("victim", "code"),
    [("checker.suite.judge", 3), ("guest.py", 1)],
    ids=["the judge: the checker could not tell", "the app: it crashed"],
)
def test_a_killed_process_still_ends_in_a_verdict(tmp_path: Path, victim: str, code: int) -> None:
    process = start(tmp_path)
    hit = False
    while not hit and process.poll() is None:
        for member in psutil.Process(process.pid).children(recursive=True):
            try:
                program, *arguments = member.cmdline() or [""]
                # Not bubblewrap above it, which has the same words and may be gone without harm; nor an app's process that still
                # waits for its app, in whose place another one comes.
                waits = victim == "guest.py" and not member.children()
                named = any(part.endswith(victim) for part in arguments)
                if named and not waits and not program.endswith("bwrap"):
                    member.kill()
                    hit = True
                    break
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.01)
    _, errors = process.communicate(timeout=60)
    assert hit
    assert process.returncode == code
    assert b"Traceback" not in errors
