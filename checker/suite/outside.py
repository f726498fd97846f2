"""What was seen from outside, joined with what the app's process says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checker.models.facts import AppFacts, BlockedLoop, RouteFact
from checker.suite.pulse import Stillness

_LOOP = "the event loop"
_PLACE = re.compile(r"\\{\w+(:path)?\\}")


def blocked_from_outside(facts: AppFacts, stillness: Iterable[Stillness]) -> tuple[BlockedLoop, ...]:
    """The loops that were felt to stand still and of which the probe said nothing.

    The probe knows the line that held the loop; where it was switched off or blinded, the path operation is named. A plain
    `def` runs in a thread: what held the loop then is something else, and nothing is said.
    """
    told = {_place(facts, *_split(blocked.request)) for blocked in facts.blocked}
    worst: dict[str, BlockedLoop] = {}
    for still in stillness:
        route = _route(facts, still.method, still.path)
        place = _place(facts, still.method, still.path)
        if route is None or route.site is None or not route.is_async or place in told:
            continue
        held_ms = round(still.seconds * 1000, 1)
        if place not in worst or worst[place].held_ms < held_ms:
            request = f"{still.method} {still.path}"
            worst[place] = BlockedLoop(
                how="held", what=_LOOP, site=route.site, request=request, held_ms=held_ms
            )
    return tuple(worst.values())


def told_once(facts: AppFacts, blocked: Iterable[BlockedLoop]) -> tuple[BlockedLoop, ...]:
    """What several lanes saw, without what one felt from outside while another's probe knew the line."""
    blocked = list(blocked)
    known = {_place(facts, *_split(one.request)) for one in blocked if one.what != _LOOP}
    left: list[BlockedLoop] = []
    felt: set[str] = set()
    for one in sorted(blocked, key=lambda one: -one.held_ms):
        place = _place(facts, *_split(one.request))
        if one.what == _LOOP:
            if place in known | felt:
                continue
            felt.add(place)
        left.append(one)
    return tuple(sorted(left, key=blocked.index))


def _place(facts: AppFacts, method: str, path: str) -> str:
    """The path operation behind a request, in words; the request itself where there is none."""
    route = _route(facts, method, path)
    return f"{method} {route.path if route is not None else path}"


def _split(label: str) -> tuple[str, str]:
    method, _, path = label.partition(" ")
    return method, path


def _route(facts: AppFacts, method: str, path: str) -> RouteFact | None:
    """The first path operation that answers, as Starlette looks for it."""
    return next(
        (route for route in facts.routes if method in route.methods and _matches(route.path, path)), None
    )


def _matches(template: str, path: str) -> bool:
    pattern = _PLACE.sub(lambda found: ".*" if found[1] else "[^/]+", re.escape(template))
    return re.fullmatch(pattern, path) is not None
