"""1.3 A new tool: a body that is checked, 201 with `Location`, and 409 for a duplicate."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import urljoin, urlsplit

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_01.catalogue import (
    DEFAULTS,
    SENT,
    make_sent,
    make_tool,
    make_world,
    public_view,
    stored,
    token,
)

BODIES = "https://fastapi.tiangolo.com/tutorial/body/"
FIELDS = "https://fastapi.tiangolo.com/tutorial/body-fields/"


def world(rng: Random) -> World:
    """A few tools without a gap in their numbers, so that no number below the highest is free."""
    return make_world(make_tool(rng, tool_id) for tool_id in range(1, rng.choice([6, 8, 10, 12])))


def created_id(reply: Reply) -> int:
    """The number in the reply to a `POST` that should have succeeded."""
    expect(reply).status(200, 201)
    number = reply.json.get("id") if isinstance(reply.json, dict) else None
    require(
        isinstance(number, int), expected="a tool with its number in `id`", received=reply.json, reply=reply
    )
    assert isinstance(number, int)
    return number


def require_refused(app: App, bodies: list[Any]) -> None:
    """Each of these is 422 and leaves the shed as it was."""
    before = stored(app)
    for body in bodies:
        expect(app.post("/tools", json=body)).status(422)
    after = stored(app)
    require(
        after == before, expected="no new tool after a refusal", received=f"{len(after) - len(before)} more"
    )


@check(
    "1.3-created",
    "`POST /tools` stores the tool and answers 201 with it.",
    say="`POST /tools` has to store the tool under a number of its own and answer 201 with the tool as the public "
    "sees it. The status belongs into the decorator: `status_code=status.HTTP_201_CREATED`.",
    docs="https://fastapi.tiangolo.com/tutorial/response-status-code/",
    lesson="statuses-and-headers",
)
def test_new_tool_is_stored_and_answered_with_201(app: App, rng: Random) -> None:
    body = make_sent(rng)
    reply = app.post("/tools", json=body)
    expect(reply).status(201)
    number = created_id(reply)
    expect(reply).having(public_view(body | {"id": number, "loans": []}))
    row = stored(app).get(number, {})
    held = {key: row.get(key) for key in SENT}
    require(held == body, expected=body, received=held, reply=reply)


@check(
    "1.3-number",
    "Every new tool gets a number of its own, from 1 up, also the first in an empty shed.",
    say="A new tool needs a number that no other one has, 1 or higher, or it takes another tool's place. "
    "`shed.next_id()` hands them out.",
)
def test_new_tools_get_numbers_of_their_own(
    fresh_app: App, start_app: Callable[..., App], rng: Random
) -> None:
    for shed in (fresh_app, start_app(World(seed={"tools": []}))):
        for _ in range(3):
            before = stored(shed)
            reply = shed.post("/tools", json=make_sent(rng))
            number = created_id(reply)
            require(
                number >= 1 and number not in before,
                expected="a number from 1 up that no tool has",
                received=number,
                reply=reply,
            )
            after = stored(shed)
            require(
                all(after.get(known) == tool for known, tool in before.items()),
                expected="the other tools as they were",
                received="another tool was changed",
                reply=reply,
            )


@check(
    "1.3-defaults",
    "Keys that may be left out have their defaults.",
    say="Only `name`, `category` and `value_cents` have to be sent. The others have defaults (see the task sheet): "
    "a field is optional in a Pydantic model when it has one, whatever its type says.",
    docs=BODIES,
)
def test_optional_keys_have_defaults(app: App, rng: Random) -> None:
    sent = make_sent(rng)
    body = {key: sent[key] for key in ("name", "category", "value_cents")}
    reply = app.post("/tools", json=body)
    row = stored(app).get(created_id(reply), {})
    held = {key: row.get(key) for key in SENT}
    require(held == body | DEFAULTS, expected=body | DEFAULTS, received=held, reply=reply)
    nothing = {"description": None, "supplier_email": None, "purchase_note": None}
    created_id(app.post("/tools", json=make_sent(rng) | nothing))


@check(
    "1.3-location",
    "`Location` leads to the new tool.",
    say="A 201 says that something is there now; `Location` says where. Take `response: Response` as a parameter "
    'and set `response.headers["Location"]` to the path of the new tool, `/tools/{id}`.',
    docs="https://fastapi.tiangolo.com/advanced/response-headers/",
    lesson="statuses-and-headers",
)
def test_location_leads_to_the_new_tool(app: App, rng: Random) -> None:
    for _ in range(2):
        reply = app.post("/tools", json=make_sent(rng))
        number = created_id(reply)
        expect(reply).header("location")
        path = urlsplit(urljoin("http://toolshed/tools", reply.headers["location"])).path
        require(path == f"/tools/{number}", expected=f"/tools/{number}", received=path, reply=reply)


@check(
    "1.3-unknown-key",
    "A key that is not the client's to send is 422.",
    say="This key is not one that a client may send, so it has to be 422. By default Pydantic drops what it does "
    'not know; `class ToolIn(BaseModel, extra="forbid")` refuses it. The number is the shed\'s to choose: it has '
    "no place in the model of the body.",
    docs="https://fastapi.tiangolo.com/tutorial/body/",
)
def test_unknown_keys_are_422(app: App, rng: Random) -> None:
    extras = {
        "id": rng.randrange(10_000, 90_000),
        "available": True,
        "loans": [],
        token(rng): 1,
        "Name": "Axe",
    }
    require_refused(app, [make_sent(rng) | {key: value} for key, value in extras.items()])


@check(
    "1.3-required",
    "A required key that is missing or null is 422.",
    say="`name`, `category` and `value_cents` have to be there, and only `description`, `supplier_email` and "
    "`purchase_note` may be null; anything else is 422. Leave it to the model: a field without default is required, "
    "and a type without `| None` refuses null. Looking for keys by hand ends in 400 or 500.",
    docs=BODIES,
)
def test_missing_and_null_keys_are_422(app: App, rng: Random) -> None:
    missing = [
        {key: value for key, value in make_sent(rng).items() if key != left_out}
        for left_out in ("name", "category", "value_cents")
    ]
    empty = [
        make_sent(rng) | {key: None} for key in ("name", "category", "condition", "value_cents", "copies")
    ]
    require_refused(app, [*missing, *empty, {}, None, [make_sent(rng)]])


@check(
    "1.3-bounds",
    "A value out of bounds is 422.",
    say="This value is out of the bounds that the task sheet gives, so it has to be 422. A type alone has no bounds: "
    "`Annotated[int, Field(ge=1, le=50)]`, `Annotated[str, Field(min_length=2, max_length=80)]`.",
    docs=FIELDS,
)
def test_values_out_of_bounds_are_422(app: App, rng: Random) -> None:
    wrong: list[dict[str, Any]] = [
        {"name": "x"},
        {"name": ""},
        {"name": "n" * 81},
        {"category": "c"},
        {"category": "c" * 41},
        *({"category": text} for text in ("Saws", "hand saws", "saws!", "-saws", "4saws", "säge")),
        {"description": "d" * 501},
        {"condition": token(rng)},
        {"value_cents": -1},
        {"value_cents": 1_000_001},
        {"copies": 0},
        {"copies": -1},
        {"copies": 51},
        {"supplier_email": "e" * 255},
        {"purchase_note": "p" * 501},
    ]
    require_refused(app, [make_sent(rng) | fields for fields in wrong])


@check(
    "1.3-edges",
    "A value just within the bounds is accepted.",
    say="This value is just within the bounds of the task sheet and was refused: look for `gt` where `ge` is meant, "
    "or for a bound that is off by one.",
    docs=FIELDS,
)
def test_values_just_within_bounds_are_accepted(app: App, rng: Random) -> None:
    right: list[dict[str, Any]] = [
        {"name": token(rng, 2)},
        {"name": token(rng, 80)},
        {"category": token(rng, 2)},
        {"category": token(rng, 40)},
        {"category": "z-0-9"},
        {"description": ""},
        {"description": "d" * 500},
        {"condition": "new"},
        {"condition": "broken"},
        {"value_cents": 0},
        {"value_cents": 1_000_000},
        {"copies": 1},
        {"copies": 50},
        {"supplier_email": "e" * 254},
        {"purchase_note": "p" * 500},
    ]
    for fields in right:
        expect(app.post("/tools", json=make_sent(rng) | fields)).status(200, 201)


@check(
    "1.3-types",
    "A value of the wrong kind is 422.",
    say="This value is of the wrong kind, so it has to be 422 before your function runs. Give each field of the "
    "model its type; a body of type `dict` lets everything through.",
    docs=BODIES,
)
def test_values_of_the_wrong_kind_are_422(app: App, rng: Random) -> None:
    wrong: list[dict[str, Any]] = [
        {"name": [token(rng)]},
        {"name": {"en": token(rng)}},
        {"category": rng.randint(10, 99)},
        {"description": ["long"]},
        {"value_cents": token(rng)},
        {"value_cents": rng.randint(1, 99) + 0.5},
        {"copies": "several"},
        {"copies": [2]},
        {"supplier_email": {}},
        {"purchase_note": []},
    ]
    require_refused(app, [make_sent(rng) | fields for fields in wrong])


@check(
    "1.3-duplicate",
    "A second tool of the same name in the same category is 409.",
    say="There is a tool of this name in this category already, so this has to be 409 and nothing may be stored. The "
    "request itself is well-formed: 422 would send its author looking for a mistake that is not there. The same "
    "name in another category is fine.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
    lesson="statuses-and-headers",
)
def test_second_tool_of_the_same_name_and_category_is_409(app: App, world: World, rng: Random) -> None:
    tool = rng.choice(world.facts["tools"])
    before = stored(app)
    taken = {"name": tool["name"], "category": tool["category"]}
    expect(app.post("/tools", json=make_sent(rng) | taken)).status(409)
    after = stored(app)
    require(
        after == before, expected="no new tool after the 409", received=f"{len(after) - len(before)} more"
    )
    expect(app.post("/tools", json=make_sent(rng, name=tool["name"]))).status(200, 201)
    expect(app.post("/tools", json=make_sent(rng, category=tool["category"]))).status(200, 201)
    new = make_sent(rng)
    expect(app.post("/tools", json=new)).status(200, 201)
    expect(app.post("/tools", json=new)).status(409)
