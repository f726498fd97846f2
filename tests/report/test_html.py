"""The HTML report: one file, no request, nothing of a learner's text is markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from checker.models.report import Fault, FaultKind, MetricResult, Outcome, Report
from checker.report.html import render

VOID = {"meta", "link", "br", "hr", "img", "input", "col"}
LOADING = {
    "script",
    "iframe",
    "img",
    "object",
    "embed",
    "video",
    "audio",
    "source",
    "base",
    "form",
    "use",
    "image",
}


class Page(HTMLParser):
    """Reads a page and refuses what is not nested well."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_page_is_well_formed_and_loads_nothing(example: tuple[str, Report]) -> None:
    text = render(example[1])
    page = Page(text)
    assert not LOADING & {tag for tag, _ in page.tags}
    assert [link["href"] for link in page.all("link")] == ["data:,"]
    assert not any(
        name.startswith("on") or name in ("src", "srcset", "style") for _, a in page.tags for name in a
    )
    style = text.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in text


def test_links_lead_to_documentation_only(example: tuple[str, Report]) -> None:
    for anchor in Page(render(example[1])).all("a"):
        assert (anchor["href"] or "").startswith("https://fastapi.tiangolo.com/")
        assert anchor["rel"] == "noopener noreferrer"


def test_page_tells_every_check_finding_and_metric(example: tuple[str, Report]) -> None:
    report = example[1]
    words = Page(render(report)).text
    for task in report.tasks:
        assert task.title in words
        for check in task.checks:
            assert check.id in words
    for constraint in report.constraints:
        for finding in constraint.findings:
            assert finding.rule in words
            assert str(finding.line) in words
    for metric in report.metrics:
        assert metric.id in words
    for fault in report.faults:
        assert fault.message.replace("`", "").split(":")[0] in words.replace("`", "")
    assert ("Not passed" in words) is not report.passed


def test_page_shows_the_failing_check_in_full(examples: dict[str, Report]) -> None:
    words = Page(render(examples["failed"])).text
    first = words.split("Look at this first")[1].split("Tasks")[0]
    for part in (
        "A member who is blocked now is refused in the next request.",
        "POST /loans?notify=true",
        '"tool_id": 4711',
        "status 403",
        '"status": 201',
        "app/dependencies.py:31",
        "asked-once-the-request-cache",
        "https://fastapi.tiangolo.com/tutorial/dependencies/sub-dependencies/",
    ):
        assert part in first


def test_next_step_code_is_set_as_code(examples: dict[str, Report]) -> None:
    assert "<code>check chapter-4 --task 4.2</code>" in render(examples["failed"])


HOSTILE = "</script></style><script>alert(1)</script><img src=x onerror=alert(1)>\" onclick='x' {{ 7*7 }}"


def test_hostile_text_stays_text_everywhere(examples: dict[str, Report]) -> None:
    failed = examples["failed"]
    task = failed.tasks[1]
    check = replace(
        task.checks[1],
        claim=HOSTILE,
        message=f"`{HOSTILE}`",
        expected=HOSTILE,
        received={HOSTILE: [HOSTILE]},
        path=HOSTILE,
        lesson=HOSTILE,
        docs=f"javascript:{HOSTILE}",
        request=replace(
            task.checks[1].request or pytest.fail("no request"), url=HOSTILE, headers={HOSTILE: HOSTILE}
        ),
    )
    constraint = next(c for c in failed.constraints if c.id == "H3")
    finding = replace(
        constraint.findings[0],
        path=HOSTILE,
        message=HOSTILE,
        help=HOSTILE,
        trace=(HOSTILE,),
        docs=HOSTILE,
        rule=HOSTILE,
    )
    report = replace(
        failed,
        chapter=HOSTILE,
        title=HOSTILE,
        next_step=HOSTILE,
        tasks=(replace(task, title=HOSTILE, checks=(check,)),),
        constraints=(
            replace(constraint, title=HOSTILE, findings=(finding, replace(finding, flexed=HOSTILE))),
        ),
        metrics=(replace(failed.metrics[0], title=HOSTILE, message=HOSTILE, unit=HOSTILE),),
        faults=(Fault(kind=FaultKind.CRASH, message=HOSTILE, path=HOSTILE),),
    )
    page = Page(render(report))
    assert not LOADING & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.all("a") == []
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text


def test_control_characters_do_not_reach_the_file(examples: dict[str, Report]) -> None:
    report = replace(examples["fault"], title="a\x1b[31mb\x00c\x9b", next_step="x\x07y")
    text = render(report)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_bodies_of_100_kb_and_thousands_of_findings_keep_the_file_small(examples: dict[str, Report]) -> None:
    failed = examples["failed"]
    task = failed.tasks[1]
    check = replace(task.checks[1], received="<" * 100_000, expected=["&"] * 50_000)
    constraint = next(c for c in failed.constraints if c.id == "H3")
    findings = tuple(
        replace(constraint.findings[0], line=line, message=f"{line}" + "x" * 100_000) for line in range(3000)
    )
    report = replace(
        failed,
        tasks=(replace(task, checks=(check,)),),
        constraints=(replace(constraint, findings=findings),),
    )
    text = render(report)
    assert len(text) < 2_000_000
    assert "Only the first 200 are shown" in Page(text).text


def points(text: str, name: str) -> list[tuple[float, float]]:
    found = re.search(rf'<polyline class="{name}" points="([^"]*)"', text)
    assert found is not None
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in found[1].split())]


def test_latency_picture_shows_app_reference_and_target(examples: dict[str, Report]) -> None:
    text = render(examples["passed"])
    app, reference = points(text, "app"), points(text, "reference")
    assert [x for x, _ in app] == sorted(x for x, _ in app)
    # Up is slow: the app is slower than the reference at every percentile, and rises.
    assert all(mine < theirs for (_, mine), (_, theirs) in zip(app, reference, strict=True))
    assert [y for _, y in app] == sorted((y for _, y in app), reverse=True)
    target = re.search(r'class="target" x1="\S+" x2="\S+" y1="(\S+)"', text)
    assert target is not None
    assert float(target[1]) < min(y for _, y in app)
    assert "target 100 ms" in text
    assert "200 requests at 100 a second" in Page(text).text


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"samples": "many"},
        {"samples": 1, "rate": 1, "p50": 1, "p95": 1, "p99": 1, "max": 1},
        {"samples": 1, "rate": 1, "p50": 1, "p95": 1, "p99": 1, "max": 1, "histogram": [[50, float("nan")]]},
        {"samples": 1, "rate": 1, "p50": 1, "p95": 1, "p99": 1, "max": 1, "histogram": [[50, -1], [90, 2]]},
        {"samples": 1, "rate": 1, "p50": 1, "p95": 1, "p99": 1, "max": 1, "histogram": [[900, 1], [901, 2]]},
        {"histogram": "</svg>"},
    ],
    ids=["empty", "wrong-type", "no-curve", "nan", "negative", "no-percentile", "text"],
)
def test_detail_without_a_curve_gives_no_picture(examples: dict[str, Report], detail: dict[str, Any]) -> None:
    metric = examples["passed"].metrics[3]
    assert metric.id == "M4"
    assert "<svg" not in render(replace(examples["passed"], metrics=(replace(metric, detail=detail),)))


@pytest.mark.parametrize("slowest", [0.0, 0.004, 0.3, 7.0, 1000.0, 90_000.0])
@pytest.mark.parametrize("target", [None, 0, 100])
def test_every_curve_stays_inside_the_picture(
    examples: dict[str, Report], slowest: float, target: float | None
) -> None:
    metric = examples["passed"].metrics[3]
    histogram = [[p, slowest * p / 100] for p in (0, 50, 90, 99, 100)]
    detail = {**metric.detail, "histogram": histogram, "reference_histogram": []}
    changed: MetricResult = replace(metric, detail=detail, target=target)
    text = render(replace(examples["passed"], metrics=(changed,)))
    for x, y in points(text, "app"):
        assert 64 <= x <= 624
        assert 16 <= y <= 256
    assert 'class="reference" points' not in text


def test_checks_that_the_checker_could_not_tell_say_so(examples: dict[str, Report]) -> None:
    checks = [c for task in examples["failed"].tasks for c in task.checks]
    assert any(check.outcome is Outcome.ERROR for check in checks)
    assert "does not count as your mistake" in Page(render(examples["failed"])).text
