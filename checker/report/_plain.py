"""Text that is safe to show: what learners and their apps wrote, without what could drive a terminal."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from checker.models.report import Finding, SentRequest
from checker.models.service import ServiceReport

# Strings of a terminal's control language go whole, so that their letters do not stay behind as litter.
_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[PX^_\]][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC and its kin: titles, links, clipboard
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-~]"
)
# C0 and C1 controls, and the marks that make a line read in another order than it was written.
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_UNPAIRED = re.compile(r"[\ud800-\udfff]")
# What every client sends says nothing about the check that failed.
_USUAL_HEADERS = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "host", "user-agent", "content-type"}
)
_LINK = re.compile(r"https?://[^\s<>\"'`]+")

LOOK = {
    "passed": ("✓", "green"),
    "failed": ("✗", "red"),
    "error": ("!", "yellow"),
    "skipped": ("–", "bright_black"),
    "flexed": ("~", "yellow"),
    "not-applicable": ("·", "bright_black"),
    "inconclusive": ("?", "yellow"),
}
"""The symbol and the style of each outcome."""


def clean(text: str) -> str:
    """The text without control sequences; newlines stay, tabs become four spaces."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    text = _SEQUENCES.sub("", text)
    return _UNPAIRED.sub("\ufffd", _CONTROLS.sub("", text))


def one_line(text: str, limit: int = 400) -> str:
    """The beginning of the cleaned text on one line, at most `limit` characters and an ellipsis."""
    head = " ".join(clean(text[: 4 * limit]).split())
    if len(head) > limit or len(text) > 4 * limit:
        return f"{head[:limit].rstrip()} …"
    return head


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters of the text, and how many were left off."""
    if len(text) <= limit:
        return text
    return f"{text[:limit].rstrip()} … ({len(text) - limit:,} more characters)"


def value_lines(value: Any, *, width: int, limit: int) -> list[str]:
    """A value of a check as lines: text as it is, anything else as JSON, on one line where it fits `width`.

    At most `limit` lines; the last one says how many were left off.
    """
    if value is None:
        return ["null (nothing)"]
    text = value if isinstance(value, str) else _as_json(value, width)
    # Twenty times the room is more than will be shown and keeps a body of 100 kB cheap.
    room = max(width, 40) * limit * 20
    cut = len(text) - room
    lines = clean(text[:room]).split("\n")
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    if len(lines) > limit:
        return [*lines[:limit], f"… {len(lines) - limit:,} more lines"]
    if cut > 0:
        lines.append(f"… {cut:,} more characters")
    return lines


def _as_json(value: Any, width: int) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
        if len(text) > width:
            text = json.dumps(value, ensure_ascii=False, indent=2)
    except (TypeError, ValueError, RecursionError):
        # Not JSON, or nested without end: a bounded picture of it is enough to read.
        return reprlib.repr(value)
    return text


def request_line(request: SentRequest) -> str:
    """Method and path with the query; the server's random address says nothing."""
    method, url = one_line(request.method, 20), one_line(request.url, 2000)
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{method} {url}"
    if not parts.scheme or not parts.netloc:
        return f"{method} {url}"
    return f"{method} {parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def telling_headers(request: SentRequest) -> list[str]:
    """The headers that a test chose, as `name: value`."""
    return [
        f"{one_line(name, 60)}: {one_line(value, 200)}"
        for name, value in list(request.headers.items())[:20]
        if name.lower() not in _USUAL_HEADERS
    ]


def place(path: str | None, line: int | None) -> str:
    """`path:line` as editors open it; empty where neither is known."""
    if not path:
        return f"line {line}" if line else ""
    return f"{one_line(path, 200)}:{line}" if line else one_line(path, 200)


def number(value: float) -> str:
    """A number as people write it: at most one decimal, none where it is zero."""
    text = f"{value:,.1f}"
    return text.removesuffix(".0")


def measure(value: float | None, unit: str, *, beside: float | None = None) -> str:
    """A number with its unit; a dash where nothing was measured.

    Shown with more decimals where it would look equal to the number that it stands `beside`.
    """
    if value is None:
        return "–"
    text = number(value)
    if beside is not None and value != beside and text == number(beside):
        text = f"{value:,.3f}"
    unit = one_line(unit, 20)
    return f"{text} {unit}" if unit else text


def many(count: int, one: str, more: str | None = None) -> str:
    """`1 finding`, `2 findings`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def places(findings: Sequence[Finding], most: int) -> str:
    """`path:line` of each finding, lines of one file together; after `most` places, how many more there are."""
    parts: list[str] = []
    last: str | None = None
    for finding in findings[:most]:
        if finding.path and finding.line and finding.path == last:
            parts[-1] += f", {finding.line}"
        else:
            parts.append(place(finding.path, finding.line) or "the running app")
        last = finding.path
    more = len(findings) - most
    return "; ".join(parts) + (f"; and {more:,} more" if more > 0 else "")


def sentences(*texts: str) -> str:
    """The texts that say something, one after the other on one line."""
    return " ".join(one_line(text, 600) for text in texts if clean(text).strip())


def with_prefix(report: ServiceReport, prefix: str) -> ServiceReport:
    """The report with `prefix` before every path, for readers who are in another folder."""
    if not prefix:
        return report
    return replace(
        report,
        findings=tuple(
            replace(f, path=f.path and prefix + f.path, trace=tuple(prefix + step for step in f.trace))
            for f in report.findings
        ),
        faults=tuple(replace(fault, path=fault.path and prefix + fault.path) for fault in report.faults),
    )


def link(text: str | None) -> str | None:
    """The text where it is a plain web address, else None: nothing else becomes a link."""
    if text is None or not _LINK.fullmatch(text) or len(text) > 500 or clean(text) != text:
        return None
    return text


def chapter_name(report_chapter: str) -> str:
    """`Chapter 4` for `chapter-04`; any other name as it is."""
    match = re.fullmatch(r"chapter-0*(\d+)", report_chapter)
    return f"Chapter {match[1]}" if match else one_line(report_chapter, 60)
