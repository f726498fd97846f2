"""2.4 Money and time: moments with an offset, a computed deposit, and a round trip that loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

from checker.suite import App, check, expect, require, same
from checker.suites.chapter_02.intake import (
    Body,
    create,
    donation,
    make_donation,
    make_donor,
    make_ladder,
    make_moment,
    require_refused,
)

SERIALIZERS = "https://docs.pydantic.dev/latest/concepts/serialization/"
COMPUTED = "https://docs.pydantic.dev/latest/api/fields/"
UPDATES = "https://fastapi.tiangolo.com/tutorial/body-updates/"


def deposit_for(value: int) -> int:
    """The deposit for a value, as the task sheet says."""
    return (value + 999) // 1000 * 100 if value >= 10_000 else 0


def require_utc(shown: Any, sent: str) -> None:
    """The same moment, written with the offset of UTC."""
    try:
        moment = datetime.fromisoformat(shown)
    except (TypeError, ValueError):
        moment = datetime.min
    right = moment.tzinfo is not None and not moment.utcoffset() and moment == datetime.fromisoformat(sent)
    wanted = datetime.fromisoformat(sent).astimezone(UTC).isoformat()
    require(right, expected=f"`{sent}` shown as `{wanted}`", received=shown)


@check(
    "2.4-shown-in-utc",
    "A moment is shown in UTC, whatever offset it was sent with.",
    say="`received_at` has to be the moment that was sent, in UTC (`Z` or `+00:00`). Convert it with "
    "`astimezone(UTC)`; `replace(tzinfo=UTC)` makes another moment of it.",
    docs=SERIALIZERS,
)
def test_moments_are_shown_in_utc(app: App, rng: Random) -> None:
    for offset in ("Z", "+00:00", "+02:00", "-09:30", "+13:45"):
        sent = make_moment(rng, offset)
        created = create(app, make_donation(rng, received_at=sent))
        require_utc(created.get("received_at"), sent)
        require_utc(donation(app, created["id"]).get("received_at"), sent)


@check(
    "2.4-offset-required",
    "A moment without an offset is 422.",
    say="Without an offset nobody knows which moment this is: read in the server's own time zone it changes with the "
    "server, and compared with one that has an offset it is a `TypeError`, so a 500. `datetime` takes both kinds; "
    "`AwareDatetime` refuses this one.",
    docs="https://docs.pydantic.dev/latest/api/types/",
)
def test_moments_without_offset_are_refused(app: App, rng: Random) -> None:
    for sent in (make_moment(rng, ""), make_moment(rng, "").replace("T", " "), make_moment(rng, ".25")):
        require_refused(app.post("/donations", json=make_donation(rng, received_at=sent)), "received_at")
    known = create(app, make_donation(rng))
    change = {key: value for key, value in make_donation(rng).items() if key != "donor"}
    require_refused(
        app.put(f"/donations/{known['id']}", json=change | {"received_at": make_moment(rng, "")}),
        "received_at",
    )


@check(
    "2.4-deposit",
    "Every reply that shows a donation shows its deposit.",
    say="`deposit_cents` has to stand in every reply that shows a donation: POST, GET, the list, PUT. Written into one "
    "path operation it is forgotten in the next. A `computed_field` in the model of the reply is there wherever the "
    "model is, and changes with the value.",
    docs=COMPUTED,
)
def test_deposit_is_shown_everywhere(app: App, rng: Random) -> None:
    for value in (0, 9_999, 10_000, 10_001, 11_000, 11_001, rng.randrange(12_000, 900_000)):
        body = make_donation(rng, value_cents=value)
        created = create(app, body)
        listed = app.get("/donations")
        expect(listed).status(200)
        found = [one for one in listed.json if one["id"] == created["id"]]
        for shown in (created, donation(app, created["id"]), *found):
            require(
                same(shown.get("deposit_cents"), deposit_for(value)),
                expected={"value_cents": value, "deposit_cents": deposit_for(value)},
                received=shown,
            )
    dearer = rng.randrange(20_000, 900_000)
    change = {key: value for key, value in body.items() if key != "donor"} | {"value_cents": dearer}
    reply = app.put(f"/donations/{created['id']}", json=change)
    expect(reply).status(200).having({"value_cents": dearer, "deposit_cents": deposit_for(dearer)})


@check(
    "2.4-round-trip",
    "A reply that is sent back unchanged by PUT changes nothing.",
    say="A client reads a donation, and sends it back as it is: that has to be 200, and the donation as before. A reply "
    "holds more than PUT replaces (`id`, `deposit_cents`, the donor's name): pass that over instead of refusing it. "
    "And what is written one way and read another, such as an amount or a moment, drifts with each trip.",
    docs=UPDATES,
    lesson="aliases-and-what-goes-out",
)
def test_reply_sent_back_changes_nothing(app: App, rng: Random) -> None:
    for offset in ("Z", ".123456+05:30"):
        value = rng.randrange(10_000, 900_000)
        created = create(app, make_donation(rng, value_cents=value, received_at=make_moment(rng, offset)))
        path = f"/donations/{created['id']}"
        for _ in range(2):
            shown = donation(app, created["id"])
            reply = app.put(path, json=shown)
            expect(reply).status(200).json(shown)
            kept = donation(app, created["id"])
            require(same(kept, shown), expected=shown, received=kept, reply=reply)


@check(
    "2.4-put-replaces",
    "PUT replaces what it is sent, all of it, and leaves number and donor alone.",
    say="PUT replaces name, serial, value, day, moment and tool, needs all of them, and checks them as POST does. `id`, "
    "`donor` and `deposit_cents` may be sent and change nothing.",
    docs=UPDATES,
)
def test_put_replaces_all_but_number_and_donor(app: App, rng: Random) -> None:
    first = create(app, make_donation(rng))
    path, donor = f"/donations/{first['id']}", first["donor"]
    body = make_donation(rng, tool=make_ladder(rng))
    wanted = create(app, body) | {"id": first["id"], "donor": donor}
    only_a_replys: Body = {"id": first["id"] + 1000, "donor": make_donor(rng), "deposit_cents": 1}
    reply = app.put(path, json=body | only_a_replys)
    expect(reply).status(200)
    for shown in (reply.json, donation(app, first["id"])):
        require(same(shown, wanted), expected=wanted, received=shown, reply=reply)
    plain = {key: value for key, value in body.items() if key != "donor"}
    expect(app.put(path, json=plain)).status(200)
    for key in plain:
        require_refused(app.put(path, json={one: value for one, value in plain.items() if one != key}), key)
    kept = donation(app, first["id"])
    require(same(kept, wanted), expected=wanted, received=kept)
    expect(app.put(f"/donations/{rng.randrange(10**6, 10**8)}", json=plain)).status(404)


@check(
    "2.4-any-server-clock",
    "What is stored does not depend on the time zone of the server.",
    say="The same request, on a server whose clock is set to another time zone, was answered in another way. Somewhere "
    "the server's own time zone comes in: `datetime.fromtimestamp()`, `astimezone()` without an argument, a naive time.",
    docs=SERIALIZERS,
)
def test_time_zone_of_the_server_does_not_matter(
    app: App, start_app: Callable[..., App], rng: Random
) -> None:
    sent = make_moment(rng, "+02:00")
    body = make_donation(rng, received_at=sent)
    elsewhere = start_app(env={"TZ": "UTC+7"})
    for server in (app, elsewhere):
        require_utc(create(server, body).get("received_at"), sent)
