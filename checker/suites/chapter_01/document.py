"""Reading an OpenAPI document: its operations, the fields of a schema, and whether a body fits one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Path, method in small letters, and operation."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def find_operation(document: Json, method: str, path: str) -> tuple[str, Json] | None:
    """The path as documented and the operation that a request to `path` reaches, or None."""
    candidates = [
        (known, operation) for known, name, operation in operations(document) if name == method.lower()
    ]
    for known, operation in sorted(candidates, key=lambda pair: pair[0].count("{")):
        pattern = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", known)
        )
        if re.fullmatch(pattern, path):
            return known, operation
    return None


def documented(operation: Json, status: int) -> Json | None:
    """What the document says of this status: named, as a range such as `4XX`, or as `default`."""
    responses = operation.get("responses", {})
    for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
        if key in responses:
            found: Json = responses[key]
            return found
    return None


def json_schema(response: Json) -> Json | None:
    """The schema of a documented reply's JSON body, or None where no body is documented."""
    for kind, content in response.get("content", {}).items():
        if "json" in kind:
            schema: Json = content.get("schema", {})
            return schema
    return None


def reply_schema(operation: Json) -> Json | None:
    """The schema of the first 2xx reply that has a body."""
    for status, response in sorted(operation.get("responses", {}).items()):
        if status.startswith("2") and (schema := json_schema(response)) is not None:
            return schema
    return None


def resolve(schema: Json, document: Json) -> Json:
    """Follow `$ref`s inside the document."""
    for _ in range(20):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            break
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target.get(part, {}) if isinstance(target, dict) else {}
        schema = target
    return schema


def names_of(schema: Json, document: Json, depth: int = 0) -> set[str]:
    """Every field that a body of this schema may hold, nested ones included."""
    schema = resolve(schema, document)
    if depth > 12:
        return set()
    names: set[str] = set()
    for name, inner in schema.get("properties", {}).items():
        names |= {name} | names_of(inner, document, depth + 1)
    parts = [part for key in ("anyOf", "oneOf", "allOf", "prefixItems") for part in schema.get(key, ())]
    parts += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    for part in parts:
        names |= names_of(part, document, depth + 1)
    return names


def is_empty(schema: Json, document: Json) -> bool:
    """The schema says nothing about the body."""
    schema = resolve(schema, document)
    return not any(
        key in schema for key in ("type", "properties", "items", "anyOf", "oneOf", "allOf", "enum", "const")
    )


def fits(value: Any, schema: Json, document: Json, depth: int = 0) -> bool:
    """The value has the shape of the schema: kinds, required fields, fields that it forbids."""
    schema = resolve(schema, document)
    if depth > 12:
        return True
    for key, needed in (("anyOf", any), ("oneOf", any), ("allOf", all)):
        if key in schema and not needed(fits(value, part, document, depth + 1) for part in schema[key]):
            return False
    kinds = schema.get("type", ())
    names = (kinds,) if isinstance(kinds, str) else kinds
    if names and not any(_is(value, name) for name in names):
        return False
    if isinstance(value, dict):
        return _object_fits(value, schema, document, depth)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return all(fits(one, schema["items"], document, depth + 1) for one in value)
    return True


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind in ("integer", "number"):
        return False
    return isinstance(value, _KINDS.get(kind, (object,)))


def _object_fits(value: dict[str, Any], schema: Json, document: Json, depth: int) -> bool:
    properties = schema.get("properties", {})
    if any(name not in value for name in schema.get("required", ())):
        return False
    if schema.get("additionalProperties") is False and value.keys() - properties.keys():
        return False
    return all(
        fits(value[name], inner, document, depth + 1) for name, inner in properties.items() if name in value
    )


def body_examples(operation: Json, document: Json) -> list[Any]:
    """Every example of the JSON body, wherever it stands: on the body, in the schema, or on its fields."""
    examples: list[Any] = []
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if "json" not in kind:
            continue
        outer = content.get("schema", {})
        schema = resolve(outer, document)
        examples += [one["value"] for one in content.get("examples", {}).values() if "value" in one]
        examples += [place["example"] for place in (content, outer, schema) if "example" in place]
        examples += [
            one
            for place in {id(outer): outer, id(schema): schema}.values()
            for one in place.get("examples", ())
        ]
        fields = schema.get("properties", {})
        if not examples and all(fields.get(name, {}).get("examples") for name in schema.get("required", ())):
            by_field = {name: field["examples"][0] for name, field in fields.items() if field.get("examples")}
            examples += [by_field] if by_field else []
    return examples
