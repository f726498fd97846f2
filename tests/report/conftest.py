"""Whole reports as a grade writes them, for the reporters' tests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checker.models.report import (
    Check,
    ConstraintOutcome,
    ConstraintResult,
    Evidence,
    Fault,
    FaultKind,
    Finding,
    MetricOutcome,
    MetricResult,
    Outcome,
    Report,
    RunInfo,
    SentRequest,
    Task,
)
from checker.models.service import ServiceReport

from .services import SERVICES

DOCS = "https://fastapi.tiangolo.com/"

RUN = RunInfo(
    seed=8472,
    isolation="portable",
    servers="fork",
    checker="0.1.0",
    python="3.11.7",
    fastapi="0.165.0",
    platform="Linux x86_64",
    folder="exercises/chapter-04-dependency-injection",
)


def passed_check(id: str, claim: str) -> Check:
    return Check(id=id, claim=claim, outcome=Outcome.PASSED, message="", duration_s=0.04)


ONE_SESSION = Task(
    id="4.1",
    title="One session for all helpers",
    outcome=Outcome.PASSED,
    points=10,
    max_points=10,
    checks=(
        passed_check("4.1-pool-of-two", "Two members borrow at once with a pool of two connections."),
        passed_check("4.1-same-session", "All helpers of one request see the same session."),
    ),
)
BLOCKED = Check(
    id="4.2-blocked-now",
    claim="A member who is blocked now is refused in the next request.",
    outcome=Outcome.FAILED,
    message="The second request still saw the member as it was in the first one. A dependency lives for one "
    "request; something here (an `lru_cache`, a module-level dict) lives longer.",
    request=SentRequest(
        method="POST",
        url="http://127.0.0.1:41873/loans?notify=true",
        headers={"Authorization": "Bearer 5b1f0c", "Content-Type": "application/json", "Accept": "*/*"},
        body={"tool_id": 4711, "days": 3},
    ),
    expected="status 403",
    received={"status": 201, "body": {"id": 9, "tool_id": 4711, "member": "Ada", "due_on": "2026-11-26"}},
    path="app/dependencies.py",
    line=31,
    lesson="asked-once-the-request-cache",
    docs=f"{DOCS}tutorial/dependencies/sub-dependencies/",
    duration_s=0.031,
)
ASKED_ONCE = Task(
    id="4.2",
    title="Asked once: the request cache, and when to go round it",
    outcome=Outcome.FAILED,
    points=5,
    max_points=10,
    checks=(
        passed_check("4.2-one-query", "The member is read once in a request."),
        BLOCKED,
        Check(
            id="4.2-fresh-clock",
            claim="`use_cache=False` reads the clock again.",
            outcome=Outcome.ERROR,
            message="No answer came within 5 s on a busy machine; grade again.",
        ),
    ),
)
STRETCH = Task(
    id="4.6",
    title="A pool of your own",
    outcome=Outcome.SKIPPED,
    points=0,
    max_points=5,
    stretch=True,
    checks=(
        Check(id="4.6-limit", claim="Three at once, no more.", outcome=Outcome.SKIPPED, message="Needs 4.2."),
    ),
)


def sleeping(path: str, line: int, **changes: object) -> Finding:
    finding = Finding(
        rule="blocking-sleep-in-async",
        constraint="H3",
        path=path,
        line=line,
        column=4,
        message="`time.sleep` stops the event loop for every request that is being served.",
        help="Await `asyncio.sleep`, or declare the function with `def`.",
        docs=f"{DOCS}async/",
        evidence=Evidence.BOTH,
    )
    return replace(finding, **changes)  # type: ignore[arg-type]  # changes are fields of Finding


BLOCKED_LOOP = ConstraintResult(
    id="H3",
    title="The event loop is never blocked",
    outcome=ConstraintOutcome.FAILED,
    hard=True,
    findings=(
        *(sleeping("app/photos.py", line) for line in range(40, 54, 2)),
        sleeping(
            "app/labels.py", 12, trace=("app/main.py:31 print_label", "app/labels.py:9 wait_for_printer")
        ),
    ),
)
GLOBALS = ConstraintResult(
    id="S2",
    title="`Depends()` over global state",
    outcome=ConstraintOutcome.FAILED,
    hard=False,
    findings=(
        Finding(
            rule="module-level-session",
            constraint="S2",
            path="app/database.py",
            line=7,
            column=0,
            message="`session` is made once, at import, and shared by all requests.",
            help="Yield one from a dependency.",
            docs=f"{DOCS}tutorial/dependencies/dependencies-with-yield/",
        ),
    ),
)
PAGES = ConstraintResult(
    id="S7",
    title="Cursor over offset pagination",
    outcome=ConstraintOutcome.FLEXED,
    hard=False,
    findings=(
        Finding(
            rule="offset-pagination",
            constraint="S7",
            path="app/routes/tools.py",
            line=22,
            column=4,
            message="`offset` skips rows by reading them.",
            help="Page by the last id seen.",
            docs=f"{DOCS}tutorial/query-params/",
            flexed="the list has at most 12 entries",
        ),
    ),
)
LOGGING = ConstraintResult(
    id="S8",
    title="Structured logging",
    outcome=ConstraintOutcome.FAILED,
    hard=False,
    graded=False,
    findings=tuple(
        Finding(
            rule="print-for-logging",
            constraint="S8",
            path="app/main.py",
            line=line,
            column=4,
            message="`print` gives a line that no tool can filter.",
            help="Log an event with its fields.",
            docs=f"{DOCS}reference/",
        )
        for line in (14, 18, 90)
    ),
)


def at_rest(id: str, title: str, outcome: ConstraintOutcome = ConstraintOutcome.PASSED) -> ConstraintResult:
    return ConstraintResult(id=id, title=title, outcome=outcome, hard=id.startswith("H"))


def curve(slowest: float) -> list[list[float]]:
    return [
        [p, round(slowest * (0.2 + (p / 100) ** 8 * 0.8), 2)] for p in (0, 25, 50, 75, 90, 95, 99, 99.9, 100)
    ]


LOAD_DETAIL = {
    "samples": 200,
    "rate": 100.0,
    "p50": 6.4,
    "p95": 31.2,
    "p99": 38.0,
    "max": 41.7,
    "reference": {"p50": 1.9, "p95": 3.1, "p99": 4.0, "max": 4.4, "samples": 200},
    "histogram": curve(41.7),
    "reference_histogram": curve(4.4),
    "reason": "",
}
LOAD = MetricResult(
    id="M4",
    title="Response time p95",
    outcome=MetricOutcome.PASSED,
    value=31.2,
    target=100,
    unit="ms",
    detail=LOAD_DETAIL,
)
METRICS = (
    MetricResult(id="M1", title="ruff", outcome=MetricOutcome.PASSED, value=0, target=0, unit="errors"),
    MetricResult(
        id="M2", title="mypy --strict", outcome=MetricOutcome.PASSED, value=0, target=0, unit="errors"
    ),
    MetricResult(id="M3", title="Coverage", outcome=MetricOutcome.PASSED, value=91.25, target=80, unit="%"),
    LOAD,
    MetricResult(
        id="M5",
        title="Requests per second",
        outcome=MetricOutcome.PASSED,
        value=1840.4,
        target=None,
        unit="1/s",
        graded=False,
    ),
)

FAILED = Report(
    chapter="chapter-04",
    title="Dependency injection",
    passed=False,
    score=62.5,
    duration_s=3.14,
    tasks=(ONE_SESSION, ASKED_ONCE, STRETCH),
    constraints=(
        at_rest("H1", "Requests and responses are Pydantic models"),
        GLOBALS,
        BLOCKED_LOOP,
        PAGES,
        LOGGING,
        at_rest("H6", "Lifespan", ConstraintOutcome.NOT_APPLICABLE),
    ),
    metrics=(
        replace(
            METRICS[0],
            outcome=MetricOutcome.FAILED,
            value=3,
            message="`ruff check` found 3 errors; the first is app/main.py:3, `F401`.",
        ),
        *METRICS[1:],
    ),
    run=RUN,
    next_step="Mend `app/dependencies.py`, line 31, then run `check chapter-4 --task 4.2`.",
)
PASSED = Report(
    chapter="chapter-04",
    title="Dependency injection",
    passed=True,
    score=100,
    duration_s=2.9,
    tasks=(
        ONE_SESSION,
        replace(
            ASKED_ONCE,
            outcome=Outcome.PASSED,
            points=10,
            checks=(passed_check("4.2-one-query", "The member is read once in a request."),),
        ),
    ),
    constraints=(
        at_rest("H1", "Requests and responses are Pydantic models"),
        at_rest("H3", "The event loop is never blocked"),
        at_rest("H6", "Lifespan", ConstraintOutcome.NOT_APPLICABLE),
    ),
    metrics=METRICS,
    run=RUN,
    next_step="Chapter 5, security, is next: `check chapter-5`.",
)
FAULT = Report(
    chapter="chapter-01",
    title="API development",
    passed=False,
    score=0,
    duration_s=0.61,
    tasks=(
        Task(
            id="1.1",
            title="The first tool",
            outcome=Outcome.SKIPPED,
            points=0,
            max_points=10,
            checks=(
                Check(
                    id="1.1-created",
                    claim="POST answers 201.",
                    outcome=Outcome.SKIPPED,
                    message="The app could not be imported.",
                ),
            ),
        ),
    ),
    faults=(
        Fault(
            kind=FaultKind.SYNTAX,
            message="`app/main.py` has a syntax error in line 12: `'('` was never closed. Close it, then grade again.",
            path="app/main.py",
            line=12,
        ),
    ),
    metrics=(
        MetricResult(
            id="M4",
            title="Response time p95",
            outcome=MetricOutcome.SKIPPED,
            value=None,
            target=100,
            unit="ms",
            message="The app did not start.",
        ),
    ),
    run=replace(RUN, folder="exercises/chapter-01-api-development"),
    next_step="Mend line 12 of `app/main.py`, then run `check chapter-1`.",
)
FLEXED = replace(
    PASSED,
    score=95,
    constraints=(*PASSED.constraints, PAGES, GLOBALS, LOGGING),
)
INCONCLUSIVE = replace(
    PASSED,
    metrics=(
        *METRICS[:3],
        replace(
            LOAD,
            outcome=MetricOutcome.INCONCLUSIVE,
            value=140.0,
            message="The reference app needed 60 ms too: the machine was busy. Nothing is held against you; "
            "grade again when it is quiet.",
            detail={**LOAD_DETAIL, "p95": 140.0, "reason": "the reference app was slow"},
        ),
    ),
)

EXAMPLES = {
    "failed": FAILED,
    "passed": PASSED,
    "fault": FAULT,
    "flexed": FLEXED,
    "inconclusive": INCONCLUSIVE,
}


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> tuple[str, Report]:
    """Each example report with its name."""
    name: str = request.param
    return name, EXAMPLES[name]


@pytest.fixture
def examples() -> dict[str, Report]:
    """All example reports by name."""
    return EXAMPLES


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> tuple[str, ServiceReport]:
    """Each example report of `check app` with its name."""
    name: str = request.param
    return name, SERVICES[name]
