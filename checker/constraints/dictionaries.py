"""Dictionaries that a path operation puts together itself, in its `return` or in a helper that does nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import last_name, statements
from checker.constraints.shapes import Shape, shape_of
from checker.source import Class, Function, Project

_MAKERS = frozenset({"model_dump", "dict", "_asdict"})
_BY_NAME = frozenset({"to_dict", "as_dict", "asdict"})
_ENCODERS = frozenset({
    "fastapi.encoders.jsonable_encoder", "fastapi.jsonable_encoder", "dataclasses.asdict", "attr.asdict", "attrs.asdict",
    "pydantic_core.to_jsonable_python",
})  # fmt: skip
LOADS = frozenset({
    "json.loads", "json.load", "orjson.loads", "ujson.loads", "simplejson.loads", "simplejson.load", "yaml.safe_load", "tomllib.load",
    "tomllib.loads",
})  # fmt: skip
_MAPPINGS = frozenset({"defaultdict", "OrderedDict", "Counter"})
_COPIES = frozenset({"copy", "deepcopy", "json", "loads", "model_dump"})
_TABLES = frozenset({"pandas", "polars", "numpy", "xarray", "geopandas"})
_LISTS = frozenset({"list", "sorted", "tuple"})
_DEEPEST = 3
_DUMPERS = frozenset({"marshmallow.Schema"})
_PLAIN_CALLS = frozenset(
    {"str", "int", "float", "bool", "list", "isoformat", "strftime", "get", "timestamp", "items", "hex"}
)


def is_made_by_hand(value: ast.expr, function: Function, project: Project, depth: int = 0) -> bool:
    """Whether what a `return` hands back is a dictionary, or a list of them, that code made key by key."""
    value = value.value if isinstance(value, ast.Await) else value
    if isinstance(value, ast.Name):
        bound = [b.value for b in function.bindings.get(value.id, [])]
        if not bound:
            return _is_constant(value, function, project)
        if _gets_keys(value.id, function, project):
            return True
        return all(b is not None and _is_built(b, value.id, function, project, depth) for b in bound)
    if isinstance(value, ast.BoolOp):
        return isinstance(value.values[-1], ast.Dict)  # `return found or {"left": 0}`
    if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
        return _is_of_built_list(value, value.value, function, project, depth)
    return _is_dictionary(value, function, project) or _is_from_helper(value, function, project, depth)


def _is_of_built_list(
    value: ast.Subscript, rows: ast.Name, function: Function, project: Project, depth: int
) -> bool:
    """`rows[0]`, `rows[:20]` of `rows = [tool.to_dict() for tool in tools]`."""
    key = value.slice.operand if isinstance(value.slice, ast.UnaryOp) else value.slice
    at_place = isinstance(key, ast.Slice) or (isinstance(key, ast.Constant) and isinstance(key.value, int))
    bound = [b.value for b in function.bindings.get(rows.id, [])]
    is_list = bool(bound) and all(isinstance(b, (ast.List, ast.ListComp)) for b in bound)
    return at_place and is_list and is_made_by_hand(rows, function, project, depth)


def _is_constant(value: ast.Name, function: Function, project: Project) -> bool:
    """`OK = {"status": "ok"}` of a module."""
    variable = project.names.variable(value, function) if function.parameter(value.id) is None else None
    bound = [b.value for b in variable.bindings] if variable is not None else []
    return len(bound) == 1 and isinstance(bound[0], ast.Dict) and bool(bound[0].keys)


def _gets_keys(name: str, function: Function, project: Project) -> bool:
    """`answer = json.loads(text)` with `answer["secret"] = key`: what was read is put together anew."""
    return _is_given_keys(name, function) and all(
        _may_be_mapping(b.value, function, project) for b in function.bindings[name]
    )


def _is_given_keys(name: str, function: Function) -> bool:
    for statement in statements(function):
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            if not isinstance(target, ast.Subscript) or not isinstance(target.slice, ast.Constant):
                continue
            if (
                isinstance(target.slice.value, str)
                and isinstance(target.value, ast.Name)
                and target.value.id == name
            ):
                return True
    return False


def _may_be_mapping(value: ast.expr | None, function: Function, project: Project) -> bool:
    """What has keys that are texts, and is no object of the project's and no table of a library."""
    value = value.value if isinstance(value, ast.Await) else value
    if (
        value is None
        or isinstance(value, ast.Dict)
        or (isinstance(value, ast.Call) and last_name(value) in _COPIES)
    ):
        return True
    found = project.names.evaluate(value, function)
    return found is None or not (isinstance(found.item, Class) or found.name.partition(".")[0] in _TABLES)


def _is_from_helper(value: ast.expr, function: Function, project: Project, depth: int) -> bool:
    """`return status(worker)` of a function of the project that answers with a dictionary of its own making wherever it ends."""
    callee = _callee(value, function) if isinstance(value, ast.Call) else None
    if callee is None or callee.is_generator or callee.is_lambda or callee.is_abstract or depth >= _DEEPEST:
        return False
    if callee.owner is not None and project.names.implementations(callee.owner, callee):
        return False  # Another class may answer otherwise.
    promised = callee.returns_annotation
    if promised is not None and shape_of(promised, callee, project) is not Shape.FREE:
        return False
    values = [statement.value for statement in callee.returns]
    return bool(values) and all(
        v is not None and is_made_by_hand(v, callee, project, depth + 1) for v in values
    )


def _is_built(value: ast.expr, name: str, function: Function, project: Project, depth: int) -> bool:
    """A dictionary that a name holds, or a list that gets them one by one."""
    value = value.value if isinstance(value, ast.Await) else value
    if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
        return _is_of_built_list(value, value.value, function, project, depth)
    if not isinstance(value, ast.List) or value.elts:
        return _is_dictionary(value, function, project) or _is_from_helper(value, function, project, depth)
    added = [
        call.node.args[0]
        for call in function.calls
        if last_name(call.node) == "append"
        and isinstance(call.node.func, ast.Attribute)
        and isinstance(call.node.func.value, ast.Name)
        and call.node.func.value.id == name
        and call.node.args
    ]
    return bool(added) and all(
        is_made_by_hand(one, function, project, depth + 1) if depth < _DEEPEST else False for one in added
    )


def _is_dictionary(value: ast.expr, function: Function, project: Project) -> bool:
    match value:
        case ast.Dict():
            return True
        case ast.DictComp():
            return True
        case ast.ListComp(elt=one) | ast.GeneratorExp(elt=one):
            return _is_dictionary(one, function, project)
        case ast.List(elts=several):
            return bool(several) and all(isinstance(e, ast.Dict) for e in several)
        case ast.Tuple(elts=[ast.Dict(), ast.Constant()]):  # `return {...}, 200`, as in Flask
            return True
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _is_dictionary(left, function, project) or _is_dictionary(right, function, project)
        case ast.Attribute(attr=name):
            return name == "__dict__"
        case ast.Call(func=ast.Name(id=maker), args=[one, *_]) if maker in _LISTS:
            return _is_dictionary(one, function, project)
        case ast.Call(func=ast.Name(id="map"), args=[ast.Lambda(body=one), _]):
            return _is_dictionary(one, function, project)
        case ast.Call():
            return (
                project.names.qualify(value.func, function) in LOADS
                or _is_mapping(value, function, project)
                or _is_dumping(value, function, project)
                or _is_wrapped(value, function)
            )
    return False


def _is_mapping(call: ast.Call, function: Function, project: Project) -> bool:
    """`defaultdict(list)`, `Counter(names)`."""
    if last_name(call) not in _MAPPINGS:
        return False
    return project.names.qualify(call.func, function).partition(".")[0] in {"builtins", "collections"}


def _is_dumping(call: ast.Call, function: Function, project: Project) -> bool:
    """`tool.model_dump()`, `tool.to_dict()`, `dict(row)`, `jsonable_encoder(tool)`, `schema.dump(tool)`."""
    if isinstance(call.func, ast.Name) and call.func.id in {"dict", "vars", "asdict"}:
        return True
    if project.names.qualify(call.func, function) in _ENCODERS:
        return True
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr in _MAKERS:
        return not call.args
    if call.func.attr in _BY_NAME:
        callee = _callee(call, function)
        return callee is None or (not callee.is_async and not callee.is_generator)
    if not call.args and not call.keywords and _writes_itself_out(_callee(call, function), project):
        return True
    owner = (
        project.names.evaluate(call.func.value, function)
        if call.func.attr in {"dump", "dump_python"}
        else None
    )
    return owner is not None and (
        project.names.is_a(owner, *_DUMPERS) or owner.name.partition("[")[0] == "pydantic.TypeAdapter"
    )


def _writes_itself_out(method: Function | None, project: Project) -> bool:
    """`def serialize(self): return {...}`, which needs nothing but its object."""
    if method is None or method.owner is None or method.is_async or method.is_generator:
        return False
    if project.names.implementations(method.owner, method):
        return False  # Another class may answer otherwise.
    values = [statement.value for statement in method.returns]
    return (
        len(method.body) <= _SHORT
        and bool(values)
        and all(isinstance(v, ast.Dict) and v.keys for v in values)
    )


_SHORT = 2
"""A `return`, and a line that says what it is for."""


def _callee(call: ast.Call, function: Function) -> Function | None:
    return next((c.callee for c in function.calls if c.node is call), None)


def _is_wrapped(value: ast.expr, function: Function, depth: int = 0) -> bool:
    """`return ok(tool)`, `return to_answer(row)`: the helper does nothing but put what it is given into a dictionary."""
    callee = _callee(value, function) if isinstance(value, ast.Call) else None
    if callee is None or callee.is_generator or len(callee.returns) != 1:
        return False
    wrapped = callee.returns[0].value
    if isinstance(wrapped, ast.ListComp):
        each = wrapped.generators[0].iter
        taken = isinstance(each, ast.Name) and callee.parameter(each.id) is not None
        return (
            taken
            and len(callee.body) == 1
            and depth < _DEEPEST
            and _is_wrapped(wrapped.elt, callee, depth + 1)
        )
    if not isinstance(wrapped, ast.Dict) or None in wrapped.keys:
        return False
    given = {p.name for p in callee.parameters}
    values = wrapped.values
    if not any(isinstance(n, ast.Name) and n.id in given for v in values for n in ast.walk(v)):
        return False
    if all(isinstance(v, ast.Constant) or (isinstance(v, ast.Name) and v.id in given) for v in values):
        return True
    does_nothing_else = all(isinstance(s, ast.Return) or _is_text(s) for s in callee.body)
    return does_nothing_else and all(_only_reads(v, given) for v in values)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _only_reads(value: ast.expr, given: set[str]) -> bool:
    """Whether an expression only takes what it is given apart: `str(row["id"])`, `tool.made_at.isoformat()`."""
    known = given | set(_targets(value))
    for node in ast.walk(value):
        if isinstance(node, (ast.Await, ast.Lambda, ast.Yield)):
            return False
        if isinstance(node, ast.Call) and last_name(node) not in _PLAIN_CALLS:
            return False
        if isinstance(node, ast.Name) and node.id not in known | _PLAIN_CALLS:
            return False
    return True


def _targets(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.comprehension):
            yield from (n.id for n in ast.walk(node.target) if isinstance(n, ast.Name))
