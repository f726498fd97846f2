"""Starts the judge and listens to it: a hung, killed or silent judge ends as a sentence, never as a hang."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from checker.models.facts import AppFacts
from checker.models.report import Check, Fault, FaultKind
from checker.sandbox import clean_environment, end_process, end_tree, start_process
from checker.suite.messages import JudgeEvent, JudgeRequest


@dataclass(slots=True, kw_only=True)
class SuiteRun:
    """What the judge said until it ended; `broken` is a sentence where the suite itself could not be run."""

    facts: AppFacts | None = None
    servers: str = ""
    checks: dict[str, Check] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    broken: str | None = None


def run_judge(
    request: JudgeRequest,
    *,
    say_check: Callable[[str, Check], None],
    say_facts: Callable[[AppFacts], None],
    say_fault: Callable[[Fault], None],
) -> SuiteRun:
    """Run a suite in a trusted process; results are passed on as they land.

    `say_check` gets the suite's file name with each check. Never raises for what app or judge do.
    """
    run = SuiteRun()
    box = Path(request.box)
    # The judge is ours, but what it starts inherits from it: no secrets of the person's own.
    environment = clean_environment(box) | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    for name in ("VIRTUAL_ENV", "USERPROFILE", "PYTHONUSERBASE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
    log = box / "judge.txt"
    with log.open("wb") as errors:
        process = start_process(
            [sys.executable, "-P", "-m", "checker.suite.judge"],
            cwd=box,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    overdue = threading.Timer(request.limits.run_s, _end_overdue, (process, run, request.limits.run_s))
    overdue.start()
    try:
        _converse(process, request, run, say_check, say_facts, say_fault)
    finally:
        overdue.cancel()
        end_process(process)
    if run.broken:
        tail = log.read_text("utf-8", "replace").strip().splitlines()[-3:]
        run.broken = " ".join([run.broken, *tail])
    for fault in run.faults:
        if fault.kind is FaultKind.TIMEOUT and fault.message.startswith("The whole run"):
            say_fault(fault)
    return run


def _end_overdue(process: subprocess.Popen[bytes], run: SuiteRun, limit_s: float) -> None:
    run.faults.append(
        Fault(
            kind=FaultKind.TIMEOUT,
            message=(
                f"The whole run took longer than {limit_s:g} s and was stopped. The first failing check below is the "
                "place to look: something answers very slowly or not at all."
            ),
        )
    )
    end_tree(process.pid)


def _converse(
    process: subprocess.Popen[bytes],
    request: JudgeRequest,
    run: SuiteRun,
    say_check: Callable[[str, Check], None],
    say_facts: Callable[[AppFacts], None],
    say_fault: Callable[[Fault], None],
) -> None:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the judge was started with pipes")
    done = False
    with process.stdout, contextlib.suppress(BrokenPipeError):
        process.stdin.write(msgspec.json.encode(msgspec.structs.replace(request, parent=os.getpid())))
        process.stdin.close()
        for line in process.stdout:
            try:
                event = msgspec.json.decode(line, type=JudgeEvent)
            except msgspec.DecodeError:
                run.broken = "The judge said something unreadable."
                break
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
            done = done or event.done
    if not done and not run.faults and not run.broken:
        run.broken = "The judge ended before it was done."
