"""1.1 Greet by name."""

from random import Random

from checker.suite import App, World, check, expect


def world(rng: Random) -> World:
    """A door with a word that no solution can know."""
    word = f"Ahoy{rng.randrange(1000, 9999)}"
    return World(env={"GREETING_WORD": word}, facts={"word": word})


@check(
    "1.1-by-name",
    "The greeting holds the door's word and the visitor's name.",
    say="The greeting is not made of `GREETING_WORD` and the name in the path. Put both into the message.",
)
def test_greets_by_name(app: App, world: World, rng: Random) -> None:
    name = f"ada-{rng.randrange(10_000)}"
    expect(app.get(f"/greetings/{name}")).status(200).json({"message": f"{world.facts['word']}, {name}"})


@check(
    "1.1-long-name",
    "A name of more than 20 characters is refused with 422.",
    say="A name of more than 20 characters was let in. Declare the bound on the path parameter, so that FastAPI "
    "answers 422 by itself.",
    docs="https://fastapi.tiangolo.com/tutorial/path-params-numeric-validations/",
)
def test_refuses_a_long_name(app: App, rng: Random) -> None:
    expect(app.get(f"/greetings/{'x' * rng.randrange(21, 40)}")).status(422)
    expect(app.get(f"/greetings/{'x' * 20}")).status(200)
