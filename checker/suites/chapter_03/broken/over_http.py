"""The broken apps of chapter 3 once more, as replies: what a learner's own app is made to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checker.metrics.programs.saboteur import Call


def lends_twice(call: Call) -> None:
    """Whoever asks for a tool gets it."""
    if call.method == "POST" and call.path == "/loans" and call.status == 409:
        call.answer(201, {"id": 99, "tool_id": 1, "member_id": 1})


def blames_itself(call: Call) -> None:
    """Somebody else's failure becomes one's own."""
    if call.path.startswith("/tools/") and call.status in (502, 504):
        call.answer(500, {"detail": "Failed."})


def names_no_source(call: Call) -> None:
    """All sources seem to have answered."""
    found = call.json
    if call.path.endswith("/recalls") and isinstance(found, dict) and "failed" in found:
        call.answer(call.status, found | {"failed": []})


def sent_whatever_happened(call: Call) -> None:
    """No receipt is ever pending, and none has failed."""
    found = call.json
    if call.path.endswith("/receipt") and isinstance(found, dict) and "status" in found:
        call.answer(call.status, found | {"status": "sent"})
