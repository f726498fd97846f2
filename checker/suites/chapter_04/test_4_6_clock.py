"""4.6 A clock that can be turned: the fee follows the shed's own day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_04.shed import Row, Shed

_CLOCK = "https://fastapi.tiangolo.com/tutorial/dependencies/sub-dependencies/"
_SETTINGS = "https://fastapi.tiangolo.com/advanced/settings/#settings-in-a-dependency"


def world(rng: Random) -> World:
    shed = Shed(rng)
    category = shed.category(fee=rng.randrange(31, 280))
    member, due = shed.member(), date(2027, 1, 1) + timedelta(days=rng.randrange(700))
    cheap = shed.tool(category, value_cents=rng.randrange(300, 900))
    plain = shed.tool(category)
    return shed.world(
        env={"TOOLSHED_TIMEZONE": "UTC"},
        member=member,
        due=due,
        fee=category["late_fee_cents"],
        days=category["loan_days"],
        plain=plain,
        loans=[shed.loan(member, plain, due_on=due) for _ in range(16)],
        cheap=[shed.loan(member, cheap, due_on=due) for _ in range(3)],
        value=cheap["value_cents"],
        lender=shed.member(),
    )


def bring_back(app: App, loan: Row, member: Row) -> Reply:
    reply = app.post(f"/counter/loans/{loan['id']}/return", token=member["token"])
    expect(reply).status(200)
    return reply


def set_clock(app: App, day: date, hour: int, minute: int, zone: str = "UTC") -> None:
    """Turn the app's clock to this moment by the calendar of `zone`."""
    app.clock.set(datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(zone)))


@check(
    "4.6-due-day-is-free",
    "Up to and on the due day, a return costs nothing.",
    say="The tool came back on the due day or before, and the receipt does not say zero days and zero cents. The "
    "due day itself is free, and nobody is paid for being early.",
    docs=_CLOCK,
)
def test_due_day_is_free(fresh_app: App, world: World) -> None:
    for loan, early in zip(world.facts["loans"], (40, 1, 0), strict=False):
        day = world.facts["due"] - timedelta(days=early)
        set_clock(fresh_app, day, 12, 0)
        expect(bring_back(fresh_app, loan, world.facts["member"])).having(
            {"loan_id": loan["id"], "returned_on": day.isoformat(), "days_late": 0, "fee_cents": 0}
        )


@check(
    "4.6-fee-by-the-day",
    "After the due day, each day costs the category's late fee.",
    say="The receipt's fee is not days late times the category's `late_fee_cents`, by the clock that the app was "
    "given. `datetime.now()` cannot be turned from outside; ask for the shed's clock with `Depends`.",
    docs=_CLOCK,
)
def test_each_day_costs_the_late_fee(fresh_app: App, world: World, rng: Random) -> None:
    for loan, late in zip(world.facts["loans"], (1, 2, rng.randrange(5, 60)), strict=False):
        day = world.facts["due"] + timedelta(days=late)
        set_clock(fresh_app, day, 12, 0)
        expect(bring_back(fresh_app, loan, world.facts["member"])).having(
            {"returned_on": day.isoformat(), "days_late": late, "fee_cents": late * world.facts["fee"]}
        )


@check(
    "4.6-fee-is-capped",
    "The fee is never more than the tool's value.",
    say="The tool is so late that the fee passed its value. Cap the fee at the tool's `value_cents`.",
)
def test_fee_is_at_most_the_value(fresh_app: App, world: World, rng: Random) -> None:
    fee, value = world.facts["fee"], world.facts["value"]
    last_full = value // fee
    for loan, late in zip(
        world.facts["cheap"], (last_full, last_full + 1, 400 + rng.randrange(99)), strict=True
    ):
        set_clock(fresh_app, world.facts["due"] + timedelta(days=late), 12, 0)
        expect(bring_back(fresh_app, loan, world.facts["member"])).having(
            {"days_late": late, "fee_cents": min(late * fee, value)}
        )


@check(
    "4.6-clock-is-read-each-time",
    "When the clock moves on between two requests, the second one notices.",
    say="The clock was turned between two requests, and the second still had the time of the first, or of the "
    "start. A value computed at import, or kept in a module, is a global: read the clock in a dependency, which "
    "runs in each request.",
    docs=_CLOCK,
)
def test_clock_is_read_in_each_request(app: App, world: World, rng: Random) -> None:
    member, loans, due = world.facts["member"], world.facts["loans"], world.facts["due"]
    set_clock(app, due, 9, 0)
    late = 0
    for loan in loans[10:13]:
        expect(bring_back(app, loan, member)).having({"days_late": late})
        step = rng.randrange(1, 9)
        app.clock.forward(days=step)
        late += step


@check(
    "4.6-day-of-the-shed",
    "The day is the one in the shed's time zone, east and west of Greenwich.",
    say="At this moment the shed's calendar and that of Greenwich show different days, and the app took the wrong "
    "one. Turn the clock's moment into the time zone of the settings (`TOOLSHED_TIMEZONE`) before you ask for "
    "its day.",
    docs=_SETTINGS,
)
def test_day_is_that_of_the_shed(start_app: Callable[..., App], world: World, rng: Random) -> None:
    member, due, fee = world.facts["member"], world.facts["due"], world.facts["fee"]
    # No daylight saving in these, so that every wall clock time exists once.
    for zone in (
        rng.choice(("Asia/Tokyo", "Asia/Kolkata")),
        rng.choice(("Pacific/Honolulu", "America/Phoenix")),
    ):
        app = start_app(env={"TOOLSHED_TIMEZONE": zone})
        late_night, after_midnight = world.facts["loans"][:2]
        set_clock(app, due, 23, 40, zone)
        expect(bring_back(app, late_night, member)).having(
            {"returned_on": due.isoformat(), "days_late": 0, "fee_cents": 0}
        )
        set_clock(app, due + timedelta(days=1), 0, 20, zone)
        expect(bring_back(app, after_midnight, member)).having(
            {"returned_on": (due + timedelta(days=1)).isoformat(), "days_late": 1, "fee_cents": fee}
        )


@check(
    "4.6-due-on-by-the-same-day",
    "A loan is due the category's days after the shed's day.",
    say="The new loan's `due_on` is not the shed's day plus the category's `loan_days`. Checkout and return must ask "
    "the same dependency which day it is.",
    docs=_CLOCK,
)
def test_due_day_counts_from_the_shed_s_day(start_app: Callable[..., App], world: World) -> None:
    day, zone = world.facts["due"], "Asia/Tokyo"
    app = start_app(env={"TOOLSHED_TIMEZONE": zone})
    set_clock(app, day, 0, 20, zone)
    moment = app.clock.now().astimezone(UTC).date()
    require(moment != day, expected="another day in Greenwich", received=moment.isoformat())
    lent = app.post(
        f"/counter/tools/{world.facts['plain']['id']}/loans", token=world.facts["lender"]["token"]
    )
    expect(lent).status(201).having({"due_on": (day + timedelta(days=world.facts["days"])).isoformat()})
    require(
        not lent.json.get("fee_cents"),
        expected="no fee before the due day is over",
        received=lent.shown(),
        reply=lent,
        say="A loan that has just begun shows a fee. Nothing is owed up to the due day.",
    )
