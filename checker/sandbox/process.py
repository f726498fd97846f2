"""Runs one command in a child of its own, with limits and a clock."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from checker.sandbox.guard import LOOK_EVERY_S, find_excess
from checker.sandbox.isolation import ANYWHERE, Confinement, Isolation
from checker.sandbox.job import CREATION_FLAGS, Job, enclose
from checker.sandbox.limits import ProcessLimits
from checker.sandbox.tree import end_tree

_SHIM = Path(__file__).with_name("shim.py")
_LOOK_EVERY_S = 0.02


class State(StrEnum):
    """How a command ended."""

    FINISHED = "finished"  # by itself, with a return code of 0 or more
    TIMED_OUT = "timed-out"  # it was killed at the end of its time
    KILLED = "killed"  # by a signal that was not ours
    FLOODED = "flooded"  # it was killed for what it wrote
    CROWDED = "crowded"  # it was killed for how many processes or how much memory it took in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a command left behind; output is cut at the limit."""

    state: State
    returncode: int | None
    stdout: bytes
    stderr: bytes
    seconds: float


_running: dict[int, subprocess.Popen[bytes]] = {}
_jobs: dict[int, Job] = {}
"""On Windows, those of the running children."""
_starting = threading.Lock()


def start_process(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str],
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    stdout: IO[bytes] | int,
    stderr: IO[bytes] | int,
    pass_fds: Sequence[int] = (),
    limits: ProcessLimits | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own; `end_process` must follow. Raises `OSError` where it cannot start.

    `limits` are for the child and all that it starts where only this side can set them (Windows); elsewhere the command that
    `limited` makes sets them itself.
    """
    with _starting:
        try:
            process = subprocess.Popen(
                list(command),
                cwd=cwd,
                env=dict(env),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                pass_fds=tuple(pass_fds),
                start_new_session=sys.platform != "win32",
                creationflags=CREATION_FLAGS if sys.platform == "win32" else 0,
            )
        except FileNotFoundError as error:
            # Windows does not say which file.
            raise FileNotFoundError(error.errno, error.strerror, error.filename or command[0]) from error
        if sys.platform == "win32":
            _jobs[process.pid] = enclose(process, limits)
        _running[process.pid] = process
    return process


def end_process(process: subprocess.Popen[bytes]) -> int:
    """End a child with everything below it, and wait for it; returns its exit code."""
    _end_family(process.pid)
    code = process.wait()
    with _starting:
        _running.pop(process.pid, None)
        job = _jobs.pop(process.pid, None)
    if job is not None:
        job.close()
    return code


def end_all_processes() -> None:
    """End every child that is still running: the way out when somebody presses Ctrl-C."""
    with _starting:
        pids = list(_running)
    for pid in pids:
        _end_family(pid)


def _end_family(pid: int) -> None:
    job = _jobs.get(pid)
    if job is not None:
        # Members whose parent is gone are below nobody.
        job.end()
    else:
        end_tree(pid)


def limited(command: Sequence[str], limits: ProcessLimits, confinement: Confinement = ANYWHERE) -> list[str]:
    """The command line that puts itself under `limits` and `confinement` and then becomes `command`."""
    if sys.platform == "win32":
        return list(command)
    within: dict[str, Any] = {"limits": asdict(limits), "reach": None}
    if confinement.level is Isolation.LANDLOCK and (reach := confinement.reach()) is not None:
        within["reach"] = asdict(reach)
    shim = [sys.executable, "-I", "-S", str(_SHIM), str(os.getpid()), json.dumps(within)]
    return [*shim, *confinement.enclosed(command)]


class LimitedProcess:
    """A command under limits that has been started; `finish` or `end` must follow.

    Raises `OSError` where the command cannot be started at all.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        limits: ProcessLimits,
        confinement: Confinement = ANYWHERE,
        stdin: bytes | None = b"",
    ) -> None:
        """`stdin` is all that it can read; with None it waits there for what `send` says."""
        self._limits = limits
        self._confinement = confinement
        self._started = time.monotonic()
        self._code: int | None = None
        # Files, not pipes: a grandchild that holds a pipe open would block the read for ever.
        with contextlib.ExitStack() as files:
            self._out = files.enter_context(tempfile.TemporaryFile())
            self._err = files.enter_context(tempfile.TemporaryFile())
            given: IO[bytes] | int = subprocess.DEVNULL
            if stdin is None:
                given = subprocess.PIPE
            elif stdin:
                given = files.enter_context(tempfile.TemporaryFile())
                given.write(stdin)
                given.seek(0)
            self._process = start_process(
                limited(command, limits, confinement),
                cwd=cwd,
                env=env,
                stdin=given,
                stdout=self._out,
                stderr=self._err,
                limits=limits,
            )
            self._files = files.pop_all()

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def send(self, line: bytes) -> None:
        """Tell a command that waits what it waits for, and nothing after that; its time begins now."""
        self._started = time.monotonic()
        if self._process.stdin is None:
            raise RuntimeError("this command was given its standard input when it started")
        # One that is gone already is explained by its end.
        with contextlib.suppress(OSError), self._process.stdin as pipe:
            pipe.write(line + b"\n")

    def finish(self, wall_s: float) -> Finished:
        """Wait at most `wall_s` seconds from its beginning; its whole family is dead when this returns."""
        with self._files:
            try:
                state = _watch(self._process, self._started + wall_s, self._limits, (self._out, self._err))
            finally:
                returncode = self._confinement.exit_code(self._end_family())
            if state is State.FINISHED and returncode < 0:
                state = State.KILLED
            return Finished(
                state=state,
                returncode=returncode,
                stdout=_read(self._out, self._limits.output_mb * 2**20),
                stderr=_read(self._err, self._limits.output_mb * 2**20),
                seconds=time.monotonic() - self._started,
            )

    def end(self) -> None:
        """End it, wherever it is; nothing where it has ended."""
        with self._files:
            self._end_family()

    def _end_family(self) -> int:
        # Once only: by the second time its number may be another process's.
        if self._code is None:
            if self._process.stdin is not None:
                with contextlib.suppress(OSError):
                    self._process.stdin.close()
            self._code = end_process(self._process)
        return self._code


def run_limited(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    wall_s: float,
    limits: ProcessLimits,
    confinement: Confinement = ANYWHERE,
    stdin: bytes = b"",
) -> Finished:
    """Run `command`; never raises for what it does. Its whole family is dead when this returns.

    Raises `OSError` where the command cannot be started at all.
    """
    process = LimitedProcess(command, cwd=cwd, env=env, limits=limits, confinement=confinement, stdin=stdin)
    return process.finish(wall_s)


def _watch(
    process: subprocess.Popen[bytes], deadline: float, limits: ProcessLimits, outputs: tuple[IO[bytes], ...]
) -> State:
    look_at_family = time.monotonic() + LOOK_EVERY_S
    while True:
        try:
            process.wait(_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            now = time.monotonic()
            if now > deadline:
                return State.TIMED_OUT
            if any(_size(output) > limits.output_mb * 2**20 for output in outputs):
                return State.FLOODED
            if now > look_at_family:
                look_at_family = now + LOOK_EVERY_S
                if find_excess(process.pid, limits) is not None:
                    return State.CROWDED
        else:
            return State.FINISHED


def _size(file: IO[bytes]) -> int:
    # Not by seeking: the child shares the file's position.
    return os.fstat(file.fileno()).st_size


def _read(file: IO[bytes], most_bytes: int) -> bytes:
    file.seek(0)
    return file.read(most_bytes)
