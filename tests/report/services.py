"""Reports of `check app` as it writes them, for the reporters' tests."""

from __future__ import annotations

from dataclasses import replace

from checker.models.report import ConstraintOutcome, Evidence, Fault, FaultKind
from checker.models.service import (
    BaselineUse,
    FailOn,
    JudgedConstraint,
    RulePage,
    ServiceFinding,
    ServiceReport,
)

DOCS = "https://fastapi.tiangolo.com/async/"


def finding(
    rule: str, constraint: str, path: str | None, line: int | None, **changes: object
) -> ServiceFinding:
    made = ServiceFinding(
        rule=rule,
        constraint=constraint,
        path=path,
        line=line,
        column=4,
        message=f"`{rule}` happens here, which holds every other request of the process.",
        help="Write it in the other way, as the page shows.",
        docs=DOCS,
        key=f"{rule}-{path}-{line}:1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # changes are fields of ServiceFinding


def judged(id: str, outcome: ConstraintOutcome, **counts: int) -> JudgedConstraint:
    titles = {"H3": "The event loop is never blocked", "S5": "Dependencies use Annotated"}
    return JudgedConstraint(
        id=id, title=titles.get(id, f"What {id} asks"), hard=id.startswith("H"), outcome=outcome, **counts
    )


BEHIND = finding(
    "blocking-call-behind-helper",
    "H3",
    "app/routers/users.py",
    33,
    message="`write_user` calls `hash_password` on the event loop, and that ends in `bcrypt.hashpw` "
    "(app/security.py:35), which blocks; no other request is served meanwhile.",
    help="Await `run_in_threadpool(hash_password, ...)` from `fastapi.concurrency`.",
    trace=(
        "app/routers/users.py:33 `hash_password` is called on the event loop",
        "app/helpers.py:12 calls `hashed`",
        "app/security.py:35 `bcrypt.hashpw` blocks",
    ),
    evidence=Evidence.BOTH,
    key="0f0f0f0f0f0f0f0f:1",
)
SLEEPS = tuple(finding("blocking-sleep-in-async", "H3", f"app/jobs/{n}.py", n + 7) for n in range(3))
DEFAULTS = tuple(finding("depends-as-default-value", "S5", "app/deps.py", 10 + n) for n in range(40))
FLEXED = finding("offset-pagination", "S7", "app/tools.py", 22, flexed="the list has at most 12 entries")
KNOWN = finding("print-for-logging", "S8", "app/main.py", 3, baselined=True)
UNREAD = Fault(
    kind=FaultKind.SYNTAX,
    message="`app/new.py` is not valid Python at line 3: invalid syntax. Mend that first.",
    path="app/new.py",
    line=3,
)
NO_START = Fault(kind=FaultKind.IMPORT, message="`app.main` needs `DATABASE_URL`, which is not set.")

FAILED = ServiceReport(
    app="app.main:app",
    files=120,
    findings=tuple(
        sorted((BEHIND, *SLEEPS, *DEFAULTS, FLEXED, KNOWN), key=lambda f: (f.path or "", f.line or 0))
    ),
    faults=(UNREAD, NO_START),
    passed=False,
    app_reason=NO_START.message,
    constraints=(
        judged("H1", ConstraintOutcome.PASSED),
        judged("H3", ConstraintOutcome.FAILED, findings=4),
        judged("S5", ConstraintOutcome.FAILED, findings=40),
        judged("S6", ConstraintOutcome.NOT_APPLICABLE),
        judged("S7", ConstraintOutcome.FLEXED, flexed=1),
        judged("S8", ConstraintOutcome.PASSED, baselined=1),
    ),
    baseline=BaselineUse(file="check-baseline.json", entries=3, known=1, stale=2),
    unread_files=1,
    lines=8123,
    routes=34,
    folder="backend",
    duration_s=3.14,
    checker="0.1.0",
    python="3.11.7",
    next_step="`check explain H3` says why it matters and how to mend it.",
)
PASSED = ServiceReport(
    app="app.main:app",
    app_ran=True,
    files=12,
    passed=True,
    constraints=(judged("H1", ConstraintOutcome.PASSED), judged("H3", ConstraintOutcome.PASSED)),
    lines=900,
    routes=9,
    duration_s=1.2,
    checker="0.1.0",
    python="3.11.7",
)
SOFT = replace(
    FAILED,
    findings=tuple(f for f in FAILED.findings if f.constraint == "S5"),
    constraints=tuple(c for c in FAILED.constraints if c.id in ("H1", "S5")),
    faults=(),
    unread_files=0,
    baseline=None,
    fail_on=FailOn.HARD,
    passed=True,
    app_reason="`--static` was asked for.",
)
UNTOLD = replace(
    PASSED,
    passed=False,
    constraints=(
        judged("H1", ConstraintOutcome.PASSED),
        replace(
            judged("H3", ConstraintOutcome.ERROR),
            detail="The checker's own rule `blocking-sleep-in-async` stopped with an error; this is not your fault.",
        ),
    ),
    next_step="H3 could not be judged, which is the checker's fault; please report it.",
)
SERVICES = {"failed": FAILED, "passed": PASSED, "soft": SOFT, "untold": UNTOLD}

RULES = tuple(
    RulePage(
        name=one.rule,
        constraint=one.constraint,
        title="The event loop is never blocked",
        hard=one.constraint.startswith("H"),
        help=one.help,
        docs=one.docs,
        page="## What it asks\n\nNothing on the event loop waits.",
    )
    for one in (BEHIND, SLEEPS[0], DEFAULTS[0], FLEXED, KNOWN, finding("not-found-here", "H1", None, None))
)
