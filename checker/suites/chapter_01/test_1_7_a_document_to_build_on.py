"""1.7 A document to build on: what a client generator needs, and nothing that is not true."""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Any

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_01.catalogue import (
    make_ids,
    make_loans,
    make_sent,
    make_tool,
    make_world,
    token,
    unused_id,
    version,
)
from checker.suites.chapter_01.document import (
    body_examples,
    documented,
    find_operation,
    fits,
    is_empty,
    json_schema,
    operations,
)

REPLIES = "https://fastapi.tiangolo.com/advanced/additional-responses/"


def world(rng: Random) -> World:
    """Seven tools; the first is out, the others are in."""
    ids = make_ids(rng, 7)
    out = make_tool(rng, ids[0], copies=1, loans=make_loans(rng, 2, still_out=1))
    return make_world([out, *(make_tool(rng, one) for one in ids[1:])])


def successes(app: App, world: World, rng: Random) -> list[tuple[str, str, Reply]]:
    """Method, path and reply of requests that are right once every task is done."""
    tools = world.facts["tools"]
    number = tools[1]["id"]
    return send(
        app,
        [
            *(("GET", path, None) for path in ("/tools", "/tools/featured", "/categories", "/noticeboard")),
            *(("GET", path, None) for path in ("/health/live", "/staff/inventory")),
            *(("GET", f"{desk}/tools/{number}", None) for desk in ("", "/staff")),
            ("POST", "/tools", make_sent(rng)),
            ("PUT", f"/tools/{number}", make_sent(rng)),
            ("PATCH", f"/tools/{number}", {"copies": 2}),
            ("DELETE", f"/tools/{tools[2]['id']}", None),
        ],
    )


def refusals(app: App, world: World, rng: Random) -> list[tuple[str, str, Reply]]:
    """Method, path and reply of requests that are refused once every task is done."""
    tools = world.facts["tools"]
    nobody, taken = unused_id(rng, tools), {key: tools[3][key] for key in ("name", "category")}
    number = tools[5]["id"]
    changes: list[tuple[str, str, object]] = [
        ("PUT", f"/tools/{number}", make_sent(rng)),
        ("PATCH", f"/tools/{number}", make_sent(rng)),
    ]
    unseen = [reply for tag in ({}, {"If-Match": f'"{token(rng)}"'}) for reply in send(app, changes, tag)]
    return unseen + send(
        app,
        [
            *(("GET", f"{desk}/tools/{nobody}", None) for desk in ("", "/staff")),
            *(("GET", f"{desk}/tools/{token(rng)}", None) for desk in ("", "/staff")),
            ("POST", "/tools", {}),
            ("POST", "/tools", make_sent(rng) | taken),
            ("PUT", f"/tools/{nobody}", make_sent(rng)),
            ("PUT", f"/tools/{tools[4]['id']}", {}),
            ("PUT", f"/tools/{tools[4]['id']}", make_sent(rng) | taken),
            ("PATCH", f"/tools/{nobody}", {"copies": 2}),
            ("PATCH", f"/tools/{tools[4]['id']}", {"copies": None}),
            ("PATCH", f"/tools/{tools[4]['id']}", taken),
            ("DELETE", f"/tools/{nobody}", None),
            ("DELETE", f"/tools/{tools[0]['id']}", None),
            ("DELETE", f"/tools/{token(rng)}", None),
        ],
    )


def send(
    app: App, requests: list[tuple[str, str, object]], tag: dict[str, str] | None = None
) -> list[tuple[str, str, Reply]]:
    """The replies, in order, without those that say that a task is not done yet.

    Changes carry the tool's present `If-Match`, or the headers in `tag`.
    """
    answered = []
    for method, path, body in requests:
        number = path.rpartition("/")[2]
        headers = version(app, number) if method in ("PUT", "PATCH") else {}
        reply = app.request(method, path, headers=headers if tag is None else tag, json=body)
        if reply.status < 500 and reply.status != 405:
            answered.append((method, path, reply))
    return answered


def require_documented(document: dict[str, Any], method: str, path: str, reply: Reply) -> None:
    """The document knows this status of this operation, and what its body looks like.

    What a success may look like is task 1.5's business, so an empty schema is enough there.
    """
    found = find_operation(document, method, path)
    if found is None:
        return  # 1.7-complete speaks of operations that are missing
    known, operation = found
    where = f"{method} {known}"
    response = documented(operation, reply.status)
    said = sorted(operation.get("responses", {}))
    require(
        response is not None,
        expected=f"{reply.status} among the documented statuses of {where}",
        received=said,
        reply=reply,
    )
    assert response is not None
    schema = json_schema(response)
    if not reply.content:
        require(
            schema is None,
            expected=f"no body documented for {reply.status} of {where}",
            received=schema,
            reply=reply,
        )
        return
    require(
        schema is not None and (reply.status < 400 or not is_empty(schema, document)),
        expected=f"a schema for the body of {reply.status} of {where}",
        received=schema or "a description without a schema",
        reply=reply,
    )
    assert schema is not None
    require(
        fits(reply.json, schema, document),
        expected={f"schema of {reply.status} of {where}": schema},
        received=reply.json,
        reply=reply,
        say="The body that was sent is not the one that the document describes. Name the model whose shape the "
        "reply really has; an `HTTPException` with a text sends an object with one key, `detail`.",
    )


@check(
    "1.7-complete",
    "The document holds every operation that the app answers.",
    say="The app answers this request, but the OpenAPI document does not know it, so no generated client will. Take "
    "`include_in_schema=False` away; it is for `/metrics` and the like.",
)
def test_document_is_complete(fresh_app: App, world: World, rng: Random) -> None:
    document = fresh_app.openapi()
    for method, path, reply in successes(fresh_app, world, rng):
        if reply.status < 300:
            require(
                find_operation(document, method, path) is not None,
                expected=f"{method} {path} in the document",
                received=sorted(document.get("paths", {})),
                reply=reply,
            )


@check(
    "1.7-named",
    "Every operation has a tag, a summary and a short operation id of its own.",
    say="Generated clients group methods by tag and name them by operation id. FastAPI's default id ends in path and "
    "method, `read_tool_tools__tool_id__get`; give the app a `generate_unique_id_function` that takes the function's "
    "name, and each router its `tags`.",
    docs="https://fastapi.tiangolo.com/advanced/generate-clients/",
)
def test_operations_are_named(app: App) -> None:
    document = app.openapi()
    ids: Counter[str] = Counter()
    for path, method, operation in operations(document):
        where = f"{method.upper()} {path}"
        name = operation.get("operationId", "")
        ids[name] += 1
        require(bool(operation.get("tags")), expected=f"a tag on {where}", received=operation.get("tags", []))
        require(bool(operation.get("summary")), expected=f"a summary on {where}", received="none")
        default = re.sub(r"\W", "_", path) + f"_{method}"
        require(
            re.fullmatch(r"[A-Za-z][\w.-]{0,39}", name) is not None and not name.endswith(default),
            expected=f"an operation id of {where} that starts with a letter, has at most 40 letters, digits, `_`, "
            "`-` or `.`, and does not end in path and method",
            received=name or "none",
        )
    twice = sorted(name for name, number in ids.items() if number > 1)
    require(not twice, expected="operation ids that occur once", received=twice)
    require(len(ids) >= 5, expected="the operations of the starter and your own", received=sorted(ids))


@check(
    "1.7-successes",
    "Every success is documented with the status and the body that it has.",
    say="The app answered with a status or a body that the document does not promise. Set the status in the decorator, "
    "where FastAPI documents it, and not on the response; declare the body as return type or `response_model`.",
    docs="https://fastapi.tiangolo.com/tutorial/response-status-code/",
)
def test_successes_are_documented(fresh_app: App, world: World, rng: Random) -> None:
    document = fresh_app.openapi()
    for method, path, reply in successes(fresh_app, world, rng):
        if reply.status < 300:
            require_documented(document, method, path, reply)


@check(
    "1.7-refusals",
    "Every refusal is documented with the schema of its body.",
    say="FastAPI documents 200 and 422 by itself; it cannot see the `HTTPException`s inside your functions. Say so: "
    '`responses={404: {"model": Problem}}` on the path operation or the router, with a model of what the body '
    "holds. A description alone gives a client generator nothing to build.",
    docs=REPLIES,
)
def test_refusals_are_documented(fresh_app: App, world: World, rng: Random) -> None:
    document = fresh_app.openapi()
    for method, path, reply in refusals(fresh_app, world, rng):
        if 400 <= reply.status:
            require_documented(document, method, path, reply)


@check(
    "1.7-example",
    "The body of `POST /tools` has an example, and the API accepts it.",
    say='The documentation\'s "Try it out" sends the example of the body of `POST /tools`, so there has to be one, and '
    "the API has to accept it. Put it on the model, "
    '`model_config = ConfigDict(json_schema_extra={"examples": [...]})`, or on the parameter, '
    "`Body(openapi_examples=...)`. `example=` is the old spelling.",
    docs="https://fastapi.tiangolo.com/tutorial/schema-extra-example/",
)
def test_example_is_accepted(fresh_app: App) -> None:
    document = fresh_app.openapi()
    found = find_operation(document, "POST", "/tools")
    require(
        found is not None, expected="POST /tools in the document", received=sorted(document.get("paths", {}))
    )
    assert found is not None
    examples = body_examples(found[1], document)
    require(bool(examples), expected="an example of the body of POST /tools", received="none")
    for example in examples:
        reply = fresh_app.post("/tools", json=example)
        expect(
            reply,
            say="The documented example was refused, so everybody who tries the documentation starts with an error. "
            "An example is data like any other: it has to keep the bounds of its own fields.",
        ).status(200, 201)
