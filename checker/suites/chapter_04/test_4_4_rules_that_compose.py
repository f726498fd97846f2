"""4.4 Rules that compose: the same order of refusals at checkout and renewal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from checker.suite import App, Reply, World, check, expect, require
from checker.suites.chapter_04.shed import Row, Shed

_SUB = "https://fastapi.tiangolo.com/tutorial/dependencies/sub-dependencies/"
_CLASSES = "https://fastapi.tiangolo.com/advanced/advanced-dependencies/"


def world(rng: Random) -> World:
    shed = Shed(rng)
    plain, trained = shed.category(), shed.category(needs_training=True)
    # The member at the edge has the first and the last of these, and asks for the one between.
    first, second, third = sorted(shed.number("tools") for _ in range(3))
    tool, special = shed.tool(plain, id=third), shed.tool(trained, id=first)
    broken, broken_special = shed.tool(plain, condition="broken"), shed.tool(trained, condition="broken")
    out = shed.tool(plain, available=0)
    learnt = [trained["slug"]]
    lower, middle, higher = sorted(shed.number("members") for _ in range(3))
    edge = shed.member(id=middle, trainings=learnt, balance_cents=-1999)
    members = {
        "edge": edge,
        "blocked": shed.member(blocked=True),
        "debtor": shed.member(balance_cents=-2000),
        "debtor_by_far": shed.member(balance_cents=-rng.randrange(2001, 90_000)),
        "untrained": shed.member(trainings=[plain["slug"]]),
        "busy": shed.member(trainings=learnt),
        "busier": shed.member(trainings=learnt),
        "busy_untrained": shed.member(),
        "other": shed.member(id=lower),
        "another": shed.member(id=higher),
        "free": shed.member(),
    }
    others = [shed.tool(plain) for _ in range(4)]
    for name, has in (("busy", 3), ("busier", 4), ("busy_untrained", 3)):
        for other in others[:has]:
            shed.loan(members[name], other)
    for _ in range(3):
        shed.loan(members["edge"], tool, returned=True)
    shed.loan(edge, tool)
    loans = {
        "edge": shed.loan(edge, special),
        "blocked": shed.loan(members["blocked"], tool),
        "debtor": shed.loan(members["debtor"], tool),
        "debtor_by_far": shed.loan(members["debtor_by_far"], tool),
        "untrained": shed.loan(members["untrained"], special),
        "broken": shed.loan(members["untrained"], broken),
        "broken_special": shed.loan(members["untrained"], broken_special),
        "back": shed.loan(members["other"], tool, returned=True),
        "other": shed.loan(members["other"], tool),
        "another": shed.loan(members["another"], tool),
    }
    return shed.world(
        members=members,
        loans=loans,
        tool=tool,
        special=special,
        second_special=shed.tool(trained, id=second, available=1),
        broken=broken,
        out=out,
        training=trained["slug"],
        days=trained["loan_days"],
        unknown_tool={"id": shed.number("tools")},
        unknown_loan={"id": shed.number("loans")},
    )


def check_out(app: App, tool: Row, member: Row | None) -> Reply:
    return app.post(f"/counter/tools/{tool['id']}/loans", token=member["token"] if member else None)


def renew(app: App, loan: Row, member: Row) -> Reply:
    return app.post(f"/counter/loans/{loan['id']}/renewal", token=member["token"])


@check(
    "4.4-strangers-learn-nothing",
    "Without a valid token, every tool gets the same answer, whether it exists or not.",
    say="The answer to a stranger depends on the tool, so a stranger can find out which tools exist and which are "
    "out. Who it is comes first: let the dependency that finds the tool depend on the one that finds the member.",
    docs=_SUB,
)
def test_strangers_learn_nothing(app: App, world: World) -> None:
    facts = world.facts
    stranger = {"token": f"not-{facts['members']['edge']['token']}"}
    for who in (None, stranger):
        answers = [
            check_out(app, tool, who)
            for tool in (
                facts["tool"],
                facts["unknown_tool"],
                facts["broken"],
                facts["out"],
                facts["special"],
            )
        ]
        for reply in answers:
            # Which refusal it is, 4.5 asks.
            require(
                reply.status == answers[0].status >= 400,
                expected="the same refusal for every tool",
                received=reply.shown(),
                reply=reply,
            )


@check(
    "4.4-standing-first",
    "A blocked or indebted member is refused with 403, before anything about the tool is said.",
    say="A member who is blocked, or who owes 2000 cents or more, must be refused with 403 whatever the tool, also "
    "one that does not exist. This rule comes right after the token: the dependency that looks up the tool has "
    "to ask for a member in good standing, not for just any member.",
    docs=_SUB,
)
def test_standing_comes_before_the_tool(app: App, world: World) -> None:
    facts = world.facts
    for name in ("blocked", "debtor", "debtor_by_far"):
        for tool in (facts["tool"], facts["unknown_tool"], facts["out"]):
            expect(check_out(app, tool, facts["members"][name])).status(403)


@check(
    "4.4-unknown-tool",
    "A member in good standing who asks for a tool that does not exist gets 404.",
    say="There is no tool with this number, and a member in good standing should hear it: 404.",
)
def test_unknown_tool_is_not_found(app: App, world: World) -> None:
    for name in ("edge", "untrained", "busy"):
        expect(check_out(app, world.facts["unknown_tool"], world.facts["members"][name])).status(404)


@check(
    "4.4-training-named",
    "A missing training is a 403 that names it, and comes before the number of open loans.",
    say="The tool's category needs a training that this member has not done: 403, with the category's slug in "
    "`detail`. Having too many loans (409) is a later rule; chain the dependencies so that the order is fixed "
    "and does not depend on the order of parameters.",
    docs=_CLASSES,
)
def test_missing_training_is_named(app: App, world: World) -> None:
    for name in ("untrained", "busy_untrained"):
        refused_for_training(check_out(app, world.facts["special"], world.facts["members"][name]), world)


@check(
    "4.4-three-loans",
    "A member with three open loans gets no fourth: 409.",
    say="Three loans are open, and the fourth was not refused with 409. Count the loans that have not been "
    "returned, of this member only.",
    docs=_SUB,
)
def test_no_fourth_loan(app: App, world: World) -> None:
    for name in ("busy", "busier"):
        for tool in ("tool", "special"):
            expect(check_out(app, world.facts[tool], world.facts["members"][name])).status(409)


@check(
    "4.4-broken-or-out",
    "A broken tool, and one with no copy left, is a 409.",
    say="The tool is broken, or no copy of it is on the shelf; neither can be lent: 409.",
    docs=_SUB,
)
def test_broken_or_missing_tool_is_a_conflict(app: App, world: World) -> None:
    for tool in ("broken", "out"):
        expect(check_out(app, world.facts[tool], world.facts["members"]["free"])).status(409)


@check(
    "4.4-renewal-too",
    "Renewal refuses for the same reasons and in the same order.",
    say="The same member and the same tool are refused at checkout, but the renewal did not follow the rule. Rules "
    "written into one path operation protect that one; put each into a dependency and let both operations ask "
    "for it.",
    docs=_SUB,
)
def test_renewal_follows_the_rules(app: App, world: World) -> None:
    members, loans = world.facts["members"], world.facts["loans"]
    for name in ("blocked", "debtor", "debtor_by_far"):
        for loan in (loans[name], loans["other"], world.facts["unknown_loan"]):
            expect(renew(app, loan, members[name])).status(403)
    expect(renew(app, world.facts["unknown_loan"], members["edge"])).status(404)
    for name in ("other", "another"):
        expect(renew(app, loans[name], members["edge"])).status(404)
    for name in ("untrained", "broken_special"):
        refused_for_training(renew(app, loans[name], members["untrained"]), world)
    expect(renew(app, loans["broken"], members["untrained"])).status(409)
    expect(renew(app, loans["back"], members["other"])).status(409)


@check(
    "4.4-nobody-refused-wrongly",
    "A member who is just within every rule may check out and renew.",
    say="This member breaks no rule: owes 1999 cents, has the training, has two open loans, and earlier ones that "
    "came back. Look at the edges of your comparisons, and at what you count.",
)
def test_the_edge_of_every_rule_is_inside(fresh_app: App, world: World) -> None:
    member, loan = world.facts["members"]["edge"], world.facts["loans"]["edge"]
    renewed = renew(fresh_app, loan, member)
    expect(renewed).status(200).having({"id": loan["id"], "tool_id": loan["tool_id"]})
    # Give or take a day: which day it is at the shed is the business of 4.6.
    due = [datetime.now(UTC).date() + timedelta(days=world.facts["days"] + more) for more in (-1, 0, 1)]
    require(
        renewed.json.get("due_on") in [day.isoformat() for day in due],
        expected=f"`due_on` {world.facts['days']} days from today",
        received=renewed.shown(),
        reply=renewed,
    )
    wanted = world.facts["second_special"]
    lent = check_out(fresh_app, wanted, member)
    expect(lent).status(201).having({"tool_id": wanted["id"], "member_id": member["id"]})
    busy = world.facts["members"]["busy"]
    theirs = fresh_app.get("/counter/loans", token=busy["token"])
    first = theirs.json[0]["id"] if isinstance(theirs.json, list) and theirs.json else 0
    expect(
        renew(fresh_app, {"id": first}, busy),
        "Three open loans stop a fourth one; they do not stop the renewal of one of the three.",
    ).status(200)


def refused_for_training(reply: Reply, world: World) -> None:
    """403, and the training's name in `detail`."""
    expect(reply).status(403)
    detail = reply.json.get("detail") if isinstance(reply.json, dict) else None
    require(
        world.facts["training"] in str(detail),
        expected=f"`detail` that names the training `{world.facts['training']}`",
        received=reply.shown(),
        reply=reply,
    )
