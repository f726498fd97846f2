"""What a name holds at a line: the bindings that reach it, what tests have settled, the types of parameters."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from checker.source.annotations import ITERATORS
from checker.source.containers import CONTAINERS
from checker.source.injection import is_marker, may_provide, provided
from checker.source.model import (
    Binding,
    BindingKind,
    Call,
    Class,
    Function,
    Module,
    Narrowing,
    Parameter,
    Scope,
)
from checker.source.values import MOST_BINDINGS, Value, joined
from checker.source.written import last_name, uncalled

if TYPE_CHECKING:
    from checker.source.names import Names

_MOST_CALLS = 40
"""A function that is called from more places than this does not get its types from them."""
_MOST_PROVIDERS = 40
_BUILTINS = frozenset(dir(builtins))


class Scopes:
    """Answers about names in scopes."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._calls: dict[str, list[Call]] | None = None
        self._provided: dict[str, list[Call]] = {}
        self._methods: dict[str, list[tuple[Class, ast.expr]]] | None = None
        """The decorated methods of all classes, by the name of the decorator."""
        self._parameters: dict[int, Value | None] = {}

    def name(self, name: str, scope: Scope, line: int | None) -> Value | None:
        """What a name stands for where it is read."""
        current: Scope | None = scope
        while current is not None:
            skip = isinstance(current, Class) and (current is not scope or _is_below(name, current, line))
            if not skip and name not in current.declared_global and self.holds(current, name):
                return self.local(name, current, line if current is scope else None)
            current = current.parent
        found = self._names.from_stars(name, scope.module)
        if found is not None or name == "__class__":
            return found
        return Value(f"builtins.{name}") if name in _BUILTINS else None

    def holds(self, scope: Scope, name: str) -> bool:
        """Whether a scope itself gives the name a meaning."""
        if (
            name in scope.bindings
            or name in scope.imports
            or name in scope.functions
            or name in scope.classes
        ):
            return True
        return isinstance(scope, Function) and scope.parameter(name) is not None

    def local(self, name: str, scope: Scope, line: int | None = None) -> Value | None:
        """What a name of this scope stands for, at a line of it or at its end."""
        made = scope.functions.get(name) or scope.classes.get(name)
        if made is not None:
            if name in scope.imports and _stands_in(made.node, scope.node):
                real = self._names.imported(name, scope)
                if real is not None and isinstance(real.item, (Function, Class)):
                    return real
            return Value(made.qualified, item=made)
        if name in scope.imports:
            if line is not None and isinstance(scope, Function) and name in scope.imported_again:
                nearest = [full for begins, full in scope.imported_again[name] if begins <= line]
                return self._names.resolve(nearest[-1], scope.module)
            return self._names.imported(name, scope)
        bindings = scope.bindings.get(name, [])
        if len(bindings) > MOST_BINDINGS:
            return None
        parameter = scope.parameter(name) if isinstance(scope, Function) else None
        if line is not None and isinstance(scope, Function):
            return self._at(bindings, parameter, scope, line)
        if line is not None and _is_given_anew(bindings, line) and isinstance(scope.node, ast.Module):
            # `@app.get` above `app = CORSMiddleware(app)`: in a module's own lines what stands above counts.
            return self._at(bindings, None, scope, line)
        inside = [b for b in bindings if line is not None and b.only_inside and b.line <= line <= b.until]
        if inside:
            return self.bound(inside[-1], scope)
        if bindings:
            # What functions write into a global may come at any time.
            if bindings[-1].certain and not any(b.writer for b in bindings):
                return self.bound(bindings[-1], scope)
            values = [self.bound(b, scope) for b in bindings if not b.only_inside]
            if parameter is not None and isinstance(scope, Function):
                values.append(self.parameter(parameter, scope))
            return joined(values)
        if parameter is not None and isinstance(scope, Function):
            return self.parameter(parameter, scope)
        return None

    def _at(
        self, bindings: list[Binding], parameter: Parameter | None, scope: Scope, line: int
    ) -> Value | None:
        """The values that reach a line: from the last binding backwards, until one hides those before it."""
        inside = [b for b in bindings if b.only_inside and b.line <= line <= b.until]
        if inside:
            return self.bound(inside[-1], scope)
        reaching = [b for b in bindings if not b.only_inside and _ends_before(b, line)]
        values: list[Value | None] = []
        for binding in reversed(reaching):
            values.append(self.bound(binding, scope))
            hides = binding.certain or line <= binding.until
            if hides and not (binding.kind is BindingKind.OTHER and binding.part is None):
                return joined(values)
        if parameter is not None and isinstance(scope, Function):
            values.append(self.parameter(parameter, scope))
        elif not reaching:
            # A loop comes back to what is written further down.
            values = [self.bound(b, scope) for b in bindings if not b.only_inside]
        return joined(values)

    def bound(self, binding: Binding, scope: Scope) -> Value | None:
        """What a binding gives to its name."""
        place = binding.writer or scope
        if binding.annotation is not None:
            annotated = self._names.promised(binding.annotation, place)
            if annotated is not None:
                return self._written_into(annotated, binding, place) or annotated
        part = binding.part
        if part is not None:
            value = self._given(part.kind, part.whole, place)
            for position in part.positions:
                value = self._names.containers.position(value, position)
            return value
        return self._given(binding.kind, binding.value, place) if binding.value is not None else None

    def _written_into(self, annotated: Value, binding: Binding, scope: Scope) -> Value | None:
        """What the value tells where its type says little: `HANDLERS: dict[str, Callable] = {"lend": lend}`."""
        held = annotated.parts[-1] if annotated.parts else None
        is_container = annotated.instance and annotated.name in CONTAINERS
        if not is_container or binding.value is None or (held is not None and held.name != "typing.Callable"):
            return None
        value = self._given(binding.kind, binding.value, scope)
        return value if value is not None and value.name == annotated.name and any(value.parts) else None

    def _given(self, kind: BindingKind, expression: ast.expr, scope: Scope) -> Value | None:
        value = self._names.look(expression, scope)
        if kind is BindingKind.ASSIGN:
            return value
        if kind is BindingKind.LOOP:
            return self._names.containers.element(value)
        if kind in {BindingKind.WITH, BindingKind.ASYNC_WITH}:
            return joined([self.entered(one, kind) for one in value.possibilities]) if value else None
        return None

    def entered(self, manager: Value, kind: BindingKind) -> Value | None:
        """What `as` gives in a `with`, and a stack that enters the manager."""
        if isinstance(manager.item, Function):
            return self._names.yielded(manager.item)
        if isinstance(manager.item, Class):
            method = "__enter__" if kind is BindingKind.WITH else "__aenter__"
            enter = self._names.method(manager.item, method)
            if enter is None:
                return manager
            return self._names.result(enter) or manager
        if manager.name in ITERATORS and manager.parts:
            return manager.parts[0]
        return manager

    def parameter(self, parameter: Parameter, function: Function) -> Value | None:
        """The type of a parameter: `self`, its annotation, what its dependency gives, what callers hand over."""
        key = id(parameter)
        if key not in self._parameters:
            # A function that calls itself hands over its own parameter.
            self._parameters[key] = None
            self._parameters[key] = self._parameter(parameter, function)
        return self._parameters[key]

    def _parameter(self, parameter: Parameter, function: Function) -> Value | None:
        names = self._names
        if parameter.variadic:
            return None
        is_first = function.owner is not None and function.parameters[0] is parameter
        if is_first and function.owner is not None and parameter.annotation is None:
            decorators = {names.qualify(d, function.owner) for d in function.decorators}
            if "builtins.staticmethod" not in decorators:
                is_instance = "builtins.classmethod" not in decorators and parameter.name != "cls"
                return Value(function.owner.qualified, instance=is_instance, item=function.owner)
        if (
            parameter.annotation is None
            and parameter.name == "self"
            and isinstance(function.parent, Function)
        ):
            return self._decorated_object(function)
        if parameter.annotation is not None:
            found = names.promised(parameter.annotation, function)
            if found is not None or names.qualify(parameter.annotation, function) != "typing.Any":
                return found
        if isinstance(parameter.default, ast.Call):
            found = names.dependency_result(parameter.default, function)
            if found is not None:
                return found
            if names.qualify(parameter.default.func, function).startswith("fastapi."):
                return None
        if parameter.default is not None and is_marker(parameter.default):
            return names.look(parameter.default, function)
        return self.handed_over(parameter, function)

    def handed_over(self, parameter: Parameter, function: Function) -> Value | None:
        """What the project's own calls give to a parameter without a type."""
        if function.is_lambda:
            return None
        last = function.name.rpartition(".")[2]
        called = function.owner.name.rpartition(".")[2] if last == "__init__" and function.owner else last
        calls = self.calls_named(called)
        providers = self._provided.get(called, [])
        if not (calls or providers) or len(calls) > _MOST_CALLS or len(providers) > _MOST_PROVIDERS:
            return None
        if function.decorators:
            return self._injected(parameter, function)
        position = function.parameters.index(parameter) - (1 if function.owner is not None else 0)
        values: list[Value | None] = []
        for call in calls:
            target = self._names.evaluate(call.node.func, call.scope)
            if target is None or target.item not in {function, function.owner}:
                continue
            argument = call.argument(position, parameter.name) if position >= 0 else None
            if argument is not None:
                values.append(self._names.look(argument, call.scope))
        for call in providers if position >= 0 else ():
            maker = self._names.evaluate(call.node.args[0], call.scope)
            if maker is not None and maker.item in {function, function.owner}:
                argument = call.argument(position + 1, parameter.name)
                if argument is not None:
                    values.append(provided(self._names.look(argument, call.scope)))
        return joined(values)

    def _decorated_object(self, wrapper: Function) -> Value | None:
        """What `self` is in a decorator's wrapper: an object of the classes whose methods it decorates."""
        around = wrapper.parent
        while around is not None and isinstance(around.parent, Function):
            around = around.parent
        if around is None:
            return None
        if self._methods is None:
            self._methods = {}
            for module in self._names.modules:
                for made in module.classes if not module.is_test else ():
                    for method in made.functions.values():
                        for decorator in method.decorators:
                            last = last_name(uncalled(decorator))
                            self._methods.setdefault(last, []).append((made, decorator))
        values = [
            Value(made.qualified, instance=True, item=made)
            for made, decorator in self._methods.get(around.name.rpartition(".")[2], ())
            if (found := self._names.evaluate(uncalled(decorator), made)) is not None and found.item is around
        ]
        return joined(values)

    def _injected(self, parameter: Parameter, function: Function) -> Value | None:
        """What the project's own decorator gives to a parameter: `return function(session, *args)` in its wrapper."""
        position = function.parameters.index(parameter)
        scope = function.parent or function.module.scope
        values: list[Value | None] = []
        for decorator in function.decorators:
            value = self._names.evaluate(uncalled(decorator), scope)
            if value is None or not isinstance(value.item, Function):
                continue
            for wrapper, call in _calls_of_parameter(value.item):
                argument = call.argument(position, parameter.name)
                before = call.node.args[:position]
                if argument is not None and not any(isinstance(a, ast.Starred) for a in before):
                    values.append(self._names.look(argument, wrapper))
        return joined(values)

    def calls_named(self, name: str) -> list[Call]:
        """Every call of something with that last name, outside of tests."""
        if self._calls is None:
            self._calls = {}
            for module in self._names.modules:
                if not module.is_test:
                    for call in module.calls:
                        function = call.node.func
                        last = function.attr if isinstance(function, ast.Attribute) else _id(function)
                        self._calls.setdefault(last, []).append(call)
                        if may_provide(call):
                            made = last_name(call.node.args[0])
                            self._provided.setdefault(made, []).append(call)
        return self._calls.get(name, [])

    def narrowed(self, value: Value | None, subject: str, scope: Scope, line: int) -> Value | None:
        """A value after the `isinstance` tests that guard its line."""
        for test in scope.narrowings.get(subject, ()):
            if test.first <= line <= test.last and not self._rebound(subject, test, scope, line):
                value = self._after(value, test, scope)
        return value

    def _rebound(self, subject: str, test: Narrowing, scope: Scope, line: int) -> bool:
        return any(test.first <= b.line < line for b in scope.bindings.get(subject, ()))

    def _after(self, value: Value | None, test: Narrowing, scope: Scope) -> Value | None:
        elements = test.classes.elts if isinstance(test.classes, ast.Tuple) else [test.classes]
        classes = [c for c in (self._names.evaluate(e, scope) for e in elements) if c is not None]
        if len(classes) != len(elements) or any(
            c.instance or isinstance(c.item, (Function, Module)) for c in classes
        ):
            return value
        named = [c.name for c in classes]
        possible = value.possibilities if value is not None else ()
        if not test.is_one:
            return joined([one for one in possible if not self._names.is_a(one, *named)])
        kept = [one for one in possible if self._names.is_a(one, *named)]
        return joined(kept or [Value(c.name, instance=True, item=c.item) for c in classes])


def _calls_of_parameter(decorator: Function) -> list[tuple[Function, Call]]:
    """Where the functions inside a decorator call what it decorates."""
    inner = list(decorator.functions.values())
    inner += [deeper for function in inner for deeper in function.functions.values()]
    held = {p.name for function in [decorator, *inner] for p in function.parameters}
    return [
        (function, call)
        for function in inner
        for call in function.calls
        if isinstance(call.node.func, ast.Name) and call.node.func.id in held
    ]


def _stands_in(made: ast.AST, whole: ast.AST) -> bool:
    """Whether something is defined for the case that an import fails: `except ImportError: def save(): ...`."""
    return any(
        made in handler.body
        for statement in getattr(whole, "body", ())
        if isinstance(statement, ast.Try)
        for handler in statement.handlers
    )


def _id(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def _is_below(name: str, scope: Class, line: int | None) -> bool:
    """Whether a name of a class is that of a method further down, so that here it means what it means outside: `kinds = set()`.

    The decorators of the method itself are such a place: `@put("/{id}")` above `def put(...)`.
    """
    method = scope.functions.get(name)
    return (
        line is not None
        and method is not None
        and method.node.lineno > line
        and name not in scope.bindings
        and name not in scope.imports
    )


def _is_given_anew(bindings: list[Binding], line: int) -> bool:
    """Whether a name of a module is given another value for sure below a line, and had one for sure above it."""
    if len(bindings) < 2 or any(b.writer is not None for b in bindings):
        return False
    last = bindings[-1]
    return (
        last.certain
        and not _ends_before(last, line)
        and any(b.certain and _ends_before(b, line) for b in bindings)
    )


def _ends_before(binding: Binding, line: int) -> bool:
    """Whether a binding is complete at a line; what a statement reads itself is older than what it binds."""
    if binding.kind in {BindingKind.LOOP, BindingKind.WITH, BindingKind.ASYNC_WITH}:
        return binding.line <= line
    whole = binding.part.whole if binding.part is not None else binding.value
    end = (whole.end_lineno if whole is not None else None) or binding.line
    return end < line
