"""`--format github`: workflow commands, which GitHub Actions shows as annotations on the changed lines."""

from __future__ import annotations

from collections.abc import Iterator

from checker.models.report import Fault
from checker.models.service import ServiceFinding, ServiceReport
from checker.report._plain import clean, many, one_line, place, with_prefix

NAME = "github"

# GitHub shows ten annotations of a level for each step, and drops the others without a word.
_MOST = 10


def render_service(report: ServiceReport, *, repository: str = "") -> str:
    """Annotations for the findings, the worst of each constraint first, then every other finding as a plain line."""
    return "\n".join(_lines(with_prefix(report, repository))) + "\n"


def _lines(report: ServiceReport) -> Iterator[str]:
    room = {"error": _MOST, "warning": _MOST}
    left: list[ServiceFinding] = []
    for fault in report.unread:
        if room["error"]:
            room["error"] -= 1
            yield _fault(fault)
    for finding in report.in_turns:
        level = "error" if report.is_hard(finding.constraint) else "warning"
        if room[level]:
            room[level] -= 1
            yield _annotation(level, finding)
        else:
            left.append(finding)
    for finding in sorted(left, key=lambda f: (f.path or "", f.line or 0)):
        where = place(finding.path, finding.line) or "the running app"
        yield _plain(f"{where}: {finding.constraint} {finding.rule}: {finding.message}")
    yield _summary(report, len(left))


def _annotation(level: str, finding: ServiceFinding) -> str:
    title = f"{finding.constraint} {finding.rule}"
    column = finding.column + 1 if finding.column is not None else None
    message = f"{finding.message} {finding.help}".strip()
    return _command(level, message, file=finding.path, line=finding.line, col=column, title=title)


def _fault(fault: Fault) -> str:
    return _command("error", fault.message, file=fault.path, line=fault.line, title="Not read")


def _summary(report: ServiceReport, left: int) -> str:
    verdict = "passed" if report.passed else "not passed"
    text = (
        f"check app: {verdict}, {many(report.hard_findings, 'hard finding')} and "
        f"{many(report.soft_findings, 'soft finding')} in {many(report.files, 'file')}"
    )
    if left:
        text += f"; {left:,} of them stand in the log of this step and have no annotation of their own"
    if report.baselined:
        text += f"; {many(report.baselined, 'known finding')} in the baseline"
    if not report.app_ran and report.app_reason:
        text += f"; the app did not run: {report.app_reason}"
    return _command("notice", text, title="check app")


def _command(level: str, message: str, **properties: str | int | None) -> str:
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value is not None)
    return f"::{level}{' ' if named else ''}{named}::{_data(clean(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str | int) -> str:
    return _data(clean(str(value))).replace(":", "%3A").replace(",", "%2C")


def _plain(text: str) -> str:
    # Neither a path nor a message may be read as a command, in the new way of writing or the old one.
    return f"- {one_line(text, 600)}".replace("##[", "# #[")
