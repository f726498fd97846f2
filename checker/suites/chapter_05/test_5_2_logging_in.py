"""5.2 Logging in: the standard form, and refusals that tell nothing, by their words or by their time."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from random import Random

from checker.suite import App, Call, Reply, World, call, check, expect, require
from checker.suites.chapter_05.accounts import (
    AT_FULL_COST,
    Door,
    Row,
    ask_to_log_in,
    hash_of,
    in_other_letters,
    log_in,
    new_email,
    new_password,
    pair_of,
    usual_hash,
)

_FORM = "https://fastapi.tiangolo.com/tutorial/security/simple-oauth2/"
_TRIES = 3
_FACTOR = 2.5


def world(rng: Random) -> World:
    door = Door(rng)
    password = new_password(rng)
    timed = door.member(password=password, kept=usual_hash(password, rng))
    return door.world(member=door.member(), other=door.member(), timed=timed)


@check(
    "5.2-tokens",
    "The right email and password give a pair of tokens, and the access token opens `/me`.",
    say="The standard form with the right email, in some spelling, and the right password did not give tokens, or the access "
    "token did not open `/me`. In the form of OAuth2 the email is called `username`.",
    docs=_FORM,
)
def test_login_gives_tokens(app: App, world: World, rng: Random) -> None:
    member = world.facts["member"]
    for email in (member["email"], in_other_letters(member["email"], rng)):
        reply = app.post("/token", data={"username": email, "password": member["password"]})
        expect(reply).status(200)
        kind = reply.json.get("token_type") if isinstance(reply.json, dict) else None
        require(
            str(kind).lower() == "bearer", expected="`token_type` of `bearer`", received=kind, reply=reply
        )
        me = app.get("/me", token=pair_of(reply).access)
        expect(me).status(200).having({"id": member["id"], "name": member["name"], "email": member["email"]})
        scopes = me.json.get("scopes")
        right = isinstance(scopes, list) and sorted(scopes) == sorted(member["scopes"])
        require(right, expected=member["scopes"], received=scopes, reply=me)


@check(
    "5.2-form",
    "A login is a form; JSON, or a form that lacks a field, is 422 and repeats nothing.",
    say="`POST /token` took something else than the form, or its refusal repeats the password. `OAuth2PasswordRequestForm` reads the form that every OAuth2 client sends.",
    docs=_FORM,
)
def test_login_takes_the_form(app: App, world: World) -> None:
    member = world.facts["member"]
    filled = {"username": member["email"], "password": member["password"]}
    expect(app.post("/token", json=filled)).status(422).without(member["password"])
    for field in filled:
        lacks = {name: value for name, value in filled.items() if name != field}
        expect(app.post("/token", data=lacks)).status(422).without(member["password"])
    ask_to_log_in(app, member["email"], member["password"])


@check(
    "5.2-one-voice",
    "A wrong password and an unknown email get the same refusal: status, headers and body.",
    say="The two refusals can be told apart, so anybody can find out who is a member, email by email. Raise one and the "
    "same 401, in one place, with `WWW-Authenticate: Bearer`.",
    docs=_FORM,
)
def test_refusals_are_alike(app: App, world: World, rng: Random) -> None:
    member, other = world.facts["member"], world.facts["other"]
    # Of an account that exists, and of none: the password is one that somebody else has.
    wrong = ask_to_log_in(app, member["email"], other["password"])
    unknown = ask_to_log_in(app, new_email(rng), other["password"])
    for reply in (wrong, unknown):
        expect(reply).status(401).header("www-authenticate", contains="Bearer").without(other["password"])
    for what, of_wrong, of_unknown in (
        ("body", wrong.content, unknown.content),
        ("headers", _told(wrong), _told(unknown)),
    ):
        require(
            of_wrong == of_unknown,
            expected={f"{what} for a wrong password": _shown(of_wrong)},
            received={f"{what} for an unknown email": _shown(of_unknown)},
            reply=unknown,
        )


def _told(reply: Reply) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in reply.headers.items() if name != "date")


def _shown(what: object) -> str:
    return what.decode(errors="replace") if isinstance(what, bytes) else str(what)


@check(
    "5.2-same-time",
    "Refusing an unknown email takes as long as refusing a wrong password.",
    say="The time tells who is a member: where there is none, no hash is computed, and the reply comes "
    "early (or the other way round). Compare the password with a hash of the same cost in both cases, for instance "
    "with one that nobody has the password of.",
    docs="https://fastapi.tiangolo.com/tutorial/security/oauth2-jwt/#hash-and-verify-the-passwords",
)
def test_refusals_take_as_long(start_app: Callable[..., App], world: World, rng: Random) -> None:
    app = start_app(env=AT_FULL_COST)
    member = _whose_hash_is_the_apps_own(app, world, rng)
    # In turns, so that the machine's moods meet both alike, and once more where they did not.
    measured: list[tuple[float, float]] = []
    for _ in range(2):
        measured = _measured(app, member, rng)
        # A machine under load delays replies, but nobody else's work is in the app's own processor time.
        if any(1 / _FACTOR <= ratio <= _FACTOR for ratio in _ratios(measured)):
            return
    (wrong_s, unknown_s), *_ = measured
    require(
        False,
        expected=f"about as long in both cases, within a factor of {_FACTOR}",
        received=f"{wrong_s * 1000:.0f} ms for a wrong password, {unknown_s * 1000:.0f} ms for an unknown email (medians of {_TRIES})",
    )


def _whose_hash_is_the_apps_own(app: App, world: World, rng: Random) -> Row:
    """Somebody who joined has a hash of the cost that this app chose; where 5.1 is still to do, the seed's is usual."""
    form = {"name": "Somebody", "email": new_email(rng), "password": new_password(rng)}
    if app.post("/members", json=form).status == 201 and hash_of(app, form["email"]).startswith("$argon2"):
        return form
    member: Row = world.facts["timed"]
    log_in(app, member)
    return member


def _measured(app: App, member: Row, rng: Random) -> list[tuple[float, float]]:
    """Medians for a wrong password and for an unknown email: in seconds, and in the app's processor time."""
    tries: list[list[tuple[float, float]]] = [[], []]
    for _ in range(_TRIES):
        for kind, email in enumerate((member["email"], new_email(rng))):
            tries[kind].append(_cost(app, _login(email, new_password(rng))))
        # Whoever asks guessers for patience (5.8) has forgotten this one by then.
        app.clock.forward(minutes=16)
    return [
        (statistics.median(one[unit] for one in tries[0]), statistics.median(one[unit] for one in tries[1]))
        for unit in range(2)
    ]


def _ratios(measured: list[tuple[float, float]]) -> list[float]:
    return [unknown / wrong for wrong, unknown in measured if wrong > 0]


def _login(email: str, password: str) -> Call:
    return call("POST", "/token", data={"username": email, "password": password})


def _cost(app: App, what: Call) -> tuple[float, float]:
    before = app.processor_s()
    reply = app.send(what)
    expect(reply, "A wrong password or an unknown email was not answered with 401.").status(401)
    _ = reply.served
    return reply.elapsed_s, app.processor_s() - before
