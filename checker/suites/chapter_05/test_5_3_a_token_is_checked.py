"""5.3 A token is checked: signature, expiry, audience, type and subject, tried as an attacker tries them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_05.accounts import Door, ask_to_log_in, log_in, logged, pair_of, token_of, word
from checker.suites.chapter_05.forgery import encode, read, sign, unsigned, with_claims

_JWT = "https://fastapi.tiangolo.com/tutorial/security/oauth2-jwt/"
_CLAIMS = "https://pyjwt.readthedocs.io/en/latest/usage.html#registered-claim-names"
_HALF_A_MINUTE = 30
_A_MOMENT = 10
_LONGEST = 15 * 60


def world(rng: Random) -> World:
    door = Door(rng)
    # Members on both sides of the one who leaves.
    lower, middle, higher = sorted(door.number() for _ in range(3))
    return door.world(
        member=door.member(id=lower),
        other=door.member(id=higher),
        leaves=door.member(id=middle),
        jwt_key=door.jwt_key,
    )


def genuine(app: App, world: World) -> tuple[str, dict[str, Any]]:
    """A member's access token as the app issued it, and its claims."""
    token = token_of(app, world.facts["member"])
    return token, read(token)[1]


def show(app: App, token: str | None) -> Reply:
    """`GET /me` with this token."""
    return app.get("/me", headers={} if token is None else {"Authorization": f"Bearer {token}"})


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    """The claims without this one."""
    return {one: value for one, value in claims.items() if one != name}


@check(
    "5.3-our-tokens",
    "The app issues tokens with the four claims, and takes what is signed like them.",
    say="The access token is not as the task sheet describes it, or one with the same claims, signed with HS256 and the key in "
    "`TOOLSHED_JWT_KEY`, was refused: then no other service of the shed can issue or read them.",
    docs=_JWT,
)
def test_our_tokens_carry_the_claims(app: App, world: World) -> None:
    member, key = world.facts["member"], world.facts["jwt_key"]
    before = time.time()
    reply = ask_to_log_in(app, member["email"], member["password"])
    header, claims = read(pair_of(reply).access)
    require(header.get("alg") == "HS256", expected="`alg` of HS256", received=header)
    named = {name: claims.get(name) for name in ("sub", "type")}
    require(
        named == {"sub": str(member["id"]), "type": "access"},
        expected={"sub": str(member["id"]), "type": "access"},
        received=named,
    )
    audience = claims.get("aud")
    require(audience in ("toolshed", ["toolshed"]), expected="`aud` of `toolshed`", received=audience)
    expiry = claims.get("exp")
    lasts = expiry - before if isinstance(expiry, int | float) else -1
    require(
        _HALF_A_MINUTE < lasts < _LONGEST + _HALF_A_MINUTE,
        expected="`exp` at most 15 minutes from now",
        received=f"{expiry} ({lasts:.0f} seconds from now)",
        say="The access token does not expire within 15 minutes. It cannot be taken back, so a stolen one is good until then.",
    )
    told = reply.json.get("expires_in", lasts)
    require(
        isinstance(told, int | float) and abs(told - lasts) < _A_MOMENT,
        expected=f"`expires_in` of about {lasts:.0f} seconds, as in the token",
        received=told,
        reply=reply,
    )
    expect(show(app, sign(claims, key))).status(200).having({"id": member["id"], "email": member["email"]})
    expect(show(app, sign({**claims, "exp": int(before) + 60}, key))).status(200).having({"id": member["id"]})


@check(
    "5.3-signature",
    "A token without our signature is refused.",
    say="A token that we have not signed, or whose claims were changed after signing, opened `/me`. Never read claims without "
    'verifying them, and name the one algorithm that you use: `algorithms=["HS256"]`.',
    docs=_JWT,
)
def test_foreign_signatures_are_refused(app: App, world: World, rng: Random) -> None:
    token, claims = genuine(app, world)
    key, other = world.facts["jwt_key"], world.facts["other"]
    changed = {**claims, "sub": str(other["id"])}
    forged = [
        *(unsigned(claims, algorithm) for algorithm in ("none", "None", "NONE")),
        *(sign(claims, guess) for guess in (word(rng, 40), "secret", "", key[:-1], f"{key} ")),
        *(sign(claims, word(rng, 40), algorithm=algorithm) for algorithm in ("HS384", "HS512")),
        with_claims(token, changed),
        with_claims(token, {**claims, "exp": claims["exp"] + 3600}),
        token.rpartition(".")[0],
        f"{token.rpartition('.')[0]}.",
        f"{token[:-4]}{'AAAA' if token[-4:] != 'AAAA' else 'BBBB'}",
    ]
    for one in forged:
        expect(show(app, one)).status(401)
    expect(show(app, token)).status(200)


@check(
    "5.3-no-token",
    "What is no JWT at all is refused.",
    say="Something that is no JWT was not refused with 401. Whatever a JWT library raises over it means the same: "
    "we do not know who this is.",
    docs=_JWT,
)
def test_garbage_is_refused(app: App, world: World, rng: Random) -> None:
    token, claims = genuine(app, world)
    expect(show(app, None)).status(401)
    headers: tuple[Any, ...] = ([], {}, {"alg": 7}, {"alg": None})
    oddly_headed = [f"{encode(header)}.{encode(claims)}.AAAA" for header in headers]
    for garbage in (*("a", "a.b.c", "..", word(rng, 30), f"{token}.{token}", token[1:]), *oddly_headed):
        expect(show(app, garbage)).status(401)
    for header in (f"Basic {token}", f"Token {token}", token, "Bearer", ""):
        expect(app.get("/me", headers={"Authorization": header})).status(401)


@check(
    "5.3-fresh",
    "A token that has expired is refused, and so is one that never does.",
    say="A token that is over, or that says nothing about when it is, opened `/me`. JWT libraries check `exp` only "
    'where it is there; ask for it: `options={"require": ["exp", ...]}`.',
    docs=_CLAIMS,
)
def test_expiry_is_asked_for(app: App, world: World, rng: Random) -> None:
    _, claims = genuine(app, world)
    key, now = world.facts["jwt_key"], int(time.time())
    for seconds in (120, rng.randrange(600, 86_400), now):
        expect(show(app, sign({**claims, "exp": now - seconds}, key))).status(401)
    expect(show(app, sign(without(claims, "exp"), key))).status(401)


@check(
    "5.3-made-for-this",
    "A token that was made for somebody else or for something else is refused.",
    say="A token with our signature, but made for another audience or of another type, opened `/me`. The same key signs for several "
    "purposes; `aud` and `type` tell them apart, and a token that lacks them was not made for this.",
    docs=_CLAIMS,
)
def test_audience_and_type_are_asked_for(app: App, world: World, rng: Random) -> None:
    _, claims = genuine(app, world)
    key = world.facts["jwt_key"]
    wrong = [
        {**claims, "aud": f"kiosk-{rng.getrandbits(16)}"},
        {**claims, "aud": ["kiosk", "reports"]},
        {**claims, "aud": "Toolshed"},
        without(claims, "aud"),
        {**claims, "type": "refresh"},
        {**claims, "type": "Access"},
        {**claims, "type": None},
        without(claims, "type"),
    ]
    for one in wrong:
        expect(show(app, sign(one, key))).status(401)
    refresh = log_in(app, world.facts["other"]).refresh
    expect(
        show(app, refresh),
        "A refresh token opened `/me`. It lives for weeks; give it to nobody but `/token/refresh`.",
    ).status(401)


@check(
    "5.3-subject",
    "A `sub` that is no member's number is refused, and is never a 500.",
    say="A token with our signature and a `sub` that is no member's number was not refused with 401. Turn `sub` into a "
    "number where a failure is caught, and bound it: the database cannot hold every number.",
    docs=_JWT,
)
def test_odd_subjects_are_refused(app: App, world: World, rng: Random) -> None:
    _, claims = genuine(app, world)
    key, member = world.facts["jwt_key"], world.facts["member"]
    odd: Iterator[object] = iter(
        (
            *(
                "alice",
                "",
                " ",
                "-1",
                "0",
                "1.5",
                member["email"],
                member["name"],
                "9" * 19,
                "9" * 40,
                "9" * 5000,
            ),
            *(None, [], [str(member["id"])], {}, f"{member['id']}x"),
            str(2_000_000 + rng.getrandbits(30)),
        )
    )
    for sub in odd:
        expect(show(app, sign({**claims, "sub": sub}, key))).status(401)
    expect(show(app, sign(without(claims, "sub"), key))).status(401)


@check(
    "5.3-who-has-left",
    "The token of a member who has left is refused.",
    say="The member has left, and their token still opens doors, or the refusal was no 401. The signature is still right; whether the "
    "member is there only the database knows.",
    docs="https://fastapi.tiangolo.com/tutorial/security/get-current-user/",
)
def test_who_has_left_is_refused(app: App, world: World) -> None:
    token = log_in(app, world.facts["leaves"]).access
    expect(show(app, token)).status(200)
    expect(app.delete("/me", token=token)).status(204)
    expect(show(app, token)).status(401)
    expect(app.delete("/me", token=token)).status(401)
    for stays in ("member", "other"):
        expect(
            show(app, log_in(app, world.facts[stays]).access),
            "When one member leaves, the others stay: leave `DELETE /me` as it is.",
        ).status(200)


@check(
    "5.3-says-how",
    "Every refusal says how to identify oneself: `WWW-Authenticate: Bearer`.",
    say="This refusal has no header `WWW-Authenticate: Bearer`, which every 401 must have. `HTTPException` takes "
    "`headers`.",
    docs="https://fastapi.tiangolo.com/tutorial/security/get-current-user/",
)
def test_refusals_say_how(app: App, world: World) -> None:
    _, claims = genuine(app, world)
    key = world.facts["jwt_key"]
    for token in (
        None,
        "a.b.c",
        unsigned(claims, "none"),
        sign(without(claims, "exp"), key),
        sign({**claims, "type": "refresh"}, key),
        sign({**claims, "sub": "alice"}, key),
        sign({**claims, "sub": str(2_000_000_000)}, key),
    ):
        reply = show(app, token)
        # Whether it is refused is asked elsewhere.
        if reply.status == 401:
            expect(reply).header("www-authenticate", contains="Bearer")


@check(
    "5.3-key-is-secret",
    "The key that signs tokens stands in no reply, no log line and not in the document.",
    say="The key of `TOOLSHED_JWT_KEY` was told: whoever has it makes tokens for anybody. `SecretStr` keeps it out of "
    "reprs, logs and documents; take the value out only where it signs.",
    docs="https://docs.pydantic.dev/latest/api/types/#pydantic.types.SecretStr",
)
def test_key_is_told_nobody(app: App, world: World) -> None:
    token, claims = genuine(app, world)
    key = world.facts["jwt_key"]
    forged = (token, "a.b.c", unsigned(claims, "none"), sign({**claims, "sub": "alice"}, key))
    for reply in (app.get("/openapi.json"), app.get("/docs"), *(show(app, one) for one in forged)):
        expect(reply).without(key)
        _ = reply.served
    line = logged(app, key)
    require(line is None, expected="output without the key", received=line)


@check(
    "5.3-weak-key",
    "With a key that is too short, or with none, the app does not start.",
    say="The app starts with a key that anybody could guess. There is no default for a secret, and a key of fewer than 32 letters is "
    "refused when the settings are read: leave `jwt_key` in `app/settings.py` as it is.",
    docs="https://fastapi.tiangolo.com/advanced/settings/",
)
def test_weak_key_is_refused(start_app: Callable[..., App], rng: Random) -> None:
    good = start_app(env={"TOOLSHED_JWT_KEY": word(rng, 32)})
    bad = {
        "a key of 31 letters": start_app(env={"TOOLSHED_JWT_KEY": word(rng, 31)}),
        "an empty key": start_app(env={"TOOLSHED_JWT_KEY": ""}),
        "no key": start_app(without=["TOOLSHED_JWT_KEY"]),
    }
    for what, app in bad.items():
        start = app.start_up()
        require(
            not start.served and not start.hangs,
            expected=f"no start with {what}",
            received="an app that serves" if start.served else "an app that neither serves nor ends",
        )
    started = good.start_up()
    require(
        started.served,
        expected="an app that serves, with a key of 32 letters",
        received=started.lines[-1:] or "an app that does not serve",
        say="The app did not start with a key of 32 letters.",
    )
