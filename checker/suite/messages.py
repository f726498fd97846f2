"""What the grade asks of the judge, and what the judge says back; neither needs pytest."""

from __future__ import annotations

import msgspec

from checker.book import Limits
from checker.models.facts import AppFacts
from checker.models.report import Check, Fault
from checker.sandbox import Isolation

ALIVE_EVERY_S = 1.0
"""How often the judge says that it is at work."""


class JudgeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to judge: hidden test files, the app, the box for everything that comes into being.

    All of it is known before there is a submission: `folder` may be empty until `JudgeStart`.
    """

    suite: str
    files: tuple[str, ...]
    folder: str
    target: str
    env: dict[str, str]
    limits: Limits
    box: str
    libraries: tuple[str, ...] = ()
    """What the app is likely to import; the process that waits for it imports them meanwhile."""
    asks_for_errors: bool = True
    """Whether it also looks how the app answers errors: in a suite of several lanes one of them does."""
    fork: bool | None = None
    isolation: Isolation = Isolation.PORTABLE
    parent: int = 0
    """The process that asks; the judge ends with it."""


class JudgeStart(msgspec.Struct, frozen=True, kw_only=True):
    """The word to begin: the submission lies in its folder."""

    seed: int
    first: tuple[str, ...] = ()
    stop_early: bool = False


class JudgeEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One piece of news; exactly one field is set."""

    facts: AppFacts | None = None
    servers: str | None = None
    check: Check | None = None
    file: str | None = None
    fault: Fault | None = None
    broken: str | None = None
    """The suite itself could not be run."""
    alive: bool = False
    """Nothing new; the judge is at work."""
    done: bool = False
