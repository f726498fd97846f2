"""Page sizes and offsets: whether the value gets anywhere, and which fields of models have no bounds."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from checker.constraints.body_fields import has_validator, type_beside_none
from checker.constraints.flow import (
    carriers,
    is_checked,
    last_name,
    own_expressions,
    parameter_for,
    reads,
    statements,
)
from checker.constraints.inputs import Input, Place, bounds_of, is_whole_number
from checker.constraints.paging_names import (
    is_perhaps_paging,
    is_sampling,
    is_surely_paging,
    missing_bounds,
)
from checker.source import Call, Class, Function, Project
from checker.source.model import Binding

_LIMITS = frozenset({"limit", "fetchmany", "head", "sample", "to_list"})
_LIMIT_KEYWORDS = frozenset(
    {
        "limit",
        "page_size",
        "per_page",
        "max_results",
        "top_k",
        "k",
        "n_results",
        "num_results",
        "length",
        "first",
    }
)
_STORED = re.compile(r"(Create|Update|Patch|Config|Settings|Quota)")
"""Models of what is kept, whose `limit` is a value like any other."""
_PAGE_MODEL = re.compile(r"Paging|Paginat|Page[A-Z_]|Page$|Cursor")
_ECHO = frozenset({
    "str", "int", "print", "info", "debug", "warning", "error", "append", "isinstance", "range", "min", "max",
})  # fmt: skip
_FURTHEST = 2
_LISTS = frozenset({"builtins.list", "typing.List", "typing.Sequence", "collections.abc.Sequence"})


def is_clamped(function: Function, name: str, missing: str) -> bool:
    """`min(limit, 100)`: the size is cut, or `max(offset, 0)`: the open end is."""
    used = {last_name(c.node) for c in function.calls if any(reads(a, {name}) for a in c.node.args)}
    return ("max" if missing == "lower bound" else "min") in used


def reaches_query(function: Function, name: str, *, sometimes: bool | None = None, depth: int = 0) -> bool:
    """Whether the value gets to a slice, a query or any other code beyond an echo; `body.limit` is a field of a model."""
    # What the project's own functions make of it is looked for in them; one that checks or cuts it ends the matter.
    followed = {id(call.node): call for call in function.calls if _is_followed(call)}
    everything = carriers(function, name)
    ended = frozenset(key for key, call in followed.items() if _ends_in(call, everything))
    ended |= {id(call.node) for call in function.calls if _is_bounded_by_library(call)}
    names = carriers(function, name, stop=ended)
    if sometimes is None:
        sometimes = is_perhaps_paging(name.rpartition(".")[2])
    found = (
        _reaches_limit(function, names)
        if sometimes
        else _reaches_code(function, names, followed.keys(), ended)
    )
    if not found and not sometimes:
        found = _is_spread(function, name, names)
    return found or _reaches_further(function, name, names, sometimes, depth, ended)


def _is_bounded_by_library(call: Call) -> bool:
    """`Params(size=limit)` of a library whose model takes a hundred at most."""
    target = call.target.removesuffix(".__init__")
    return target.startswith("fastapi_pagination.") and target.endswith("Params")


def _is_spread(function: Function, name: str, names: set[str]) -> bool:
    """`find(**params)` after `params["limit"] = body.limit`, or `find(**body.model_dump())`."""
    holders = {
        s.target.id
        for s in function.stores
        if not s.attribute
        and isinstance(s.target, ast.Name)
        and s.value is not None
        and reads(s.value, names)
    }
    model = name.rpartition(".")[0]
    spread = [k.value for call in function.calls for k in call.node.keywords if k.arg is None]
    dumped = carriers(function, model, through=_DUMPS) - {model} if model else set()
    return any(
        (isinstance(value, ast.Name) and value.id in holders | dumped)
        or (model and isinstance(value, ast.Call) and reads(value, {model}, _DUMPS))
        for value in spread
    )


_DUMPS = frozenset({"model_dump", "dict"})


def _ends_in(call: Call, names: set[str]) -> bool:
    """Whether the function that a call hands the value to checks or cuts it."""
    callee = call.callee
    for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
        parameter = (
            parameter_for(argument, call, callee) if callee is not None and reads(argument, names) else ""
        )
        if callee is not None and parameter and _is_bounded(callee, parameter):
            return True
    return False


def _is_bounded(function: Function, name: str) -> bool:
    return is_checked(function, {name}, counts=False) or any(
        is_clamped(function, name, f"{end} bound") for end in ("upper", "lower")
    )


def _is_followed(call: Call) -> bool:
    callee = call.callee
    return callee is not None and not callee.is_abstract and not callee.name.endswith("__init__")


def _reaches_further(
    function: Function, name: str, names: set[str], sometimes: bool, depth: int, ended: frozenset[int]
) -> bool:
    """The same in the functions of the project that get the value, or the model with it."""
    for call in function.calls:
        several = call.callee is None or call.callee.is_abstract
        for callee in call.callees if several else (call.callee,):
            if callee is None or callee.is_abstract:
                continue
            for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
                field = _field_within(argument, name)
                if not field and not reads(argument, names, stop=ended):
                    continue
                parameter = parameter_for(argument, call, callee)
                if not parameter or depth >= _FURTHEST:
                    # Too far to see: a name that speaks of a page is taken at its word.
                    if not sometimes and not field and _is_followed(call):
                        return True
                    continue
                given = f"{parameter}.{field}" if field else parameter
                if _is_bounded(callee, given):
                    continue
                if reaches_query(callee, given, sometimes=sometimes, depth=depth + 1):
                    return True
    return False


def _field_within(argument: ast.expr, name: str) -> str:
    """`pagination.first` where the argument is `body` and the value is `body.pagination.first`."""
    if not isinstance(argument, (ast.Name, ast.Attribute)):
        return ""
    holder = ast.unparse(argument)
    return name.removeprefix(f"{holder}.") if name.startswith(f"{holder}.") else ""


def _reaches_code(
    function: Function, names: set[str], followed: Collection[int], ended: frozenset[int]
) -> bool:
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if _cuts(node, names):
                    return True
                if (
                    isinstance(node, ast.Call)
                    and id(node) not in followed
                    and _is_reached(node, names, ended)
                ):
                    return True
        if isinstance(statement, ast.Assign) and _keeps(statement, names, ended):
            return True
        answer = statement.value if isinstance(statement, ast.Return) else None
        if isinstance(answer, (ast.Tuple, ast.Dict)) and reads(answer, names, stop=ended):
            return True
    return any(isinstance(s.value, ast.Name) and s.value.id in names for s in function.stores if s.attribute)


def _keeps(statement: ast.Assign, names: set[str], ended: frozenset[int]) -> bool:
    """`self.skip, self.limit = skip, limit`."""
    target, value = statement.targets[0], statement.value
    return (
        isinstance(target, ast.Tuple)
        and any(isinstance(part, ast.Attribute) for part in target.elts)
        and reads(value, names, stop=ended)
    )


def _is_reached(call: ast.Call, names: set[str], ended: frozenset[int]) -> bool:
    last = last_name(call)
    if last in _ECHO or last[:1].isupper():
        return False
    return any(reads(a, names, stop=ended) for a in [*call.args, *(k.value for k in call.keywords)])


def _cuts(node: ast.AST, names: set[str]) -> bool:
    """`rows[skip : skip + limit]`."""
    parts = (node.lower, node.upper) if isinstance(node, ast.Slice) else ()
    return any(part is not None and reads(part, names) for part in parts)


def _reaches_limit(function: Function, names: set[str]) -> bool:
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if _cuts(node, names) or _sizes_search(node, names):
                    return True
                if not isinstance(node, ast.Call):
                    continue
                if last_name(node) in _LIMITS and any(reads(a, names) for a in node.args):
                    return True
                if any(k.arg in _LIMIT_KEYWORDS and reads(k.value, names) for k in node.keywords):
                    return True
    return False


_OF_SEARCH = frozenset(
    {"query", "from", "from_", "field", "fuzzy", "sort", "aggs", "contexts", "_source", "search_after", "knn"}
)


def _sizes_search(node: ast.AST, names: set[str]) -> bool:
    """`{"field": "name", "size": size}`, as a search engine is asked."""
    if not isinstance(node, ast.Dict):
        return False
    keys = {
        k.value: value for k, value in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)
    }
    return "size" in keys and bool(_OF_SEARCH & keys.keys()) and reads(keys["size"], names)


def paging_model(given: Input, project: Project) -> Class | None:
    """The model that FastAPI fills from the request; `Annotated[Paging, Depends()]` is filled from the query."""
    if given.place not in {Place.QUERY, Place.BODY, Place.DEPENDENCY}:
        return None
    if not isinstance(given.type, (ast.Name, ast.Attribute)):
        return None
    if given.place is Place.DEPENDENCY and any(isinstance(m, ast.Call) and m.args for m in given.metadata):
        return None
    value = project.names.evaluate(given.type, given.scope)
    if value is None or not isinstance(value.item, Class):
        return None
    is_filled = project.names.is_a(value, "pydantic.BaseModel") or (
        given.place is Place.DEPENDENCY and _is_dataclass(value.item, project)
    )
    return value.item if is_filled else None


def _is_dataclass(made: Class, project: Project) -> bool:
    for decorator in made.node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        if project.names.qualify(named, made.module.scope).rpartition(".")[2] == "dataclass":
            return "__post_init__" not in made.functions
    return False


def unbounded_fields(
    model: Class, given: Input, function: Function, project: Project
) -> Iterator[tuple[str, Binding, Class, str]]:
    """The sizes and offsets of a model that have no bounds: name, field, the class that declares it, what is missing.

    A body may have them in a model of its own, `body.pagination.first`.
    """
    yield from _unbounded_in(model, _Held(given.name), given.place is Place.BODY, function, project, 0)


class _Held(NamedTuple):
    """What carries a model: a name such as `body.pagination`, or a list of such models, which is followed as a whole."""

    name: str
    several: bool = False


def _unbounded_in(
    model: Class, holder: _Held, in_body: bool, function: Function, project: Project, depth: int
) -> Iterator[tuple[str, Binding, Class, str]]:
    if in_body and _STORED.search(model.node.name):
        return
    lineage = project.names.lineage(model)[0]
    fields = {name for step in lineage for name in step.bindings}
    speaks_of_pages = depth > 0 and bool(_PAGE_MODEL.search(model.node.name))
    for step in lineage:
        for name, bindings in step.bindings.items():
            if len(bindings) != 1 or bindings[0].annotation is None or has_validator(model, name, project):
                continue
            inner = _inner_model(bindings[0], step, project) if in_body and depth < _FURTHEST else None
            if inner is not None:
                made, several = inner
                below = _Held(f"{holder.name}.{name}", several or holder.several)
                if not holder.several:
                    yield from _unbounded_in(made, below, in_body, function, project, depth + 1)
            if not is_surely_paging(name) and not (speaks_of_pages and is_perhaps_paging(name)):
                continue
            missing = _missing_in_field(name, bindings[0], step, project)
            if not missing or is_sampling(name, fields):
                continue
            source = holder.name if holder.several else f"{holder.name}.{name}"
            if in_body and (
                is_checked(function, {source}, counts=False)
                or not reaches_query(function, source, sometimes=False)
            ):
                continue
            yield name, bindings[0], step, missing


def library_sizes(project: Project) -> Iterator[tuple[str, Binding, Class, str]]:
    """The sizes that a class of the project declares anew on the parameters of `fastapi_pagination`, and loses the bounds of."""
    for module in project.service_modules:
        for made in module.classes:
            libraries = project.names.lineage(made)[1]
            if not any(n.startswith("fastapi_pagination.") and n.endswith("Params") for n in libraries):
                continue
            for name in ("size", "limit", "page", "offset"):
                for binding in made.bindings.get(name, [])[:1]:
                    missing = _missing_in_field(name, binding, made, project)
                    if missing and not has_validator(made, name, project):
                        yield name, binding, made, missing


def field_is_open(model: Class, name: str, project: Project) -> bool:
    """Whether a class that is made by hand takes any number for a field: no bounds, no validator, no code of its own."""
    lineage, libraries = project.names.lineage(model)
    if any("__init__" in s.functions or "__post_init__" in s.functions for s in lineage):
        return False
    if "pydantic.BaseModel" not in libraries and not _is_dataclass(model, project):
        return False
    if has_validator(model, name, project):
        return False
    for step in lineage:
        if bindings := step.bindings.get(name, []):
            return len(bindings) == 1 and bool(_missing_in_field(name, bindings[0], step, project))
    return False


def field_is_bounded(model: Class, name: str, project: Project) -> bool:
    """Whether a Pydantic model that is made by hand refuses numbers out of bounds for a field."""
    lineage, libraries = project.names.lineage(model)
    fields = [(step, b) for step in lineage for b in step.bindings.get(name, []) if b.annotation is not None]
    if "pydantic.BaseModel" not in libraries or not fields:
        return False
    step, field = fields[0]
    return (
        not _missing_in_field(name, field, step, project)
        and ast.unparse(field.annotation or ast.Constant(value=None)) not in _PLAIN
    )


_PLAIN = frozenset({"int", "int | None", "Optional[int]"})


def _inner_model(binding: Binding, model: Class, project: Project) -> tuple[Class, bool] | None:
    """The model that a field holds: `pagination: Pagination`, with or without `| None`; with whether it holds a list of them."""
    found = type_beside_none(binding, model, project)
    if found is None:
        return None
    annotation, scope = found
    several = (
        isinstance(annotation, ast.Subscript) and project.names.qualify(annotation.value, scope) in _LISTS
    )
    if isinstance(annotation, ast.Subscript) and several:
        annotation = annotation.slice
    if not isinstance(annotation, (ast.Name, ast.Attribute)):
        return None
    value = project.names.evaluate(annotation, scope)
    if value is None or value.instance or not isinstance(value.item, Class):
        return None
    return (value.item, several) if project.names.is_a(value, "pydantic.BaseModel") else None


def _missing_in_field(name: str, binding: Binding, model: Class, project: Project) -> str:
    """Which bounds a field of a model needs that is a size or an offset."""
    annotation, scope = project.names.unaliased(binding.annotation or ast.Constant(value=None), model)
    metadata: list[ast.expr] = []
    while isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        if project.names.qualify(annotation.value, scope) != "typing.Annotated":
            break
        first, *rest = annotation.slice.elts
        metadata += rest
        annotation, scope = project.names.unaliased(first, scope)
    if not is_whole_number(annotation, scope, project):
        return ""
    if isinstance(binding.value, ast.Call):
        metadata.append(binding.value)
    bounds = bounds_of(tuple(metadata), annotation, scope, project)
    return "" if bounds.unsure else missing_bounds(name, bounds.lower, bounds.upper)
