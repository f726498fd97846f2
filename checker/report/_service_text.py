"""`check app` as text: the worst constraints first, as much of each as a person reads, the next step last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from checker.models.report import ConstraintOutcome
from checker.models.service import ServiceFinding, ServiceReport, Violation
from checker.report._plain import LOOK, many, number, one_line, place, places, sentences, with_prefix

if TYPE_CHECKING:
    from checker.report._page import Page

# About one screen: beyond that people scroll past, and the count of the rest says more.
_MOST_LINES = 46
_MOST_APART = 6
_LONGEST_PREFIX = 24
_SHORT_MESSAGE = 135
_MOST_FAULTS = 3
_MOST_FLEXES = 3
_MOST_STEPS = 3
_INDENT = 6
_EVERYTHING = 5


def render_service(
    report: ServiceReport,
    *,
    width: int = 80,
    colour: bool = False,
    ascii: bool = False,
    everything: bool = False,
    here: str = "",
) -> str:
    """The report for reading, at most `width` columns and about a screen long, unless `everything` is wanted.

    `colour` adds ANSI styles to the same words, `ascii` writes symbols in ASCII; `here` stands before every path.
    """
    # Rich takes longer to import than the other formats take to render.
    from checker.report._page import Page

    # Long ones would leave no room for what follows; the headline names the folder.
    report = with_prefix(report, here if len(here) <= _LONGEST_PREFIX else "")

    def new_page() -> Page:
        return Page(width=width, ascii=ascii)

    page = new_page()
    _headline(page, report)
    _faults(page, report, everything=everything)
    # One line says that the constraints begin; between many of them there is no room for more.
    apart = everything or len(report.violations) <= _MOST_APART
    room = _MOST_LINES - (len(report.violations) if apart else 1)
    for number_of, block in enumerate(_blocks(report.violations, new_page, None if everything else room)):
        if apart or number_of == 0:
            page.blank()
        page.extend(block)
    _flexes(page, report, everything=everything)
    _summary(page, report, everything=everything)
    if report.next_step:
        page.blank()
        page.add(one_line(report.next_step, 600), label="Next:", column=6, label_style="bold")
    return page.text(colour=colour)


def _headline(page: Page, report: ServiceReport) -> None:
    word, style = ("passed", "bold green") if report.passed else ("not passed", "bold red")
    title = f"check app {one_line(report.folder, 200)}"
    page.add(title, style="bold", right=word, right_style=style)
    parts = [many(report.files, "file"), many(report.routes, "route"), f"{number(report.duration_s)} s"]
    if report.app_ran:
        parts.insert(2, f"`{one_line(report.app or '', 120)}` ran")
    page.add(" · ".join(parts))
    if report.app_ran:
        for fault in report.app_faults[:_MOST_FAULTS]:
            page.add(one_line(fault.message, 400), style="bright_black")
    elif report.app_reason:
        page.add(f"The source alone: {one_line(report.app_reason, 400)}", style="bright_black")


def _faults(page: Page, report: ServiceReport, *, everything: bool) -> None:
    """What was not read; what kept the app from running stands in the headline."""
    _left_out(page, report, everything=everything)
    unread = report.unread
    if not unread:
        return
    page.heading("Not read, so nothing is known of it")
    symbol, style = LOOK["failed"]
    shown = unread if everything else unread[:_MOST_FAULTS]
    for fault in shown:
        page.add(
            one_line(fault.message, 400),
            label=symbol,
            column=2,
            label_style=style,
        )
    if len(unread) > len(shown):
        page.add(f"and {many(len(unread) - len(shown), 'more file')}", indent=2, style="bright_black")


def _left_out(page: Page, report: ServiceReport, *, everything: bool) -> None:
    places = report.places_left_out
    for fault in places if everything else places[:1]:
        page.add(one_line(fault.message, 400), style="bright_black")
    if len(places) > 1 and not everything:
        page.add(f"{many(len(places) - 1, 'more place')} left out; `--all` names them.", style="bright_black")


def _blocks(
    violations: Sequence[Violation], new_page: Callable[[], Page], room: int | None
) -> Iterator[Page]:
    """A block of lines for each constraint: all say something, and the worst say more while there is `room`."""

    def block(violation: Violation, level: int) -> Page:
        made = new_page()
        _violation(made, violation, level)
        return made

    if room is None:
        yield from (block(violation, _EVERYTHING) for violation in violations)
        return
    blocks = [block(violation, 0) for violation in violations]
    room -= sum(len(one) for one in blocks)
    for level in range(1, _EVERYTHING):
        for position, violation in enumerate(violations):
            richer = block(violation, level)
            more = len(richer) - len(blocks[position])
            if more <= room:
                blocks[position] = richer
                room -= more
    yield from blocks


def _violation(page: Page, violation: Violation, level: int) -> None:
    """One constraint. `level` 0 names places, 1 says what is wrong, 2 what to do, then more rules, then all."""
    constraint = violation.constraint
    symbol, style = LOOK[constraint.outcome.value]
    kind = "hard" if constraint.hard else "soft"
    count = many(len(violation.findings), "finding")
    page.add(
        one_line(constraint.title, 120),
        label=f"{symbol} {one_line(constraint.id, 12)}",
        column=_INDENT,
        label_style=style,
        style="bold",
        right=f"{kind}, {count}" if violation.findings else "could not be judged",
    )
    if constraint.detail:
        page.add(one_line(constraint.detail, 600), indent=_INDENT)
    if not violation.findings:
        return
    if level == 0:
        _fitting(page, [places(violation.findings, most) for most in (3, 2, 1)], style="cyan")
        return
    rules = violation.by_rule
    shown = rules if level == _EVERYTHING else rules[: max(level - 1, 1)]
    for group in shown:
        _rule(page, group, level)
    left = rules[len(shown) :]
    if left:
        start = f"and {many(sum(map(len, left)), 'finding')} of "
        names = start + ", ".join(f"`{one_line(group[0].rule, 60)}`" for group in left)
        short = start + many(len(left), "other rule")
        _fitting(page, [names, short], style="bright_black")


def _rule(page: Page, group: tuple[ServiceFinding, ...], level: int) -> None:
    """The findings of one rule: the first in full, the places of the others."""
    full = len(group) if level == _EVERYTHING else 1
    said = ""
    for finding in group[:full]:
        where, rule = place(finding.path, finding.line) or "the running app", one_line(finding.rule, 40)
        # A path that shares its line with the rule's name stays whole, or the name moves.
        beside = _INDENT + len(where) + 2 + len(rule) <= page.width
        page.add(
            where, indent=_INDENT, style="cyan", right=rule if beside else "", right_style="bright_black"
        )
        advice = finding.help if level > 1 and finding.help != said else ""
        said = finding.help
        named = "" if beside else f"{rule}:"
        message = _beginning(finding.message) if level == 1 else finding.message
        page.add(sentences(named, message, advice), indent=_INDENT + 2)
        if level > 1:
            _trace(page, finding)
    others = group[full:]
    if others:
        listed = [f"also {places(others, most)}" for most in (5, 3, 2, 1)]
        _fitting(page, listed, style="cyan", lines=1 if level < 3 else 2)


def _beginning(message: str) -> str:
    """As much of a message as two lines hold, to the end of a word."""
    text = one_line(message)
    return text if len(text) <= _SHORT_MESSAGE else f"{text[:_SHORT_MESSAGE].rpartition(' ')[0]} …"


def _fitting(page: Page, texts: Sequence[str], *, style: str, lines: int = 1) -> None:
    """The first of the texts that fits into so many lines, or the last one."""
    room = lines * (page.width - _INDENT)
    text = next((one for one in texts if len(one) <= room), texts[-1])
    page.add(text, indent=_INDENT, style=style)


def _trace(page: Page, finding: ServiceFinding) -> None:
    """The way from the call to the line that blocks; the first step is the finding's own place."""
    own = f"{finding.path}:{finding.line} "
    steps = [step for step in finding.trace if not step.startswith(own)]
    for step in steps[:_MOST_STEPS]:
        page.add(one_line(step, 200), label="→", column=2, indent=_INDENT + 2, style="bright_black")
    if len(steps) > _MOST_STEPS:
        page.add(f"and {many(len(steps) - _MOST_STEPS, 'more step')}", indent=_INDENT + 4)


def _flexes(page: Page, report: ServiceReport, *, everything: bool) -> None:
    flexed = report.flexed_findings
    if not flexed:
        return
    page.heading("Flexed, with a reason")
    shown = flexed if everything else flexed[:_MOST_FLEXES]
    for finding in shown:
        page.add(
            f"{place(finding.path, finding.line)}: {one_line(finding.flexed or '', 200)}",
            label=one_line(finding.constraint, 12),
            column=_INDENT,
        )
    if len(flexed) > len(shown):
        page.add(f"and {len(flexed) - len(shown)} more", indent=_INDENT, style="bright_black")


def _summary(page: Page, report: ServiceReport, *, everything: bool) -> None:
    page.blank()
    kept = report.ids(lambda one: one.outcome in (ConstraintOutcome.PASSED, ConstraintOutcome.FLEXED))
    absent = report.ids(lambda one: one.outcome is ConstraintOutcome.NOT_APPLICABLE)
    if report.open_findings:
        found = f"{many(len(report.open_findings), 'finding')}, {report.hard_findings:,} hard and "
        found += f"{report.soft_findings:,} soft, in {report.files_with_findings:,} of {many(report.files, 'file')}."
        page.add(found, style="bold")
        if report.passed:
            page.add("Only hard ones fail this run (`--fail-on hard`).")
    else:
        looked = f"{many(report.files, 'file')} and {many(report.routes, 'route')}"
        page.add(f"No finding in {looked}: {many(len(kept), 'constraint')} kept.", style="bold")
    if kept and report.open_findings:
        page.add(f"Kept: {' '.join(kept)}.")
    if absent:
        page.add(f"Nothing here that {' '.join(absent)} could speak of.")
    use = report.baseline
    if use is not None:
        stale = f"; {many(use.stale, 'entry is', 'entries are')} stale" if use.stale else ""
        page.add(
            f"{many(use.known, 'known finding', 'known findings')} in the baseline `{one_line(use.file, 200)}`{stale}."
        )
    if report.open_findings and not everything:
        page.add("`--all` shows every finding in full, `--format json` gives them to a program.")
