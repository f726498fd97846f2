"""5.4 Rotation and logout: each refresh token works once, and a family ends as a whole."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from checker.suite import App, Reply, World, call, check, expect, require
from checker.suites.chapter_05.accounts import Door, log_in, pair_of, word

_OAUTH = "https://datatracker.ietf.org/doc/html/rfc9700#name-refresh-token-protection"
_TRANSACTION = "https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/"
_AT_ONCE = 6


def world(rng: Random) -> World:
    door = Door(rng)
    return door.world(member=door.member(), other=door.member())


def refresh(app: App, token: str) -> Reply:
    """`POST /token/refresh`."""
    return app.post("/token/refresh", json={"refresh_token": token})


def log_out(app: App, token: str) -> Reply:
    """`POST /logout`."""
    return app.post("/logout", json={"refresh_token": token})


@check(
    "5.4-next-pair",
    "A refresh token gives the next pair, and that the one after it.",
    say="A refresh token that nobody had used yet did not give a new pair of tokens that works.",
    docs=_OAUTH,
)
def test_refresh_gives_the_next_pair(app: App, world: World) -> None:
    member = world.facts["member"]
    token, seen = log_in(app, member).refresh, set()
    for _ in range(4):
        seen.add(token)
        reply = refresh(app, token)
        expect(reply).status(200)
        pair = pair_of(reply)
        expect(app.get("/me", token=pair.access)).status(200).having({"id": member["id"]})
        require(pair.refresh not in seen, expected="a new refresh token", received="the old one", reply=reply)
        token = pair.refresh


@check(
    "5.4-works-once",
    "A refresh token that has been used is refused.",
    say="A refresh token worked twice. Whoever copies one then stays logged in for as long as they like, unseen. Write "
    "down which tokens were given out, and mark one as used when it comes.",
    docs=_OAUTH,
)
def test_refresh_token_works_once(app: App, world: World) -> None:
    token = log_in(app, world.facts["member"]).refresh
    expect(refresh(app, token)).status(200)
    for _ in range(2):
        expect(refresh(app, token)).status(401)


@check(
    "5.4-family-ends",
    "When a used token comes again, the newest of its family is refused, too, and no other login.",
    say="A refresh token came a second time: either its owner or a thief has the newer one, and nobody knows which. So "
    "the newest of this family must be refused, too, and other logins must not. Does your app write this down and then "
    "raise? What is raised rolls the session back.",
    docs=_TRANSACTION,
)
def test_reuse_ends_the_family(app: App, world: World) -> None:
    member = world.facts["member"]
    first, elsewhere = log_in(app, member).refresh, log_in(app, member).refresh
    stranger = log_in(app, world.facts["other"]).refresh
    second = pair_of(refresh(app, first)).refresh
    third = pair_of(refresh(app, second)).refresh
    expect(refresh(app, first), "A refresh token worked twice.").status(401)
    expect(refresh(app, third)).status(401)
    expect(refresh(app, second)).status(401)
    for token in (elsewhere, stranger):
        expect(
            refresh(app, token),
            "A used token came again, and another login was ended with its family. Each login begins a family of its own.",
        ).status(200)


@check(
    "5.4-logout",
    "After a logout the refresh tokens of this login are refused.",
    say="After `POST /logout` the login could still be refreshed, or another one could not, or an unknown token was not answered with 204.",
    docs=_OAUTH,
)
def test_logout_ends_the_login(app: App, world: World, rng: Random) -> None:
    member = world.facts["member"]
    elsewhere, token = log_in(app, member).refresh, log_in(app, member).refresh
    token = pair_of(refresh(app, token)).refresh
    expect(log_out(app, token)).status(204)
    expect(refresh(app, token)).status(401)
    for again in (token, word(rng, 43), "a.b.c"):
        expect(log_out(app, again)).status(204)
    expect(refresh(app, elsewhere)).status(200)


@check(
    "5.4-one-wins",
    "Of several requests with the same token at once, one gets a pair.",
    say="Several requests came at once with the same refresh token, and not exactly one of them got a pair. Between looking a "
    "token up and marking it, another request looks it up as well. One guarded statement, `UPDATE ... WHERE used_at IS NULL`, does both.",
    docs="https://docs.sqlalchemy.org/en/21/orm/queryguide/dml.html#update-delete-with-custom-where-criteria-for-orm-enabled-update-delete",
)
def test_one_of_many_wins(app: App, world: World) -> None:
    token = log_in(app, world.facts["member"]).refresh
    for _ in range(3):
        replies = app.together(
            *(call("POST", "/token/refresh", json={"refresh_token": token}) for _ in range(_AT_ONCE))
        )
        statuses = sorted(reply.status for reply in replies)
        require(
            statuses == [200, *[401] * (_AT_ONCE - 1)],
            expected=f"200 once and 401 {_AT_ONCE - 1} times",
            received=statuses,
            reply=next((reply for reply in replies if reply.status not in (200, 401)), replies[0]),
        )
        token = log_in(app, world.facts["member"]).refresh


@check(
    "5.4-restart",
    "A restart forgets nothing.",
    say="After a restart a token that had been used, or ended by a logout, was taken again, or one that should work was refused. What stands in "
    "the memory of the process ends with it, and a second worker never sees it; the database remembers.",
    docs="https://fastapi.tiangolo.com/deployment/concepts/#memory",
)
def test_restart_forgets_nothing(start_app: Callable[..., App], world: World) -> None:
    before = start_app()
    member = world.facts["member"]
    used, out, unused = (log_in(before, member).refresh for _ in range(3))
    newest = pair_of(refresh(before, used)).refresh
    expect(log_out(before, out)).status(204)
    before.terminate()
    after = start_app(env={"DATABASE_URL": f"sqlite+aiosqlite:///{before.database.as_posix()}"})
    expect(refresh(after, unused)).status(200)
    expect(refresh(after, out)).status(401)
    expect(refresh(after, used)).status(401)
    expect(refresh(after, newest), "After a restart, the reuse of a token did not end its family.").status(
        401
    )


@check(
    "5.4-two-weeks",
    "A refresh token is good for 14 days by the shed's clock.",
    say="A refresh token was refused within its 14 days, or taken after them. The time is that of the shed's clock "
    "(`ShedClock`), and each new token has its own 14 days.",
    docs=_OAUTH,
)
def test_refresh_token_ends_after_two_weeks(fresh_app: App, world: World, rng: Random) -> None:
    token, late = (
        log_in(fresh_app, world.facts["member"]).refresh,
        log_in(fresh_app, world.facts["member"]).refresh,
    )
    for _ in range(2):
        fresh_app.clock.forward(days=13, hours=rng.randrange(20, 23))
        reply = refresh(fresh_app, token)
        expect(reply).status(200)
        token = pair_of(reply).refresh
    expect(refresh(fresh_app, late)).status(401)
    fresh_app.clock.forward(days=14, minutes=2)
    expect(refresh(fresh_app, token)).status(401)


@check(
    "5.4-nothing-else",
    "What is no refresh token of ours is refused, and ends nothing.",
    say="`/token/refresh` took something that is no refresh token of ours, did not answer it with 401, or ended a login "
    "because of it.",
    docs=_OAUTH,
)
def test_nothing_else_is_taken(app: App, world: World, rng: Random) -> None:
    pair = log_in(app, world.facts["member"])
    for wrong in (
        pair.access,
        word(rng, 43),
        "a.b.c",
        f"{pair.refresh}x",
        pair.refresh[:-1],
        pair.refresh[1:],
    ):
        expect(refresh(app, wrong)).status(401)
    expect(refresh(app, pair.refresh)).status(200)
