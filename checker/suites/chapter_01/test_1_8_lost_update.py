"""1.8 Lost update: `ETag`, `If-Match`, and ten editors of whom one wins."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from checker.suite import App, Reply, World, call, check, expect, require
from checker.suites.chapter_01.catalogue import (
    Tool,
    make_ids,
    make_sent,
    make_tool,
    make_world,
    stored,
    token,
)


def world(rng: Random) -> World:
    """Eight tools; each test takes others."""
    return make_world(make_tool(rng, tool_id) for tool_id in make_ids(rng, 8))


def read_tag(app: App, tool: Tool) -> str:
    """The `ETag` that `GET` sends now."""
    reply = app.get(f"/tools/{tool['id']}")
    expect(
        reply,
        say="`GET /tools/{tool_id}` has to send an `ETag` first: a text in double quotes, made of the whole stored tool.",
    ).status(200).header("etag")
    return str(reply.headers["etag"])


def patch(app: App, tool: Tool, body: Any, tag: str | None) -> Reply:
    """Amend a tool, based on the version that `tag` names; the tests send all keys, for which are needed is 1.4's."""
    return app.patch(f"/tools/{tool['id']}", json=body, headers={} if tag is None else {"If-Match": tag})


def put(app: App, tool: Tool, body: Any, tag: str | None) -> Reply:
    """Replace a tool, based on the version that `tag` names."""
    return app.put(f"/tools/{tool['id']}", json=body, headers={} if tag is None else {"If-Match": tag})


@check(
    "1.8-tag",
    "GET sends an `ETag` that changes with the tool and only with it.",
    say="`GET /tools/{tool_id}` has to send an `ETag` header: a text in double quotes that is the same as long as the "
    "tool is the same, and another one after every change. A hash of the stored tool or a version number does it; "
    "private fields count too.",
)
def test_tag_changes_with_the_tool(app: App, world: World, rng: Random) -> None:
    tool = world.facts["tools"][0]
    tag = read_tag(app, tool)
    require(
        re.fullmatch(r'(W/)?"[^"]+"', tag) is not None,
        expected='a text in double quotes: "..."',
        received=tag,
    )
    require(read_tag(app, tool) == tag, expected=tag, received="another tag, though nothing has changed")
    seen = {tag}
    body = make_sent(rng)
    for change in ({}, {"copies": 50}, {"description": token(rng)}, {"purchase_note": token(rng)}):
        body = body | change
        expect(put(app, tool, body, read_tag(app, tool))).status(200)
        seen.add(read_tag(app, tool))
    require(len(seen) == 5, expected="another tag after each of four changes", received=sorted(seen))


@check(
    "1.8-missing",
    "PUT and PATCH without `If-Match` are 428 and change nothing.",
    say="Without `If-Match` nobody knows which version the editor has seen, so PUT and PATCH have to be 428 (Precondition "
    "Required), and nothing may change. Declare it as an optional header, `Annotated[str | None, Header()]`, and "
    "refuse `None`: a required header would be 422.",
    docs="https://fastapi.tiangolo.com/tutorial/header-params/",
)
def test_change_without_if_match_is_428(app: App, world: World, rng: Random) -> None:
    tool = world.facts["tools"][1]
    before = stored(app)[tool["id"]]
    expect(patch(app, tool, make_sent(rng), None)).status(428)
    expect(put(app, tool, make_sent(rng), None)).status(428)
    row = stored(app)[tool["id"]]
    require(row == before, expected=before, received=row)


@check(
    "1.8-match",
    "PUT and PATCH with the present `ETag`, with a list that holds it, or with `*` succeed.",
    say="This `If-Match` names the tool's present `ETag`, or `*` for any version, so the change has to go through. The "
    "header may hold several tags, with commas between them.",
    docs="https://fastapi.tiangolo.com/tutorial/header-params/",
)
def test_change_with_the_present_tag_succeeds(app: App, world: World, rng: Random) -> None:
    tool = world.facts["tools"][2]
    expect(patch(app, tool, make_sent(rng), read_tag(app, tool))).status(200)
    expect(put(app, tool, make_sent(rng), read_tag(app, tool))).status(200)
    expect(patch(app, tool, make_sent(rng), f'"{token(rng)}", {read_tag(app, tool)}')).status(200)
    body = make_sent(rng)
    expect(put(app, tool, body, "*")).status(200)
    row = stored(app)[tool["id"]]
    held = {key: row[key] for key in body}
    require(held == body, expected=body, received=held)


@check(
    "1.8-stale",
    "PUT and PATCH with an old `ETag` are 412 and change nothing.",
    say="The tool has changed since this `ETag` was read, so the change has to be 412 (Precondition Failed): carrying it "
    "out would undo what somebody else did in the meantime, and nobody would notice.",
)
def test_change_with_an_old_tag_is_412(app: App, world: World, rng: Random) -> None:
    tool, other = world.facts["tools"][3:5]
    old = read_tag(app, tool)
    expect(patch(app, tool, make_sent(rng), old)).status(200)
    before = stored(app)[tool["id"]]
    expect(patch(app, tool, make_sent(rng), old)).status(412)
    expect(put(app, tool, make_sent(rng), old)).status(412)
    expect(patch(app, tool, make_sent(rng), f'"{token(rng)}"')).status(412)
    expect(patch(app, other, make_sent(rng), read_tag(app, tool))).status(412)
    row = stored(app)[tool["id"]]
    require(row == before, expected=before, received=row)


@check(
    "1.8-ten-editors",
    "Of ten editors with the same `ETag` exactly one wins.",
    say="Ten editors sent a change at once, all based on the same version; exactly one of them may succeed, and the "
    "others have to be 412. Compare and write in one piece, with nothing between that lets another request in: no "
    "`await`, or a lock around both.",
)
def test_one_of_ten_editors_wins(app: App, world: World, rng: Random) -> None:
    tool = world.facts["tools"][5]
    for _ in range(3):
        bodies = [make_sent(rng) for _ in range(10)]
        headers = {"If-Match": read_tag(app, tool)}
        replies = app.together(
            *(call("PATCH", f"/tools/{tool['id']}", json=body, headers=headers) for body in bodies)
        )
        statuses = sorted(reply.status for reply in replies)
        require(statuses == [200] + [412] * 9, expected="200 once and 412 nine times", received=statuses)
        winner = next(body for body, reply in zip(bodies, replies, strict=True) if reply.status == 200)
        row = stored(app)[tool["id"]]
        held = {key: row[key] for key in winner}
        require(held == winner, expected=winner, received=held)
