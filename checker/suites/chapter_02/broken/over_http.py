"""The broken apps of chapter 2 once more, as replies: what a learner's own app is made to answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.metrics.programs.saboteur import Call

_ONE = re.compile(r"/donations/\d+")


def takes_any_serial(call: Call) -> None:
    """No serial is refused."""
    found = call.json
    faults = found.get("detail") if isinstance(found, dict) else None
    if call.status != 422 or not isinstance(faults, list):
        return
    places = [fault.get("loc") for fault in faults if isinstance(fault, dict)]
    if places and all("serial" in (place or []) for place in places):
        call.answer(201 if call.method == "POST" else 200, {"id": 1, "serial": "TS-0043-8"})


def loses_what_is_special(call: Call) -> None:
    """Of a tool its kind alone is shown."""
    for shown in _shown(call):
        if isinstance(shown.get("tool"), dict):
            shown["tool"] = {"kind": shown["tool"].get("kind")}


def shows_the_donor(call: Call) -> None:
    """The phone goes out with the name."""
    for shown in _shown(call):
        if isinstance(shown.get("donor"), dict):
            shown["donor"]["phone"] = "+34 600 000 000"


def asks_no_deposit(call: Call) -> None:
    """Whatever the value."""
    for shown in _shown(call):
        if "deposit_cents" in shown:
            shown["deposit_cents"] = 0


def amends_nothing(call: Call) -> None:
    """What a PATCH has changed is as it was."""
    kept = call.memory.setdefault("kept", {})
    found = call.json
    if call.status not in (200, 201) or not isinstance(found, dict) or "id" not in found:
        return
    if call.method in ("POST", "PUT"):
        kept[found["id"]] = found
    elif found["id"] in kept and _ONE.fullmatch(call.path):
        call.answer(call.status, kept[found["id"]])


def _shown(call: Call) -> Iterator[dict[str, Any]]:
    """The donations in a reply, to be changed in place; what they became is the answer."""
    found = call.json
    if not call.path.startswith("/donations") or call.status not in (200, 201):
        return
    rows = found if isinstance(found, list) else [found]
    yield from (row for row in rows if isinstance(row, dict))
    call.answer(call.status, found)
