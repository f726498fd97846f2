"""Page sizes and offsets: which names speak of them, which bounds are missing, and whether the value gets anywhere."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

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
from checker.source import Call, Class, Function, Project
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
    """`min(limit, 100)`: the size is cut, or `max(offset, 0)`: the open end is."""
    used = {last_name(c.node) for c in function.calls if any(reads(a, {name}) for a in c.node.args)}
    return ("max" if missing == "lower bound" else "min") in used


def reaches_query(function: Function, name: str, *, sometimes: bool | None = None, depth: int = 0) -> bool:
    """Whether the value gets to a slice, a query or any other code beyond an echo; `body.limit` is a field of a model."""
    # What the project's own functions make of it is looked for in them; one that checks or cuts it ends the matter.
    followed = {id(call.node): call for call in function.calls if _is_followed(call)}
    everything = carriers(function, name)
    ended = frozenset(key for key, call in followed.items() if _ends_in(call, everything))
    names = carriers(function, name, stop=ended)
    if sometimes is None:
        sometimes = name.rpartition(".")[2].lower() in _SOMETIMES
    found = (
        _reaches_limit(function, names)
        if sometimes
        else _reaches_code(function, names, followed.keys(), ended)
    )
    return found or _reaches_further(function, name, names, sometimes, depth, ended)


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
    return is_checked(function, {name}) or any(
        is_clamped(function, name, f"{end} bound") for end in ("upper", "lower")
    )


def _is_followed(call: Call) -> bool:
    callee = call.callee
    return callee is not None and not callee.is_abstract and not callee.name.endswith("__init__")


def _reaches_further(
    function: Function, name: str, names: set[str], sometimes: bool, depth: int, ended: frozenset[int]
) -> bool:
    """The same in the functions of the project that get the value, or the model with it."""
    holder, _, field = name.rpartition(".")
    for call in function.calls:
        if call.callee is None:
            continue
        for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
            is_holder = isinstance(argument, ast.Name) and argument.id == holder
            if not is_holder and not reads(argument, names, stop=ended):
                continue
            parameter = parameter_for(argument, call, call.callee)
            if not parameter or depth >= _FURTHEST:
                # Too far to see: a name that speaks of a page is taken at its word.
                if not sometimes and not is_holder and _is_followed(call):
                    return True
                continue
            given = f"{parameter}.{field}" if is_holder else parameter
            if _is_bounded(call.callee, given):
                continue
            if reaches_query(call.callee, given, sometimes=sometimes, depth=depth + 1):
                return True
    return False


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
        answer = statement.value if isinstance(statement, ast.Return) else None
        if isinstance(answer, (ast.Tuple, ast.Dict)) and reads(answer, names, stop=ended):
            return True
    return any(isinstance(s.value, ast.Name) and s.value.id in names for s in function.stores if s.attribute)


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
