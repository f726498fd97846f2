"""`check explain`: a constraint, a metric, a rule, a task or an id of the specification, as text."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from checker.book import Book, Chapter, TaskSpec
from checker.book.spec import Spec, read_spec
from checker.cli import terminal
from checker.cli.desk import Desk, close_names, find_task, open_desk
from checker.cli.guide import columns, lesson_place
from checker.constraints import Constraint, Rule, RunningRule, all_constraints, find_constraint
from checker.errors import ExitCode, UsageError
from checker.metrics import all_metrics

_CHECK_ID = re.compile(r"(?P<task>\d{1,2}\.\d{1,2})-[a-z0-9-]+")
_CODE = re.compile(r"^(```|~~~)")

# How a learner takes the same measurement; the checker's own runs ignore a project's configuration.
_BY_HAND = {
    "M1": ("ruff check --isolated .", "https://docs.astral.sh/ruff/rules/"),
    "M2": ("mypy --strict app", "https://mypy.readthedocs.io/en/stable/error_code_list.html"),
    "M3": (
        "coverage run --source=app -m pytest && coverage report",
        "https://coverage.readthedocs.io/en/latest/",
    ),
}


def explain(book_folder: Path | None, name: str) -> int:
    """Print what `name` means; an id that means two things gets both."""
    desk = open_desk(book_folder)
    spec = read_spec(desk.book)
    wanted = name.strip().strip("`")
    explainers: tuple[Callable[[], Iterator[str] | None], ...] = (
        lambda: _constraint(desk.book, spec, wanted),
        lambda: _metric(desk.book, spec, wanted),
        lambda: _rule(wanted),
        lambda: _capability(desk, spec, wanted),
        lambda: _task(desk, wanted),
    )
    found = [lines for explainer in explainers if (lines := explainer()) is not None]
    if not found:
        raise UsageError(_unknown(desk.book, spec, wanted))
    for position, lines in enumerate(found):
        if position:
            terminal.out()
            terminal.out("-" * 40)
            terminal.out()
        for line in lines:
            terminal.out(line)
    return ExitCode.PASSED


def _constraint(book: Book, spec: Spec, wanted: str) -> Iterator[str] | None:
    stated = spec.constraint_of(wanted.upper())
    known = find_constraint(wanted)
    if stated is None and known is None:
        return None

    def lines() -> Iterator[str]:
        title = stated.title if stated is not None else known.title if known is not None else ""
        yield _title(f"{wanted.upper()}: {title}")
        if stated is not None:
            kind = "Hard: a violation fails the chapter." if stated.hard else "Soft: it costs points."
            flex = f" It may be flexed for {stated.may_flex_when}." if stated.may_flex_when else ""
            yield terminal.wrap(f"{kind}{flex} {_graded_from(stated.from_chapter)}")
        yield ""
        graded = [one.short for one in book.chapters if wanted.upper() in one.file.grades.constraints]
        pairs = [("Graded in", ", ".join(graded))] if graded else []
        if known is None:
            yield terminal.wrap(f"For the sake of {stated.why if stated else 'clarity'}.")
            yield terminal.wrap("This version of the checker does not judge it yet.")
        else:
            yield from page_lines(_body(known))
            pairs = [("Rules", ", ".join(_rules_of(known))), *pairs, ("Docs", known.docs)]
        if pairs:
            yield ""
            yield from columns(pairs)

    return lines()


def _body(constraint: Constraint) -> str:
    """The page without a first line that only repeats the title."""
    first, _, rest = constraint.page.strip().partition("\n")
    bare = re.sub(rf"^(#+\s*)?{constraint.id}[:.]?\s*", "", first).rstrip(".")
    return rest if bare.casefold() == constraint.title.rstrip(".").casefold() else constraint.page


def _rules_of(constraint: Constraint) -> list[str]:
    return sorted({rule.name for rule in constraint.rules} | {rule.name for rule in constraint.running_rules})


def _rule(wanted: str) -> Iterator[str] | None:
    for constraint in all_constraints():
        rules: list[Rule | RunningRule] = [*constraint.rules, *constraint.running_rules]
        for rule in rules:
            if rule.name == wanted.lower():
                return _rule_lines(constraint, rule)
    return None


def _rule_lines(constraint: Constraint, rule: Rule | RunningRule) -> Iterator[str]:
    yield _title(rule.name)
    where = "in the running app" if isinstance(rule, RunningRule) else "in the source"
    yield terminal.wrap(f"A rule of {constraint.id}, {constraint.title}. It looks {where}.")
    yield ""
    yield terminal.wrap(rule.help)
    yield ""
    yield from columns([("Docs", rule.docs), ("The page", f"check explain {constraint.id}")])


def _metric(book: Book, spec: Spec, wanted: str) -> Iterator[str] | None:
    stated = spec.metric_of(wanted.upper())
    if stated is None:
        return None

    def lines() -> Iterator[str]:
        yield _title(f"{stated.id}: {stated.title}")
        yield terminal.wrap(
            f"Target: {stated.goal}. Measured with {stated.tool}. {_graded_from(stated.from_chapter)}"
        )
        graded = [one.short for one in book.chapters if stated.id in one.file.grades.metrics]
        yield ""
        yield from page_lines(_metric_page(stated.id))
        pairs = [("Graded in", ", ".join(graded))] if graded else []
        if stated.id in _BY_HAND:
            command, docs = _BY_HAND[stated.id]
            pairs += [("By hand", command), ("Docs", docs)]
        if pairs:
            yield ""
            yield from columns(pairs)

    return lines()


def _metric_page(metric_id: str) -> str:
    """The docstring of the metric's module; empty where this version measures it in none."""
    for metric in all_metrics():
        if metric_id in metric.ids:
            return inspect.getdoc(inspect.getmodule(metric.take)) or ""
    return ""


def _capability(desk: Desk, spec: Spec, wanted: str) -> Iterator[str] | None:
    name = spec.capabilities().get(wanted)
    if name is None:
        return None

    def lines() -> Iterator[str]:
        yield _title(f"{wanted}: {name}")
        places = 0
        for chapter in desk.book.chapters:
            for section in chapter.file.section:
                if wanted in section.teaches:
                    places += 1
                    yield terminal.wrap(f"{chapter.short}, lesson: {section.heading}", indent=2)
            for task in chapter.tasks:
                if wanted in task.covers:
                    places += 1
                    yield terminal.wrap(f"{chapter.short}, task {task.id}: {task.title}", indent=2)
        if not places:
            number = next(area.chapter for area in spec.area if wanted in area.capabilities)
            yield f"  It is planned for chapter {number}, which this book does not hold yet."

    return lines()


def _task(desk: Desk, wanted: str) -> Iterator[str] | None:
    match = _CHECK_ID.fullmatch(wanted)
    found = find_task(desk.book, match["task"] if match else wanted)
    return None if found is None else _task_lines(desk, *found)


def _task_lines(desk: Desk, chapter: Chapter, task: TaskSpec) -> Iterator[str]:
    yield _title(f"Task {task.id}: {task.title}")
    stretch = ", stretch" if task.stretch else ""
    yield f"{chapter.short}, {task.minutes} minutes, {task.points:g} points{stretch}"
    yield ""
    yield terminal.wrap(task.acceptance)
    if task.details.strip():
        yield ""
        yield from page_lines(task.details)
    yield ""
    yield from columns(
        [
            ("Lesson", f"{lesson_place(desk, chapter)}, section #{task.lesson}"),
            ("FastAPI", task.docs),
            ("Hint", desk.command(f"hint {chapter.short} {task.id}")),
        ]
    )


def _unknown(book: Book, spec: Spec, wanted: str) -> str:
    known = [
        *(constraint.id for constraint in spec.constraint),
        *(metric.id for metric in spec.metric),
        *spec.capabilities(),
        *(task.id for chapter in book.chapters for task in chapter.tasks),
        *(rule for constraint in all_constraints() for rule in _rules_of(constraint)),
    ]
    close = close_names(wanted, known) or close_names(wanted.upper(), known)
    hint = f"; did you mean {close}?" if close else "."
    return (
        f"There is nothing called `{wanted}`{hint} Give a constraint (`H3`), a metric (`M4`), a rule's name from a "
        "report, a task (`4.3`) or an id of the specification (`2.4.1`)."
    )


def _title(text: str) -> str:
    return terminal.style(terminal.wrap(text), bold=True)


def _graded_from(chapter: int) -> str:
    return f"It is graded from chapter {chapter} on."


def page_lines(markdown: str) -> Iterator[str]:
    """A page's Markdown as lines for a terminal: paragraphs wrapped, code as it stands, headings without marks."""
    paragraph: list[str] = []
    in_code = False
    for line in markdown.strip().splitlines():
        if _CODE.match(line.strip()):
            yield from _flowed(paragraph)
            in_code = not in_code
        elif in_code:
            yield f"    {line}".rstrip()
        elif line.startswith("#"):
            yield from _flowed(paragraph)
            yield terminal.style(line.lstrip("# "), bold=True)
        elif line.startswith("|"):
            yield from _flowed(paragraph)
            yield line
        elif re.match(r"\s*([-*]|\d+\.)\s", line):
            yield from _flowed(paragraph)
            paragraph.append(line)
        elif line.strip():
            paragraph.append(line)
        else:
            yield from _flowed(paragraph)
            yield ""
    yield from _flowed(paragraph)


def _flowed(paragraph: list[str]) -> Iterator[str]:
    """The lines gathered so far as one wrapped paragraph; empties the list."""
    if not paragraph:
        return
    first = paragraph[0]
    bullet = re.match(r"\s*([-*]|\d+\.)\s+", first)
    text = " ".join(line.strip() for line in paragraph)
    paragraph.clear()
    if bullet:
        mark = bullet[0]
        yield terminal.wrap(text[len(mark.lstrip()) :], indent=len(mark), first=mark)
    else:
        yield terminal.wrap(text)
