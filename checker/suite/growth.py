"""Whether work grows with the rows behind an answer, measured from outside: the sign of N+1 that nobody in the app can hide."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Final

from checker.suite.client import App
from checker.suite.world import Call

TIMES: Final = 12
"""How often each call is repeated; medians are compared, and one answer takes a millisecond or two."""
_TOGETHER: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One call whose answer rests on few rows beside one that rests on many.

    `processor` is the server's processor time for an answer, many over few, from the system's own books; `statements` are the
    SQL statements of one answer each, as the probe counted them in the app's process.
    """

    processor: float
    statements: tuple[int, int]

    @property
    def told(self) -> int:
        """Statements that the many rows cost on top, by the probe's word."""
        return self.statements[1] - self.statements[0]


def measure_growth(app: App, few: Call, many: Call, *, times: int = TIMES) -> Growth:
    """Send both calls in turns, so that the machine's moods meet both alike. They must be answered with 200.

    Raises `CheckFailed` where one is not, `RuntimeError` where the system does not say what the server computed.
    """
    statements = tuple(_answer(app, what) for what in (few, many))
    ratios: list[float] = []
    for _ in range(times):
        cost = [_cost(app, what) for what in (few, many)]
        if cost[0] > 0:
            ratios.append(cost[1] / cost[0])
    if not ratios:
        raise RuntimeError("the server's processor time cannot be read here")
    return Growth(processor=statistics.median(ratios), statements=(statements[0], statements[1]))


def _answer(app: App, what: Call) -> int:
    reply = app.send(what)
    if reply.status != 200:
        raise reply.failure("an answer of 200", reply.shown())
    return reply.served.sql_count if reply.served is not None else 0


def _cost(app: App, what: Call) -> float:
    """Processor seconds of several answers: the system counts in hundredths, or finer where it says so."""
    before = app.processor_s()
    for _ in range(_TOGETHER):
        app.send(what)
    return app.processor_s() - before
