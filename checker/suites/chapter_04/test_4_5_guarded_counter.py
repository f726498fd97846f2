"""4.5 The whole counter is guarded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from random import Random

from checker.suite import App, Call, World, call, check, expect, require
from checker.suites.chapter_04.shed import Shed

_ROUTERS = "https://fastapi.tiangolo.com/tutorial/bigger-applications/#another-module-with-apirouter"
_SECURITY = "https://fastapi.tiangolo.com/tutorial/security/get-current-user/"


def world(rng: Random) -> World:
    shed = Shed(rng)
    member, tool = shed.member(), shed.tool(shed.category())
    return shed.world(member=member, tool=tool, loan=shed.loan(member, tool))


def every_call(app: App, rng: Random, **request: object) -> Iterator[Call]:
    """A call of every documented operation under `/counter`."""
    for path, operations in app.openapi()["paths"].items():
        if not path.startswith("/counter"):
            continue
        filled = re.sub(r"\{[^}]*\}", lambda _: str(rng.randrange(1, 10**6)), path)
        for method in operations:
            yield call(method.upper(), filled, **request)


@check(
    "4.5-no-token-no-entry",
    "Without a token, every operation under `/counter` answers 401.",
    say="This operation answered somebody without a token with something else than 401. A guard that is written "
    "into each operation is forgotten in one; give it to the router once, with `dependencies=[...]`. A missing "
    "token is 401, who are you; 403 would say, I know you and you may not.",
    docs=_ROUTERS,
)
def test_every_operation_needs_a_token(app: App, world: World, rng: Random) -> None:
    calls = list(every_call(app, rng))
    require(len(calls) > 5, expected="the operations under `/counter` in the document", received=len(calls))
    for what in calls:
        expect(app.send(what)).status(401)


@check(
    "4.5-unknown-token",
    "A token that nobody holds, or that is not sent as a bearer token, answers 401.",
    say="This is not a token of any member's, sent as `Authorization: Bearer ...`, so the answer is 401: not 403, "
    "not 500, and certainly not the page. `HTTPBearer` reads the header for you.",
    docs="https://fastapi.tiangolo.com/reference/security/#fastapi.security.HTTPBearer",
)
def test_unknown_tokens_are_refused(app: App, world: World, rng: Random) -> None:
    token = world.facts["member"]["token"]
    wrong = (
        f"Bearer {rng.getrandbits(80):020x}",
        f"Bearer {token[:-1]}",
        f"Bearer {token}0",
        f"Basic {token}",
        f"Token {token}",
        token,
        "Bearer",
        "",
    )
    for header in wrong:
        for path in ("/counter/shelf", "/counter/loans"):
            expect(app.get(path, headers={"Authorization": header})).status(401)
    for what in every_call(app, rng, token=f"{rng.getrandbits(80):020x}"):
        expect(app.send(what)).status(401)


@check(
    "4.5-says-how",
    "The refusal says how to identify oneself: `WWW-Authenticate: Bearer`.",
    say="The refusal has no header `WWW-Authenticate: Bearer`, which every 401 must have: it tells a client what to "
    "send. `HTTPException` takes `headers`.",
    docs=_SECURITY,
)
def test_refusal_says_how_to_identify(app: App, world: World, rng: Random) -> None:
    for path in ("/counter/shelf", "/counter/loans", f"/counter/loans/{world.facts['loan']['id']}"):
        expect(app.get(path)).header("www-authenticate", contains="Bearer")
        unknown = app.get(path, token=f"{rng.getrandbits(80):020x}")
        expect(unknown).header("www-authenticate", contains="Bearer")


@check(
    "4.5-plugged-in-later",
    "A route that is plugged in at start is guarded like the others.",
    say="The notice that the configuration added to the counter was shown to somebody without a token. Guards on "
    "single operations do not reach routes that come later; a guard on the router does.",
    docs=_ROUTERS,
)
def test_plugged_in_routes_are_guarded(start_app: Callable[..., App], world: World, rng: Random) -> None:
    notices = {f"notice-{rng.getrandbits(32):08x}": f"Closed on day {rng.getrandbits(32)}" for _ in range(2)}
    app = start_app(env={"TOOLSHED_NOTICES": json.dumps(notices)})
    for slug, text in notices.items():
        path = f"/counter/notices/{slug}"
        shown = app.get(path, token=world.facts["member"]["token"])
        expect(
            shown,
            "A member with a valid token must see the notice: leave the call of `plug_in` in its place.",
        ).status(200).having({"text": text})
        expect(app.get(path)).status(401).without(text)
        expect(app.get(path, token=f"{rng.getrandbits(80):020x}")).status(401).without(text)


@check(
    "4.5-health-stays-open",
    "`/health/live` answers anybody.",
    say="`/health/live` must answer without a token, and with a wrong one: whoever watches the service has none. "
    "Guard the counter's router, not the whole app.",
    docs=_ROUTERS,
)
def test_health_stays_open(app: App, rng: Random) -> None:
    expect(app.get("/health/live")).status(200)
    expect(app.get("/health/live", token=f"{rng.getrandbits(80):020x}")).status(200)


@check(
    "4.5-members-come-in",
    "A valid token opens the counter.",
    say="A member with a valid token was not let in. The token stands in the table `tokens`; `find_member` reads it.",
    docs=_SECURITY,
)
def test_valid_tokens_open_the_counter(app: App, world: World) -> None:
    token = world.facts["member"]["token"]
    for path in ("/counter/shelf", "/counter/events", "/counter/loans"):
        expect(app.get(path, token=token)).status(200)
    loan = world.facts["loan"]
    expect(app.get(f"/counter/loans/{loan['id']}", token=token)).status(200).having({"id": loan["id"]})
