"""Which values in a function come from the offset or page number that a client sent.

`numbers` are names that hold such a number, or something made of it; `holders` are objects that carry one under its own name:
`paging.skip`, `commons["page"]`, `**commons`. Both may be attributes, `self.skip`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checker.constraints.flow import last_name, own_expressions, statements
from checker.constraints.inputs import Input, Place, inputs_of, is_whole_number
from checker.source import Class, Function, Project, Scope, Value
from checker.source.model import Binding

_STARTS = frozenset({
    "offset", "skip", "page", "pagenumber", "pagenum", "pageno", "pageindex", "pageoffset", "currentpage", "curpage",
    "start", "startindex", "startat", "from", "skipcount", "rowoffset", "startrow",
})  # fmt: skip
_SIZES = (
    "limit", "size", "per", "count", "max", "top", "take", "num", "length", "id", "year", "month", "day", "days",
)  # fmt: skip
_FEW_ROWS = 1000
_FEW_PAGES = 10
_VAGUE = frozenset({"start", "from"})
_FETCHES = frozenset({"get", "pop", "__getitem__"})
_FILLS = frozenset({"append", "extend", "update", "insert", "add", "setdefault"})
_SAME_AGAIN = frozenset({"dict", "asdict", "vars", "copy", "deepcopy", "jsonable_encoder"})
_OF_OBJECTS = frozenset({Place.DEPENDENCY, Place.BODY, Place.UNKNOWN, Place.SPECIAL})
_CARRIERS = ("builtins.", "typing.", "collections.", "fastapi.Request", "starlette.", "fastapi_pagination.")
_PLAIN_BASES = frozenset({
    "builtins.object", "typing.Generic", "typing.NamedTuple", "typing.TypedDict", "typing.Protocol", "abc.ABC",
    "pydantic.BaseModel", "pydantic.generics.GenericModel", "sqlmodel.SQLModel",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What a function knows of the client's offset, by name."""

    numbers: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()
    switches: frozenset[tuple[str, bool]] = frozenset()
    """Parameters that this call leaves at True or False: `is_page=False` exports everything and pages nowhere."""

    def __bool__(self) -> bool:
        return bool(self.numbers or self.holders)


def is_start_name(name: str) -> bool:
    """Whether a name says that a page begins there: `skip`, `page_number`, `pageNo`."""
    return name.replace("_", "").lower() in _STARTS


def _has_start_word(name: str) -> bool:
    """Among several values of one call or object that is enough: `rows_limit, rows_offset`."""
    return is_start_name(name) or bool({"offset", "skip", "page"} & set(name.lower().split("_")))


def given_to(function: Function, project: Project, path: str | None = None) -> Given:
    """What FastAPI hands to a path operation or dependency."""
    numbers: set[str] = set()
    holders: set[str] = set()
    for item in inputs_of(function, project, path):
        if _is_number(item, project) or _is_made_number(item, function):
            if not _is_capped(item):
                numbers.add(item.name)
            continue
        if item.place is Place.QUERY and _MARK.search(item.name):
            holders.add(item.name)
        may_carry = item.place in _OF_OBJECTS or _is_model(item, project)
        if may_carry and may_hold(project.names.parameter_type(item.parameter, function), project):
            holders.add(item.name)
    return Given(frozenset(numbers), frozenset(holders))


_MARK = re.compile(
    r"(?i)^(next_?)?page_?(id|token|key|mark(er)?)$|^(continuation|next)_?token$|^(after_?)?cursor$"
)
"""A text that stands for a place in the list: behind `offset = int(page_token)` it is a row number all the same."""


def may_hold(value: Value | None, project: Project, depth: int = 0) -> bool:
    """Whether an object can carry an offset: one of unknown class, a mapping, or one with such a field."""
    if value is None or not value.instance:
        return True
    if not isinstance(value.item, Class):
        return value.item is not None or value.name.startswith(_CARRIERS)
    ours, theirs = project.names.lineage(value.item)
    if any(name not in _PLAIN_BASES for name in theirs):
        return True
    for made in ours:
        maker = made.functions.get("__init__")
        names = {name for name, fields in made.bindings.items() if _may_be_number(fields, made, project)}
        names |= {*made.attributes, *made.functions}
        names |= {p.name for p in maker.parameters} if maker is not None else set()
        if any(is_start_name(name) for name in names):
            return True
        if depth < 2 and any(
            _is_of_class(f, made, project, depth) for fs in made.bindings.values() for f in fs
        ):
            return True
    return False


def start_field(value: Value | None, project: Project, depth: int = 0) -> tuple[Class, str, Binding] | None:
    """The field of a model in which the client's offset lies, also one level down: `filters.paging.skip`."""
    if value is None or not isinstance(value.item, Class) or depth > 1:
        return None
    inner: list[tuple[Class, Binding]] = []
    vague: tuple[Class, str, Binding] | None = None
    for made in project.names.lineage(value.item)[0]:
        for name, fields in made.bindings.items():
            if not fields or fields[0].annotation is None:
                continue
            if is_start_name(name) and _may_be_number(fields[:1], made, project):
                found = (made, name, fields[0])
                if name not in _VAGUE:
                    return found
                vague = vague or found
            inner.append((made, fields[0]))
    if vague is not None:
        return vague
    for made, field in inner:
        kind = project.names.annotation_type(field.annotation, made) if field.annotation is not None else None
        below = start_field(kind, project, depth + 1)
        if below is not None:
            return below
    return None


def is_no_number(annotation: ast.expr | None, scope: Scope, project: Project) -> bool:
    """Whether an annotation promises something that is no row number: a text, a duration, an object."""
    if annotation is None:
        return False
    value = project.names.annotation_type(annotation, scope)
    return value is not None and (
        isinstance(value.item, Class)
        or value.name.startswith(("datetime.", "uuid.", "builtins.str", "builtins.bool"))
    )


def _may_be_number(fields: list[Binding], made: Class, project: Project) -> bool:
    return not all(is_no_number(field.annotation, made, project) for field in fields)


def _is_of_class(field: Binding, made: Class, project: Project, depth: int) -> bool:
    """Whether a field is an object that can carry an offset: `filters.paging`."""
    if field.annotation is None:
        return False
    inner = project.names.annotation_type(field.annotation, made)
    return (
        inner is not None
        and isinstance(inner.item, Class)
        and inner.item is not made
        and may_hold(inner, project, depth + 1)
    )


def _is_model(item: Input, project: Project) -> bool:
    """`Annotated[Paging, Query()]`."""
    if item.type is None:
        return False
    value = project.names.evaluate(item.type, item.scope)
    return value is not None and isinstance(value.item, Class)


def _is_number(item: Input, project: Project) -> bool:
    whole = is_whole_number(item.type, item.scope, project)
    if is_start_name(item.name):
        # A text that happens to be called `offset` is a cursor.
        return whole or item.type is None or (item.place is Place.QUERY and not item.type_name)
    words = item.name.lower().split("_")
    return whole and item.place is Place.QUERY and not any(word in _SIZES for word in words)


def _is_made_number(item: Input, function: Function) -> bool:
    """`page: str = "1"`, of which the function makes a number itself: `int(page)`."""
    return (
        is_start_name(item.name)
        and item.place is Place.QUERY
        and any(
            last_name(call.node) == "int"
            and any(isinstance(a, ast.Name) and a.id == item.name for a in call.node.args)
            for call in function.calls
        )
    )


def _is_capped(item: Input) -> bool:
    """`Query(le=200)` on an offset: a short list, whatever is behind it."""
    few = _FEW_PAGES if "page" in item.name.lower() else _FEW_ROWS
    for mark in item.metadata:
        for keyword in mark.keywords if isinstance(mark, ast.Call) else ():
            bound = keyword.value
            if (
                keyword.arg in {"le", "lt"}
                and isinstance(bound, ast.Constant)
                and isinstance(bound.value, int)
            ):
                return bound.value <= few
    return False


GivenBack = Callable[[ast.Call, Given], tuple[bool, bool]]
"""Whether a call of a function of the project gives a number, or an object that carries one."""


def spread(function: Function, given: Given, given_back: GivenBack | None = None) -> Given:
    """The same after the function's own assignments."""
    numbers, holders = set(given.numbers), set(given.holders)
    for _ in range(2):  # a second time for what a loop carries round
        for statement in statements(function):
            _assigned(statement, numbers, holders, given_back)
            for node in (n for part in own_expressions(statement) for n in ast.walk(part)):
                if isinstance(node, ast.NamedExpr) and is_number(
                    node.value, Given(frozenset(numbers), frozenset(holders))
                ):
                    numbers.add(node.target.id)
    switches = frozenset((name, on) for name, on in given.switches if name not in function.bindings)
    return Given(frozenset(numbers), frozenset(holders), switches)


def _assigned(
    statement: ast.stmt, numbers: set[str], holders: set[str], given_back: GivenBack | None
) -> None:
    known = Given(frozenset(numbers), frozenset(holders))
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        filled = name_of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        if filled and last_name(call) in _FILLS and any(is_number(v, known) for v in arguments(call)):
            numbers.add(filled)
        return
    value = getattr(statement, "value", None)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)) or not isinstance(
        value, ast.expr
    ):
        return
    number, holder = is_number(value, known), is_holder(value, known)
    made = value.value if isinstance(value, ast.Await) else value
    if given_back is not None and isinstance(made, ast.Call):
        theirs = given_back(made, known)
        number, holder = number or theirs[0], holder or theirs[1]
    if not (number or holder):
        numbers |= _named_starts(statement, value, known)
        return
    for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
        is_keyed = isinstance(target, ast.Subscript) and _is_start_key(target.slice)
        if isinstance(target, ast.Subscript):
            target = target.value
        name = name_of(target)
        if name:
            if number:
                numbers.add(name)
                holders |= _filled(target)
            if holder or is_keyed or isinstance(value, (ast.Call, ast.Dict, ast.Await)):
                holders.add(name)
        elif isinstance(target, (ast.Tuple, ast.List)):
            names = {n.id for n in target.elts if isinstance(n, ast.Name)}
            numbers |= {name for name in names if _has_start_word(name)}
            holders |= {name for name in names if name in _QUERY_VALUES}


_QUERY_VALUES = frozenset({"params", "parameters", "args", "binds", "values", "query_params", "sql_params"})
"""`where, params = filters_of(search, skip)`: what is put into the query's placeholders."""


def _filled(target: ast.expr) -> set[str]:
    """The object in `window.offset = start`, which carries the number from then on; what `self` carries is known by its attribute."""
    if (
        isinstance(target, ast.Attribute)
        and is_start_name(target.attr)
        and isinstance(target.value, ast.Name)
    ):
        return {target.value.id} - {"self", "cls"}
    return set()


def _named_starts(statement: ast.stmt, value: ast.expr, known: Given) -> set[str]:
    """`offset, limit = paging.window()`: what an object with an offset gives, where the name says that it is one."""
    if isinstance(value, ast.IfExp):
        value = value.body
    if not isinstance(value, (ast.Call, ast.Attribute)) or not (
        comes_from_holder(value, known) or _decodes(value, known)
    ):
        return set()
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    names = {
        n.id for target in targets if target is not None for n in ast.walk(target) if isinstance(n, ast.Name)
    }
    return {name for name in names if is_start_name(name) and name not in _VAGUE}


def _decodes(value: ast.expr, known: Given) -> bool:
    """`offset = int(page_token or 0)`, `offset = page_id_to_offset(page_id)`."""
    given = value.args[0] if isinstance(value, ast.Call) and len(value.args) == 1 else None
    given = given.values[0] if isinstance(given, ast.BoolOp) else given
    return isinstance(given, ast.Name) and bool(_MARK.search(given.id)) and is_holder(given, known)


def comes_from_holder(value: ast.expr | None, given: Given) -> bool:
    """Whether an expression is an attribute of an object with an offset, or a call of its methods."""
    match value:
        case ast.Attribute():
            return is_holder(value.value, given) or comes_from_holder(value.value, given)
        case ast.Call():
            return comes_from_holder(value.func, given)
    return False


def name_of(value: ast.expr | None) -> str:
    """`skip`, or `self.skip`; empty for anything longer."""
    if isinstance(value, ast.Name):
        return value.id
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
        return f"{value.value.id}.{value.attr}"
    return ""


def is_number(value: ast.expr | None, given: Given) -> bool:
    """Whether an expression is the client's offset, or is computed from it."""
    match value:
        case None | ast.Compare() | ast.Lambda() | ast.Await():
            return False
        case ast.Name():
            return value.id in given.numbers
        case ast.Attribute():
            if name_of(value) in given.numbers:
                return True
            return is_start_name(value.attr) and is_holder(value.value, given)
        case ast.Subscript():
            return is_number(value.value, given) or (
                _is_start_key(value.slice) and is_holder(value.value, given)
            )
        case ast.Call():
            return _call_is_number(value, given)
        case ast.IfExp():
            return is_number(value.body, given) or is_number(value.orelse, given)
    return any(
        is_number(child.value if isinstance(child, ast.keyword) else child, given)
        for child in ast.iter_child_nodes(value)
        if isinstance(child, (ast.expr, ast.keyword))
    )


def _call_is_number(call: ast.Call, given: Given) -> bool:
    name = last_name(call)
    if name in {"len", "bool", "isinstance", "str"}:
        return False
    if name == "min" and any(
        isinstance(a, ast.Constant) and isinstance(a.value, int) and a.value <= _FEW_ROWS for a in call.args
    ):
        return False
    if name == "getattr" and len(call.args) > 1 and _is_start_key(call.args[1]):
        return is_holder(call.args[0], given)
    function = call.func
    if isinstance(function, ast.Attribute):
        if (
            name in _FETCHES
            and call.args
            and _is_start_key(call.args[0])
            and is_holder(function.value, given)
        ):
            return True
        if not isinstance(function.value, ast.Name) and is_number(function.value, given):
            return True
    return any(is_number(a, given) for a in call.args) or any(
        is_number(k.value, given) for k in call.keywords
    )


def _is_start_key(key: ast.expr) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str) and is_start_name(key.value)


def is_holder(value: ast.expr | None, given: Given) -> bool:
    """Whether an expression is an object that carries the client's offset under its name."""
    match value:
        case ast.Name():
            return value.id in given.holders
        case ast.Attribute():
            return name_of(value) in given.holders or is_holder(value.value, given)
        case ast.Await() | ast.Starred():
            return is_holder(value.value, given)
        case ast.Call():
            method_of = value.func.value if isinstance(value.func, ast.Attribute) else None
            spread_in = any(k.arg is None and is_holder(k.value, given) for k in value.keywords)
            same = bool(value.args) and last_name(value) in _SAME_AGAIN and is_holder(value.args[0], given)
            return (
                spread_in
                or same
                or (
                    is_holder(method_of, given)
                    and last_name(value) in {"model_dump", "dict", "model_copy", "copy"}
                )
            )
        case ast.Dict():
            return any(
                key is None and is_holder(item, given)
                for key, item in zip(value.keys, value.values, strict=True)
            )
    return False


def writes_start(value: ast.expr, given: Given) -> bool:
    """`{"skip": skip, "limit": 20}`: a mapping with the number under a name that says so."""
    return isinstance(value, ast.Dict) and any(
        key is not None and _is_start_key(key) and is_number(item, given)
        for key, item in zip(value.keys, value.values, strict=True)
    )


def arguments(call: ast.Call) -> Iterator[ast.expr]:
    """All values that a call is given."""
    yield from call.args
    yield from (keyword.value for keyword in call.keywords)
