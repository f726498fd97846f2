"""The broken apps of chapter 4 once more, as replies: what a learner's own app is made to answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checker.metrics.programs.saboteur import Call

_CHECKOUT = re.compile(r"/counter/tools/(\d+)/loans")
_RENEWAL = re.compile(r"/counter/loans/\d+/renewal")
_OF_A_LOAN = re.compile(r"/counter/loans/\d+(/\w+)?")


def serves_strangers(call: Call) -> None:
    """Nobody is asked for a token."""
    if call.path.startswith("/counter") and call.status == 401 and not call.sent.get("authorization"):
        call.headers.pop("www-authenticate", None)
        call.answer(200, [])


def lends_to_debtors(call: Call) -> None:
    """No member is refused."""
    if call.status == 403 and call.method == "POST":
        if _CHECKOUT.fullmatch(call.path):
            call.answer(201, {"id": 1})
        elif _RENEWAL.fullmatch(call.path):
            call.answer(200, {"id": 1})


def mixes_up_members(call: Call) -> None:
    """Every loan is everybody's."""
    if call.status == 404 and _OF_A_LOAN.fullmatch(call.path):
        call.answer(200, {})


def saves_nothing(call: Call) -> None:
    """What was made is nowhere to be found."""
    lent = call.memory.setdefault("lent", {})
    gone = call.memory.setdefault("gone", set())
    if call.method == "POST" and call.status == 201:
        gone.add(call.headers.get("location", "").partition("/counter")[2])
        if checkout := _CHECKOUT.fullmatch(call.path):
            lent[int(checkout[1])] = lent.get(int(checkout[1]), 0) + 1
    if call.method != "GET" or call.status != 200:
        return
    found = call.json
    if call.path.removeprefix("/counter") in gone:
        call.answer(404, {"detail": "Not found."})
    elif call.path == "/counter/shelf" and isinstance(found, list):
        call.answer(200, [_more(tool, lent) for tool in found])
    elif call.path == "/counter/loans" and isinstance(found, list):
        call.answer(200, [loan for loan in found if f"/loans/{loan.get('id')}" not in gone])
    elif call.path == "/counter/events" and lent:
        call.answer(200, [])


def half_done(call: Call) -> None:
    """The copy is off the shelf though nobody has it."""
    lost = call.memory.setdefault("lost", {})
    checkout = _CHECKOUT.fullmatch(call.path)
    if checkout and call.method == "POST" and call.status >= 409:
        lost[int(checkout[1])] = lost.get(int(checkout[1]), 0) - 1
    elif call.path == "/counter/shelf" and isinstance(call.json, list):
        call.answer(call.status, [_more(tool, lost) for tool in call.json])


def one_number_for_two(call: Call) -> None:
    """Slip and copy have the same number."""
    slip = call.json
    if call.path == "/counter/slips" and isinstance(slip, dict) and "slip_number" in slip:
        call.answer(call.status, slip | {"copy_number": slip["slip_number"]})


def charges_nothing(call: Call) -> None:
    """However late."""
    receipt = call.json
    if call.path.endswith("/return") and isinstance(receipt, dict) and "fee_cents" in receipt:
        call.answer(call.status, receipt | {"fee_cents": 0})


def _more(tool: dict[str, int], by: dict[int, int]) -> dict[str, int]:
    return tool | {"available": max(0, tool.get("available", 0) + by.get(tool.get("id", 0), 0))}
