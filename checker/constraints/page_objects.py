"""Page sizes that travel inside an object: `filters = Filters(limit=limit)`, which a query is made from then."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import carriers, is_checked, parameter_for
from checker.constraints.inputs import Place, operation_inputs
from checker.constraints.paging import field_is_bounded, field_is_open, reaches_query
from checker.constraints.paging_names import is_beside_start, is_surely_paging
from checker.source import Call, Class, Function, Project


def pages_by(function: Function, name: str, project: Project) -> bool:
    """Whether a query is made with a size: as it is, in an object that it is put into, or from an attribute that keeps it."""
    beside = {parameter.name for parameter in function.parameters} - {name}
    return (
        reaches_query(function, name, sometimes=False if is_beside_start(beside) else None)
        or _reaches_in_object(function, name, project)
        or _reaches_through_attribute(function, name, project)
    )


def _reaches_in_object(function: Function, name: str, project: Project) -> bool:
    """Whether a size is put into an object of the project without bounds, and a query is made from it there.

    What a dependency hands back in an object is what the path operations page by.
    """
    for call, field in _objects_with(function, name, project):
        if _is_handed_back(call, function) and function in project.framework.dependencies:
            if is_surely_paging(name):
                return True
        elif any(
            reaches_query(function, f"{holder}.{field}", depth=1) for holder in _names_of(call, function)
        ) or any(
            reaches_query(callee, f"{parameter}.{field}", depth=1)
            for callee, parameter in _takers(call, function)
        ):
            return True
    return False


def is_bounded_in_object(function: Function, name: str, project: Project) -> bool:
    """Whether all that is done with a size is to put it into objects whose fields have bounds or code of their own."""
    read = {
        id(node)
        for node in ast.walk(function.node)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    }
    for call in function.calls:
        for keyword in call.node.keywords:
            if id(keyword.value) not in read or keyword.arg is None:
                continue
            value = project.names.evaluate(call.node.func, call.scope)
            made = value.item if value is not None and not value.instance else None
            if isinstance(made, Class) and field_is_bounded(made, keyword.arg, project):
                read.discard(id(keyword.value))
    return not read


def is_bounded_where_read(function: Function, name: str, project: Project) -> bool:
    """Whether what a class keeps of a size, `self.size = size`, is compared with a bound wherever the project reads it."""
    for attribute in _kept(function, name):
        for module in project.modules:
            if module.is_test or not any(f".{attribute}" in line for line in module.lines):
                continue
            for reader in module.functions:
                read = {
                    ast.unparse(node)
                    for node in ast.walk(reader.node)
                    if isinstance(node, ast.Attribute)
                    and node.attr == attribute
                    and isinstance(node.ctx, ast.Load)
                }
                if any(is_checked(reader, carriers(reader, holder), counts=False) for holder in read):
                    return True
    return False


def _kept(function: Function, name: str) -> set[str]:
    """The attributes in which the `__init__` of a class keeps a parameter."""
    if function.owner is None or not function.name.endswith("__init__"):
        return set()
    return {
        store.attribute
        for store in function.stores
        if store.attribute not in {"", "="} and isinstance(store.value, ast.Name) and store.value.id == name
    }


def _objects_with(function: Function, name: str, project: Project) -> Iterator[tuple[Call, str]]:
    """The calls that make an object with the size in it, each with the field's name; bounded fields left out."""
    names = carriers(function, name)
    for call in function.calls:
        fields = [
            k.arg
            for k in call.node.keywords
            if k.arg is not None and any(isinstance(v, ast.Name) and v.id in names for v in _chosen(k.value))
        ]
        value = project.names.evaluate(call.node.func, call.scope) if fields else None
        if value is None or value.instance or not isinstance(value.item, Class):
            continue
        for field in fields:
            if field_is_open(value.item, field, project):
                yield call, field


def _chosen(value: ast.expr) -> list[ast.expr]:
    """What a value may be: both ends of `limit if limit else 20`, of `limit or 20`."""
    match value:
        case ast.IfExp():
            return [value.body, value.orelse]
        case ast.BoolOp():
            return value.values
    return [value]


def _reaches_through_attribute(function: Function, name: str, project: Project) -> bool:
    """`self.count = count` in a class that FastAPI fills from the query, where a path operation pages by `paging.count`."""
    kept = _kept(function, name)
    if function.owner is None or not kept:
        return False
    return any(
        reaches_query(taker, f"{given}.{attribute}", sometimes=True)
        for taker, given in _taking(function.owner, project)
        for attribute in kept
        if not is_checked(taker, {f"{given}.{attribute}"}, counts=False)
    )


def _taking(made: Class, project: Project) -> Iterator[tuple[Function, str]]:
    """The path operations that take an object of a class through `Depends`."""
    for operation in project.operations:
        for given in operation_inputs(operation, project):
            if given.place is not Place.DEPENDENCY or given.type is None:
                continue
            value = project.names.evaluate(given.type, given.scope)
            if value is not None and value.item is made:
                yield operation.function, given.name


def _is_handed_back(call: Call, function: Function) -> bool:
    return any(statement.value is call.node for statement in function.returns)


def _names_of(call: Call, function: Function) -> list[str]:
    return [
        name
        for name, bindings in function.bindings.items()
        if any(binding.value is call.node for binding in bindings)
    ]


def _takers(call: Call, function: Function) -> Iterator[tuple[Function, str]]:
    """`find(db, Filters(limit=limit))`: the project's own functions that get the object without a name."""
    outer = next((c for c in function.calls if call.argument_of is c.node), None)
    callee = outer.callee if outer is not None else None
    if outer is not None and callee is not None and not callee.is_abstract:
        parameter = parameter_for(call.node, outer, callee)
        if parameter:
            yield callee, parameter
