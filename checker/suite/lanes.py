"""A suite in lanes: some files each, beside each other, with a judge, a process for the app and servers of its own.

Much of a suite waits: for limits, for a clock, for an app that hashes a password. Two lanes wait at the same time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from checker.models.facts import AppFacts, BlockedLoop
from checker.models.report import Check, Fault
from checker.suite.messages import JudgeRequest, JudgeStart
from checker.suite.outside import told_once
from checker.suite.run import Judge, SuiteRun


class Judges:
    """A judge for each lane, which get ready by themselves and wait for the submission, as `Judge` does."""

    def __init__(self, requests: Sequence[JudgeRequest]) -> None:
        self._judges: list[Judge] = []
        try:
            for request in requests:
                self._judges.append(Judge(request))
        except BaseException:
            self.end()
            raise

    @property
    def waits(self) -> bool:
        """Whether all of them are there, and none has ended by itself."""
        return all(judge.waits for judge in self._judges)

    def run(
        self,
        start: JudgeStart,
        *,
        say_check: Callable[[str, Check], None],
        say_facts: Callable[[AppFacts], None],
        say_fault: Callable[[Fault], None],
    ) -> SuiteRun:
        """Run the suite; the callbacks hear one piece of news at a time, each once, whichever lane it comes from."""
        news = threading.Lock()
        told: list[AppFacts | Fault] = []

        def check_came(file: str, check: Check) -> None:
            with news:
                say_check(file, check)

        def facts_came(facts: AppFacts) -> None:
            with news:
                if not any(isinstance(one, AppFacts) for one in told):
                    told.append(facts)
                    say_facts(facts)

        def fault_came(fault: Fault) -> None:
            with news:
                if fault not in told:
                    told.append(fault)
                    say_fault(fault)

        def run(judge: Judge) -> SuiteRun:
            return judge.run(start, say_check=check_came, say_facts=facts_came, say_fault=fault_came)

        with ThreadPoolExecutor(max_workers=len(self._judges), thread_name_prefix="judge") as lanes:
            return _join(list(lanes.map(run, self._judges)))

    def end(self) -> None:
        """End all of them, wherever they are."""
        for judge in self._judges:
            judge.end()


def _join(runs: Sequence[SuiteRun]) -> SuiteRun:
    """One run out of those of all lanes."""
    joined = SuiteRun(facts=_join_facts(runs), done=all(run.done for run in runs))
    for run in runs:
        joined.servers = joined.servers or run.servers
        joined.checks |= run.checks
        joined.faults += [fault for fault in run.faults if fault not in joined.faults]
        joined.broken = joined.broken or run.broken
    return joined


def _join_facts(runs: Sequence[SuiteRun]) -> AppFacts | None:
    found = [run.facts for run in runs if run.facts is not None]
    if not found:
        return None
    blocked: list[BlockedLoop] = []
    for facts in found:
        blocked += [one for one in facts.blocked if one not in blocked]
    return replace(
        found[0],
        blocked=told_once(found[0], blocked),
        answers=next((facts.answers for facts in found if facts.answers), ()),
    )
