"""1.2 Remember visitors."""

from random import Random

from checker.suite import App, check, expect, require


@check(
    "1.2-created",
    "A new visitor is answered with 201 and a `Location` that leads to the visitor.",
    say="A new visitor is answered with 201, and `Location` holds the path at which it is found.",
)
def test_says_where_the_visitor_is(app: App, rng: Random) -> None:
    name = f"ada-{rng.randrange(10_000)}"
    created = app.post("/visitors", json={"name": name})
    expect(created).status(201).having({"name": name}).header("location")
    expect(app.get(created.headers["location"])).status(200).json(created.json)


@check(
    "1.2-first",
    "The first visitor of a door has the id 1.",
    say="The first visitor of a fresh door did not get the id 1; ids are counted from 1 in each door.",
)
def test_counts_from_one(fresh_app: App, rng: Random) -> None:
    expect(fresh_app.post("/visitors", json={"name": f"ada-{rng.randrange(10_000)}"})).having({"id": 1})


@check(
    "1.2-unknown",
    "A visitor whom the door does not know is 404.",
    say="A visitor whom the door does not know is not answered with 404. Raise `HTTPException(404)`.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
)
def test_unknown_visitor_is_not_found(app: App, rng: Random) -> None:
    expect(app.get(f"/visitors/{rng.randrange(1000, 100_000)}")).status(404)


@check(
    "1.2-stops",
    "The server stops when it is asked to.",
    say="The server did not stop when it was asked to: SIGTERM must end it, and nothing may wait for ever at shutdown.",
)
def test_stops_when_asked(fresh_app: App) -> None:
    expect(fresh_app.get("/health/live")).status(200)
    stopped = fresh_app.terminate(within=2.0)
    require(stopped.code in (0, -15), expected="an end by itself", received=stopped.code)
