"""What two lanes saw of a loop that stood still is told once, with the line where one of them knows it."""

from __future__ import annotations

from checker.models.facts import AppFacts, BlockedLoop, RouteFact, Site
from checker.suite.outside import blocked_from_outside, told_once
from checker.suite.pulse import Stillness

ENDPOINT = Site(path="app/main.py", line=10, name="read")
FACTS = AppFacts(
    target="app.main:app",
    routes=(RouteFact(path="/tools/{number}", methods=("GET",), name="read", site=ENDPOINT, is_async=True),),
)
KNOWN = BlockedLoop(
    how="call",
    what="time.sleep",
    site=Site(path="app/main.py", line=12, name="read"),
    request="GET /tools/7",
)


def felt(path: str, seconds: float) -> BlockedLoop:
    (one,) = blocked_from_outside(FACTS, [Stillness(method="GET", path=path, seconds=seconds)])
    return one


def test_the_line_is_told_and_not_the_feeling() -> None:
    assert told_once(FACTS, [felt("/tools/1", 0.5), KNOWN]) == (KNOWN,)


def test_of_two_feelings_the_longer_is_told() -> None:
    short, long = felt("/tools/1", 0.5), felt("/tools/2", 0.9)
    assert told_once(FACTS, [short, long]) == (long,)


def test_all_lines_are_told_in_their_order() -> None:
    other = BlockedLoop(how="held", what="sum(rows)", site=ENDPOINT, request="GET /tools/3", held_ms=120)
    assert told_once(FACTS, [KNOWN, other]) == (KNOWN, other)
