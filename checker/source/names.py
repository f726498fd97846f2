"""What a name means: imports, aliases, re-exports, attributes, results of calls, types of parameters.

`evaluate` answers for an expression with one `Value`, or with None wherever it is not sure. `look` answers also where it may
be one of several things.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace

from checker.source.annotations import ITERATORS, Annotations
from checker.source.classes import BASE_OF_MODELS, Classes
from checker.source.containers import CONTAINERS, Containers
from checker.source.forwarding import Forwarding
from checker.source.imports import Imports
from checker.source.injection import (
    CONTAINER,
    MAKERS,
    MARKERS,
    is_asked_for,
    is_provider,
    member_of_provider,
    provided,
)
from checker.source.libraries import canonical, result_of
from checker.source.library_types import IN_THREADS, TRANSPARENT
from checker.source.model import Binding, BindingKind, Call, Class, Function, Module, Parameter, Scope
from checker.source.scopes import Scopes
from checker.source.values import Value, Variable, chained, each, has_known_member, joined, library_member
from checker.source.written import is_super

_READ_BY_NAME = frozenset({"builtins.getattr", "builtins.object.__getattribute__"})
_DESCRIPTORS = ("traitlets.",)
_ENTERING = {
    "contextlib.ExitStack.enter_context": BindingKind.WITH,
    "contextlib.AsyncExitStack.enter_context": BindingKind.WITH,
    "contextlib.AsyncExitStack.enter_async_context": BindingKind.ASYNC_WITH,
}
"""Calls that give what `as` gives in a `with`."""
MAX_DEPTH = 60
_MOST_RETRIES = 20_000
_MOST_WRITERS = 20


class Names:
    """Answers about names for one project; every answer is remembered."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules = tuple(modules)
        named = {module.name: module for module in self.modules}
        self._values: dict[int, Value | None] = {}
        self._busy: set[int] = set()
        self._depth = 0
        self._cuts = 0
        self._imports = Imports(self, named)
        self._annotations = Annotations(self)
        self._classes = Classes(self)
        self._scopes = Scopes(self)
        self._forwarding = Forwarding(self)
        self.containers = Containers(self)
        self._results: dict[Function, Value | None] = {}
        self._written: dict[str, list[tuple[ast.expr, ast.expr, Scope]]] = {}
        for module in self.modules:
            for store in module.stores:
                if store.value is not None and store.attribute and store.attribute != "=":
                    self._written.setdefault(store.attribute, []).append(
                        (store.target, store.value, store.scope)
                    )

    # Expressions

    def evaluate(self, expression: ast.expr, scope: Scope) -> Value | None:
        """What an expression stands for; None when unsure, or when it may be one of several."""
        return _one(self.look(expression, scope))

    def look(self, expression: ast.expr, scope: Scope) -> Value | None:
        """What an expression may stand for."""
        key = id(expression)
        if key in self._values:
            return self._values[key]
        if key in self._busy or self._depth > MAX_DEPTH:
            self._cuts += 1
            return None
        self._busy.add(key)
        self._depth += 1
        before = self._cuts
        try:
            found = self._evaluate(expression, scope)
        finally:
            self._depth -= 1
            self._busy.discard(key)
        # What was cut short in a circle is not known yet; asked from elsewhere the answer may be another.
        if found is not None or before == self._cuts or self._depth == 0 or self._cuts > _MOST_RETRIES:
            self._values[key] = found
        return found

    def qualify(self, expression: ast.expr, scope: Scope) -> str:
        """Canonical dotted name of what an expression names (not of its type), or an empty string."""
        value = self.look(expression, scope)
        return value.name if value is not None and not value.instance else ""

    def type_name(self, expression: ast.expr, scope: Scope) -> str:
        """Canonical dotted name of the class whose instance an expression is, or an empty string."""
        value = self.look(expression, scope)
        return value.name if value is not None and value.instance else ""

    def _evaluate(self, expression: ast.expr, scope: Scope) -> Value | None:
        match expression:
            case ast.Name():
                line = getattr(expression, "lineno", None)
                found = self._scopes.name(expression.id, scope, line)
                if line is not None and expression.id in scope.narrowings:
                    return self._scopes.narrowed(found, expression.id, scope, line)
                return found
            case ast.Attribute():
                return self._attribute(expression, scope)
            case ast.Call():
                return self._call(expression, scope)
            case ast.Await() | ast.NamedExpr() | ast.Starred():
                return self.look(expression.value, scope)
            case ast.Subscript():
                return self._subscript(expression, scope)
            case ast.BinOp(op=ast.BitOr()):
                return chained(self.look(expression.left, scope), self.look(expression.right, scope))
            case ast.BinOp(op=ast.Div()):
                left = self.look(expression.left, scope)
                if left is None or left.name != "pathlib.Path":
                    left = self.look(expression.right, scope)
                return left if left is not None and left.name == "pathlib.Path" and left.instance else None
            case ast.BoolOp():
                return joined([self.look(part, scope) for part in expression.values])
            case ast.IfExp():
                return joined([self.look(expression.body, scope), self.look(expression.orelse, scope)])
            case ast.Constant():
                kind = type(expression.value).__name__
                return None if expression.value is None else Value(f"builtins.{kind}", instance=True)
            case ast.JoinedStr():
                return Value("builtins.str", instance=True)
            case ast.Lambda():
                made = scope.module.lambdas.get(expression)
                return Value(made.qualified, item=made) if made is not None else None
        return self.containers.literal(expression, scope)

    def _attribute(self, expression: ast.Attribute, scope: Scope) -> Value | None:
        if is_super(expression.value):
            return self._classes.member_above(scope, expression.attr)
        owner = self.look(expression.value, scope)
        found = self.member(owner, expression.attr) if owner is not None else None
        if scope.narrowings and isinstance(expression.value, ast.Name):
            subject = f"{expression.value.id}.{expression.attr}"
            return self._scopes.narrowed(found, subject, scope, expression.lineno)
        return found

    def _subscript(self, expression: ast.Subscript, scope: Scope) -> Value | None:
        owner = self.look(expression.value, scope)
        if owner is not None and owner.name in MARKERS:
            return provided(self.look(expression.slice, scope))
        return each(owner, lambda one: self._item(one, expression.slice))

    def _item(self, owner: Value, key: ast.expr) -> Value | None:
        if not owner.instance:
            # `sessionmaker[Session](...)`, `Repository[Tool](...)`
            return owner if isinstance(owner.item, Class) or owner.name[:1].islower() else None
        if isinstance(owner.item, Class):
            getter = self.method(owner.item, "__getitem__")
            return self.result(getter) if getter is not None else None
        if owner.name in CONTAINERS:
            return self.containers.item(owner, key)
        found = result_of(f"{owner.name}.__getitem__")
        return None if found.endswith("()") else Value(found, instance=True)

    # Names in scopes

    def holds(self, scope: Scope, name: str) -> bool:
        """Whether a scope itself gives the name a meaning."""
        return self._scopes.holds(scope, name)

    def local(self, name: str, scope: Scope) -> Value | None:
        """What a name of a scope stands for at its end."""
        return self._scopes.local(name, scope)

    def bound(self, binding: Binding, scope: Scope) -> Value | None:
        """What a binding gives to its name."""
        return self._scopes.bound(binding, scope)

    def parameter_type(self, parameter: Parameter, function: Function) -> Value | None:
        """The type of a parameter: `self`, its annotation, or what its dependency gives."""
        return _one(self._scopes.parameter(parameter, function))

    def handed_over(self, parameter: Parameter, function: Function) -> Value | None:
        """What the project's own calls give to a parameter, whatever its annotation says."""
        return self._scopes.handed_over(parameter, function)

    def calls_named(self, name: str) -> list[Call]:
        """Every call of something with that last name, outside of tests."""
        return self._scopes.calls_named(name)

    def forwarded(self, item: Class, attribute: str) -> Value | None:
        """What an attribute gives that a class has only through its `__getattr__`."""
        return self._forwarding.member(item, attribute)

    def stands_for(self, value: Value) -> Value | None:
        """The one object that a lazy proxy hands every name on to; None for what stands for itself."""
        made = value.item if value.instance else None
        return self._forwarding.behind(made) if isinstance(made, Class) else None

    # Imports

    def imported(self, name: str, scope: Scope) -> Value | None:
        """What an imported name stands for."""
        return self._imports.imported(name, scope)

    def from_stars(self, name: str, module: Module) -> Value | None:
        """A name that some `from x import *` of a module brings."""
        return self._imports.from_stars(name, module) if module.star_imports else None

    def module_named(self, dotted: str, importer: Module) -> Module | None:
        """The project's own module behind an import."""
        return self._imports.module_named(dotted, importer)

    def modules_named(self, dotted: str, importer: Module) -> list[Module]:
        """The project's own modules that an imported name may load: the module of that name, and the one that holds the name."""
        found = (self.module_named(name, importer) for name in (dotted, dotted.rpartition(".")[0] or "."))
        return [module for module in found if module is not None]

    def resolve(self, dotted: str, importer: Module) -> Value | None:
        """What a dotted import path names."""
        return self._imports.resolve(dotted, importer)

    def variable(self, expression: ast.expr, scope: Scope) -> Variable | None:
        """The module variable that a name or attribute reads, None for anything local."""
        return self._imports.variable(expression, scope)

    def variable_value(self, variable: Variable) -> Value | None:
        """What a module variable holds."""
        return _one(joined([self.bound(b, variable.module.scope) for b in variable.bindings]))

    # Attributes

    def member(self, owner: Value, attribute: str) -> Value | None:
        """What `owner.attribute` may stand for."""
        return each(owner, lambda one: self._member(one, attribute))

    def _member(self, owner: Value, attribute: str) -> Value | None:
        item = owner.item
        if isinstance(item, Module):
            found = self._imports.module_member(item, attribute)
            found = found or self.written(attribute, lambda one: one.item is item)
            getter = item.scope.functions.get("__getattr__") if found is None else None
            if getter is not None:
                found = self._forwarding.module_member(getter, attribute)
            return found or self._imports.loaded_late(item, attribute)
        if isinstance(item, Class):
            return self._classes.member(owner, item, attribute)
        if is_provider(owner):
            return member_of_provider(owner, attribute)
        if owner.instance and owner.name == "starlette.State":
            return self.written(attribute, lambda one: one.name == "starlette.State", named="state")
        if owner.instance and owner.name == "fastapi.FastAPI" and not has_known_member(owner.name, attribute):
            # `app.cache = Cache()`, read as `request.app.cache`.
            found = self.written(attribute, lambda one: one.instance and one.name == "fastapi.FastAPI")
            if found is not None:
                return found
        # A folder without `__init__.py` is a package too: `import shop.tools` and `shop.tools.add()`.
        inner = self._imports.module_at(f"{owner.name}.{attribute}") if not owner.instance else None
        return Value(inner.name, item=inner) if inner is not None else library_member(owner, attribute)

    def written(self, attribute: str, is_owner: Callable[[Value], bool], *, named: str = "") -> Value | None:
        """What is put into an attribute from outside: `app.state.cache = Redis()`, `db.client = connect()`."""
        values: list[Value | None] = []
        for target, value, scope in self._written.get(attribute, ())[:_MOST_WRITERS]:
            if named and isinstance(target, ast.Attribute) and target.attr == named:
                values.append(self.look(value, scope))
                continue
            owner = self.evaluate(target, scope)
            if owner is not None and is_owner(owner):
                values.append(self.look(value, scope))
        return joined(values)

    def lineage(self, item: Class) -> tuple[tuple[Class, ...], tuple[str, ...]]:
        """The class and its bases in the project, and the library classes behind them."""
        return self._classes.lineage(item)

    def method(self, item: Class, name: str) -> Function | None:
        """A method of a class or of its bases in the project."""
        return self._classes.method(item, name)

    def implementations(self, item: Class, method: Function) -> list[Function]:
        """What an abstract method of a class can turn out to be."""
        return self._classes.implementations(item, method)

    def overrides(self, item: Class, method: Function) -> list[Function]:
        """What the classes that derive from one put in place of a method."""
        return self._classes.overrides(item, method)

    def is_a(self, value: Value | None, *names: str) -> bool:
        """Whether a class, or the class of an instance, is one of these or derives from one."""
        return self._classes.is_a(value, *names)

    # Calls

    def _call(self, expression: ast.Call, scope: Scope) -> Value | None:
        function = expression.func
        if is_super(expression):
            return self._classes.parent_of(scope)
        called = self.look(function, scope)
        if is_asked_for(expression) and (called is None or called.item is None):
            asked = self.look(expression.args[0], scope)
            if asked is not None and isinstance(asked.item, Class) and not asked.instance:
                return self.call_result(asked)
        if called is None:
            return None
        if called.name in IN_THREADS and len(expression.args) > IN_THREADS[called.name]:
            return self.call_result(self.look(expression.args[IN_THREADS[called.name]], scope))
        if called.name in TRANSPARENT and expression.args:
            if called.name == "typing.cast":
                return self.promised(expression.args[0], scope)
            return self.look(expression.args[0], scope)
        if called.name in _ENTERING and expression.args:
            kind = _ENTERING[called.name]
            return each(self.look(expression.args[0], scope), lambda one: self._scopes.entered(one, kind))
        if called.name in MAKERS and not called.instance and expression.args:
            given = self._annotations.given(self.look(expression.args[0], scope))
            return Value(called.name, instance=True, parts=(given,) if given is not None else ())
        if called.name == CONTAINER and expression.args:
            return self.call_result(self.look(expression.args[0], scope))
        if called.name in _READ_BY_NAME and len(expression.args) > 1:
            name = expression.args[1]
            owner = self.look(expression.args[0], scope)
            if owner is not None and isinstance(name, ast.Constant) and isinstance(name.value, str):
                return self.member(owner, name.value)
        if called.item is None and isinstance(function, ast.Attribute):
            owner = self.look(function.value, scope)
            if owner is not None and owner.instance and owner.name in CONTAINERS:
                return self.containers.method_result(owner, function.attr)
        if called.item is None and called.name.startswith(("builtins.", "itertools.", "collections.")):
            found = self.containers.built_in(called.name, expression, scope)
            if found is not None:
                return found
        made = self.call_result(called)
        if made is not None and made.name == BASE_OF_MODELS:
            methods = [self.look(k.value, scope) for k in expression.keywords if k.arg == "cls"]
            return replace(made, parts=tuple(methods))
        return made

    def call_result(self, called: Value | None) -> Value | None:
        """What calling something (and awaiting it) gives."""
        return each(called, self._call_result)

    def _call_result(self, called: Value) -> Value | None:
        item = called.item
        if isinstance(item, Function):
            return self.result(item) if not called.instance else None
        if isinstance(item, Class):
            if not called.instance:
                return Value(called.name, instance=True, item=item)
            method = self.method(item, "__call__")
            if method is not None:
                return self.result(method)
            theirs = self.lineage(item)[1]
            return Value(result_of(f"{theirs[0]}.__call__"), instance=True) if theirs else None
        if isinstance(item, Module) or not called.name:
            return None
        if is_provider(called) or (called.name == "typing.Callable" and called.instance):
            return called.parts[0] if called.parts else None
        if called.name.startswith(_DESCRIPTORS):
            return None  # What such an attribute gives, its own settings say.
        name = f"{called.name}.__call__" if called.instance else called.name
        return Value(canonical(result_of(name)), instance=True)

    def result(self, function: Function) -> Value | None:
        """What calling a function of the project gives."""
        if function.is_generator:
            # Entering it as a context manager, or iterating, asks for what it yields.
            return Value(f"{function.qualified}()", instance=True, item=function)
        return self._returned(function)

    def returned(self, function: Function) -> Value | None:
        """What calling a function (and awaiting it) gives; None where that may be one of several."""
        return _one(self._returned(function))

    def _returned(self, function: Function) -> Value | None:
        if function in self._results:
            return self._results[function]
        before = self._cuts
        found: Value | None = None
        if function.returns_annotation is not None:
            found = self.promised(function.returns_annotation, function)
        if found is None and isinstance(function.node, ast.Lambda):
            found = self.look(function.node.body, function)
        elif found is None:
            found = joined([self.look(r.value, function) for r in function.returns if r.value is not None])
        if found is not None or before == self._cuts or self._cuts > _MOST_RETRIES:
            self._results[function] = found
        return found

    def yielded(self, function: Function) -> Value | None:
        """What a generator yields, or what a function that returns a context manager gives on entering."""
        annotation = function.returns_annotation
        if isinstance(annotation, ast.Subscript) and self.qualify(annotation.value, function) in ITERATORS:
            inner = annotation.slice
            first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
            found = self.promised(first, function)
            if found is not None:
                return found
        return joined([self.look(y.value, function) for y in function.yields if y.value is not None])

    # Annotations

    def unaliased(self, annotation: ast.expr, scope: Scope) -> tuple[ast.expr, Scope]:
        """An annotation with quotes and module-level aliases (`DbSession = Annotated[...]`) looked through."""
        return self._annotations.unaliased(annotation, scope)

    def promised(self, annotation: ast.expr, scope: Scope) -> Value | None:
        """What an annotation promises, unions included."""
        return self._annotations.annotation_type(annotation, scope)

    def annotation_type(self, annotation: ast.expr, scope: Scope) -> Value | None:
        """The class whose instances an annotation promises; None for unions of several and for Any."""
        return _one(self.promised(annotation, scope))

    def dependency_result(self, call: ast.Call, scope: Scope) -> Value | None:
        """What `Depends(f)` hands to its parameter."""
        return self._annotations.dependency_result(call, scope)


def _one(value: Value | None) -> Value | None:
    return None if value is None or value.either else value
