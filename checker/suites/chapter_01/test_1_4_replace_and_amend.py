"""1.4 Replace and amend: PUT replaces everything, PATCH tells absent from null."""

from __future__ import annotations

from random import Random
from typing import Any

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_01.catalogue import (
    DEFAULTS,
    SENT,
    Tool,
    make_ids,
    make_loans,
    make_sent,
    make_tool,
    make_world,
    public_view,
    stored,
    token,
    unused_id,
    version,
)

PATCHING = "https://fastapi.tiangolo.com/tutorial/body-updates/"


def world(rng: Random) -> World:
    """Fourteen tools with loans, every optional key filled; each test takes others."""
    return make_world(
        make_tool(rng, tool_id, copies=3, loans=make_loans(rng, 3, still_out=1))
        for tool_id in make_ids(rng, 14)
    )


def put(app: App, tool: Tool, body: Any) -> Reply:
    """Replace a tool, whatever its version."""
    return app.put(f"/tools/{tool['id']}", json=body, headers=version(app, tool["id"]))


def patch(app: App, tool: Tool, body: Any) -> Reply:
    """Amend a tool, whatever its version."""
    return app.patch(f"/tools/{tool['id']}", json=body, headers=version(app, tool["id"]))


def require_stored(app: App, expected: Tool, reply: Reply, say: str | None = None) -> None:
    """The shed holds this tool exactly so now, and the reply shows it."""
    row = stored(app).get(expected["id"])
    require(row == expected, expected=expected, received=row, reply=reply, say=say)
    expect(reply, say).having(public_view(expected))


@check(
    "1.4-put-replaces",
    "PUT replaces everything that a client may send; what it leaves out goes back to its default.",
    say="PUT sends the whole tool: afterwards every key has the value that was sent, or its default where the key "
    "was left out. The number and the loans stay, for they are not the client's. Answer 200 with the tool.",
    docs=PATCHING,
)
def test_put_replaces_everything(app: App, world: World, rng: Random) -> None:
    one, other = world.facts["tools"][:2]
    kept = stored(app)
    body = make_sent(rng)
    reply = put(app, one, body)
    expect(reply).status(200)
    require_stored(app, kept[one["id"]] | body, reply)
    sent = make_sent(rng)
    short = {key: sent[key] for key in ("name", "category", "value_cents")}
    reply = put(app, other, short)
    expect(reply).status(200)
    require_stored(app, kept[other["id"]] | DEFAULTS | short, reply)
    same = put(app, other, short)
    expect(
        same,
        say="The same PUT again was refused. A tool does not stand in its own way: leave it out when you look for "
        "another one of the same name.",
    ).status(200)


@check(
    "1.4-put-incomplete",
    "PUT without a required key is 422 and changes nothing.",
    say="PUT replaces the whole tool, so a body without a required key is 422, and nothing changes. A model whose "
    "keys are all optional belongs to PATCH.",
    docs=PATCHING,
)
def test_put_without_a_required_key_is_422(fresh_app: App, world: World, rng: Random) -> None:
    tool = world.facts["tools"][2]
    before = stored(fresh_app)[tool["id"]]
    for left_out in ("name", "category", "value_cents"):
        body = {key: value for key, value in make_sent(rng).items() if key != left_out}
        expect(put(fresh_app, tool, body)).status(422)
    row = stored(fresh_app)[tool["id"]]
    require(row == before, expected=before, received=row)


@check(
    "1.4-patch-one",
    "PATCH with one key changes that key and no other.",
    say="PATCH changes exactly the keys that were sent. `model_dump()` fills absent keys with their defaults and "
    "wipes what was stored; `model_dump(exclude_unset=True)` holds only what the client sent.",
    docs=PATCHING,
)
def test_patch_changes_one_key(app: App, world: World, rng: Random) -> None:
    tool = world.facts["tools"][3]
    expected = stored(app)[tool["id"]]
    new = make_sent(rng)
    for key in rng.sample(SENT, len(SENT)):
        reply = patch(app, tool, {key: new[key]})
        expect(reply).status(200)
        expected = expected | {key: new[key]}
        require_stored(app, expected, reply)
    # Values that mean "nothing" to Python are values too.
    for falsy in ({"value_cents": 0}, {"description": ""}, {"condition": "good", "copies": 1}):
        reply = patch(app, tool, falsy)
        expect(reply).status(200)
        expected = expected | falsy
        require_stored(app, expected, reply)


@check(
    "1.4-patch-null",
    "PATCH with null empties a key that may be empty.",
    say="Null was sent on purpose: it empties the key. `exclude_none=True` and `if value is not None` throw it away, "
    "so a note could never be removed again; `exclude_unset=True` keeps it.",
    docs=PATCHING,
)
def test_patch_with_null_empties(app: App, world: World, rng: Random) -> None:
    tool = world.facts["tools"][4]
    expected = stored(app)[tool["id"]]
    for key in ("description", "supplier_email", "purchase_note"):
        filled = patch(app, tool, {key: token(rng)})
        expect(filled).status(200)
        reply = patch(app, tool, {key: None})
        expect(reply).status(200)
        row = stored(app)[tool["id"]]
        require(row[key] is None, expected={key: None}, received={key: row[key]}, reply=reply)
        expected = expected | {key: None}
    require_stored(app, expected, reply)


@check(
    "1.4-patch-null-required",
    "PATCH with null on a required key is 422.",
    say="A tool always has a name, a category, a condition, a value and copies, so null there is 422. "
    "`name: str | None = None` makes the key optional and null legal with it; what you want is a field that may be "
    "left out and, when sent, is checked like any other.",
    docs=PATCHING,
)
def test_patch_with_null_on_a_required_key_is_422(fresh_app: App, world: World) -> None:
    tool = world.facts["tools"][5]
    before = stored(fresh_app)[tool["id"]]
    for key in ("name", "category", "condition", "value_cents", "copies"):
        expect(patch(fresh_app, tool, {key: None})).status(422)
    row = stored(fresh_app)[tool["id"]]
    require(row == before, expected=before, received=row)


@check(
    "1.4-patch-nothing",
    "An empty PATCH is 200 and changes nothing.",
    say="`{}` asks for no change, and gets it: 200 with the tool as it is. If something changed, defaults were "
    "written over stored values; if it was refused, PATCH uses a model with required keys.",
    docs=PATCHING,
)
def test_empty_patch_changes_nothing(app: App, world: World) -> None:
    tool = world.facts["tools"][6]
    before = stored(app)[tool["id"]]
    reply = patch(app, tool, {})
    expect(reply).status(200)
    require_stored(app, before, reply)


@check(
    "1.4-patch-checked",
    "PATCH checks what it is sent like POST does.",
    say="A value that `POST /tools` refuses has to be 422 here too, and so has a key that a client may not send. Give "
    "PATCH a model of its own with the same bounds; `model_copy(update=...)` checks nothing by itself.",
    docs="https://fastapi.tiangolo.com/tutorial/body-fields/",
)
def test_patch_checks_what_it_is_sent(fresh_app: App, world: World, rng: Random) -> None:
    tool = world.facts["tools"][7]
    before = stored(fresh_app)[tool["id"]]
    wrong: list[dict[str, Any]] = [
        {"name": "x"},
        {"name": "n" * 81},
        {"category": "Not A Slug"},
        {"condition": token(rng)},
        {"value_cents": -1},
        {"value_cents": token(rng)},
        {"copies": 0},
        {"copies": 51},
        {"description": "d" * 501},
        {"supplier_email": "e" * 255},
        {"purchase_note": "p" * 501},
        {"id": unused_id(rng, world.facts["tools"])},
        {"loans": []},
        {token(rng): 1},
    ]
    for body in wrong:
        expect(patch(fresh_app, tool, body)).status(422)
    row = stored(fresh_app)[tool["id"]]
    require(row == before, expected=before, received=row)


@check(
    "1.4-unknown",
    "PUT and PATCH of a tool that does not exist are 404 and create nothing.",
    say="There is no tool of this number, so this has to be 404. The shed chooses the numbers, so PUT does not create "
    "tools either.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
    lesson="statuses-and-headers",
)
def test_change_of_an_unknown_tool_is_404(app: App, world: World, rng: Random) -> None:
    before = stored(app)
    nobody = {"id": unused_id(rng, world.facts["tools"])}
    expect(put(app, nobody, make_sent(rng))).status(404)
    expect(patch(app, nobody, {"copies": 2})).status(404)
    require(stored(app).keys() == before.keys(), expected="no new tool", received="one more")


@check(
    "1.4-conflict",
    "A change that would make a second tool of the same name and category is 409.",
    say="After this change two tools would have the same name in the same category, so it has to be 409 and nothing "
    "may change. The rule of `POST /tools` holds for every way to get there; write it once.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
    lesson="statuses-and-headers",
)
def test_change_into_a_duplicate_is_409(app: App, world: World, rng: Random) -> None:
    tool, other = world.facts["tools"][8:10]
    before = stored(app)
    taken = {key: before[other["id"]][key] for key in ("name", "category")}
    expect(put(app, tool, make_sent(rng) | taken)).status(409)
    expect(patch(app, tool, taken)).status(409)
    row = stored(app)[tool["id"]]
    require(row == before[tool["id"]], expected=before[tool["id"]], received=row)
    reply = patch(app, tool, {"name": taken["name"]})
    expect(reply).status(200)
    expect(patch(app, tool, {"category": taken["category"]})).status(409)
    expect(patch(app, tool, {"name": before[tool["id"]]["name"]})).status(200)
