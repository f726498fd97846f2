"""Which values in a function come from the offset or page number that a client sent.

`numbers` are names that hold such a number, or something made of it; `holders` are objects that carry one under its own name:
`paging.skip`, `commons["page"]`, `**commons`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.flow import last_name, statements
from checker.constraints.inputs import Input, Place, inputs_of, is_whole_number
from checker.source import Call, Class, Function, Project

_STARTS = frozenset({
    "offset", "skip", "page", "pagenumber", "pagenum", "pageno", "pageindex", "pageoffset", "currentpage", "curpage",
    "start", "startindex", "startat", "from", "skipcount", "rowoffset", "startrow",
})  # fmt: skip
_SIZES = (
    "limit", "size", "per", "count", "max", "top", "take", "num", "length", "id", "year", "month", "day", "days",
)  # fmt: skip
_FEW_ROWS = 1000
_FEW_PAGES = 10
_FETCHES = frozenset({"get", "pop", "__getitem__"})
HANDS_ON = {
    "fastapi.concurrency.run_in_threadpool": 1, "asyncio.to_thread": 1, "anyio.to_thread.run_sync": 1, "functools.partial": 1,
}  # fmt: skip
"""Calls that run a function with arguments, and how many of their own come first."""
_FILLS = frozenset({"append", "extend", "update", "insert", "add", "setdefault"})


@dataclass(frozen=True, slots=True)
class Given:
    """What a function knows of the client's offset, by name."""

    numbers: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.holders)


def is_start_name(name: str) -> bool:
    """Whether a name says that a page begins there: `skip`, `page_number`, `pageNo`."""
    return name.replace("_", "").lower() in _STARTS


def given_to(function: Function, project: Project, path: str | None = None) -> Given:
    """What FastAPI hands to a path operation or dependency."""
    numbers: set[str] = set()
    holders: set[str] = set()
    for item in inputs_of(function, project, path):
        if _is_number(item, project):
            if not _is_capped(item):
                numbers.add(item.name)
        elif item.place in {Place.DEPENDENCY, Place.BODY, Place.UNKNOWN, Place.SPECIAL} or _is_model(
            item, project
        ):
            holders.add(item.name)
    return Given(frozenset(numbers), frozenset(holders))


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


def spread(function: Function, given: Given) -> Given:
    """The same after the function's own assignments."""
    numbers, holders = set(given.numbers), set(given.holders)
    for _ in range(2):  # a second time for what a loop carries round
        for statement in statements(function):
            _assigned(statement, numbers, holders)
    return Given(frozenset(numbers), frozenset(holders))


def _assigned(statement: ast.stmt, numbers: set[str], holders: set[str]) -> None:
    known = Given(frozenset(numbers), frozenset(holders))
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        filled = call.func.value if isinstance(call.func, ast.Attribute) else None
        if (
            isinstance(filled, ast.Name)
            and last_name(call) in _FILLS
            and any(is_number(value, known) for value in arguments(call))
        ):
            numbers.add(filled.id)
        return
    value = getattr(statement, "value", None)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)) or not isinstance(
        value, ast.expr
    ):
        return
    number, holder = is_number(value, known), is_holder(value, known)
    if not (number or holder):
        return
    for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
        if isinstance(target, ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            if number:
                numbers.add(target.id)
            if holder or isinstance(value, (ast.Call, ast.Dict, ast.Await)):
                holders.add(target.id)
        elif isinstance(target, (ast.Tuple, ast.List)):
            numbers |= {n.id for n in target.elts if isinstance(n, ast.Name) and is_start_name(n.id)}


def is_number(value: ast.expr | None, given: Given) -> bool:
    """Whether an expression is the client's offset, or is computed from it."""
    match value:
        case None | ast.Compare() | ast.Lambda() | ast.Await():
            return False
        case ast.Name():
            return value.id in given.numbers
        case ast.Attribute():
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
        case ast.Attribute() | ast.Await() | ast.Starred():
            return is_holder(value.value, given)
        case ast.Call():
            method_of = value.func.value if isinstance(value.func, ast.Attribute) else None
            spread_in = any(k.arg is None and is_holder(k.value, given) for k in value.keywords)
            return spread_in or (
                is_holder(method_of, given)
                and last_name(value) in {"model_dump", "dict", "model_copy", "copy"}
            )
        case ast.Dict():
            return any(
                key is None and is_holder(item, given)
                for key, item in zip(value.keys, value.values, strict=True)
            )
    return False


def handed_on(call: Call, callee: Function, given: Given, *, shift: int = 0) -> Given:
    """What a call hands to the function that it runs; `shift` arguments are not for that function."""
    parameters = list(callee.parameters)
    numbers: set[str] = set()
    holders: set[str] = set()
    if callee.owner is not None and not _is_static(callee) and parameters:
        receiver = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        if is_holder(receiver, given) and not shift:
            holders.add(parameters[0].name)
        parameters = parameters[1:]
    plain = [p for p in parameters if not p.variadic]
    open_end = next((p.name for p in reversed(parameters) if p.variadic), None)
    pairs: list[tuple[str, ast.expr]] = []
    for parameter, argument in zip(plain, call.node.args[shift:], strict=False):
        if isinstance(argument, ast.Starred):
            break
        pairs.append((parameter.name, argument))
    names = {p.name for p in plain}
    for keyword in call.node.keywords:
        if keyword.arg in names:
            pairs.append((keyword.arg or "", keyword.value))
        elif keyword.arg is None and is_holder(keyword.value, given):
            numbers |= {name for name in names if is_start_name(name)}
            holders |= {open_end} if open_end is not None else set()
        elif (
            open_end is not None
            and keyword.arg
            and is_start_name(keyword.arg)
            and is_number(keyword.value, given)
        ):
            holders.add(open_end)
    for name, argument in pairs:
        if is_number(argument, given):
            numbers.add(name)
        if is_holder(argument, given) or (
            isinstance(argument, (ast.Call, ast.Dict)) and is_number(argument, given)
        ):
            holders.add(name)
    return Given(frozenset(numbers), frozenset(holders))


def _is_static(function: Function) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorators)


def without_parameters(given: Given, inner: Function) -> Given:
    """What an inner function sees of the function around it."""
    own = {p.name for p in inner.parameters}
    return Given(given.numbers - own, given.holders - own)


def arguments(call: ast.Call) -> Iterator[ast.expr]:
    """All values that a call is given."""
    yield from call.args
    yield from (keyword.value for keyword in call.keywords)
