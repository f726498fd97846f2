"""One module a format: each has a `NAME` and a function for each kind of report that it can write.

`render(report) -> str` writes the report of a chapter, `render_service(report) -> str` that of `check app`; a
reporter computes nothing. A new format is one new file here; nothing else lists them. Modules that begin with `_`
are helpers.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, cast

from checker.models.report import Report
from checker.models.service import RulePage, ServiceReport
from checker.report._plain import clean, one_line

__all__ = ["DEFAULT", "clean", "formats", "one_line", "render"]

DEFAULT = "text"

_FUNCTIONS: dict[type[Report | ServiceReport], str] = {
    Report: "render",
    ServiceReport: "render_service",
}


def formats(kind: type[Report | ServiceReport] = Report) -> tuple[str, ...]:
    """The names that `--format` takes for this kind of report, the default first."""
    able = (name for name, module in _reporters().items() if hasattr(module, _FUNCTIONS[kind]))
    return tuple(sorted(able, key=lambda name: (name != DEFAULT, name)))


def render(
    format: str,
    report: Report | ServiceReport,
    *,
    width: int = 80,
    colour: bool = False,
    ascii: bool = False,
    everything: bool = False,
    here: str = "",
    repository: str = "",
    rules: Sequence[RulePage] = (),
) -> str:
    """The report in one of `formats(type(report))`; a reporter's function gets those arguments that it names.

    `width` (columns), `colour` and `ascii` describe the screen. `everything` shows what a person would have to
    scroll for. `here` and `repository` stand before a path for who reads in the current folder, or at the
    repository's root. `rules` are the pages of the rules. Raises `LookupError` for an unknown format.
    """
    module = _reporters().get(format)
    function = cast(Callable[..., str] | None, getattr(module, _FUNCTIONS[type(report)], None))
    if function is None:
        known = ", ".join(formats(type(report)))
        raise LookupError(f"There is no report format `{format}`; choose one of {known}.")
    offered: dict[str, Any] = {
        "width": width,
        "colour": colour,
        "ascii": ascii,
        "everything": everything,
        "here": here,
        "repository": repository,
        "rules": rules,
    }
    named = inspect.signature(function).parameters
    return function(report, **{name: value for name, value in offered.items() if name in named})


@cache
def _reporters() -> dict[str, ModuleType]:
    found: dict[str, ModuleType] = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            reporter = import_module(f"{__name__}.{module.name}")
            found[reporter.NAME] = reporter
    return found
