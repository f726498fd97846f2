"""What the OpenAPI document of the running app says about a parameter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checker.models.facts import AppFacts, RouteFact
from checker.source import Function, Project

_LOWER = frozenset({"minimum", "exclusiveMinimum", "enum", "const"})
_UPPER = frozenset({"maximum", "exclusiveMaximum", "enum", "const"})


def documented_bounds(
    function: Function, name: str, project: Project, facts: AppFacts
) -> tuple[bool, bool] | None:
    """Whether a query parameter has a lower and an upper bound wherever the function takes it; None where nobody can tell.

    The function is a path operation or a dependency; the document must show the parameter in each of its routes.
    """
    found = []
    for route in facts.routes:
        if not _takes(route, function, project):
            continue
        schemas = list(_schemas(route, name, facts))
        if not schemas:
            return None
        found += schemas
    if not found:
        return None
    return all(_has(schema, _LOWER) for schema in found), all(_has(schema, _UPPER) for schema in found)


def _takes(route: RouteFact, function: Function, project: Project) -> bool:
    sites = [route.site, *(dependency.site for dependency in route.dependencies)]
    return any(site is not None and project.function_at(site.path, site.line) is function for site in sites)


def _schemas(route: RouteFact, name: str, facts: AppFacts) -> Iterator[dict[str, Any]]:
    paths = (facts.openapi or {}).get("paths")
    operations = paths.get(route.path) if isinstance(paths, dict) else None
    for method in route.methods:
        operation = operations.get(method.lower()) if isinstance(operations, dict) else None
        parameters = operation.get("parameters") if isinstance(operation, dict) else None
        for parameter in parameters if isinstance(parameters, list) else ():
            if not isinstance(parameter, dict) or parameter.get("in") != "query":
                continue
            schema = parameter.get("schema")
            if parameter.get("name") == name and isinstance(schema, dict):
                yield schema


def _has(schema: dict[str, Any], keys: frozenset[str]) -> bool:
    """Whether every number that the schema lets through is bounded; references are followed by nobody and count as bounded."""
    either = schema.get("anyOf")
    if isinstance(either, list):
        return all(_has(one, keys) for one in either if isinstance(one, dict) and one.get("type") != "null")
    return bool(keys & schema.keys()) or "$ref" in schema or "allOf" in schema
