"""5.1 A tool by its number."""

from random import Random

from checker.suite import App, check, expect


@check(
    "5.1-found",
    "A tool is found by the number that it was given.",
    say="The tool that has just been handed in is not what its number shows. Look it up by the number in the path.",
)
def test_shows_the_tool(app: App, rng: Random) -> None:
    name = f"saw {rng.randrange(10_000)}"
    created = app.post("/tools", json={"name": name})
    expect(created).status(201)
    expect(app.get(f"/tools/{created.json['number']}")).status(200).having({"name": name})


@check(
    "5.1-unknown",
    "A number that nobody has been given is 404.",
    say="There is no such tool, and the reply does not say so. Raise `HTTPException(404)` where the lookup finds nothing.",
    docs="https://fastapi.tiangolo.com/tutorial/handling-errors/",
)
def test_unknown_number_is_not_found(app: App, rng: Random) -> None:
    expect(app.get(f"/tools/{rng.randrange(10_000, 100_000)}")).status(404)


@check(
    "5.1-bound",
    "A number below 1 is refused with 422.",
    say="No tool has a number below 1, and the app went looking for one. Bound the path parameter with `Path(ge=1)`.",
)
def test_number_below_one_is_refused(app: App, rng: Random) -> None:
    for number in (0, -rng.randrange(1, 1000)):
        expect(app.get(f"/tools/{number}")).status(422)
