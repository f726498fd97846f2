"""5.1 Joining: one account for each email, an Argon2id hash and nothing else of the password, and a loop that turns."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from checker.suite import App, Reply, World, call, check, expect, require
from checker.suites.chapter_05.accounts import (
    USUAL_KIB,
    Door,
    Row,
    hash_of,
    in_other_letters,
    is_hash_of,
    is_in_database,
    new_email,
    new_password,
    require_unlogged,
    rows,
    word,
)

_HASHING = "https://fastapi.tiangolo.com/tutorial/security/oauth2-jwt/#password-hashing"
_ERRORS = "https://fastapi.tiangolo.com/tutorial/handling-errors/#override-request-validation-exceptions"
_AT_ONCE = 2


def world(rng: Random) -> World:
    return Door(rng).world()


def somebody(rng: Random, **fields: str) -> Row:
    """A form filled in."""
    name = f"Member {rng.getrandbits(32):08x}"
    return {"name": name, "email": new_email(rng), "password": new_password(rng), **fields}


@check(
    "5.1-account",
    "Whoever fills in the form gets an account: 201 with `id`, `name`, `email` and `scopes`.",
    say="A form with a name, an email and a password of at least 10 letters was not answered with 201 and the account, or "
    "one that lacks something was not refused with 422.",
    docs="https://fastapi.tiangolo.com/tutorial/response-status-code/",
)
def test_joining_opens_an_account(app: App, rng: Random) -> None:
    form = somebody(rng)
    expect(app.post("/members", json=form)).status(201).having({"name": form["name"]})
    edge = somebody(rng, password=new_password(rng, 10))
    reply = app.post("/members", json=edge)
    expect(reply).status(201)
    account = reply.json
    right = (
        isinstance(account.get("id"), int)
        and account.get("email", "").lower() == edge["email"]
        and isinstance(account.get("scopes"), list)
    )
    require(right, expected="`id`, `email` and `scopes` of the new account", received=account, reply=reply)
    known = rows(app, "SELECT id FROM members WHERE lower(email) = ?", edge["email"])
    require(known == [(account["id"],)], expected="its row in `members`", received=known, reply=reply)
    for length in (1, 80):
        expect(app.post("/members", json=somebody(rng, name=word(rng, length)))).status(201)
    for wrong in (
        {"password": new_password(rng, 9)},
        {"email": "no email"},
        {"name": ""},
        {"name": word(rng, 81)},
    ):
        refused = app.post("/members", json=somebody(rng) | wrong)
        expect(refused).status(422)
        (field,) = wrong
        require(
            field in refused.text,
            expected=f"a reply that names the field `{field}`",
            received=refused.shown(),
            reply=refused,
            say="A form was refused, and the reply does not say because of what. Name the field, its `loc`, and say why, its `msg`; "
            "leave out `input`.",
        )


@check(
    "5.1-one-account",
    "An email that a member has already is 409, in any spelling.",
    say="The same email with some letters in capitals opened a second account: two people, or one person who does not "
    "find their loans again. Bring every email into one spelling before you look for it and before you keep it.",
    docs="https://docs.pydantic.dev/latest/concepts/validators/#field-after-validator",
)
def test_one_account_for_one_email(app: App, rng: Random) -> None:
    first = somebody(rng)
    first["email"] = in_other_letters(first["email"], rng)
    expect(app.post("/members", json=first)).status(201)
    for email in (first["email"], first["email"].lower(), first["email"].upper()):
        expect(app.post("/members", json=somebody(rng, email=email))).status(409)
    email = new_email(rng)
    twice = (call("POST", "/members", json=somebody(rng, email=one)) for one in (email, email.upper(), email))
    statuses = sorted(reply.status for reply in app.together(*twice))
    require(
        statuses == [201, 409, 409],
        expected="201 once and 409 twice, for three forms with one email that come at once",
        received=statuses,
    )
    for known in (first["email"], email):
        found = rows(app, "SELECT count(*) FROM members WHERE lower(email) = ?", known.lower())
        require(found == [(1,)], expected="one row with this email", received=f"{found[0][0]} rows")


@check(
    "5.1-argon2id",
    "The database keeps an Argon2id hash with a salt of its own.",
    say="`password_hash` in the table `members` is no Argon2id hash of this password, or two members with the same "
    "password have the same hash. A quick hash (SHA-256, however salted) is tried a billion times a second by whoever "
    "gets the table; `PasswordHash` of pwdlib with `Argon2Hasher` salts and takes its time.",
    docs=_HASHING,
)
def test_argon2id_hash_is_kept(app: App, rng: Random) -> None:
    first = somebody(rng)
    second = somebody(rng, password=first["password"])
    kept = []
    for reply, form in zip(
        app.together(*(call("POST", "/members", json=form) for form in (first, second))),
        (first, second),
        strict=True,
    ):
        expect(reply).status(201)
        kept.append(hash_of(app, form["email"]))
        shown = f"{kept[-1][:40]}..."
        require(kept[-1].startswith("$argon2id$"), expected="`$argon2id$...`", received=shown, reply=reply)
    require(kept[0] != kept[1], expected="two hashes that differ", received="the same hash twice")
    require(
        is_hash_of(kept[0], first["password"]),
        expected="a hash of the whole password, as it was sent",
        received="a hash of something else",
    )


@check(
    "5.1-told-nobody",
    "The password stands in no reply, in no log line and nowhere in the database.",
    say="The password that was sent stands in a reply. FastAPI's own 422 repeats the input, and for a missing field that is the "
    "whole form; a handler for `RequestValidationError` can leave it out.",
    docs=_ERRORS,
)
def test_password_is_told_nobody(app: App, rng: Random) -> None:
    form = somebody(rng)
    said: list[tuple[Reply, str]] = [(app.post("/members", json=form), form["password"])]
    expect(said[0][0]).status(201)
    said.append((app.post("/members", json=form), form["password"]))
    for broken in (
        {"name": ""},
        {"name": None},
        {"email": f"nobody {rng.getrandbits(20)}"},
        {"hobby": "saws"},
    ):
        wrong = {**somebody(rng), **broken}
        said.append((app.post("/members", json=wrong), wrong["password"]))
    for field in ("name", "email"):
        wrong = somebody(rng)
        del wrong[field]
        said.append((app.post("/members", json=wrong), wrong["password"]))
    short, as_list = somebody(rng, password=new_password(rng, 9)), somebody(rng)
    said.append((app.post("/members", json=short), short["password"]))
    said.append(
        (app.post("/members", json={**as_list, "password": [as_list["password"]]}), as_list["password"])
    )
    said.append((app.post("/members", json=[as_list]), as_list["password"]))
    for reply, password in said:
        expect(reply).without(password)
        require(
            reply.status < 500,
            expected="an account or a refusal",
            received=reply.shown(),
            reply=reply,
        )
        require_unlogged(
            app,
            password,
            after=reply,
            say="The password that was sent stands in the app's output. Log a member's number, not the form; a password "
            "that is typed as `SecretStr` prints as stars.",
        )
    found = is_in_database(app, *(password for _, password in said))
    require(
        found is None,
        expected="a database without the password",
        received="a file of the database that holds it",
        say="The password stands in the database, readable. Keep its hash and nothing else.",
    )


@check(
    "5.1-loop-turns",
    "While people join, the event loop turns.",
    say="People joined, and meanwhile the event loop stood still: nobody else was answered. The hash is computed on "
    "the loop; `await run_in_threadpool(...)` does it in a thread, and an `async def` around the hash does not.",
    docs="https://fastapi.tiangolo.com/async/#very-technical-details",
)
def test_loop_turns_while_hashing(start_app: Callable[..., App], rng: Random) -> None:
    app = start_app(env={"TOOLSHED_HASH_MEMORY_KIB": str(2 * USUAL_KIB)})
    replies = app.together(
        *(call("POST", "/members", json=somebody(rng), timeout=30) for _ in range(_AT_ONCE))
    )
    for reply in replies:
        expect(reply).status(201)
        _ = reply.served
    # Both take off what the machine is to blame for: how long others had the processor.
    held = next((one for one in app.blocked() if one.how == "held"), None)
    still = next((one for one in app.stillness() if one.path == "/members"), None)
    if held is not None:
        where = f"{held.site.path}:{held.site.line} held it for {held.held_ms:.0f} ms"
    else:
        where = f"no turn for {still.seconds * 1000:.0f} ms" if still else ""
    require(not where, expected="a loop that turns while a hash is made", received=where, reply=replies[0])
