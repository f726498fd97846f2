"""Page sizes and offsets: which names speak of them, which bounds are missing, and whether the value gets anywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator

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
from checker.source import Class, Function, Project
from checker.source.model import Binding

_SIZES = frozenset({
    "limit", "page_size", "per_page", "pagesize", "perpage", "items_per_page", "page_limit", "max_results", "max_items",
    "top_k", "results_per_page", "rows_per_page", "num_results", "topk", "top_n", "topn", "n_results", "result_count",
    "results_count", "max_rows", "max_entries", "num_items", "number_of_results",
})  # fmt: skip
_STARTS = frozenset({
    "offset", "skip", "page", "page_number", "page_num", "page_index", "page_no", "pagenumber", "pageindex",
})  # fmt: skip
_SOMETIMES = frozenset(
    {"size", "take", "count", "n", "top", "first", "rows", "num", "k", "max_count", "batch_size"}
)
"""Names that speak of a page only where the value reaches a limit."""
_LIMITS = frozenset({"limit", "fetchmany", "head", "sample", "to_list"})
_LIMIT_KEYWORDS = frozenset({"limit", "page_size", "max_results", "top_k", "length"})
_ECHO = frozenset({
    "str", "int", "print", "info", "debug", "warning", "error", "append", "isinstance", "range", "min", "max",
})  # fmt: skip
_FURTHEST = 2


def is_paging(name: str) -> bool:
    """Whether a name speaks of the size or the beginning of a page."""
    return name.lower() in _SIZES | _STARTS | _SOMETIMES


def is_surely_paging(name: str) -> bool:
    """The same without names that need a look at where the value goes."""
    return name.lower() in _SIZES | _STARTS


def missing_bounds(name: str, lower: bool, upper: bool) -> str:
    """Which bounds a size or an offset still needs, in words; empty where none."""
    if name.lower() in _STARTS:
        return "" if lower else "lower bound"
    if not lower and not upper:
        return "bounds"
    return "" if lower and upper else "upper bound" if lower else "lower bound"


def example_of(name: str, missing: str) -> str:
    """A request that should not go through."""
    if name.lower() in _STARTS or missing == "lower bound":
        return f"`{name}=-1` goes through"
    return f"`{name}=10000000` goes through"


def remedy_for(name: str) -> str:
    """The declaration with its bounds."""
    first = "1" if "page" in name.lower() or name.lower() in _SIZES else "0"
    bounds = f"ge={first}" if name.lower() in _STARTS else "ge=1, le=100"
    return f"Declare `{name}: Annotated[int, Query({bounds})]`; anything else is refused with 422."


def is_clamped(function: Function, name: str, missing: str) -> bool:
    """`max(1, min(limit, 100))`: whichever end is open is cut."""
    used = {last_name(c.node) for c in function.calls if any(reads(a, {name}) for a in c.node.args)}
    needed = {"upper bound": {"min"}, "lower bound": {"max"}}.get(missing, {"min", "max"})
    return needed <= used


def reaches_query(function: Function, name: str, *, sometimes: bool | None = None, depth: int = 0) -> bool:
    """Whether the value gets to a slice, a query or any other code beyond an echo; `body.limit` is a field of a model."""
    names = carriers(function, name)
    if sometimes is None:
        sometimes = name.rpartition(".")[2].lower() in _SOMETIMES
    found = _reaches_limit(function, names) if sometimes else _reaches_code(function, names)
    return found or (depth < _FURTHEST and _reaches_further(function, name, names, sometimes, depth))


def _reaches_further(function: Function, name: str, names: set[str], sometimes: bool, depth: int) -> bool:
    """The same in the functions of the project that get the value, or the model with it."""
    holder, _, field = name.rpartition(".")
    for call in function.calls:
        if call.callee is None:
            continue
        for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
            if not isinstance(argument, ast.Name) or argument.id not in names | {holder}:
                continue
            parameter = parameter_for(argument, call, call.callee)
            if not parameter:
                continue
            given = f"{parameter}.{field}" if argument.id == holder else parameter
            if is_checked(call.callee, {given}) or is_clamped(call.callee, given, "upper bound"):
                continue
            if reaches_query(call.callee, given, sometimes=sometimes, depth=depth + 1):
                return True
    return False


def _reaches_code(function: Function, names: set[str]) -> bool:
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if _cuts(node, names) or (isinstance(node, ast.Call) and _is_reached(node, names)):
                    return True
        answer = statement.value if isinstance(statement, ast.Return) else None
        if isinstance(answer, (ast.Tuple, ast.Dict)) and reads(answer, names):
            return True
    return any(isinstance(s.value, ast.Name) and s.value.id in names for s in function.stores if s.attribute)


def _is_reached(call: ast.Call, names: set[str]) -> bool:
    last = last_name(call)
    if last in _ECHO or last[:1].isupper():
        return False
    return any(reads(a, names) for a in [*call.args, *(k.value for k in call.keywords)])


def _cuts(node: ast.AST, names: set[str]) -> bool:
    """`rows[skip : skip + limit]`."""
    parts = (node.lower, node.upper) if isinstance(node, ast.Slice) else ()
    return any(part is not None and reads(part, names) for part in parts)


def _reaches_limit(function: Function, names: set[str]) -> bool:
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if _cuts(node, names):
                    return True
                if not isinstance(node, ast.Call):
                    continue
                if last_name(node) in _LIMITS and any(reads(a, names) for a in node.args):
                    return True
                if any(k.arg in _LIMIT_KEYWORDS and reads(k.value, names) for k in node.keywords):
                    return True
    return False


def paging_model(given: Input, project: Project) -> Class | None:
    """The model that FastAPI fills from the request; `Annotated[Paging, Depends()]` is filled from the query."""
    if given.place not in {Place.QUERY, Place.BODY, Place.DEPENDENCY}:
        return None
    if not isinstance(given.type, (ast.Name, ast.Attribute)):
        return None
    if given.place is Place.DEPENDENCY and any(isinstance(m, ast.Call) and m.args for m in given.metadata):
        return None
    value = project.names.evaluate(given.type, given.scope)
    if (
        value is None
        or not isinstance(value.item, Class)
        or not project.names.is_a(value, "pydantic.BaseModel")
    ):
        return None
    return value.item


def unbounded_fields(
    model: Class, given: Input, function: Function, project: Project
) -> Iterator[tuple[str, Binding, Class, str]]:
    """The sizes and offsets of a model that have no bounds: name, field, the class that declares it, what is missing."""
    lineage = project.names.lineage(model)[0]
    decorators = [d for step in lineage for f in step.functions.values() for d in f.decorators]
    if any("validator" in ast.unparse(decorator) for decorator in decorators):
        return
    for step in lineage:
        for name, bindings in step.bindings.items():
            if not is_surely_paging(name) or len(bindings) != 1 or bindings[0].annotation is None:
                continue
            missing = _missing_in_field(name, bindings[0], step, project)
            source = f"{given.name}.{name}"
            if given.place is Place.BODY and (
                is_checked(function, {source}) or not reaches_query(function, source)
            ):
                continue
            if missing:
                yield name, bindings[0], step, missing


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
