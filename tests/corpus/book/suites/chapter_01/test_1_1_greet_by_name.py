"""1.1 Greet by name."""

import time
from random import Random

from checker.suite import App, World, call, check, expect, require


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
    for _ in range(8):
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


@check(
    "1.1-naps",
    "Other requests are served while one waits.",
    say="Three naps at once took as long as three naps one after the other: something holds the event loop. Await what waits.",
)
def test_serves_others_meanwhile(app: App) -> None:
    began = time.monotonic()
    for reply in app.together(*[call("GET", "/naps/1000")] * 3):
        expect(reply).status(200).json({"status": "rested"})
    seconds = time.monotonic() - began
    require(seconds < 2.4, expected="less than 2.4 s", received=f"{seconds:.1f} s")
