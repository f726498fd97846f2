"""1.5 What the public sees: no reply and no documented reply holds what is the stewards' business."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_01.catalogue import (
    PRIVATE,
    Tool,
    make_ids,
    make_loans,
    make_sent,
    make_tool,
    make_world,
    public_view,
    unused_id,
    version,
)
from checker.suites.chapter_01.document import names_of, operations, reply_schema

FILTER = "https://fastapi.tiangolo.com/tutorial/response-model/"


def world(rng: Random) -> World:
    """Eleven tools in three categories, each with private texts that occur nowhere else."""
    categories = [make_sent(rng)["category"] for _ in range(3)]
    return make_world(
        make_tool(rng, tool_id, category=rng.choice(categories), loans=make_loans(rng, rng.randint(0, 4)))
        for tool_id in make_ids(rng, 11)
    )


def public_replies(app: App, tools: list[Tool], rng: Random) -> Iterator[tuple[Reply, Tool]]:
    """A reply of each public way to a tool, with the private texts that it must not hold."""
    texts = {f"{tool['id']} {key}": tool[key] for tool in tools for key in PRIVATE}
    for path in (
        "/tools",
        "/tools/featured",
        "/categories",
        "/noticeboard",
        f"/tools/{rng.choice(tools)['id']}",
    ):
        yield app.get(path), texts
    number = rng.choice(tools)["id"]
    body, amended = make_sent(rng), make_sent(rng)
    private = {key: amended[key] for key in PRIVATE}
    yield app.post("/tools", json=body), {key: body[key] for key in PRIVATE}
    yield app.patch(f"/tools/{number}", json=private, headers=version(app, number)), private
    yield app.put(f"/tools/{number}", json=make_sent(rng) | private, headers=version(app, number)), private


@check(
    "1.5-replies",
    "No public reply holds `supplier_email` or `purchase_note`.",
    say="This public reply holds what only stewards may see. Declare what the public sees as a model of its own and "
    "name it as return type or `response_model`: FastAPI then sends its fields and no others. Deleting keys "
    "by hand has to be remembered on every route; `dict[str, Any]` and a ready-made `JSONResponse` are sent as they "
    "are.",
)
def test_public_replies_hold_nothing_private(fresh_app: App, world: World, rng: Random) -> None:
    for reply, secrets in public_replies(fresh_app, world.facts["tools"], rng):
        if reply.status < 300:  # A refusal may quote what its own client has sent.
            expect(reply).without(*PRIVATE, *secrets.values())


@check(
    "1.5-schema",
    "Every public reply is documented with a schema that names its fields, none of them private.",
    say="The OpenAPI document tells how this reply looks, and it either names a private field or names no fields at "
    "all. A return type such as `dict[str, Any]` or `JSONResponse` leaves the schema empty: declare a model, also "
    "for what is nested in it.",
    lesson="return-types-as-filters",
)
def test_documented_replies_name_fields_and_nothing_private(app: App) -> None:
    document = app.openapi()
    seen = 0
    for path, method, operation in operations(document):
        schema = reply_schema(operation)
        if path.startswith("/staff") or schema is None:
            continue
        names, where = names_of(schema, document), f"{method.upper()} {path}"
        leaked = sorted(names & set(PRIVATE))
        require(not leaked, expected=f"no private field in the reply of {where}", received=leaked)
        if method == "delete" or not re.fullmatch(
            r"/tools|/tools/featured|/tools/\{[^}]+\}|/noticeboard|/categories", path
        ):
            continue
        fields = {"slug", "tools", "latest", "id"} if path == "/categories" else {"id"}
        require(
            fields <= names,
            expected=f"the fields of the reply of {where}, down to those of a tool",
            received=sorted(names) or "no field at all",
        )
        seen += 1
    require(
        seen >= 4,
        expected="the replies of `/tools`, `/categories` and `/noticeboard` in the OpenAPI document",
        received=f"{seen} of them",
    )


@check(
    "1.5-kept",
    "The public still sees everything else, on every route.",
    say="Something that the public may see is gone. `GET /tools`, `/categories` and `/noticeboard` keep paths, order "
    "and shape; only the two private fields go.",
)
def test_public_sees_everything_else(app: App, world: World) -> None:
    tools = world.facts["tools"]
    for path, rows in (("/tools", tools[:20]), ("/noticeboard", tools[-1:-6:-1])):
        require_rows(app.get(path), [public_view(tool) for tool in rows])
    slugs = sorted({tool["category"] for tool in tools})
    groups = [[tool for tool in tools if tool["category"] == slug] for slug in slugs]
    expected = [
        {"slug": slug, "tools": len(group), "latest": public_view(group[-1])}
        for slug, group in zip(slugs, groups, strict=True)
    ]
    require_rows(app.get("/categories"), expected)


def require_rows(reply: Reply, expected: list[Tool]) -> None:
    """The reply is a list of objects that hold at least these keys, in this order."""
    expect(reply).status(200)
    received = reply.json
    held = [_narrowed(row, wanted) for row, wanted in zip(received, expected, strict=False)]
    require(
        isinstance(received, list) and len(received) == len(expected) and held == expected,
        expected=expected,
        received=received,
        reply=reply,
    )


def _narrowed(value: Any, wanted: Any) -> Any:
    if isinstance(value, dict) and isinstance(wanted, dict):
        return {key: _narrowed(value.get(key), wanted[key]) for key in wanted}
    return value


@check(
    "1.5-staff",
    "`/staff/tools/{tool_id}` gives stewards the private fields too.",
    say="`GET /staff/tools/{tool_id}` has to give the tool with `supplier_email` and `purchase_note`, beside all that "
    "the public sees, and 404 where there is no such tool. A child of the public model with two fields more does "
    "it.",
    docs=FILTER,
)
def test_stewards_see_the_private_fields(app: App, world: World, rng: Random) -> None:
    for tool in rng.sample(world.facts["tools"], 3):
        private = {key: tool[key] for key in PRIVATE}
        expect(app.get(f"/staff/tools/{tool['id']}")).status(200).having(public_view(tool) | private)
    expect(app.get(f"/staff/tools/{unused_id(rng, world.facts['tools'])}")).status(404)
