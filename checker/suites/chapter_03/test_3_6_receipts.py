"""3.6 Receipts: work after the reply, that nobody loses and that holds nothing."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from random import Random

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_03.desk import Row, StartApp, order, receipts, wait_for, workshop

_BACKGROUND = "https://fastapi.tiangolo.com/tutorial/background-tasks/"


def world(rng: Random) -> World:
    return workshop(rng, tools=6)


def state_of(app: App, loan: Row) -> object:
    """What the app says of the loan's receipt."""
    reply = app.get(f"/loans/{loan.get('id')}/receipt")
    expect(reply).status(200).having({"loan_id": loan.get("id")})
    return reply.json.get("status")


def require_state(app: App, made: Reply, wanted: str, within: float = 4.0) -> None:
    """The receipt comes to that state."""
    wait_for(lambda: state_of(app, made.json) == wanted, within)
    state = state_of(app, made.json)
    require(
        state == wanted,
        expected=f"`{wanted}` at `/loans/{made.json['id']}/receipt`",
        received=f"`{state}`",
        reply=made,
    )


@check(
    "3.6-reply-first",
    "The reply does not wait for the receipt; the receipt is pending, and then sent, once.",
    say="The member had to wait until the receipt service was done. Let the reply go first: hand the work to "
    "`BackgroundTasks`, which runs it afterwards, and note in the database what became of it.",
    docs=_BACKGROUND,
)
def test_reply_does_not_wait(app: App, world: World, rng: Random) -> None:
    app.upstream.forget("/receipts")
    app.upstream.answer("/receipts", status=202, json={}, delay=0.8)
    before = app.upstream.finished
    wanted = order(world.facts["tools"][0], rng)
    made = app.post("/loans", json=wanted)
    done = app.upstream.finished - before
    expect(made).status(201).having(wanted)
    require(
        done == 0,
        expected="a reply while the receipt service is still at work",
        received="a reply after the receipt service had answered",
        reply=made,
    )
    require(
        state_of(app, made.json) == "pending" or app.upstream.finished > before,
        expected="`pending` as long as the service has not answered",
        received=f"`{state_of(app, made.json)}`",
        reply=made,
        say="The receipt was not on its way yet, and the app said so differently. It is `pending` until the service has "
        "answered, `sent` or `failed` then.",
    )
    require_state(app, made, "sent")
    sent = receipts(app, made.json)
    require(
        [one.json for one in sent] == [{"loan_id": made.json["id"], **wanted}],
        expected="one receipt with `loan_id`, `tool_id` and `member_id`",
        received=[one.json for one in sent],
        reply=made,
    )


@check(
    "3.6-once-more",
    "A refusal is tried once more, with the same `Idempotency-Key`.",
    say="The receipt service refused once, or hung up, and would have taken the second try. Try once more, and send the same "
    "`Idempotency-Key` with both: it may have sent the receipt and failed only to say so.",
    docs=_BACKGROUND,
)
def test_refusal_is_tried_once_more(app: App, world: World, rng: Random) -> None:
    keys = []
    troubles: list[Row] = [{"status": 503}, {"cut": True}]
    for tool, trouble in zip(world.facts["tools"][1:], troubles, strict=False):
        app.upstream.forget("/receipts")
        app.upstream.answer("/receipts", **trouble)
        app.upstream.answer("/receipts", status=202, json={})
        made = app.post("/loans", json=order(tool, rng))
        expect(made).status(201)
        require_state(app, made, "sent")
        tries = receipts(app, made.json)
        require(len(tries) == 2, expected="two tries", received=f"{len(tries)} tries", reply=made)
        sent = [one.headers.get("idempotency-key") for one in tries]
        require(
            bool(sent[0]) and sent[0] == sent[1],
            expected="one `Idempotency-Key` for both tries",
            received=sent,
            reply=made,
        )
        keys.append(sent[0])
    require(keys[0] != keys[1], expected="another key for another loan", received=keys)


@check(
    "3.6-failed",
    "A receipt that is refused twice has failed, and the app says so.",
    say="The receipt service refused twice, and the app does not say `failed`. Nobody sees an error in the background: catch "
    "it, look at the status of the answer, and write down what happened, in a session of the task's own.",
    docs=_BACKGROUND,
)
def test_second_refusal_is_the_last(fresh_app: App, world: World, rng: Random) -> None:
    troubles: list[Row] = [{"status": 500}, {"cut": True}, {"status": 400}]
    for tool, trouble in zip(world.facts["tools"], troubles, strict=False):
        fresh_app.upstream.forget("/receipts")
        fresh_app.upstream.answer("/receipts", **trouble)
        made = fresh_app.post("/loans", json=order(tool, rng))
        expect(made).status(201)
        require_state(fresh_app, made, "failed")
        tries = receipts(fresh_app, made.json)
        require(len(tries) == 2, expected="two tries", received=f"{len(tries)} tries", reply=made)
    fresh_app.upstream.close()
    made = fresh_app.post("/loans", json=order(world.facts["tools"][4], rng))
    expect(made).status(201)
    require_state(fresh_app, made, "failed")


@check(
    "3.6-none-for-refused",
    "A loan that is refused has no receipt.",
    say="A loan was refused, and the receipt service was asked all the same. Promise the receipt when the loan is written, "
    "not before.",
    docs=_BACKGROUND,
)
def test_refused_loans_have_no_receipt(app: App, world: World, rng: Random) -> None:
    app.upstream.forget("/receipts")
    app.upstream.answer("/receipts", status=202, json={})
    before = len(app.upstream.calls("/receipts"))
    tool = world.facts["tools"][3]
    made = app.post("/loans", json=order(tool, rng))
    expect(made).status(201)
    require_state(app, made, "sent")
    for wanted, status in ((order(tool, rng), 409), (order({"id": 5}, rng), 404), ({"tool_id": 0}, 422)):
        refused = app.post("/loans", json=wanted)
        expect(refused).status(status)
        _ = refused.served  # whatever runs after the reply has run
    calls = len(app.upstream.calls("/receipts")) - before
    require(
        calls == 1, expected="one receipt, for the loan that was made", received=f"{calls} calls", reply=made
    )


@check(
    "3.6-holds-nothing",
    "While a receipt is on its way, no connection to the database is held for it.",
    say="With a pool of one connection nobody could read while a receipt was on its way: the task kept its session open during "
    "the call. Read what you need and close; make the call; open another session to write what became of it.",
    docs="https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html",
)
def test_no_connection_is_held_during_the_call(start_app: StartApp, world: World, rng: Random) -> None:
    app = start_app(env={"TOOLSHED_POOL_SIZE": "1"})
    app.upstream.answer("/receipts", status=202, json={}, delay=1.2)
    with ThreadPoolExecutor(max_workers=1) as pool:
        # Whether its reply waits for the receipt is another check's business.
        lending = pool.submit(app.post, "/loans", json=order(world.facts["tools"][0], rng), timeout=15)
        app.upstream.wait_until(lambda: app.upstream.under_way("/receipts") > 0, 5)
        reply = app.get("/tools", timeout=15)
        waits = app.upstream.under_way("/receipts")
        expect(lending.result()).status(201)
    expect(reply).status(200)
    require(
        waits >= 1,
        expected="`GET /tools` is answered while the receipt service is at work",
        received="an answer only after it was done",
        reply=reply,
    )


@check(
    "3.6-before-the-end",
    "A receipt that was promised is sent, also when the app is told to stop.",
    say="The app was told to stop right after a loan, and the receipt that it had promised was lost. A task that is merely "
    "begun (`create_task`) dies with the loop; the server waits for `BackgroundTasks`, and a worker of your "
    "own has to be waited for in the lifespan, before its client is closed.",
    docs=_BACKGROUND,
)
def test_promises_are_kept_at_the_end(fresh_app: App, world: World, rng: Random) -> None:
    fresh_app.upstream.answer("/receipts", status=202, json={}, delay=0.5)
    made = fresh_app.post("/loans", json=order(world.facts["tools"][0], rng))
    expect(made).status(201)
    fresh_app.terminate(within=10)
    answered = [one.answered for one in receipts(fresh_app, made.json)]
    connection = sqlite3.connect(fresh_app.database)
    try:
        (state,) = connection.execute("SELECT receipt FROM loans WHERE id = ?", (made.json["id"],)).fetchone()
    finally:
        connection.close()
    require(
        answered == [True] and state == "sent",
        expected="the receipt sent, and `sent` in the database",
        received=f"{sum(answered)} of {len(answered)} calls answered, and `{state}` in the database",
        reply=made,
    )
