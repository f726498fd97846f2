"""Claims about what is taught: the lesson's headings, the specification's ids, the links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from checker.book import Book, Chapter
from checker.book.spec import read_spec
from checker.dev.claims import Problem
from checker.dev.headings import read_headings
from checker.dev.suites import authored_checks
from checker.dev.trees import relative
from checker.suite.checks import declared_checks

OFFICIAL_SITES = frozenset(
    {
        "alembic.sqlalchemy.org",
        "anyio.readthedocs.io",
        "asgi.readthedocs.io",
        "coverage.readthedocs.io",
        "datatracker.ietf.org",
        "developer.mozilla.org",
        "docs.astral.sh",
        "docs.gunicorn.org",
        "docs.pydantic.dev",
        "docs.pytest.org",
        "docs.python.org",
        "docs.sqlalchemy.org",
        "fastapi.tiangolo.com",
        "frankie567.github.io",  # pwdlib
        "gunicorn.org",
        "mypy.readthedocs.io",
        "opentelemetry.io",
        "owasp.org",
        "cheatsheetseries.owasp.org",
        "prometheus.github.io",
        "pydantic.dev",
        "pyjwt.readthedocs.io",
        "pytest-asyncio.readthedocs.io",
        "redis.io",
        "redis.readthedocs.io",
        "sqlite.org",
        "www.sqlite.org",
        "spec.openapis.org",
        "starlette.dev",
        "uvicorn.dev",
        "www.openapis.org",
        "www.postgresql.org",
        "www.python-httpx.org",
        "www.rfc-editor.org",
        "www.starlette.io",
        "www.structlog.org",
        "www.uvicorn.org",
    }
)
# What a metric grades in every task needs no task and no hidden test of its own.
_MEASURED = {"6.1": "M1", "6.2": "M2", "6.3": "M3", "6.4": "M4", "6.5": "M5"}
_PLAIN_LINK = re.compile(r"\]\((http://[^)\s]+)\)")


def headings_match(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """The lesson's `##` headings are the sections of chapter.toml, in the same order."""
    lesson = relative(book.root, chapter.lesson)
    written = [heading for heading in read_headings(chapter.lesson) if heading.level == 2]
    planned = [section.heading for section in chapter.file.section]
    missing = [heading for heading in planned if heading not in [one.text for one in written]]
    for heading in missing:
        yield Problem(
            path=lesson,
            what=f"has no heading `## {heading}`, which chapter.toml names as a section.",
            remedy="Write it, or take the section out of chapter.toml.",
        )
    extra = [one for one in written if one.text not in planned]
    for one in extra:
        yield Problem(
            path=f"{lesson}:{one.line}",
            what=f"the heading `## {one.text}` is no section of chapter.toml.",
            remedy="Add a `[[section]]` with its minutes and what it teaches, or make the heading a `###`.",
        )
    if not missing and not extra and [one.text for one in written] != planned:
        yield Problem(
            path=lesson,
            what="its headings stand in another order than the sections of chapter.toml.",
            remedy="Bring both into the order in which one reads.",
        )


def anchors_lead_somewhere(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """The anchors that tasks and checks name are headings of the lesson."""
    anchors = {heading.anchor for heading in read_headings(chapter.lesson)}
    known = ", ".join(f"`{anchor}`" for anchor in sorted(anchors))
    toml = relative(book.root, chapter.toml)
    for task, path in chapter.suite_files():
        if task.lesson not in anchors:
            yield Problem(
                path=toml,
                what=f"task {task.id} points to `#{task.lesson}`, which is no heading of the lesson.",
                remedy=f"Use one of {known}.",
            )
        for check in authored_checks(path):
            if check.lesson is not None and check.lesson not in anchors:
                yield Problem(
                    path=f"{relative(book.root, path)}:{check.line}",
                    what=f"`{check.id}` points to `#{check.lesson}`, which is no heading of the lesson.",
                    remedy=f"Use one of {known}.",
                )


def links_are_official(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """Links of tasks and checks are https and lead to the documentation of the thing itself."""
    links = [(relative(book.root, chapter.toml), f"task {task.id}", task.docs) for task in chapter.tasks]
    for _, path in chapter.suite_files():
        where = relative(book.root, path)
        links += [
            (f"{where}:{check.line}", f"`{check.id}`", check.docs)
            for check in authored_checks(path)
            if check.docs is not None
        ]
    for where, who, link in links:
        parts = urlsplit(link)
        if parts.scheme != "https" or parts.hostname not in OFFICIAL_SITES:
            yield Problem(
                path=where,
                what=f"{who} links to `{link}`.",
                remedy="Link over https to FastAPI's own page, or to that of the library in question.",
            )
    for number, line in enumerate(chapter.lesson.read_text(encoding="utf-8").splitlines(), start=1):
        for link in _PLAIN_LINK.findall(line):
            if urlsplit(link).hostname not in ("localhost", "127.0.0.1"):
                yield Problem(
                    path=f"{relative(book.root, chapter.lesson)}:{number}",
                    what=f"links to `{link}` without https.",
                    remedy="Use the https address.",
                )


def ids_are_taught(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """Every id of the chapter has a heading, a task and a test; what it needs is taught before."""
    spec = read_spec(book)
    toml = relative(book.root, chapter.toml)
    known = spec.capabilities()
    teaches = set(chapter.file.teaches)
    sections = {spec_id for section in chapter.file.section for spec_id in section.teaches}
    covered = {spec_id for task in chapter.tasks for spec_id in task.covers}
    tested = {
        spec_id for task, path in chapter.suite_files() if declared_checks(path) for spec_id in task.covers
    }
    measured = {spec_id for spec_id, metric in _MEASURED.items() if metric in chapter.file.grades.metrics}
    covered |= measured & teaches
    tested |= measured & teaches
    earlier = {
        spec_id for one in book.chapters if one.number < chapter.number for spec_id in one.file.teaches
    }
    planned = _is_the_planned_one(book, chapter)
    if planned:
        for spec_id in spec.capabilities(chapter.number):
            if spec_id not in teaches:
                yield Problem(
                    path=toml,
                    what=f"`teaches` lacks {spec_id}, {known[spec_id]}, which the plan gives to this chapter.",
                    remedy="Teach it here, or move it in chapters/spec.toml.",
                )
    for spec_id in sorted(teaches):
        name = known.get(spec_id)
        if name is None and planned:
            yield Problem(
                path=toml,
                what=f"`teaches` names {spec_id}, which the specification does not have.",
                remedy="Use an id of chapters/spec.toml.",
            )
        for there, what, remedy in (
            (sections, "no section teaches", "Name it in `teaches` of the `[[section]]` that does."),
            (covered, "no task covers", "Name it in `covers` of the `[[task]]` that does."),
            (tested, "no hidden test exercises", "Write a check in the suite of the task that covers it."),
        ):
            if spec_id not in there:
                yield Problem(
                    path=toml, what=f"{what} {spec_id}{f', {name}' if name else ''}.", remedy=remedy
                )
    for spec_id in sorted(sections - teaches):
        yield Problem(
            path=toml,
            what=f"a section teaches {spec_id}, which `teaches` of the chapter lacks.",
            remedy="Add it there, so that the tables of the site know.",
        )
    for spec_id in sorted(covered - teaches - earlier):
        if not _taught_in_an_unwritten_chapter(book, chapter, spec_id):
            yield Problem(
                path=toml,
                what=f"a task covers {spec_id}, which neither this nor an earlier chapter teaches.",
                remedy="Tasks use only what has been taught; teach it, or take it out of `covers`.",
            )
    for spec_id in sorted(set(chapter.file.needs) - earlier - teaches):
        if not _taught_in_an_unwritten_chapter(book, chapter, spec_id):
            yield Problem(
                path=toml,
                what=f"`needs` names {spec_id}, which no earlier chapter teaches.",
                remedy="Name what an earlier chapter teaches, or teach it here.",
            )


def _is_the_planned_one(book: Book, chapter: Chapter) -> bool:
    """A pack without a spec.toml of its own borrows the workbook's, whose chapters are not the pack's."""
    own = (book.root / "chapters" / "spec.toml").is_file()
    planned = read_spec(book).planned(chapter.number)
    return own and planned is not None and planned.slug == chapter.slug


def _taught_in_an_unwritten_chapter(book: Book, chapter: Chapter, spec_id: str) -> bool:
    """True for an id that the plan gives to an earlier chapter which nobody has written yet."""
    written = {one.number for one in book.chapters}
    return any(
        spec_id in area.capabilities and area.chapter < chapter.number and area.chapter not in written
        for area in read_spec(book).area
    )


def grades_what_is_taught(book: Book, chapter: Chapter) -> Iterator[Problem]:
    """The chapter grades the constraints and metrics that the specification gives to it and earlier ones."""
    spec = read_spec(book)
    if not _is_the_planned_one(book, chapter):
        return
    toml = relative(book.root, chapter.toml)
    for key, graded, planned in (
        ("constraints", chapter.file.grades.constraints, spec.graded_constraints(chapter.number)),
        ("metrics", chapter.file.grades.metrics, spec.graded_metrics(chapter.number)),
    ):
        if set(graded) != set(planned):
            yield Problem(
                path=toml,
                what=f"`grades.{key}` is {_listed(graded)}; the plan says {_listed(planned)}.",
                remedy="Make them agree: mend chapter.toml, or `from_chapter` in chapters/spec.toml.",
            )


def _listed(ids: tuple[str, ...]) -> str:
    return ", ".join(sorted(ids)) or "nothing"
