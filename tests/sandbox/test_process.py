"""A command in a child: however it behaves, it ends in time with a state, and nothing of it stays."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from checker.sandbox import (
    Finished,
    LimitedProcess,
    ProcessLimits,
    State,
    clean_environment,
    run_limited,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and sessions are POSIX's own")


def run(code: str, folder: Path, *, wall_s: float = 10.0, **limits: int) -> Finished:
    return run_limited(
        [sys.executable, "-I", "-c", code],
        cwd=folder,
        env=clean_environment(folder),
        wall_s=wall_s,
        limits=ProcessLimits(**limits),
    )


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_output_and_code_of_a_command_come_back(tmp_path: Path) -> None:
    finished = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", tmp_path)
    assert (finished.state, finished.returncode) == (State.FINISHED, 3)
    assert (finished.stdout.strip(), finished.stderr.strip()) == (b"out", b"err")


def test_standard_input_reaches_the_command(tmp_path: Path) -> None:
    finished = run_limited(
        [sys.executable, "-I", "-c", "print(input()[::-1])"],
        cwd=tmp_path,
        env=clean_environment(tmp_path),
        wall_s=10,
        limits=ProcessLimits(),
        stdin=b"abc",
    )
    assert finished.stdout.strip() == b"cba"


def waiting(code: str, folder: Path) -> LimitedProcess:
    return LimitedProcess(
        [sys.executable, "-I", "-c", code],
        cwd=folder,
        env=clean_environment(folder),
        limits=ProcessLimits(),
        stdin=None,
    )


def test_a_command_that_waits_is_told_one_line(tmp_path: Path) -> None:
    process = waiting("import sys; print(sys.stdin.read()[::-1])", tmp_path)
    time.sleep(0.5)
    assert process.runs
    process.send(b"abc")
    finished = process.finish(wall_s=10)
    assert finished.stdout.strip() == b"cba"
    process.end()


def test_a_command_that_nobody_needs_any_more_is_ended(tmp_path: Path) -> None:
    process = waiting("import time; print(input()); time.sleep(60)", tmp_path)
    process.end()
    assert not process.runs
    process.end()


def test_a_command_that_died_while_it_waited_is_known_by_its_end(tmp_path: Path) -> None:
    process = waiting("raise SystemExit(5)", tmp_path)
    while process.runs:
        time.sleep(0.01)
    process.send(b"abc")
    assert process.finish(wall_s=10).returncode == 5


def test_a_command_that_hangs_is_ended_at_its_time(tmp_path: Path) -> None:
    finished = run("import time; time.sleep(60)", tmp_path, wall_s=0.5)
    assert finished.state is State.TIMED_OUT
    assert finished.seconds < 10


@posix
def test_a_command_that_ignores_signals_is_ended_too(tmp_path: Path) -> None:
    code = "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(60)"
    assert run(code, tmp_path, wall_s=0.5).state is State.TIMED_OUT


@posix
def test_a_command_killed_by_a_signal_is_told_apart(tmp_path: Path) -> None:
    finished = run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", tmp_path)
    assert (finished.state, finished.returncode) == (State.KILLED, -9)


def test_a_flood_of_output_is_cut_and_ended(tmp_path: Path) -> None:
    finished = run("while True: print('x' * 100_000)", tmp_path, output_mb=1, file_mb=8)
    assert finished.state in (State.FLOODED, State.FINISHED, State.KILLED)
    assert len(finished.stdout) <= 2**20


@posix
def test_a_busy_loop_ends_at_its_processor_time(tmp_path: Path) -> None:
    finished = run("while True: pass", tmp_path, wall_s=20, cpu_s=1)
    assert finished.state is State.KILLED


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_memory_beyond_the_limit_is_an_error_of_the_command(tmp_path: Path) -> None:
    finished = run("x = bytearray(900 * 2**20)", tmp_path, memory_mb=512)
    assert finished.returncode == 1
    assert b"MemoryError" in finished.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux alone")
@pytest.mark.parametrize("wall_s", [10.0, 0.7], ids=["command ends", "command is ended"])
def test_a_grandchild_in_a_session_of_its_own_does_not_survive(tmp_path: Path, wall_s: float) -> None:
    note = tmp_path / "pid"
    code = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open({str(note)!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    os._exit(0)
while not os.path.exists({str(note)!r}) or not open({str(note)!r}).read(): time.sleep(0.01)
time.sleep({0 if wall_s > 1 else 60})
"""
    run(code, tmp_path, wall_s=wall_s)
    pid = int(note.read_text())
    deadline = time.monotonic() + 3
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(pid)


def test_nothing_of_the_environment_leaks_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "very-secret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finished = run("import os; print(dict(os.environ))", tmp_path)
    assert b"very-secret" not in finished.stdout
    assert b"PYTHONPATH" not in finished.stdout


def test_a_missing_command_says_so(tmp_path: Path) -> None:
    command = str(tmp_path / "no-such-command")
    try:
        finished = run_limited(
            [command], cwd=tmp_path, env=clean_environment(tmp_path), wall_s=5, limits=ProcessLimits()
        )
    except OSError as error:
        assert "no-such-command" in str(error)
    else:
        assert finished.returncode == 127
        assert b"no-such-command" in finished.stderr


@posix
def test_a_core_file_is_never_written(tmp_path: Path) -> None:
    run("import os; os.abort()", tmp_path)
    assert not [name for name in os.listdir(tmp_path) if name.startswith("core")]
