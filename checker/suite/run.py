"""Starts the judge and listens to it: a hung, killed or silent judge ends as a sentence, never as a hang."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import msgspec

from checker.models.facts import AppFacts
from checker.models.report import Check, Fault, FaultKind
from checker.sandbox import clean_environment, end_process, end_tree, start_process
from checker.suite.messages import JudgeEvent, JudgeRequest, JudgeStart


@dataclass(slots=True, kw_only=True)
class SuiteRun:
    """What the judge said until it ended; `broken` is a sentence where the suite itself could not be run."""

    facts: AppFacts | None = None
    servers: str = ""
    checks: dict[str, Check] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    broken: str | None = None
    done: bool = False
    """The judge ended by itself, with everything said."""


# Made here once: two lanes that decode their first event at the same time would both find out what it is made of, and msgspec
# (0.22) ends the process over that.
_EVENTS = msgspec.json.Decoder(JudgeEvent)
SILENT_S = 12.0
"""A judge that says nothing for so long, though it speaks every second, was stopped."""


class Judge:
    """A trusted process that runs a suite once. It gets ready by itself, and then waits for the submission.

    Use as a context manager; leaving it ends the process with all that it started.
    """

    def __init__(self, request: JudgeRequest) -> None:
        self._limits = request.limits
        self._code: int | None = None
        box = Path(request.box)
        # The judge is ours, but what it starts inherits from it: no secrets of the person's own.
        environment = clean_environment(box) | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
        for name in ("VIRTUAL_ENV", "USERPROFILE", "PYTHONUSERBASE"):
            if name in os.environ:
                environment[name] = os.environ[name]
        environment["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
        self._log = box / "judge.txt"
        with self._log.open("wb") as errors:
            self._process = start_process(
                [sys.executable, "-P", "-m", "checker.suite.judge"],
                cwd=box,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self._send(msgspec.structs.replace(request, parent=os.getpid()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def waits(self) -> bool:
        """Whether it is there, and has not ended by itself."""
        return self._process.poll() is None

    def run(
        self,
        start: JudgeStart,
        *,
        say_check: Callable[[str, Check], None],
        say_facts: Callable[[AppFacts], None],
        say_fault: Callable[[Fault], None],
    ) -> SuiteRun:
        """Run the suite; results are passed on as they land.

        `say_check` gets the suite's file name with each check. Never raises for what app or judge do.
        """
        run = SuiteRun()
        watch = _Watch(self._process, self._limits.run_s)
        try:
            self._send(start)
            _converse(self._process, run, watch, say_check, say_facts, say_fault)
        finally:
            watch.stop()
            code = self.end()
        _explain_end(run, watch, code, self._log, say_fault)
        return run

    def end(self) -> int:
        """End it, wherever it is; its exit code."""
        if self._code is None:
            self._code = self._end()
        return self._code

    def _end(self) -> int:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return end_process(self._process)

    def _send(self, message: JudgeRequest | JudgeStart) -> None:
        if self._process.stdin is None:
            raise RuntimeError("the judge was started with pipes")
        # One that is gone already is explained by its end.
        with contextlib.suppress(OSError):
            self._process.stdin.write(msgspec.json.encode(message) + b"\n")
            self._process.stdin.flush()


class _Watch:
    """Owns the clock of the run: ends a judge that takes too long, and one that says nothing any more."""

    def __init__(self, process: subprocess.Popen[bytes], limit_s: float) -> None:
        self.overdue = False
        self.silent = False
        self._process = process
        self._limit_s = limit_s
        self._heard = self._started = time.monotonic()
        self._stopped = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def hear(self) -> None:
        """The judge said something."""
        self._heard = time.monotonic()

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()

    @property
    def limit_s(self) -> float:
        """What the whole run may take."""
        return self._limit_s

    def _run(self) -> None:
        while not self._stopped.wait(0.2):
            now = time.monotonic()
            self.overdue = now - self._started > self._limit_s
            self.silent = now - self._heard > SILENT_S
            if self.overdue or self.silent:
                end_tree(self._process.pid)
                return


def _explain_end(
    run: SuiteRun, watch: _Watch, code: int, log: Path, say_fault: Callable[[Fault], None]
) -> None:
    """Why the judge ended where it did not end by itself, as faults and as `run.broken`."""
    fault: Fault | None = None
    if watch.overdue:
        fault = Fault(
            kind=FaultKind.TIMEOUT,
            message=(
                f"The whole run took longer than {watch.limit_s:g} s and was stopped. The first failing check below is the "
                "place to look: something answers very slowly or not at all."
            ),
        )
    elif watch.silent:
        fault = _fell_silent(f"said nothing for {SILENT_S:g} s")
    elif not run.done and code < 0:
        fault = _fell_silent(f"was ended by signal {-code}")
    elif not run.done and not run.faults:
        fault = Fault(
            kind=FaultKind.ISOLATION,
            message=(
                f"The process that judges ended with code {code} before it was done ({_last_line(log)}). That is the "
                "checker's own fault; please report it."
            ),
        )
    if fault is not None:
        run.faults.append(fault)
        say_fault(fault)
    if run.broken:
        run.broken = f"{run.broken} {_last_line(log)}"


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "without a word"


def _fell_silent(how: str) -> Fault:
    return Fault(
        kind=FaultKind.ISOLATION,
        message=(
            f"The process that judges {how}, so nothing is decided. Grade again; if it comes back, look for code that sends "
            "signals to other processes."
        ),
    )


def _converse(
    process: subprocess.Popen[bytes],
    run: SuiteRun,
    watch: _Watch,
    say_check: Callable[[str, Check], None],
    say_facts: Callable[[AppFacts], None],
    say_fault: Callable[[Fault], None],
) -> None:
    if process.stdout is None:
        raise RuntimeError("the judge was started with pipes")
    with process.stdout:
        for line in process.stdout:
            try:
                event = _EVENTS.decode(line)
            except msgspec.DecodeError:
                run.broken = "The judge said something unreadable."
                break
            watch.hear()
            if event.facts is not None:
                if run.facts is None:
                    say_facts(event.facts)
                run.facts, run.servers = event.facts, event.servers or ""
            if event.check is not None:
                run.checks[event.check.id] = event.check
                say_check(event.file or "", event.check)
            if event.fault is not None and event.fault not in run.faults:
                run.faults.append(event.fault)
                say_fault(event.fault)
            run.broken = event.broken or run.broken
            run.done = run.done or event.done
