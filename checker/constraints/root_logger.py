"""The root logger under a name: where it is fetched, and whether something is logged through it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from checker.constraints.handmade import bound_argument
from checker.source import Call, Class, Function, Module, Project

LEVELS = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log",
})  # fmt: skip
"""Methods of a logger that log."""


def gets_root(call: Call) -> bool:
    """Whether a call fetches the root logger."""
    if call.target != "logging.getLogger" or len(call.node.args) + len(call.node.keywords) > 1:
        return False
    return _is_of_root(call.argument(0, "name"))


def _is_of_root(name: ast.expr | None) -> bool:
    return name is None or (isinstance(name, ast.Constant) and name.value in {None, "", "root"})


def gets_root_by_default(call: Call) -> bool:
    """`log = get_logger()` of `def get_logger(name=None): return logging.getLogger(name)`: who gives no name gets the root."""
    getter = call.callee
    if getter is None or any(isinstance(a, ast.Starred) for a in call.node.args) or not getter.returns:
        return False
    for inner in getter.calls:
        name = inner.argument(0, "name") if inner.target == "logging.getLogger" else None
        parameter = getter.parameter(name.id) if isinstance(name, ast.Name) else None
        if parameter is None or parameter.default is None or not _is_of_root(parameter.default):
            continue
        given = bound_argument(name, call.node, getter)
        if parameter.name in getter.bindings or not (given is name or _is_of_root(given)):
            continue
        kept = {n for n, bindings in getter.bindings.items() if any(b.value is inner.node for b in bindings)}
        if any(
            r.value is inner.node or (isinstance(r.value, ast.Name) and r.value.id in kept)
            for r in getter.returns
        ):
            return True
    return False


def is_spoken_through(made: Call, project: Project) -> bool:
    """Whether something is logged through it; setting levels and handlers is what the root logger is for."""
    for call in made.scope.calls:
        function = call.node.func
        if isinstance(function, ast.Attribute) and function.value is made.node:
            return function.attr in LEVELS
    statement = made.statement
    if (
        isinstance(statement, ast.Return)
        and statement.value is made.node
        and isinstance(made.scope, Function)
    ):
        return made.scope in project.framework.dependencies or _is_asked_and_used(made.scope, project)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is not made.node:
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    used: set[str] = set()
    for target in targets:
        if isinstance(target, ast.Name) and isinstance(made.scope, Class):
            used.update(_uses_in_class(target.id, made.scope))
        elif isinstance(target, ast.Name):
            used.update(_uses(target.id, made, project))
        elif (
            isinstance(target, ast.Attribute)
            and isinstance(made.scope, Function)
            and made.scope.owner is not None
        ):
            used.update(_uses_in_class(target.attr, made.scope.owner))
    # One whose handlers write records for machines has been configured on purpose.
    is_given_handlers = bool(used & {"addHandler", "handlers"})
    return bool(used & LEVELS) and not (is_given_handlers and _writes_records(made.scope.module))


_FOR_MACHINES = re.compile(
    r"(?i)json\w*formatter|formatter\w*json|ProcessorFormatter|logfmt|ecs_logging|intercept\w*handler|otlp|opentelemetry|LoggingHandler\b"
)


def _writes_records(module: Module) -> bool:
    return any(_FOR_MACHINES.search(line) for line in module.lines)


def _is_asked_and_used(getter: Function, project: Project) -> bool:
    """`get_log().info(...)`, and `log = get_log()` with a `log.info(...)` after it."""
    for module in project.modules:
        for call in module.calls if not module.is_test else ():
            given_on = isinstance(call.statement, ast.Return)
            if call.callee is getter and not given_on and is_spoken_through(call, project):
                return True
    return False


def _uses_in_class(name: str, made: Class) -> Iterator[str]:
    """What is called on `self.log`, `cls.log` and `Store.log` in the methods of a class."""
    for method in made.functions.values():
        for scope in (method, *method.functions.values()):
            for call in scope.calls:
                function = call.node.func
                holder = function.value if isinstance(function, ast.Attribute) else None
                if (
                    isinstance(function, ast.Attribute)
                    and isinstance(holder, ast.Attribute)
                    and holder.attr == name
                    and isinstance(holder.value, ast.Name)
                    and holder.value.id in {"self", "cls", made.node.name}
                ):
                    yield function.attr


def _uses(name: str, made: Call, project: Project) -> Iterator[str]:
    """Attributes that are called or set on a variable, in its function or wherever a module's variable is used."""
    home = made.scope.module
    if isinstance(made.scope, Function):
        for call in made.scope.calls:
            function = call.node.func
            if (
                isinstance(function, ast.Attribute)
                and isinstance(function.value, ast.Name)
                and function.value.id == name
            ):
                yield function.attr
    else:
        yield from _called_on_variables(project).get((home, name), ())
    for store in home.stores:
        if isinstance(store.target, ast.Name) and store.target.id == name:
            yield store.attribute


_Called = dict[tuple[Module, str], set[str]]
_CALLED: WeakKeyDictionary[Project, _Called] = WeakKeyDictionary()


def _called_on_variables(project: Project) -> _Called:
    """What is called on each variable of a module, as far as loggers have it."""
    if project not in _CALLED:
        found: _Called = {}
        for module in project.modules:
            for call in module.calls if not module.is_test else ():
                function = call.node.func
                if not isinstance(function, ast.Attribute) or function.attr not in LEVELS | {"addHandler"}:
                    continue
                variable = project.names.variable(function.value, call.scope)
                if variable is not None:
                    found.setdefault((variable.module, variable.name), set()).add(function.attr)
        _CALLED[project] = found
    return _CALLED[project]
