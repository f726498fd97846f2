"""`--format html`: one file that needs nothing else, for reading, printing and handing in."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from checker.models.load import LoadDetail, read_load_detail
from checker.models.report import Check, Fault, Finding, MetricResult, Report
from checker.report._latency import Picture, draw_latencies
from checker.report._plain import (
    chapter_name,
    clean,
    link,
    many,
    measure,
    number,
    one_line,
    place,
    places,
    request_line,
    shorten,
    telling_headers,
    value_lines,
)

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

NAME = "html"

_CODE = re.compile(r"`([^`\n]+)`")
_VALUE_LINES = 80
_MOST_CHARACTERS = 4000
# A file that a browser opens at once, whatever was graded.
_MOST_FINDINGS = 200
_MOST_PLACES = 60
_WORDS = {"not-applicable": "not applicable", "error": "could not tell"}


def render(report: Report) -> str:
    """The report as one HTML document with inline style, no script and no request."""
    template = _environment().get_template("report.html.j2")
    return template.render(report=report, most_findings=_MOST_FINDINGS, most_places=_MOST_PLACES)


@cache
def _environment() -> Environment:
    # Jinja takes longer to import than the other formats take to render.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("checker.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters |= {
        "prose": _prose,
        "line": one_line,
        "value": _value,
        "place": _place,
        "link": link,
        "number": number,
        "word": _word,
        "many": many,
        "chapter_name": chapter_name,
        "request_line": request_line,
        "telling_headers": telling_headers,
        "places": places,
        "load": _load,
        "picture": _picture,
        "measured": _measured,
        "target": _target,
    }
    return environment


def _finalize(value: Any) -> Any:
    # The last gate: whatever the template prints, no control character reaches the file.
    from markupsafe import Markup

    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _prose(text: str) -> Markup:
    """Authored text: code in backticks becomes `<code>`, everything else is escaped."""
    from markupsafe import Markup, escape

    parts: list[Markup] = []
    end = 0
    safe = clean(shorten(text, _MOST_CHARACTERS))
    for found in _CODE.finditer(safe):
        parts += [escape(safe[end : found.start()]), Markup("<code>{}</code>").format(found[1])]
        end = found.end()
    return Markup("").join([*parts, escape(safe[end:])])


def _value(value: Any) -> str:
    return shorten("\n".join(value_lines(value, width=90, limit=_VALUE_LINES)), _MOST_CHARACTERS)


def _place(thing: Check | Fault | Finding) -> str:
    return place(thing.path, thing.line)


def _word(outcome: StrEnum) -> str:
    return _WORDS.get(outcome.value, outcome.value)


def _load(metric: MetricResult) -> LoadDetail | None:
    return read_load_detail(metric.detail)


def _picture(metric: MetricResult) -> Picture | None:
    load = read_load_detail(metric.detail)
    return None if load is None else draw_latencies(load, metric.target, one_line(metric.unit, 20))


def _measured(metric: MetricResult) -> str:
    return measure(metric.value, metric.unit, beside=metric.target)


def _target(metric: MetricResult) -> str:
    return "" if metric.target is None else measure(metric.target, metric.unit)
