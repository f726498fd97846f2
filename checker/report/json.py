"""`--format json`: a report as data, and the JSON Schema that describes it.

Fields are added, never renamed. `schema_version` counts changes that a reader of version 1 could not follow, for the
report of a chapter and for that of `check app` alike:

1   the first
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import reprlib
from typing import Any

import msgspec

from checker.models.report import SCHEMA_VERSION, Report
from checker.models.service import SERVICE_SCHEMA_VERSION, ServiceReport

NAME = "json"

# A value that was sent or received may nest without end; nobody reads past this.
_DEEPEST = 60
_RAW_CONTROLS = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def render(report: Report) -> str:
    """The report as indented JSON, ending with a newline."""
    return _text(report)


def render_service(report: ServiceReport) -> str:
    """The report of `check app` as indented JSON, ending with a newline."""
    return _text(report)


def _text(report: Report | ServiceReport) -> str:
    try:
        raw = msgspec.json.encode(report)
    except (TypeError, ValueError, RecursionError):
        # Unpaired surrogates, endless nesting or foreign objects in what an app sent back.
        raw = msgspec.json.encode(_tame(report, 0))
    text = msgspec.json.format(raw, indent=2).decode()
    # JSON allows these raw; a terminal would obey some of them.
    return _RAW_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _tame(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, bool | int | float):
        return value
    if dataclasses.is_dataclass(value):
        return {
            field.name: _tame(getattr(value, field.name), depth + 1) for field in dataclasses.fields(value)
        }
    if isinstance(value, dict):
        return {
            _tame(key if isinstance(key, str) else reprlib.repr(key), depth): _tame(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_tame(item, depth + 1) for item in value]
    return _tame(reprlib.repr(value), depth)


def report_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `render` writes; further fields are allowed everywhere."""
    return _schema(Report, SCHEMA_VERSION, "The report of `check CHAPTER --format json`")


def service_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `render_service` writes; further fields are allowed everywhere."""
    return _schema(ServiceReport, SERVICE_SCHEMA_VERSION, "The report of `check app PATH --format json`")


def _schema(kind: type[Report | ServiceReport], version: int, title: str) -> dict[str, Any]:
    generated = msgspec.json.schema(kind)
    definitions: dict[str, dict[str, Any]] = generated["$defs"]
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
        properties: dict[str, dict[str, Any]] = definition.get("properties", {})
        for content in properties.values():
            content.pop("default", None)
        if properties:
            # A report always holds every field, also those that the classes have a default for.
            definition["required"] = list(properties)
    definitions[kind.__name__]["properties"]["schema_version"] = {"const": version}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **generated}


def schema_texts() -> dict[str, str]:
    """The files of `docs/schema/` as they must stand, by name."""
    return {
        f"{name}.schema.json": msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
        for name, schema in (("report", report_schema()), ("service", service_schema()))
    }
