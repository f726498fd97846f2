"""2.6 Settings: read once, checked at the start, with a secret that stays one."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from checker.suite import App, StartUp, World, check, expect, require
from checker.suites.chapter_02.intake import token

SETTINGS = "https://fastapi.tiangolo.com/advanced/settings/"
PYDANTIC = "https://docs.pydantic.dev/latest/concepts/pydantic_settings/"
ZONES = ("Asia/Tokyo", "America/Bogota", "Africa/Nairobi", "Pacific/Auckland", "Europe/Lisbon")
NAMES = (
    "TOOLSHED_KIOSK_SECRET",
    "TOOLSHED_TIMEZONE",
    "TOOLSHED_MAX_OPEN_LOANS",
    "TOOLSHED_DEBT_LIMIT_CENTS",
    "TOOLSHED_DESK__OPENS",
    "TOOLSHED_DESK__CLOSES",
)


def world(rng: Random) -> World:
    """A shed with other settings than the usual ones, and another secret in every run."""
    opens = rng.randint(0, 8)
    zone = rng.choice(ZONES)
    desk = {
        "timezone": zone,
        "max_open_loans": rng.randint(4, 40),
        "debt_limit_cents": rng.randint(0, 1999),
        "opens": opens,
        "closes": rng.randint(18, 24),
    }
    secret = f"kiosk-{token(rng, 20)}"
    env = {
        "TOOLSHED_KIOSK_SECRET": secret,
        "TOOLSHED_TIMEZONE": zone,
        "TOOLSHED_MAX_OPEN_LOANS": str(desk["max_open_loans"]),
        "TOOLSHED_DEBT_LIMIT_CENTS": str(desk["debt_limit_cents"]),
        "TOOLSHED_DESK__OPENS": str(desk["opens"]),
        "TOOLSHED_DESK__CLOSES": str(desk["closes"]),
    }
    return World(env=env, facts={"desk": desk, "secret": secret})


def _last_words(started: StartUp) -> list[str]:
    """What was printed last, without Uvicorn's own closing words."""
    said = [
        line.strip() for line in started.lines if line.strip() and not line.startswith(("INFO:", "ERROR:"))
    ]
    return said[-3:]


def require_refusal(started: StartUp, *words: str, setting: str) -> None:
    """The app could be imported, and then refused to start, with these words among its last ones."""
    require(
        not started.served,
        expected=f"no start: {setting}",
        received="the app started, and serves",
        say=f"The app starts though it cannot work: {setting}. Whoever deploys it finds out from a member's complaint. "
        "A `BaseSettings` that is built in the lifespan stops the start and says what is wrong.",
    )
    require(
        started.imported,
        expected=f"an app that can be imported, and refuses to start: {setting}",
        received=started.lines[-1] if started.lines else "an import that failed",
        say="The app cannot even be imported without its settings, so no test can replace them and no tool can read "
        "the app. Build `Settings()` in the lifespan, not when a module is imported.",
    )
    require(
        started.code not in (0, None),
        expected=f"an end with an error: {setting}",
        received="no end within the time allowed" if started.hangs else f"exit code {started.code}",
    )
    said = "\n".join(started.lines).lower()
    missing = [word for word in words if word not in said]
    require(
        not missing,
        expected=f"an error that names {' and '.join(f'`{word}`' for word in words)}",
        received=_last_words(started),
        say="The app did not start, which is right, but what it printed does not name the setting that is wrong. "
        "Pydantic's own error does: let it through.",
    )


@check(
    "2.6-from-the-environment",
    "Every setting comes from its variable, also the nested ones.",
    say="`GET /desk` does not show what the environment says. The prefix is `TOOLSHED_`, and the two of the desk are "
    "nested: `TOOLSHED_DESK__OPENS` is the field `opens` of the field `desk`, which takes "
    '`env_nested_delimiter="__"`.',
    docs=PYDANTIC,
)
def test_settings_come_from_the_environment(app: App, world: World) -> None:
    expect(app.get("/desk")).status(200).json(world.facts["desk"])


@check(
    "2.6-defaults",
    "What the environment does not say has its default; the secret has none.",
    say="Without a variable the setting has the default of the task sheet. Only the secret has to be there.",
    docs=PYDANTIC,
)
def test_settings_have_defaults(start_app: Callable[..., App], world: World) -> None:
    app = start_app(without=NAMES[1:])
    usual = {
        "timezone": "Europe/Madrid",
        "max_open_loans": 3,
        "debt_limit_cents": 2000,
        "opens": 9,
        "closes": 17,
    }
    expect(app.get("/desk")).status(200).json(usual)
    other = start_app(without=[name for name in NAMES[1:] if not name.endswith("OPENS")])
    expect(other.get("/desk")).status(200).json(usual | {"opens": world.facts["desk"]["opens"]})


@check(
    "2.6-the-secret-counts",
    "The kiosk signs on with the secret of the environment, and with no other.",
    say="`POST /kiosk/sign-on` has to answer 204 to the secret of the environment and 403 to anything else. The route is "
    "given; it asks the settings for `kiosk_secret.get_secret_value()`.",
    docs=PYDANTIC,
)
def test_kiosk_signs_on_with_the_secret(app: App, world: World, rng: Random) -> None:
    secret = world.facts["secret"]
    expect(app.post("/kiosk/sign-on", json={"secret": secret})).status(204)
    for wrong in ("", secret[:-1], secret.upper(), f"kiosk-{token(rng, 20)}", "**********"):
        expect(app.post("/kiosk/sign-on", json={"secret": wrong})).status(403)


@check(
    "2.6-no-start-without-secret",
    "Without the secret the app does not start, and says why; to import it nothing is needed.",
    say="Without `TOOLSHED_KIOSK_SECRET` the start has to fail, with an error that names it. A field without default is "
    "required, and `Settings()` in the lifespan raises before the first request.",
    docs=SETTINGS,
    lesson="settings-that-fail-early",
)
def test_app_does_not_start_without_the_secret(start_app: Callable[..., App]) -> None:
    bare, empty = start_app(without=NAMES), start_app(env={"TOOLSHED_KIOSK_SECRET": ""})
    require_refusal(bare.start_up(), "kiosk_secret", setting="`TOOLSHED_KIOSK_SECRET` is not set")
    require_refusal(empty.start_up(), "kiosk_secret", setting="`TOOLSHED_KIOSK_SECRET` is empty")


@check(
    "2.6-no-start-with-rubbish",
    "A setting that makes no sense stops the start, and is named.",
    say="A value that makes no sense has to stop the start: found out in the first request that needs it, it is "
    "somebody's 500. Give each setting its type and its bounds, as in a model of a body.",
    docs=PYDANTIC,
    lesson="settings-that-fail-early",
)
def test_rubbish_stops_the_start(start_app: Callable[..., App], rng: Random) -> None:
    cases: list[tuple[dict[str, str], tuple[str, ...]]] = [
        ({"TOOLSHED_TIMEZONE": f"Mars/{token(rng)}"}, ("timezone",)),
        ({"TOOLSHED_MAX_OPEN_LOANS": rng.choice(["many", "2.5"])}, ("max_open_loans",)),
        ({"TOOLSHED_MAX_OPEN_LOANS": "0"}, ("max_open_loans",)),
        ({"TOOLSHED_DEBT_LIMIT_CENTS": "-1"}, ("debt_limit_cents",)),
        ({"TOOLSHED_DESK__OPENS": "-1"}, ("desk", "opens")),
        ({"TOOLSHED_DESK__OPENS": "nine"}, ("desk", "opens")),
        ({"TOOLSHED_DESK__OPENS": "18", "TOOLSHED_DESK__CLOSES": "9"}, ("desk",)),
        ({"TOOLSHED_DESK__CLOSES": "25"}, ("desk", "closes")),
        ({"TOOLSHED_DESK__OPENS": "18", "TOOLSHED_DESK__CLOSES": "18"}, ("desk",)),
        ({"TOOLSHED_KIOSK_SECRET": token(rng, 15)}, ("kiosk_secret",)),
    ]
    apps = [(start_app(env=env), env, words) for env, words in cases]
    for app, env, words in apps:
        setting = ", ".join(f"`{name}={value}`" for name, value in env.items())
        require_refusal(app.start_up(), *words, setting=setting)
    edges = {"TOOLSHED_MAX_OPEN_LOANS": "1", "TOOLSHED_DEBT_LIMIT_CENTS": "0", "TOOLSHED_DESK__OPENS": "0"}
    edges |= {"TOOLSHED_DESK__CLOSES": "1", "TOOLSHED_KIOSK_SECRET": token(rng, 16)}
    late = {"TOOLSHED_DESK__OPENS": "23", "TOOLSHED_DESK__CLOSES": "24"}
    for env in (edges, late):
        expect(
            start_app(env=env).get("/desk"),
            say="These settings are just within their bounds, and the app did not work with them.",
        ).status(200).having({"opens": int(env["TOOLSHED_DESK__OPENS"])})


@check(
    "2.6-secret-stays-secret",
    "The secret is in no reply and in no line of the log, also when the start fails because of it.",
    say="The kiosk's secret stands in a reply or in the log, where many can read it. `SecretStr` prints stars once it "
    "holds the value; but the error about a secret that is refused shows what was refused, and the server logs it: "
    "`hide_input_in_errors=True` in the settings' configuration leaves that out.",
    docs=PYDANTIC,
    lesson="settings-that-fail-early",
)
def test_secret_is_nowhere(start_app: Callable[..., App], world: World, rng: Random) -> None:
    short = token(rng, 12)
    refused = start_app(env={"TOOLSHED_KIOSK_SECRET": short})
    also_refused = start_app(env={"TOOLSHED_MAX_OPEN_LOANS": "0", "TOOLSHED_DESK__CLOSES": "99"})
    app, secret = start_app(), world.facts["secret"]
    for path in ("/desk", "/openapi.json"):
        expect(app.get(path)).status(200).without(secret)
    for sent in (secret, f"{secret}x"):
        expect(app.post("/kiosk/sign-on", json={"secret": sent})).status(204, 403).without(secret)
    expect(app.get("/desk")).without(secret)
    app.terminate()
    for lines, value in (
        (refused.start_up().lines, short),
        (also_refused.start_up().lines, secret),
        (app.logs(), secret),
    ):
        leaks = [line.replace(value, "[the secret]") for line in lines if value in line]
        require(not leaks, expected="a log without the secret", received=leaks[:3])
