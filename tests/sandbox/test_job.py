"""A Job Object bounds a family on Windows and ends it whole; what it is told is checked on every system."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from checker.sandbox import ProcessLimits, State, clean_environment, run_limited
from checker.sandbox.job import ExtendedLimits, Job, extended_limits

windows = pytest.mark.skipif(sys.platform != "win32", reason="only Windows has Job Objects")


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not psutil.pid_exists(pid)


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="the documented sizes are those of 64 bits")
def test_the_structure_has_the_documented_layout() -> None:
    assert ctypes.sizeof(ExtendedLimits) == 144
    assert [getattr(ExtendedLimits, name).offset for name, *_ in ExtendedLimits._fields_] == [
        *(0, 64, 112, 120, 128, 136)
    ]


def test_limits_become_ticks_and_bytes() -> None:
    told = extended_limits(ProcessLimits(cpu_s=20, memory_mb=512, processes=8))
    assert told.basic.per_process_user_time == 200_000_000
    assert told.basic.active_processes == 9
    assert (told.process_memory, told.job_memory) == (512 * 2**20, 3 * 512 * 2**20)
    assert told.basic.flags == 0x2 | 0x8 | 0x100 | 0x200 | 0x400 | 0x2000


def test_without_limits_a_job_only_ends_with_its_handle() -> None:
    assert extended_limits(None).basic.flags == 0x400 | 0x2000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has them")
def test_elsewhere_there_is_no_job() -> None:
    with pytest.raises(OSError, match="only Windows"):
        Job(None)


@windows
@pytest.mark.parametrize("wall_s", [30.0, 8.0], ids=["command ends", "command is ended"])
def test_a_detached_grandchild_does_not_survive(tmp_path: Path, wall_s: float) -> None:
    note = tmp_path / "pid"
    grandchild = "import time; time.sleep(120)"
    child = (
        "import subprocess, sys; "
        f"print(subprocess.Popen([sys.executable, '-I', '-c', {grandchild!r}], creationflags=0x8).pid)"
    )
    code = f"""
import pathlib, subprocess, sys, time
pid = subprocess.run([sys.executable, "-I", "-c", {child!r}], capture_output=True, text=True).stdout
pathlib.Path({str(note)!r}).write_text(pid)
time.sleep({0 if wall_s > 10 else 120})
"""
    finished = run_limited(
        [sys.executable, "-I", "-c", code],
        cwd=tmp_path,
        env=clean_environment(tmp_path),
        wall_s=wall_s,
        limits=ProcessLimits(),
    )
    assert finished.state is (State.FINISHED if wall_s > 10 else State.TIMED_OUT)
    assert is_gone(int(note.read_text()))


@windows
def test_what_a_killed_checker_started_ends_with_it() -> None:
    code = """
import os, subprocess, sys, time
from checker.sandbox import start_process
sleeper = [sys.executable, "-I", "-c", "import time; time.sleep(120)"]
print(start_process(sleeper, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid, flush=True)
time.sleep(120)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as checker:
        assert checker.stdout is not None
        pid = int(checker.stdout.readline())
        assert psutil.pid_exists(pid)
        checker.kill()
    assert is_gone(pid)


@windows
def test_memory_beyond_the_limit_is_an_error_of_the_command(tmp_path: Path) -> None:
    finished = run_limited(
        [sys.executable, "-I", "-c", "x = bytearray(900 * 2**20)"],
        cwd=tmp_path,
        env=clean_environment(tmp_path),
        wall_s=30,
        limits=ProcessLimits(memory_mb=512),
    )
    assert finished.returncode == 1
    assert b"MemoryError" in finished.stderr
