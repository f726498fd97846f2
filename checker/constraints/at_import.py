"""What runs when a module of the service is imported: the calls of its own level, and what their functions call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.callers import with_parents
from checker.constraints.flow import mentions, statements
from checker.constraints.served import starts_server
from checker.source import Call, Class, Function, Module, Project, Scope
from checker.source.conditions import Unknown, buried, read
from checker.source.model import Parameter

_DEEPEST = 5
_MADE_BY = ("__init__", "__post_init__", "__new__", "model_post_init")
_INJECTORS = frozenset({
    "injector.Injector.get", "injector.Injector.create_object", "punq.Container.resolve", "lagom.Container.resolve",
    "svcs.Container.get", "dishka.Container.get", "wireup.SyncContainer.get",
})  # fmt: skip
"""Methods that make an object of the class that they are given, and first all that its constructor asks for."""


@dataclass(frozen=True, slots=True)
class Run:
    """One call that an import comes to."""

    call: Call
    """Of the module's own level."""
    opener: Call
    """The call itself, or one that it leads to."""
    place: Call
    """What has to move: the module's call, or, where that makes the app, the statement in what makes it."""


def run_at_import(
    module: Module, project: Project, factories: set[Scope], kept: set[tuple[Function, str]]
) -> Iterator[Run]:
    """Calls of a module's own level and of its classes' bodies, each with itself and with what its functions call.

    What makes the app goes along with it however the server is started, so the main guard has no part in it. `kept` notes
    the functions that remember what they gave: asked again in the same way, they do nothing.
    """
    serves = _makes_app(module, project) or starts_server(module, project)
    for call in _own_calls(module):
        if call.main_guard and not serves:
            continue
        yield Run(call, call, call)
        waiting: list[tuple[Function, Call, tuple[Call, ...], bool]] = [
            (f, call, (call,), _injects(call)) for f in _run_by(call, project)
        ]
        seen: set[Function] = set()
        while waiting:
            function, place, way, injected = waiting.pop(0)
            if function in seen or function.is_async or function.is_generator or len(way) > _DEEPEST:
                continue
            if call.main_guard and function in factories:
                continue
            seen.add(function)
            if injected:
                waiting += [(f, place, way, True) for f in _asked_for(function, project)]
            branches = _Branches(function, None if injected else way[-1])
            for inner in function.calls:
                if branches.never(inner):
                    continue
                where = inner if function in factories else place
                if not branches.for_some(inner):
                    yield Run(call, inner, where)
                if branches.by_name(inner):
                    continue
                if inner.callee is not None and project.edges.is_remembered(inner.callee):
                    asked = (inner.callee, ast.unparse(inner.node))
                    if asked in kept:
                        continue
                    kept.add(asked)
                through = _injects(inner)
                waiting += [(f, where, (*way, inner), through) for f in _run_by(inner, project)]


def _own_calls(module: Module) -> Iterator[Call]:
    yield from module.scope.calls
    for made in module.classes:
        if not any(isinstance(around, Function) for around in with_parents(made)):
            yield from made.calls


def _run_by(call: Call, project: Project) -> list[Function]:
    """The functions that a call runs for sure: one function, or all that makes an object."""
    if _injects(call):
        asked = project.names.evaluate(call.node.args[0], call.scope) if call.node.args else None
        item = asked.item if asked is not None and not asked.instance else None
        return _constructors(item, project) if isinstance(item, Class) else []
    if len(call.targets) > 1 or (call.callee is not None and call.callee.is_abstract):
        return _same_method(call)
    made = [f for f in call.callees if f.owner is not None and f.name.endswith(_MADE_BY)]
    return [
        *dict.fromkeys([call.callee] if call.callee is not None else []),
        *(f for f in made if f is not call.callee),
    ]


def _same_method(call: Call) -> list[Function]:
    """`model.load()` of one of several engines: the settings choose the object, as they choose a branch, and each has the method."""
    on = call.node.func
    named = {f.name.rpartition(".")[2] for f in call.callees if f.owner is not None and not f.is_abstract}
    if not isinstance(on, ast.Attribute) or named != {on.attr}:
        return []
    return [f for f in call.callees if f.owner is not None and not f.is_abstract]


def _injects(call: Call) -> bool:
    return call.target in _INJECTORS


def _constructors(made: Class, project: Project) -> list[Function]:
    methods = [project.names.method(made, name) for name in _MADE_BY]
    return [method for method in methods if method is not None]


def _asked_for(function: Function, project: Project) -> list[Function]:
    """The constructors of what an injector hands to a constructor."""
    found: list[Function] = []
    for parameter in function.parameters[1:]:
        value = project.names.parameter_type(parameter, function)
        if value is not None and value.instance and isinstance(value.item, Class):
            found += _constructors(value.item, project)
    return found


class _Branches:
    """Which calls of a function the arguments of its caller decide about: `if mode == "mongo":`."""

    def __init__(self, function: Function, caller: Call | None) -> None:
        """`caller` is None where an injector fills the parameters in: they are always the same then."""
        self._function = function
        self._caller = caller
        self._known = _known(function, caller) if caller is not None else {}
        self._never = buried(function, self._known) if self._known else set()
        own = {p.name for p in function.parameters} - {"self", "cls"}
        self._open = own if caller is not None else set()
        self._asking = [
            s
            for s in statements(function)
            if isinstance(s, (ast.If, ast.Match))
            and mentions(_test(s), self._open)
            and isinstance(read(_test(s), self._known), Unknown)
        ]

    def never(self, call: Call) -> bool:
        """Whether the import does not come to it."""
        return id(call.node) in self._never

    def for_some(self, call: Call) -> bool:
        """Whether only some callers come to it."""
        return any(self._decides(statement, call) for statement in self._asking)

    def by_name(self, call: Call) -> bool:
        """The same, where an argument itself is asked and not something in it, as in settings."""
        return any(
            self._decides(statement, call)
            and any(isinstance(n, ast.Name) and n.id in self._open for n in _compared(_test(statement)))
            for statement in self._asking
        )

    def _decides(self, statement: ast.If | ast.Match, call: Call) -> bool:
        if not statement.lineno <= call.line <= (statement.end_lineno or 0):
            return False
        return not (
            isinstance(statement, ast.If)
            and self._caller is not None
            and _is_given(statement, call, self._function, self._caller)
        )


def _test(statement: ast.If | ast.Match) -> ast.expr:
    return statement.test if isinstance(statement, ast.If) else statement.subject


def _compared(test: ast.expr) -> Iterator[ast.expr]:
    """What a condition asks about, without the objects whose attributes it reads."""
    waiting: list[ast.AST] = [test]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Attribute):
            continue
        if isinstance(node, ast.expr):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def _known(function: Function, caller: Call) -> dict[str, object]:
    """The parameters that are constants in this call, by what it hands over or by their default."""
    if any(isinstance(a, ast.Starred) for a in caller.node.args) or any(
        k.arg is None for k in caller.node.keywords
    ):
        return {}
    found: dict[str, object] = {}
    for parameter in function.parameters:
        given = _argument(parameter, function, caller)
        value = given if given is not None else parameter.default
        if (
            isinstance(value, ast.Constant)
            and not parameter.variadic
            and parameter.name not in function.bindings
        ):
            found[parameter.name] = value.value
    return found


def _is_given(statement: ast.If, opener: Call, function: Function, caller: Call) -> bool:
    """`if token:`, `if token is not None:`, `if isinstance(token, str):` of a call that is given one, from the settings for instance."""
    name = _asked_name(statement.test)
    parameter = function.parameter(name) if name else None
    if parameter is None or not any(
        part.lineno <= opener.line <= (part.end_lineno or 0) for part in statement.body
    ):
        return False
    return isinstance(
        _argument(parameter, function, caller), (ast.Attribute, ast.Call, ast.Subscript, ast.Name)
    )


def _asked_name(test: ast.expr) -> str:
    match test:
        case ast.Name():
            return test.id
        case ast.Compare(left=ast.Name() as left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return left.id
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name() as first, _]):
            return first.id
    return ""


def _argument(parameter: Parameter, function: Function, caller: Call) -> ast.expr | None:
    if function not in caller.callees and function is not caller.callee:
        return None
    bound = function.owner is not None and not any(
        isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorators
    )
    position = function.parameters.index(parameter) - (1 if bound else 0)
    return caller.argument(position, parameter.name) if position >= 0 else None


def _makes_app(module: Module, project: Project) -> bool:
    return any(home is module for home, _ in project.framework.apps)
