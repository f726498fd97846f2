"""One module a format: each has a `NAME` and a `render(report) -> str`, and computes nothing.

A new format is one new file here; nothing else lists them. Modules that begin with `_` are helpers.
"""

from __future__ import annotations

import inspect
import pkgutil
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from checker.models.report import Report
from checker.report._plain import clean, one_line

__all__ = ["DEFAULT", "Reporter", "clean", "formats", "one_line", "render"]

DEFAULT = "text"


class Reporter(Protocol):
    """What a module of this package offers.

    `render` may name any of `width`, `colour` and `ascii` as keyword arguments; it gets those that it names.
    """

    NAME: str

    def render(self, report: Report) -> str:
        """The whole report in this format, ending with a newline."""
        ...


def formats() -> tuple[str, ...]:
    """The names that `--format` takes, the default first."""
    return tuple(sorted(_reporters(), key=lambda name: (name != DEFAULT, name)))


def render(format: str, report: Report, *, width: int = 80, colour: bool = False, ascii: bool = False) -> str:
    """The report in one of `formats()`.

    `width` (columns), `colour` and `ascii` describe the screen; formats that are no text ignore them.
    Raises `LookupError` for an unknown format.
    """
    reporter = _reporters().get(format)
    if reporter is None:
        raise LookupError(f"There is no report format `{format}`; choose one of {', '.join(formats())}.")
    screen = {"width": width, "colour": colour, "ascii": ascii}
    named = inspect.signature(reporter.render).parameters
    return reporter.render(report, **{name: value for name, value in screen.items() if name in named})


@cache
def _reporters() -> dict[str, Reporter]:
    found: dict[str, Reporter] = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            reporter = cast(Reporter, import_module(f"{__name__}.{module.name}"))
            found[reporter.NAME] = reporter
    return found
