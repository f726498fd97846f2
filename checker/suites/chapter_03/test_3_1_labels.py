"""3.1 Labels: a blocking driver, and a loop that goes on turning."""

from __future__ import annotations

from random import Random

from checker.suite import App, World, call, check, expect, require
from checker.suites.chapter_03.desk import (
    Meanwhile,
    add_tools,
    ask_meanwhile,
    paper,
    require_bounds,
    workshop,
)

_ASYNC = "https://fastapi.tiangolo.com/async/"
PRINTER_S = 0.5
_TEN: dict[App, Meanwhile] = {}


def world(rng: Random) -> World:
    return workshop(rng, tools=12, env={"TOOLSHED_PRINTER_SECONDS": str(PRINTER_S)})


def ten_labels(app: App, world: World) -> Meanwhile:
    """Ten labels at once, printed one time for all questions about them."""
    if app not in _TEN:
        labels = [
            call("POST", f"/tools/{tool['id']}/label", timeout=20) for tool in world.facts["tools"][:10]
        ]
        _TEN[app] = ask_meanwhile(app, labels)
    for reply in _TEN[app].replies:
        expect(reply).status(201)
    return _TEN[app]


def are_answered(meanwhile: Meanwhile) -> bool:
    """Whether others were answered; who replies before anything can have been printed is another check's business."""
    return meanwhile.answers >= 3 or meanwhile.first_s < PRINTER_S


@check(
    "3.1-others-answered",
    "While ten labels are being printed, others are answered.",
    say="While labels were being printed, `GET /health/live` got no answer until one of them was done. The printer's "
    "driver blocks, and it was called on the event loop, where everything else has to wait for it: no `await`, no "
    "`create_task` and no `sleep(0)` changes that. Call it in a thread.",
    docs=_ASYNC,
)
def test_others_are_answered_meanwhile(app: App, world: World) -> None:
    meanwhile = ten_labels(app, world)
    for _ in range(2):
        if are_answered(meanwhile):
            return
        # Who was held up, by a busy machine for instance, may try once more, with two.
        two = [call("POST", f"/tools/{tool['id']}/label", timeout=20) for tool in world.facts["tools"][10:]]
        meanwhile = ask_meanwhile(app, two)
    require(
        are_answered(meanwhile),
        expected="`GET /health/live` is answered while the labels are being printed",
        received=f"answers before the first label was done: {meanwhile.answers}",
        reply=meanwhile.replies[0],
    )


@check(
    "3.1-ten-at-once",
    "Ten labels are printed at the same time.",
    say="Ten labels took about as long as ten labels one after the other. The printer prints several at a time, each "
    "in a thread of its own: do not call it on the event loop, in one single thread, or behind a lock.",
    docs=_ASYNC,
)
def test_ten_labels_are_printed_at_once(app: App, world: World) -> None:
    meanwhile = ten_labels(app, world)
    require(
        meanwhile.seconds < 7 * PRINTER_S,
        expected=f"ten labels of {PRINTER_S:g} s in less than half of {10 * PRINTER_S:g} s",
        received=f"{meanwhile.seconds:.1f} s",
        reply=meanwhile.replies[-1],
    )


@check(
    "3.1-printed",
    "The label says what the printer printed, and an unknown tool has none.",
    say="What the reply says of the label is not what the printer has printed. Give back the text that "
    "`print_label` returns, and wait for it: a call that is only begun has printed nothing yet.",
)
def test_label_is_on_the_paper(fresh_app: App, world: World, rng: Random) -> None:
    tools = rng.sample(world.facts["tools"], 2)
    replies = fresh_app.together(*[call("POST", f"/tools/{tool['id']}/label") for tool in tools])
    for tool, reply in zip(tools, replies, strict=True):
        text = f"No. {tool['id']}: {tool['name']}"
        expect(reply).status(201).having({"tool_id": tool["id"], "text": text})
        printed = paper(fresh_app)
        require(
            printed.count(text) == 1,
            expected=f"one line `{text}` on the paper",
            received=printed[-3:],
            reply=reply,
        )
    before = paper(fresh_app)
    expect(fresh_app.post("/tools/5/label")).status(404)
    require_bounds(fresh_app, "POST", "/tools/{}/label")
    require(
        paper(fresh_app) == before, expected="no label for an unknown tool", received=paper(fresh_app)[-1:]
    )


@check(
    "3.1-list-ends",
    "The list of tools ends after a hundred.",
    say="`GET /tools` no longer lists the first hundred tools. A list has an end, or one day it is as long as the table.",
)
def test_list_of_tools_ends(fresh_app: App, world: World) -> None:
    wanted = sorted([*(one["id"] for one in world.facts["tools"]), *add_tools(fresh_app, 100)])[:100]
    listed = fresh_app.get("/tools")
    expect(listed).status(200)
    numbers = [one["id"] for one in listed.json]
    require(
        numbers == wanted,
        expected="the first hundred tools by number",
        received=f"{len(numbers)} tools: {numbers[:3]} to {numbers[-1:]}",
        reply=listed,
    )
