"""4.2 Never told a lie: no 2xx before the data is safe."""

from __future__ import annotations

from random import Random

from checker.suite import App, World, check, expect, require
from checker.suites.chapter_04.shed import Reader, Row, Shed, refuse_commit, reservations_of, settled

_SCOPE = "https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/#early-exit-and-scope"


def world(rng: Random) -> World:
    shed = Shed(rng)
    category = shed.category()
    before, member, after = sorted(shed.number("members") for _ in range(3))
    return shed.world(
        good=shed.tool(category, id=1),  # the first row of a table is a row like any other
        trap=shed.tool(category),
        slow=shed.tool(category),
        member=shed.member(id=member),
        others=[shed.member(id=before), shed.member(id=after)],
    )


def order(tool: Row) -> dict[str, int]:
    return {"tool_id": tool["id"]}


@check(
    "4.2-no-promise-unkept",
    "A reservation that the database refuses at commit is not answered with success.",
    say="The reply said that the reservation was made; then the commit failed, and it is gone. The commit ran when "
    'the reply had left: code after `yield` does, unless the dependency has `scope="function"`, and so does a '
    "background task. Commit before the reply, and let the failure be heard.",
    docs=_SCOPE,
)
def test_refused_commit_is_no_success(fresh_app: App, world: World) -> None:
    trap, member = world.facts["trap"], world.facts["member"]
    refuse_commit(fresh_app, trap)
    reply = fresh_app.post("/counter/reservations", json=order(trap), token=member["token"])
    require(reply.status >= 400, expected="a refusal: nothing was saved", received=reply.shown(), reply=reply)
    settled(reply)
    saved = reservations_of(fresh_app, trap)
    require(saved == 0, expected="no reservation in the database", received=f"{saved} of them", reply=reply)


@check(
    "4.2-conflict",
    "What the database refuses at commit is a 409 with a `detail`.",
    say="The database refused the reservation, and the client was not told so with 409. Catch `IntegrityError` "
    "around the commit and answer 409; a 500 says that the app is broken, a 2xx that all is well.",
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/"
    "#dependencies-with-yield-and-httpexception",
)
def test_refused_commit_is_a_conflict(fresh_app: App, world: World) -> None:
    trap, member = world.facts["trap"], world.facts["member"]
    refuse_commit(fresh_app, trap)
    for _ in range(2):
        reply = fresh_app.post("/counter/reservations", json=order(trap), token=member["token"])
        expect(reply).status(409)
        detail = reply.json.get("detail") if isinstance(reply.json, dict) else None
        require(
            isinstance(detail, str) and detail.strip(),
            expected="`detail` with a sentence in it",
            received=reply.shown(),
            reply=reply,
        )


@check(
    "4.2-safe-before-the-reply",
    "The reply waits until the reservation is committed.",
    say="Somebody was reading the database, so that nothing could be committed yet, and still the client had its "
    "201. Who reads that and asks for the reservation gets 404. Commit before the reply leaves: in the path "
    'operation, or in a dependency with `scope="function"`.',
    docs=_SCOPE,
)
def test_reply_waits_for_the_commit(fresh_app: App, world: World) -> None:
    slow, member = world.facts["slow"], world.facts["member"]
    expect(fresh_app.get("/counter/shelf", token=member["token"])).status(200)
    with Reader(fresh_app) as reader:
        reply = fresh_app.post("/counter/reservations", json=order(slow), token=member["token"])
        early = not reader.done.is_set()
        saved = reservations_of(fresh_app, slow, wait_s=0) if early else None
    if early and reply.status < 300:
        require(
            saved,
            expected="no 2xx before the reservation is in the database",
            received=f"{reply.status} while the commit was still to come",
            reply=reply,
        )
    expect(reply).status(201)
    expect(fresh_app.get(reply.headers.get("location", "/"), token=member["token"])).status(200)


@check(
    "4.2-found-afterwards",
    "A GET after the 201 finds the reservation.",
    say="The reservation was answered with 201, and a GET on its `Location` does not find it. Nobody has committed "
    "it: leaving a session without a commit rolls back.",
    docs=_SCOPE,
)
def test_get_after_created_finds_it(app: App, world: World) -> None:
    good, member = world.facts["good"], world.facts["member"]
    for _ in range(10):
        made = app.post("/counter/reservations", json=order(good), token=member["token"])
        expect(made).status(201).header("location").having({"tool_id": good["id"], "status": "waiting"})
        # When the commit runs is the business of another check; here it has had its time.
        settled(made)
        found = app.get(made.headers["location"], token=member["token"])
        expect(found).status(200).json(made.json)
    for other in world.facts["others"]:
        hidden = app.get(made.headers["location"], token=other["token"])
        expect(hidden, "Somebody else's reservation is not to be seen: 404, as given.").status(404)


@check(
    "4.2-goes-on",
    "After a refused commit the same member can reserve another tool.",
    say="One commit was refused, and the requests after it fail, too. The session of the refused request is still "
    "in its failed transaction: roll it back and close it before the next request gets its connection.",
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/",
)
def test_next_request_is_not_harmed(fresh_app: App, world: World) -> None:
    good, trap, member = world.facts["good"], world.facts["trap"], world.facts["member"]
    refuse_commit(fresh_app, trap)
    settled(fresh_app.post("/counter/reservations", json=order(trap), token=member["token"]))
    made = fresh_app.post("/counter/reservations", json=order(good), token=member["token"])
    expect(made).status(201)
    settled(made)
    saved = reservations_of(fresh_app, good)
    require(saved == 1, expected="one reservation in the database", received=f"{saved} of them", reply=made)
