"""5.5 Kiosk keys: shown once, kept unreadable, revoked at once, and one way in beside the token."""

from __future__ import annotations

import re
from random import Random

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_05.accounts import (
    ADMIN,
    EDGES,
    STEWARD,
    Door,
    Row,
    is_in_database,
    require_unlogged,
    token_of,
    word,
)

_KEYS = "https://fastapi.tiangolo.com/reference/security/#fastapi.security.APIKeyHeader"
_DIGEST = "https://docs.python.org/3/library/secrets.html#secrets.compare_digest"
_SHORTEST_PART = 16


def world(rng: Random) -> World:
    door = Door(rng)
    lower, middle, higher = sorted(door.number() for _ in range(3))
    # Tools on both sides of the one that is lent, and members on both sides of the one who takes it.
    lowest, between, highest = sorted(door.number() for _ in range(3))
    tools = [door.tool(id=middle), door.tool(id=lower, available=1), door.tool(id=higher)]
    return door.world(
        admin=door.member(ADMIN),
        steward=door.member(STEWARD, id=highest),
        member=door.member(id=between),
        other=door.member(id=lowest),
        weak=door.member(("me",)),
        nobody=door.number(),
        tools=tools,
    )


def make_key(app: App, world: World, *scopes: str) -> Row:
    """A new key, as an admin makes it."""
    name = f"kiosk {world.facts['door'].rng.getrandbits(32):08x}"
    reply = app.post(
        "/keys", json={"name": name, "scopes": list(scopes)}, token=token_of(app, world.facts["admin"])
    )
    expect(reply, "An admin could not make a key.").status(201)
    made = reply.json
    if not isinstance(made.get("key"), str) or not isinstance(made.get("id"), int):
        raise reply.failure("a number `id` and a text `key`", reply.shown())
    return dict(made)


def lend(
    app: App,
    world: World,
    to: Row,
    *,
    key: str | bytes | None = None,
    by: Row | None = None,
    tool: Row | None = None,
) -> Reply:
    """`POST /loans` with a key, with a token, or with neither."""
    order = {"tool_id": (tool or world.facts["tools"][0])["id"], "member_id": to["id"]}
    headers = {} if key is None else {"X-API-Key": key}
    return app.post("/loans", json=order, headers=headers, token=None if by is None else token_of(app, by))


def parts_of(key: str) -> list[str]:
    """The key, and every part of it that is long enough to be its secret."""
    return [key, *(part for part in re.split(r"[^A-Za-z0-9-]", key) if len(part) >= _SHORTEST_PART)]


@check(
    "5.5-kiosk-lends",
    "A key with `loans:write` lends to any member, and one without it does not.",
    say="The kiosk could not lend with its key alone, or a key lent without the scope `loans:write`. A scheme that refuses on its own "
    "(`auto_error`) refuses before the other was tried; and a key has scopes, as a member has.",
    docs=_KEYS,
)
def test_kiosk_lends_with_its_key(app: App, world: World) -> None:
    key, weak = make_key(app, world, "loans:write"), make_key(app, world, "import:write")
    for to in (world.facts["member"], world.facts["steward"]):
        reply = lend(app, world, to, key=key["key"])
        expect(reply).status(201).having({"member_id": to["id"], "tool_id": world.facts["tools"][0]["id"]})
    for one in (weak, make_key(app, world)):
        expect(lend(app, world, world.facts["member"], key=one["key"])).status(403)


@check(
    "5.5-shelf",
    "Lending takes a copy from the shelf, and not more than there are.",
    say="A loan did not take one copy of the tool from the shelf, or lent what is not there. `hand_out` in "
    "`app/loans.py` does all of that; call it once, when it is clear that the lender may.",
    docs=_KEYS,
)
def test_lending_takes_a_copy(fresh_app: App, world: World) -> None:
    app, member, (tool, last, _) = fresh_app, world.facts["member"], world.facts["tools"]
    key, before = make_key(app, world, "loans:write")["key"], shelf(app)
    for one in (tool, tool, last):
        expect(lend(app, world, member, key=key, tool=one)).status(201).having({"tool_id": one["id"]})
    expect(lend(app, world, member, key=key, tool=last)).status(409)
    nobody = {"id": world.facts["nobody"]}
    expect(lend(app, world, nobody, key=key)).status(404)
    expect(lend(app, world, member, key=key, tool=nobody)).status(404)
    for number, status in EDGES:
        said = "A number that no row has is a 404, one that no row can have a 422."
        expect(lend(app, world, {"id": number}, key=key), said).status(status)
        expect(lend(app, world, member, key=key, tool={"id": number}), said).status(status)
    after = {**before, tool["id"]: before[tool["id"]] - 2, last["id"]: 0}
    found = shelf(app)
    require(found == after, expected={"copies left": after}, received={"copies left": found})
    leaving = app.delete("/me", token=token_of(app, member))
    expect(leaving, "Whoever has a tool cannot leave: 409. Leave `DELETE /me` as it is.").status(409)
    for free in ("other", "steward"):
        expect(app.delete("/me", token=token_of(app, world.facts[free]))).status(204)


def shelf(app: App) -> dict[int, int]:
    """How many copies of each tool there are, as the app says."""
    reply = app.get("/tools")
    expect(reply).status(200)
    return {row["id"]: row["available"] for row in reply.json}


@check(
    "5.5-members-lend",
    "Members lend with their token alone: to themselves, and staff to anybody.",
    say="A member could not take a tool with their token alone, or took one in the name of somebody else. `loans:own` is for "
    "oneself, `loans:write` for anybody.",
    docs="https://fastapi.tiangolo.com/advanced/security/oauth2-scopes/",
)
def test_members_lend_with_their_token(app: App, world: World) -> None:
    member, other, steward = world.facts["member"], world.facts["other"], world.facts["steward"]
    expect(lend(app, world, member, by=member)).status(201).having({"member_id": member["id"]})
    expect(lend(app, world, other, by=member)).status(403)
    expect(lend(app, world, world.facts["weak"], by=world.facts["weak"])).status(403)
    for to in (other, steward):
        expect(lend(app, world, to, by=steward)).status(201).having({"member_id": to["id"]})


@check(
    "5.5-no-entry",
    "An unknown key is 401, and so is neither key nor token.",
    say="Something that is no key of ours, or neither key nor token, was not answered with 401. Compare digests: "
    "`secrets.compare_digest` raises a `TypeError` for text beyond ASCII, which would be a 500.",
    docs=_DIGEST,
)
def test_unknown_keys_are_refused(app: App, world: World, rng: Random) -> None:
    key, member = make_key(app, world, "loans:write")["key"], world.facts["member"]
    expect(lend(app, world, member)).status(401).header("www-authenticate")
    last = "A" if key[-1] != "A" else "B"
    for wrong in (
        *(
            word(rng, len(key)),
            f"{key[:-1]}{last}",
            key[:-1],
            f"{key}A",
            key[: len(key) // 2],
            ".",
            "a.b",
            key.swapcase(),
        ),
        *(f"{key[:-1]}é".encode("latin-1"), "ключ".encode(), f"{key}\xff".encode("latin-1")),
    ):
        expect(lend(app, world, member, key=wrong)).status(401)
    expect(lend(app, world, member, key=key)).status(201)


@check(
    "5.5-revoked",
    "A revoked key is refused with the next request, and others go on.",
    say="A revoked key still lends, or revoking it stopped another one. Look at `revoked_at` each time a key comes, and keep no key in memory.",
    docs=_KEYS,
)
def test_revoked_key_is_refused(app: App, world: World) -> None:
    key, other, member = (
        make_key(app, world, "loans:write"),
        make_key(app, world, "loans:write"),
        world.facts["member"],
    )
    for one in (key, other):
        expect(lend(app, world, member, key=one["key"])).status(201)
    expect(app.delete(f"/keys/{key['id']}", token=token_of(app, world.facts["admin"]))).status(204)
    expect(lend(app, world, member, key=key["key"])).status(401)
    expect(lend(app, world, member, key=other["key"])).status(201)


@check(
    "5.5-opens-nothing-else",
    "A key is no token: nothing but lending takes it.",
    say="A kiosk's key opened something else than `POST /loans`. Whoever steals it from the kiosk must not get more than the kiosk may.",
    docs=_KEYS,
)
def test_key_opens_nothing_else(app: App, world: World) -> None:
    key, tool = make_key(app, world, "loans:write")["key"], world.facts["tools"][1]
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
        for method, path in (
            ("GET", "/me"),
            ("DELETE", f"/tools/{tool['id']}"),
            ("GET", "/keys"),
            ("GET", "/members"),
        ):
            expect(app.request(method, path, headers=headers)).status(401)
        made = app.post("/keys", json={"name": "one more", "scopes": []}, headers=headers)
        expect(made).status(401)


@check(
    "5.5-shown-once",
    "Each key is new and long, and only the reply that makes it shows it.",
    say="A key was shown again, in the list or in the log, or keys are short or alike. Whoever may look at the list of keys must not "
    "be able to use them.",
    docs="https://docs.python.org/3/library/secrets.html#secrets.token_urlsafe",
)
def test_key_is_shown_once(app: App, world: World) -> None:
    keys = [make_key(app, world, "loans:write") for _ in range(3)]
    texts = {key["key"] for key in keys}
    require(
        len(texts) == len(keys) and all(len(text) >= 2 * _SHORTEST_PART for text in texts),
        expected=f"three keys that differ, of {2 * _SHORTEST_PART} letters or more",
        received=sorted(len(text) for text in texts),
    )
    used = lend(app, world, world.facts["member"], key=keys[0]["key"])
    listed = app.get("/keys", token=token_of(app, world.facts["admin"]))
    secrets = [part for text in texts for part in parts_of(text)]
    expect(listed).status(200).without(*secrets)
    ids = {row.get("id") for row in listed.json}
    require(
        ids >= {key["id"] for key in keys},
        expected="the new keys in the list",
        received=sorted(ids),
        reply=listed,
    )
    require_unlogged(app, *secrets, after=used, say="The key stands in the app's output.")


@check(
    "5.5-unreadable",
    "Nobody can read a key from the database.",
    say="The key stands in the database: whoever gets a copy of it, a backup for instance, can lend. Keep a digest "
    "(SHA-256, or HMAC with a key from the environment). A key is long and random, so it needs no slow hash.",
    docs="https://docs.python.org/3/library/hashlib.html#hash-algorithms",
)
def test_key_is_not_in_the_database(app: App, world: World) -> None:
    key = make_key(app, world, "loans:write")["key"]
    expect(lend(app, world, world.facts["member"], key=key)).status(201)
    found = is_in_database(app, *parts_of(key))
    shown = f"its part `{found[:4]}...`, {len(found)} letters long" if found else None
    require(found is None, expected="a database without the key", received=shown)


@check(
    "5.5-documented",
    "The document shows both ways in at `POST /loans`.",
    say="In `/openapi.json`, `POST /loans` does not name both a key in the header `X-API-Key` and an OAuth2 scheme. A header that "
    "is read by hand is no security scheme to FastAPI; `APIKeyHeader` is.",
    docs=_KEYS,
)
def test_document_names_both_schemes(app: App) -> None:
    document = app.openapi()
    schemes = document.get("components", {}).get("securitySchemes", {})
    asked = {name for entry in document["paths"]["/loans"]["post"].get("security", []) for name in entry}
    kinds = [schemes[name] for name in asked if name in schemes]
    key = any(
        scheme.get("type") == "apiKey"
        and scheme.get("in") == "header"
        and str(scheme.get("name")).lower() == "x-api-key"
        for scheme in kinds
    )
    token = any(scheme.get("type") in ("oauth2", "http") for scheme in kinds)
    require(key and token, expected="a scheme for the key and one for the token", received=kinds)
