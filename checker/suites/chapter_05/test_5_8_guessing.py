"""5.8 Guessing: five wrong passwords, then patience, and nobody learns who is a member."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_05.accounts import (
    Door,
    ask_to_log_in,
    in_other_letters,
    log_in,
    new_email,
    new_password,
)

_PAGE = "https://fastapi.tiangolo.com/tutorial/handling-errors/#add-custom-headers"
_GUESSES = 5
_WINDOW_S = 900


def world(rng: Random) -> World:
    door = Door(rng)
    return door.world(members=[door.member() for _ in range(6)])


def guess(app: App, email: str, rng: Random, times: int = _GUESSES) -> list[Reply]:
    """So many wrong passwords for this email."""
    return [ask_to_log_in(app, email, new_password(rng)) for _ in range(times)]


def require_patience(reply: Reply) -> int:
    """The reply asks for patience; returns for how many seconds."""
    expect(reply).status(429).header("retry-after")
    asked = reply.headers["retry-after"]
    seconds = int(asked) if asked.isdigit() else 0
    require(
        1 <= seconds <= _WINDOW_S,
        expected=f"`Retry-After` from 1 to {_WINDOW_S}",
        received=f"`Retry-After: {asked}`",
        reply=reply,
    )
    return seconds


@check(
    "5.8-after-five",
    "Five wrong passwords are refused as wrong; then every login has to wait.",
    say="The first five wrong passwords are 401, and then every login for this email is 429 with `Retry-After`, in any spelling and with the right password "
    "too. What you write down before you raise is rolled back, unless you commit it.",
    docs=_PAGE,
)
def test_five_guesses_are_enough(app: App, world: World, rng: Random) -> None:
    member = world.facts["members"][0]
    for reply in guess(app, in_other_letters(member["email"], rng), rng):
        expect(reply).status(401)
    for email in (member["email"], in_other_letters(member["email"], rng)):
        require_patience(ask_to_log_in(app, email, member["password"]))
    for reply in guess(app, member["email"], rng, 2):
        require_patience(reply)
    fewer = world.facts["members"][1]
    for reply in guess(app, fewer["email"], rng, _GUESSES - 1):
        expect(reply).status(401)
    expect(ask_to_log_in(app, fewer["email"], fewer["password"])).status(200)


@check(
    "5.8-who-is-unknown-too",
    "An email that nobody has is treated alike.",
    say="An email that no member has got another answer after five wrong passwords, so the sixth tells who is a member. Count by email, "
    "not by member.",
    docs=_PAGE,
)
def test_unknown_emails_are_treated_alike(app: App, world: World, rng: Random) -> None:
    member, nobody = world.facts["members"][2], new_email(rng)
    for reply in guess(app, member["email"], rng):
        expect(reply).status(401)
    for reply in guess(app, nobody, rng):
        expect(reply).status(401)
    known = ask_to_log_in(app, member["email"], new_password(rng))
    unknown = ask_to_log_in(app, nobody, new_password(rng))
    require_patience(known)
    require_patience(unknown)
    require(
        known.content == unknown.content,
        expected={"as for a member": known.shown()},
        received=unknown.shown(),
        reply=unknown,
    )


@check(
    "5.8-patience-ends",
    "When the first guess is 15 minutes old, the right password works.",
    say="The wait is until the first of the five guesses is 15 minutes old by the shed's clock, no more and no less, and `Retry-After` says so.",
    docs=_PAGE,
)
def test_patience_ends(fresh_app: App, world: World, rng: Random) -> None:
    app, member = fresh_app, world.facts["members"][3]
    guess(app, member["email"], rng, 2)
    between = rng.randrange(100, 400)
    app.clock.forward(seconds=between)
    guess(app, member["email"], rng, 3)
    # What is asked for in between counts nothing: the wait does not begin anew.
    app.clock.forward(seconds=_WINDOW_S - between - 60)
    for reply in guess(app, member["email"], rng, 4):
        require_patience(reply)
    seconds = require_patience(ask_to_log_in(app, member["email"], member["password"]))
    require(
        1 <= seconds <= 61,
        expected="`Retry-After` of about 60",
        received=f"`Retry-After: {seconds}`",
    )
    app.clock.forward(seconds=seconds + 1)
    expect(ask_to_log_in(app, member["email"], member["password"])).status(200)


@check(
    "5.8-others",
    "Other emails, and members who are logged in elsewhere, notice nothing.",
    say="Somebody guessed at one member, and another one could not log in, or that member's own session elsewhere was disturbed. Then guessing is a way "
    "to shut people out.",
    docs=_PAGE,
)
def test_others_notice_nothing(app: App, world: World, rng: Random) -> None:
    member, other = world.facts["members"][4:6]
    pair = log_in(app, member)
    for reply in guess(app, member["email"], rng):
        expect(reply).status(401)
    require_patience(ask_to_log_in(app, member["email"], member["password"]))
    expect(app.get("/me", token=pair.access)).status(200)
    expect(app.post("/token/refresh", json={"refresh_token": pair.refresh})).status(200)
    log_in(app, other)


@check(
    "5.8-restart",
    "A restart forgets no guess.",
    say="After a restart the guesses of before were forgotten. A second worker would not know of them either; the database does.",
    docs="https://fastapi.tiangolo.com/deployment/concepts/#memory",
)
def test_restart_forgets_no_guess(start_app: Callable[..., App], world: World, rng: Random) -> None:
    before, member = start_app(), world.facts["members"][0]
    guess(before, member["email"], rng, 3)
    before.terminate()
    after = start_app(env={"DATABASE_URL": f"sqlite+aiosqlite:///{before.database.as_posix()}"})
    guess(after, member["email"], rng, 2)
    require_patience(ask_to_log_in(after, member["email"], member["password"]))
