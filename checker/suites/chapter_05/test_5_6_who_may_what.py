"""5.6 Who may what: 401 against 403, scopes as they are now, and a document that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from checker.suite import App, Call, World, call, check, expect, require
from checker.suites.chapter_05.accounts import (
    ADMIN,
    EDGES,
    MEMBER,
    STEWARD,
    Door,
    ask_to_log_in,
    log_in,
    pair_of,
    token_of,
    word,
)

_SCOPES = "https://fastapi.tiangolo.com/advanced/security/oauth2-scopes/"
_ROUTERS = "https://fastapi.tiangolo.com/tutorial/bigger-applications/#another-module-with-apirouter"

OPERATIONS = (
    ("GET", "/me", "me"),
    ("GET", "/members", "members:read"),
    ("POST", "/tools", "tools:write"),
    ("DELETE", "/tools/{}", "tools:write"),
    ("PUT", "/members/{}/scopes", "admin"),
    ("GET", "/keys", "admin"),
    ("POST", "/keys", "admin"),
    ("DELETE", "/keys/{}", "admin"),
    # Last: whoever may, is gone afterwards.
    ("DELETE", "/me", "me"),
)


def world(rng: Random) -> World:
    door = Door(rng)
    people = {
        "admin": door.member(ADMIN),
        "steward": door.member(STEWARD),
        "member": door.member(),
        "nobody": door.member(()),
        "demoted": door.member(STEWARD),
        "promoted": door.member(),
    }
    tool, shown = door.tool(), door.tool()
    # More than a list shows; their numbers are above those of all others.
    for number in range(1_000_000, 1_000_100):
        door.member(id=number, kept=people["member"]["password_hash"])
        door.tool(id=number)
    return door.world(
        **people,
        tool=tool,
        shown=shown,
        gone=door.number(),
        numbers={f"/{table}": [row["id"] for row in door.seed[table]] for table in ("members", "tools")},
    )


def calls(number: int, *scopes: str) -> Iterator[tuple[Call, str]]:
    """Every operation of these scopes (of all, where none is named), on things with this number."""
    bodies: dict[tuple[str, str], Any] = {
        ("POST", "/tools"): {"name": "spirit level", "available": 1},
        ("PUT", "/members/{}/scopes"): {"scopes": ["me"]},
        ("POST", "/keys"): {"name": "kiosk", "scopes": []},
    }
    for method, path, scope in OPERATIONS:
        if not scopes or scope in scopes:
            body = bodies.get((method, path))
            yield call(method, path.format(number), json=body), scope


def sent(app: App, what: Call, token: str | None) -> Any:
    """The call's answer, with this token."""
    return app.request(what.method, what.path, json=what.json, token=token)


@check(
    "5.6-may",
    "Whoever holds the scope may.",
    say="A member who holds the scope was refused.",
    docs=_SCOPES,
)
def test_who_holds_the_scope_may(fresh_app: App, world: World) -> None:
    app, tool, gone = fresh_app, world.facts["tool"], world.facts["gone"]
    steward, admin = token_of(app, world.facts["steward"]), token_of(app, world.facts["admin"])
    expect(app.get("/me", token=token_of(app, world.facts["member"]))).status(200)
    listed = app.get("/members", token=steward)
    expect(listed).status(200)
    known = {row.get("id") for row in listed.json}
    require(world.facts["member"]["id"] in known, expected="the members", received=listed.json, reply=listed)
    expect(app.post("/tools", json={"name": "spirit level", "available": 1}, token=steward)).status(201)
    expect(app.delete(f"/tools/{tool['id']}", token=steward)).status(204)
    expect(app.delete(f"/tools/{gone}", token=steward)).status(404)
    made = app.post("/keys", json={"name": "kiosk", "scopes": ["loans:write"]}, token=admin)
    expect(made).status(201)
    expect(app.get("/keys", token=admin)).status(200)
    expect(app.delete(f"/keys/{made.json['id']}", token=admin)).status(204)
    promoted = world.facts["promoted"]
    changed = app.put(f"/members/{promoted['id']}/scopes", json={"scopes": ["me", "admin"]}, token=admin)
    expect(changed).status(200).having({"id": promoted["id"]})
    expect(app.get("/keys", token=log_in(app, promoted).access)).status(200)
    expect(app.delete("/me", token=steward)).status(204)


@check(
    "5.6-sense",
    "Who may is still asked for sense, and lists end after a hundred.",
    say="A steward or an admin sent something that the sheet calls senseless, and it was taken, or something at the edge of what "
    "makes sense, and it was refused. The limits stand in `app/schemas.py`; leave them as they are.",
    docs="https://fastapi.tiangolo.com/tutorial/body-fields/",
)
def test_who_may_is_asked_for_sense(fresh_app: App, world: World, rng: Random) -> None:
    app = fresh_app
    steward, admin = token_of(app, world.facts["steward"]), token_of(app, world.facts["admin"])
    for path in ("/members", "/tools"):
        listed = app.get(path, token=steward)
        expect(listed).status(200)
        numbers = [row["id"] for row in listed.json]
        wanted = sorted(world.facts["numbers"][path])[:100]
        require(
            sorted(numbers) == wanted,
            expected=f"the first hundred by number of {len(world.facts['numbers'][path])}",
            received=f"{len(numbers)} rows",
            reply=listed,
            say="A list does not show the first hundred rows. A list has an end, or one day it is as long as the table.",
        )
    for length, copies, status in (
        (2, 0, 201),
        (80, 50, 201),
        (1, 1, 422),
        (81, 1, 422),
        (9, -1, 422),
        (9, 51, 422),
    ):
        tool = {"name": word(rng, length), "available": copies}
        expect(app.post("/tools", json=tool, token=steward)).status(status)
    for length, status in ((1, 201), (80, 201), (0, 422), (81, 422)):
        expect(app.post("/keys", json={"name": word(rng, length), "scopes": []}, token=admin)).status(status)
    for number, status in EDGES:
        expect(app.delete(f"/tools/{number}", token=steward)).status(status)


@check(
    "5.6-may-not",
    "A valid token without the scope is 403, whatever is asked for.",
    say="A member whose token is valid, but who lacks the scope, was not refused with 403. Give the guard to the router, so that no route is "
    "forgotten; and say 403, I know you and you may not: 401 would send them to log in again, for nothing.",
    docs=_ROUTERS,
)
def test_who_lacks_the_scope_may_not(app: App, world: World) -> None:
    lacking = (
        ("member", ("members:read", "tools:write", "admin")),
        ("steward", ("admin",)),
        ("nobody", ()),
    )
    for who, scopes in lacking:
        token = token_of(app, world.facts[who])
        for number in (world.facts["tool"]["id"], world.facts["gone"]):
            for what, _ in calls(number, *scopes):
                expect(sent(app, what, token)).status(403)


@check(
    "5.6-names-the-scope",
    "The refusal names the scope that is missing, in `WWW-Authenticate`.",
    say="The 403 does not say what is missing. A client reads it in the header: "
    '`WWW-Authenticate: Bearer error="insufficient_scope", scope="..."`.',
    docs=_SCOPES,
)
def test_refusal_names_the_scope(app: App, world: World) -> None:
    token = token_of(app, world.facts["nobody"])
    for what, scope in calls(world.facts["tool"]["id"]):
        reply = sent(app, what, token)
        expect(reply).header("www-authenticate", contains="Bearer")
        expect(reply).header("www-authenticate", contains=scope)


@check(
    "5.6-nobody",
    "Without a valid token it is 401, before anything else is said.",
    say="Without a valid token, this operation was not answered with 401 and `WWW-Authenticate: Bearer`. Who nobody is known to be is told "
    "nothing, not even that the input was wrong.",
    docs=_ROUTERS,
)
def test_strangers_are_asked_who_they_are(app: App, world: World, rng: Random) -> None:
    for number in (world.facts["tool"]["id"], world.facts["gone"]):
        for what, _ in calls(number):
            for token in (None, word(rng, 40)):
                expect(sent(app, what, token)).status(401).header("www-authenticate", contains="Bearer")


@check(
    "5.6-wishes",
    "Nobody gets a scope by asking for it.",
    say="A plain member asked for a scope in the form of `POST /token` and got it. The field `scope` is a wish; what a "
    "member may stands in the table `members`.",
    docs=_SCOPES,
)
def test_wishes_are_not_granted(app: App, world: World) -> None:
    member = world.facts["member"]
    for wish in ("admin", "me loans:own admin", " ".join(ADMIN)):
        reply = ask_to_log_in(app, member["email"], member["password"], scope=wish)
        if reply.status == 200:
            token = pair_of(reply).access
            for what, _ in calls(world.facts["gone"], "admin", "members:read", "tools:write"):
                # Which of the two it is, is another check's business.
                expect(sent(app, what, token)).status(401, 403)
        else:
            require(reply.status < 500, expected="tokens, or a refusal", received=reply.shown(), reply=reply)


@check(
    "5.6-demoted",
    "Who loses a scope loses it with the next request.",
    say="A steward lost their scopes, and the token from before still opens what it opened. A token remembers "
    "what was true when it was made; ask the database what its member may now.",
    docs=_SCOPES,
)
def test_demotion_holds_at_once(fresh_app: App, world: World) -> None:
    app, steward, gone = fresh_app, world.facts["demoted"], world.facts["gone"]
    pair, admin = log_in(app, steward), token_of(app, world.facts["admin"])
    expect(app.get("/members", token=pair.access)).status(200)
    changed = app.put(f"/members/{steward['id']}/scopes", json={"scopes": list(MEMBER)}, token=admin)
    expect(changed).status(200)
    for what, _ in calls(gone, "members:read", "tools:write"):
        expect(sent(app, what, pair.access)).status(401, 403)
    expect(app.get("/me", token=pair.access)).status(200)
    renewed = app.post("/token/refresh", json={"refresh_token": pair.refresh})
    if renewed.status == 200:
        expect(app.get("/members", token=pair_of(renewed).access)).status(401, 403)


@check(
    "5.6-open-doors",
    "What is for anybody stays open to anybody.",
    say="Something that the task sheet leaves open asked for a token, or refused because of a bad one.",
    docs=_ROUTERS,
)
def test_open_doors_stay_open(app: App, world: World, rng: Random) -> None:
    for token in (None, word(rng, 40)):
        expect(app.get("/tools", token=token)).status(200)
        expect(app.get("/health/live", token=token)).status(200)
        expect(app.post("/members", json={}, token=token)).status(422)
    listed = app.get("/tools").json
    known = [row.get("id") for row in listed if isinstance(row, dict)]
    require(world.facts["shown"]["id"] in known, expected="the tool in the catalogue", received=listed)


@check(
    "5.6-documented",
    "The document shows scheme and scope of every operation.",
    say="In `/openapi.json` this operation does not name an OAuth2 scheme with its scope. FastAPI documents the scopes of "
    "`Security(..., scopes=[...])` where an OAuth2 scheme stands somewhere below it; it cannot read them in the body of a function.",
    docs=_SCOPES,
)
def test_document_shows_scopes(app: App) -> None:
    document = app.openapi()
    schemes = document.get("components", {}).get("securitySchemes", {})
    flows = {
        name: scheme.get("flows", {}).get("password", {})
        for name, scheme in schemes.items()
        if scheme.get("type") == "oauth2"
    }
    paths = {path.replace("{member_id}", "{}"): item for path, item in document["paths"].items()}
    by_shape = {_shape(path): item for path, item in paths.items()}
    for method, path, scope in OPERATIONS:
        entries = by_shape.get(path, {}).get(method.lower(), {}).get("security", [])
        named = {one for entry in entries for name in entry if name in flows for one in entry[name]}
        require(scope in named, expected=f"`{scope}` at {method} {path}", received=entries)
    addresses = {str(flow.get("tokenUrl")).lstrip("./") for flow in flows.values()}
    require("token" in addresses, expected="`tokenUrl` of `token`", received=sorted(addresses))


def _shape(path: str) -> str:
    """The path with its parameters unnamed."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
