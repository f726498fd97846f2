"""Who calls a function: something that serves, a library, or only what lies beside the service."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from checker.constraints.commands import has_command
from checker.constraints.secret_places import plain_name
from checker.source import Call, Function, Module, Names, Project, Scope, Value
from checker.source.declaring import function_of
from checker.source.edges import HARMLESS
from checker.source.reached import homes
from checker.source.validating import VALIDATOR_TYPES

_CALL_BACK = frozenset({
    "pydantic", "sqlalchemy", "sqlmodel", "blinker", "strawberry", "langchain_core", "fastmcp", "mcp", "pydantic_ai",
})  # fmt: skip
"""Libraries that call what their decorators mark."""
_CALL_NOTHING = frozenset({
    "builtins", "abc", "typing", "typing_extensions", "enum", "pydantic", "pydantic_settings", "sqlalchemy", "sqlmodel", "dataclasses",
    "tortoise", "beanie", "collections", "peewee",
})  # fmt: skip
"""Libraries whose classes do not call the methods that a class of the project adds."""


class Called:
    """Tells for one project which functions serving may come to; a package may hold a client and its tools beside the service."""

    def __init__(self, project: Project, serving: set[Function]) -> None:
        self._names = project.names
        self._edges = project.edges
        self._service = set(project.service_modules)
        self._serving = serving
        self._callers: dict[Function, set[Function]] = {}
        self._homes = homes(project.framework)
        self._validators = set(_given_to_pydantic(project))
        self._asked = _names_asked(serving)
        self._with_commands = {_top(module) for module in project.modules if has_command(module, project)}
        self._used: set[str] = set()
        self._names_of_methods = Counter(
            function.name.rpartition(".")[2]
            for module in project.modules
            for function in module.functions
            if not module.is_test
        )
        for module in project.service_modules:
            for call in module.calls:
                # Who a call of the project is seen to run is among the callers; a name alone tells where that is not seen.
                if call.function is None or not call.callees:
                    self._used.add(plain_name(call.node.func))
                for expression in (*call.node.args, *(k.value for k in call.node.keywords)):
                    if _inner_of(call, expression) is None:
                        self._used.add(plain_name(expression))
        for module in project.modules:
            for call in module.calls if not module.is_test else ():
                handed = [
                    _inner_of(call, a) for a in (*call.node.args, *(k.value for k in call.node.keywords))
                ]
                for callee in (*call.callees, *(inner for inner in handed if inner is not None)):
                    if call.function is not None:
                        self._callers.setdefault(callee, set()).add(call.function)

    def may_serve(self, function: Function) -> bool:
        """Whether something that serves calls a function, or may call it in a way that cannot be seen."""
        waiting, seen = [function], {function}
        elsewhere = False
        while waiting:
            current = waiting.pop()
            at_home = self._is_at_home(current)
            if current in self._serving or self._is_called_by_library(current, at_home):
                return True
            callers = self._callers.get(current, set())
            if not callers and (self._is_meant(current) or (at_home and self._is_used(current))):
                return True  # Something of that name is called.
            if not callers and at_home and current is not function and current.owner is not None:
                return True  # Which class an object has is often not seen.
            for caller in callers:
                if caller.module not in self._service or self._is_the_log(caller):
                    elsewhere = True
                    continue
                around = [s for s in with_parents(caller) if isinstance(s, Function)]
                waiting += [one for one in around if one not in seen]
                seen.update(around)
        if elsewhere or not self._is_at_home(function):
            return False
        return self._is_used(function) or self._is_of_serving_class(function)

    def _is_at_home(self, function: Function) -> bool:
        """Whether a function lies beside or below the app, or in a folder without a command.

        In the rest of a package only what is seen to be called serves.
        """
        if self._is_beside_app(function):
            return True
        return function.module in self._service and _top(function.module) not in self._with_commands

    def _is_beside_app(self, function: Function) -> bool:
        return function.module.path.startswith(self._homes)

    def _is_used(self, function: Function) -> bool:
        name = function.name.rpartition(".")[2]
        if function.owner is not None and name.startswith("__") and name.endswith("__"):
            name = function.owner.node.name  # Python calls `__call__` and its like.
        return name in self._used

    def _is_meant(self, function: Function) -> bool:
        """A method whose name no other has, called on an object that nobody could tell, in something that serves."""
        name = function.name.rpartition(".")[2]
        if function.owner is None or "_" not in name.strip("_") or name not in self._asked:
            return False
        return self._names_of_methods.get(name) == 1

    def _is_of_serving_class(self, function: Function) -> bool:
        """A method that nothing calls, of a class whose other methods serve: for debugging, and left in."""
        made = function.owner
        return (
            made is not None
            and function not in self._callers
            and any(other in self._serving for other in made.functions.values())
        )

    def _is_the_log(self, function: Function) -> bool:
        """What a logging handler calls cannot log itself."""
        made = function.owner
        return made is not None and self._names.is_a(
            Value(made.qualified, item=made), "logging.Handler", "logging.StreamHandler"
        )

    def _is_called_by_library(self, function: Function, at_home: bool) -> bool:
        """Whether a library calls what is registered by a decorator, or what fills in a method of its class."""
        if function in self._validators:
            return True
        names = [name for name in self._edges.decorators(function) if name not in HARMLESS]
        if any(name.partition(".")[0] in _CALL_BACK for name in names):
            return True
        if not at_home:
            return False
        if function.is_lambda or (names and self._is_beside_app(function)):
            return True
        made = function.owner
        return made is not None and made.node.name in self._used and fills_in(function, self._names)


def _inner_of(call: Call, given: ast.expr) -> Function | None:
    """The inner function that a function hands on itself: `Thread(target=read)`; it runs where that one does."""
    around = call.function
    if around is None or not isinstance(given, ast.Name) or around.bindings.get(given.id):
        return None
    return around.functions.get(given.id)


def with_parents(scope: Scope) -> Iterator[Scope]:
    """A scope and those around it, from the inside out."""
    current: Scope | None = scope
    while current is not None:
        yield current
        current = current.parent


def fills_in(function: Function, names: Names) -> bool:
    """`class Handler(BaseCallbackHandler): def on_tool_end(...)`: the library knows the method, whoever else does not."""
    made = function.owner
    if made is None or function.name.rpartition(".")[2].startswith("_"):
        return False
    return any(base.partition(".")[0] not in _CALL_NOTHING for base in names.lineage(made)[1])


def _given_to_pydantic(project: Project) -> Iterator[Function]:
    """`AfterValidator(check)`, wherever the type stands that has it."""
    for module in project.service_modules:
        for call in module.calls:
            if call.target in VALIDATOR_TYPES and call.node.args:
                function = function_of(call.node.args[0], call.scope, project.names)
                if function is not None:
                    yield function


def _names_asked(serving: Iterable[Function]) -> set[str]:
    """Methods that are called on what could not be told."""
    return {
        call.node.func.attr
        for function in serving
        for call in function.calls
        if isinstance(call.node.func, ast.Attribute) and call.callee is None
        if not call.target
        or call.target.startswith("sqlalchemy.orm.Query.")  # What a query gives is known to it alone.
    }


def _top(module: Module) -> str:
    return module.path.partition("/")[0]
