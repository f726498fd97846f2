"""5.7 Old members: bcrypt hashes let in, and replaced at the first login."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import bcrypt

from checker.suite import App, World, check, expect, require
from checker.suites.chapter_05.accounts import (
    AT_FULL_COST,
    Door,
    Row,
    ask_to_log_in,
    hash_of,
    is_hash_of,
    log_in,
    new_password,
    usual_hash,
)

_PWDLIB = "https://frankie567.github.io/pwdlib/guide/"
_LOWEST_COST = 4
_READ_BY_BCRYPT = 72


def old_hash(password: str, kind: str = "2b") -> str:
    """A hash as passlib made it with bcrypt; of low cost, for nobody has to wait for it."""
    salt = bcrypt.gensalt(_LOWEST_COST)
    kept = bcrypt.hashpw(password.encode()[:_READ_BY_BCRYPT], salt).decode()
    return kept.replace("$2b$", f"${kind}$", 1)


def world(rng: Random) -> World:
    door = Door(rng)

    def old(kind: str = "2b", length: int | None = None) -> Row:
        password = new_password(rng, length)
        return door.member(password=password, kept=old_hash(password, kind))

    password = new_password(rng)
    return door.world(
        kinds=[old(kind) for kind in ("2b", "2a", "2y")],
        upgraded=old(),
        refused=old(),
        long=old(length=rng.randrange(80, 150)),
        edge=old(length=73),
        usual=door.member(password=password, kept=usual_hash(password, rng)),
    )


@check(
    "5.7-let-in",
    "A member with a bcrypt hash logs in with the old password.",
    say="A member whose hash passlib made with bcrypt was refused with the right password. Nobody should have to choose a new one; "
    "pwdlib's `BcryptHasher` reads these hashes, those that begin with `$2a$` or `$2y$` as well.",
    docs=_PWDLIB,
)
def test_old_members_are_let_in(app: App, world: World) -> None:
    for member in world.facts["kinds"]:
        reply = ask_to_log_in(app, member["email"], member["password"])
        expect(reply).status(200)
        me = app.get("/me", token=reply.json["access_token"])
        expect(me).status(200).having({"id": member["id"]})


@check(
    "5.7-upgraded",
    "The first login leaves an Argon2id hash of the same password.",
    say="After the login the database still holds the bcrypt hash, or an Argon2id hash of something else than the password. The login is the one moment "
    "when the password is there in clear: hash it anew and keep that.",
    docs=_PWDLIB,
)
def test_first_login_upgrades_the_hash(app: App, world: World) -> None:
    member = world.facts["upgraded"]
    log_in(app, member)
    kept = hash_of(app, member["email"])
    require(kept.startswith("$argon2id$"), expected="`$argon2id$...`", received=f"{kept[:20]}...")
    require(
        is_hash_of(kept, member["password"]),
        expected="a hash of the password",
        received="a hash of something else",
    )
    log_in(app, member)
    expect(ask_to_log_in(app, member["email"], f"{member['password']}x")).status(401)
    after = hash_of(app, member["email"])
    require(
        after == kept,
        expected="the hash of the first login",
        received="another one",
        say="The second login wrote the hash once more. Replace a hash only where it is of an older kind.",
    )


@check(
    "5.7-left-alone",
    "A hash that is as it should be, or a login that fails, changes nothing.",
    say="The hash was rewritten, though it was an Argon2id hash of the usual cost, or though the password was wrong. "
    "`verify_and_update` returns a new hash only where one is due.",
    docs=_PWDLIB,
)
def test_other_hashes_are_left_alone(start_app: Callable[..., App], world: World, rng: Random) -> None:
    app = start_app(env=AT_FULL_COST)
    usual, refused = world.facts["usual"], world.facts["refused"]
    log_in(app, usual)
    expect(ask_to_log_in(app, refused["email"], new_password(rng))).status(401)
    for member in (usual, refused):
        kept = hash_of(app, member["email"])
        require(
            kept == member["password_hash"],
            expected=f"{member['password_hash'][:20]}... as before",
            received=f"{kept[:20]}...",
        )


@check(
    "5.7-long-passwords",
    "Passwords longer than bcrypt reads work as before, and wrong ones are 401.",
    say="A password of more than 72 bytes: bcrypt looked at the first 72 only, and bcrypt 5 raises a `ValueError` instead of "
    "cutting the rest off. Cut it off yourself where you compare with an old hash, and make the new hash of the whole password.",
    docs=_PWDLIB,
)
def test_long_passwords_work(app: App, world: World, rng: Random) -> None:
    for member in (world.facts["long"], world.facts["edge"]):
        wrong = f"{new_password(rng, 20)}{member['password']}"
        expect(ask_to_log_in(app, member["email"], wrong)).status(401)
        for _ in range(2):
            expect(ask_to_log_in(app, member["email"], member["password"])).status(200)
        kept = hash_of(app, member["email"])
        require(
            is_hash_of(kept, member["password"]),
            expected="an Argon2id hash of the whole password",
            received=f"{kept[:20]}..., which is not",
        )
        expect(ask_to_log_in(app, member["email"], f"{member['password']}x")).status(401)
