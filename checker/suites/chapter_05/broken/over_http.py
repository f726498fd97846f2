"""The broken apps of chapter 5 once more, as replies: what a learner's own app is made to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checker.metrics.programs.saboteur import Call

_PAIR = {
    "access_token": "a.b.c",
    "refresh_token": "d",
    "token_type": "bearer",
    "expires_in": 900,
    "scope": "",
}
_ACCOUNT = {"id": 1, "name": "Somebody", "email": "somebody@example.org", "scopes": ["me"]}


def opens_to_any_password(call: Call) -> None:
    """No login is refused."""
    if call.path == "/token" and call.status == 401:
        _open(call, _PAIR)


def keeps_old_tokens(call: Call) -> None:
    """No refresh is refused, unless somebody has logged out."""
    if call.path == "/logout":
        call.memory["out"] = True
    if call.path == "/token/refresh" and call.status == 401 and "out" not in call.memory:
        _open(call, _PAIR)


def serves_strangers(call: Call) -> None:
    """Nobody is asked for a token."""
    if call.path == "/me" and call.status == 401 and not call.sent.get("authorization"):
        _open(call, _ACCOUNT)


def forgets_scopes(call: Call) -> None:
    """Whoever is known may do everything, but lend in other people's names."""
    if call.status == 403 and call.path != "/loans":
        _open(call, [] if call.method == "GET" else {})


def knows_two_of_one(call: Call) -> None:
    """Every email is new."""
    if call.path == "/members" and call.status == 409:
        _open(call, _ACCOUNT, 201)


def never_revokes(call: Call) -> None:
    """Every key lends."""
    if call.path == "/loans" and call.status == 401 and call.sent.get("x-api-key"):
        _open(call, {"id": 1, "tool_id": 1, "member_id": 1, "taken_at": "2026-11-27T09:00:00Z"}, 201)


def logs_nobody_out(call: Call) -> None:
    """After a logout, no refresh is refused."""
    if call.path == "/logout":
        call.memory["out"] = True
    if call.path == "/token/refresh" and call.status == 401 and "out" in call.memory:
        _open(call, _PAIR)


def _open(call: Call, body: object, status: int = 200) -> None:
    call.headers.pop("www-authenticate", None)
    call.answer(status, body)
