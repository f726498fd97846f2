"""What a name means: imports, aliases, re-exports, attributes, results of calls, types of parameters.

`evaluate` answers for an expression with a `Value`, or with None wherever it is not sure.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from checker.source.annotations import Annotations
from checker.source.classes import Classes
from checker.source.libraries import canonical, result_of
from checker.source.model import Binding, BindingKind, Class, Function, Module, Parameter, Scope
from checker.source.roots import Roots
from checker.source.values import MOST_BINDINGS, Value, Variable, agreed, library_member

MAX_DEPTH = 60
_TRANSPARENT = frozenset({"functools.partial", "functools.wraps", "typing.cast"})
_ITERATORS = frozenset({
    "typing.Iterator", "typing.AsyncIterator", "typing.Generator", "typing.AsyncGenerator", "typing.Iterable",
    "typing.AsyncIterable", "contextlib.AbstractContextManager", "contextlib.AbstractAsyncContextManager",
    "typing.ContextManager", "typing.AsyncContextManager", "contextlib._GeneratorContextManager",
})  # fmt: skip


class Names:
    """Answers about names for one project; every answer is remembered."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._modules = {module.name: module for module in modules}
        self._values: dict[int, Value | None] = {}
        self._imports: dict[tuple[int, str], Value | None] = {}
        self._busy: set[int] = set()
        self._depth = 0
        self._roots = Roots(self._modules)
        self._annotations = Annotations(self)
        self._classes = Classes(self)
        self._state: dict[str, list[tuple[ast.expr, Scope]]] = {}
        for module in self._modules.values():
            for store in module.stores:
                holder = store.target
                if store.value is not None and isinstance(holder, ast.Attribute) and holder.attr == "state":
                    self._state.setdefault(store.attribute, []).append((store.value, store.scope))

    # Expressions

    def evaluate(self, expression: ast.expr, scope: Scope) -> Value | None:
        """What an expression stands for; None when unsure."""
        key = id(expression)
        if key in self._values:
            return self._values[key]
        if key in self._busy or self._depth > MAX_DEPTH:
            return None
        self._busy.add(key)
        self._depth += 1
        try:
            found = self._evaluate(expression, scope)
        finally:
            self._depth -= 1
            self._busy.discard(key)
        self._values[key] = found
        return found

    def qualify(self, expression: ast.expr, scope: Scope) -> str:
        """Canonical dotted name of what an expression names (not of its type), or an empty string."""
        value = self.evaluate(expression, scope)
        return value.name if value is not None and not value.instance else ""

    def type_name(self, expression: ast.expr, scope: Scope) -> str:
        """Canonical dotted name of the class whose instance an expression is, or an empty string."""
        value = self.evaluate(expression, scope)
        return value.name if value is not None and value.instance else ""

    def _evaluate(self, expression: ast.expr, scope: Scope) -> Value | None:
        match expression:
            case ast.Name():
                return self._name(expression.id, scope, getattr(expression, "lineno", None))
            case ast.Attribute():
                owner = self.evaluate(expression.value, scope)
                return self.member(owner, expression.attr) if owner is not None else None
            case ast.Call():
                return self._call(expression, scope)
            case ast.Await() | ast.NamedExpr():
                return self.evaluate(expression.value, scope)
            case ast.Subscript():
                return self._subscript(expression, scope)
            case ast.BinOp(op=ast.Div()):
                left = self.evaluate(expression.left, scope)
                return left if left is not None and left.name == "pathlib.Path" and left.instance else None
            case ast.BoolOp():
                return agreed([self.evaluate(part, scope) for part in expression.values])
            case ast.IfExp():
                return agreed(
                    [self.evaluate(expression.body, scope), self.evaluate(expression.orelse, scope)]
                )
            case ast.Constant():
                kind = type(expression.value).__name__
                return None if expression.value is None else Value(f"builtins.{kind}", instance=True)
            case ast.JoinedStr():
                return Value("builtins.str", instance=True)
            case ast.Dict() | ast.DictComp():
                return Value("builtins.dict", instance=True)
            case ast.List() | ast.ListComp():
                return Value("builtins.list", instance=True)
            case ast.Set() | ast.SetComp():
                return Value("builtins.set", instance=True)
            case ast.Tuple():
                return Value("builtins.tuple", instance=True)
        return None

    def _subscript(self, expression: ast.Subscript, scope: Scope) -> Value | None:
        owner = self.evaluate(expression.value, scope)
        if owner is None:
            return None
        if owner.instance:
            found = result_of(f"{owner.name}.__getitem__")
            return None if found.endswith("()") else Value(found, instance=True)
        # `sessionmaker[Session](...)`, `Repository[Tool](...)`
        return owner if isinstance(owner.item, Class) or owner.name[:1].islower() else None

    # Names in scopes

    def _name(self, name: str, scope: Scope, line: int | None) -> Value | None:
        current: Scope | None = scope
        while current is not None:
            skip = isinstance(current, Class) and current is not scope
            if not skip and name not in current.declared_global and self._holds(current, name):
                return self._local(name, current, line if current is scope else None)
            current = current.parent
        for base in scope.module.star_imports:
            found = self._from_star(base, name, scope.module)
            if found is not None:
                return found
        if name == "__class__":
            return None
        return Value(f"builtins.{name}") if hasattr(builtins, name) else None

    def _holds(self, scope: Scope, name: str) -> bool:
        if (
            name in scope.bindings
            or name in scope.imports
            or name in scope.functions
            or name in scope.classes
        ):
            return True
        return isinstance(scope, Function) and scope.parameter(name) is not None

    def _local(self, name: str, scope: Scope, line: int | None) -> Value | None:
        if name in scope.functions:
            function = scope.functions[name]
            return Value(function.qualified, item=function)
        if name in scope.classes:
            found = scope.classes[name]
            return Value(found.qualified, item=found)
        if name in scope.imports:
            return self._imported(name, scope)
        bindings = scope.bindings.get(name, [])
        if len(bindings) > MOST_BINDINGS:
            return None
        parameter = scope.parameter(name) if isinstance(scope, Function) else None
        if line is not None and isinstance(scope, Function):
            bindings = [b for b in bindings if b.line < line] or (bindings if parameter is None else [])
        if bindings:
            if bindings[-1].certain or (len(bindings) == 1 and parameter is None):
                return self.bound(bindings[-1], scope)
            values = [self.bound(b, scope) for b in bindings]
            if parameter is not None and isinstance(scope, Function):
                values.append(self.parameter_type(parameter, scope))
            return agreed(values)
        if parameter is not None and isinstance(scope, Function):
            return self.parameter_type(parameter, scope)
        return None

    def _imported(self, name: str, scope: Scope) -> Value | None:
        key = (id(scope), name)
        if key not in self._imports:
            # Two modules that re-export from each other would go on for ever.
            self._imports[key] = None
            self._imports[key] = self.resolve(scope.imports[name], scope.module)
        return self._imports[key]

    def bound(self, binding: Binding, scope: Scope) -> Value | None:
        """What a binding gives to its name."""
        if binding.annotation is not None:
            annotated = self.annotation_type(binding.annotation, scope)
            if annotated is not None:
                return annotated
        if binding.value is None:
            return None
        if binding.kind is BindingKind.ASSIGN:
            return self.evaluate(binding.value, scope)
        if binding.kind in {BindingKind.WITH, BindingKind.ASYNC_WITH}:
            return self._entered(self.evaluate(binding.value, scope), binding.kind)
        return None

    def _entered(self, manager: Value | None, kind: BindingKind) -> Value | None:
        """What `as` gives in a `with`."""
        if manager is None:
            return None
        if isinstance(manager.item, Function):
            return self.yielded(manager.item)
        if isinstance(manager.item, Class):
            method = "__enter__" if kind is BindingKind.WITH else "__aenter__"
            enter = self.method(manager.item, method)
            if enter is None or enter.returns_annotation is None:
                return manager
            return self.annotation_type(enter.returns_annotation, enter) or manager
        return manager

    def parameter_type(self, parameter: Parameter, function: Function) -> Value | None:
        """The type of a parameter: `self`, its annotation, or what its dependency gives."""
        if parameter.variadic:
            return None
        if (
            function.owner is not None
            and function.parameters[0] is parameter
            and parameter.annotation is None
        ):
            decorators = {self.qualify(d, function.owner) for d in function.decorators}
            if "builtins.staticmethod" not in decorators:
                is_instance = "builtins.classmethod" not in decorators and parameter.name != "cls"
                return Value(function.owner.qualified, instance=is_instance, item=function.owner)
        if parameter.annotation is not None:
            found = self.annotation_type(parameter.annotation, function)
            if found is not None or self.qualify(parameter.annotation, function) != "typing.Any":
                return found
        if isinstance(parameter.default, ast.Call):
            return self._annotations.dependency_result(parameter.default, function)
        return None

    # Imports

    def _from_star(self, base: str, name: str, module: Module) -> Value | None:
        target = self.module_named(base, module)
        if target is None:
            return None
        if self._holds(target.scope, name):
            return self._local(name, target.scope, None)
        if self._depth > MAX_DEPTH:
            return None
        self._depth += 1
        try:
            for inner in target.star_imports:
                found = self._from_star(inner, name, target)
                if found is not None:
                    return found
        finally:
            self._depth -= 1
        return None

    def module_named(self, dotted: str, importer: Module) -> Module | None:
        """The project's own module behind an import."""
        return self._roots.module_named(dotted, importer)

    def resolve(self, dotted: str, importer: Module) -> Value | None:
        """What a dotted import path names."""
        absolute = self._roots.absolute(dotted, importer)
        if absolute is None:
            return Value(canonical(dotted.lstrip(".")))
        parts = absolute.split(".")
        for length in range(len(parts), 0, -1):
            module = self._modules.get(".".join(parts[:length]))
            if module is None:
                continue
            value: Value | None = Value(module.name, item=module)
            for part in parts[length:]:
                value = self.member(value, part) if value is not None else None
            return value
        return Value(absolute)

    def variable(self, expression: ast.expr, scope: Scope) -> Variable | None:
        """The module variable that a name or attribute reads, None for anything local."""
        if isinstance(expression, ast.Attribute):
            owner = self.evaluate(expression.value, scope)
            if owner is not None and isinstance(owner.item, Module):
                return self._variable_in(owner.item, expression.attr)
            return None
        if not isinstance(expression, ast.Name):
            return None
        name = expression.id
        current: Scope | None = scope
        while current is not None and current is not scope.module.scope:
            skip = isinstance(current, Class) and current is not scope
            if not skip and name not in current.declared_global and self._holds(current, name):
                target = current.imports.get(name)
                return self._variable_at(target, scope.module) if target is not None else None
            current = current.parent
        return self._variable_in(scope.module, name)

    def _variable_in(self, module: Module, name: str, depth: int = 0) -> Variable | None:
        if name in module.scope.functions or name in module.scope.classes:
            return None
        if name in module.scope.imports:
            return self._variable_at(module.scope.imports[name], module, depth + 1)
        if name in module.scope.bindings:
            return Variable(module, name)
        if depth < MAX_DEPTH:
            for base in module.star_imports:
                target = self.module_named(base, module)
                found = self._variable_in(target, name, depth + 1) if target is not None else None
                if found is not None:
                    return found
        return None

    def _variable_at(self, dotted: str, importer: Module, depth: int = 0) -> Variable | None:
        owner, _, name = dotted.rpartition(".")
        if depth > MAX_DEPTH or not name or self.module_named(dotted, importer) is not None:
            return None
        module = self.module_named(owner or ".", importer)
        return self._variable_in(module, name, depth + 1) if module is not None else None

    def variable_value(self, variable: Variable) -> Value | None:
        """What a module variable holds."""
        values = [self.bound(b, variable.module.scope) for b in variable.bindings]
        return agreed(values)

    # Attributes

    def member(self, owner: Value, attribute: str) -> Value | None:
        """What `owner.attribute` stands for."""
        item = owner.item
        if isinstance(item, Module):
            return self._module_member(item, attribute)
        if isinstance(item, Class):
            return self._classes.member(owner, item, attribute)
        if owner.instance and owner.name == "starlette.State":
            return agreed([self.evaluate(value, scope) for value, scope in self._state.get(attribute, [])])
        return library_member(owner, attribute)

    def _module_member(self, module: Module, attribute: str) -> Value | None:
        if self._holds(module.scope, attribute):
            found = self._local(attribute, module.scope, None)
            if found is not None or attribute not in module.scope.imports:
                return found
        inner = self._modules.get(f"{module.name}.{attribute}" if module.name else attribute)
        if inner is not None:
            return Value(inner.name, item=inner)
        for base in module.star_imports:
            found = self._from_star(base, attribute, module)
            if found is not None:
                return found
        return None

    def lineage(self, item: Class) -> tuple[tuple[Class, ...], tuple[str, ...]]:
        """The class and its bases in the project, and the library classes behind them."""
        return self._classes.lineage(item)

    def method(self, item: Class, name: str) -> Function | None:
        """A method of a class or of its bases in the project."""
        return self._classes.method(item, name)

    def is_a(self, value: Value | None, *names: str) -> bool:
        """Whether a class, or the class of an instance, is one of these or derives from one."""
        return self._classes.is_a(value, *names)

    # Calls

    def _call(self, expression: ast.Call, scope: Scope) -> Value | None:
        function = expression.func
        if isinstance(function, ast.Name) and function.id == "super":
            return self._classes.parent_of(scope)
        called = self.evaluate(function, scope)
        if called is None:
            return None
        item = called.item
        if isinstance(item, Function):
            return self._result(item)
        if isinstance(item, Class):
            if not called.instance:
                return Value(called.name, instance=True, item=item)
            method = self.method(item, "__call__")
            if method is not None:
                return self._result(method)
            theirs = self.lineage(item)[1]
            return Value(result_of(f"{theirs[0]}.__call__"), instance=True) if theirs else None
        if isinstance(item, Module):
            return None
        if called.name in _TRANSPARENT and expression.args:
            if called.name == "typing.cast":
                return self.annotation_type(expression.args[0], scope)
            return self.evaluate(expression.args[0], scope)
        name = f"{called.name}.__call__" if called.instance else called.name
        return Value(canonical(result_of(name)), instance=True)

    def _result(self, function: Function) -> Value | None:
        if function.is_generator:
            # Entering it as a context manager, or iterating, asks for what it yields.
            return Value(f"{function.qualified}()", instance=True, item=function)
        return self.returned(function)

    def returned(self, function: Function) -> Value | None:
        """What calling a function (and awaiting it) gives."""
        if function.returns_annotation is not None:
            found = self.annotation_type(function.returns_annotation, function)
            if found is not None:
                return found
        if isinstance(function.node, ast.Lambda):
            return self.evaluate(function.node.body, function)
        values = [self.evaluate(r.value, function) for r in function.returns if r.value is not None]
        return agreed(values)

    def yielded(self, function: Function) -> Value | None:
        """What a generator yields, or what a function that returns a context manager gives on entering."""
        annotation = function.returns_annotation
        if isinstance(annotation, ast.Subscript) and self.qualify(annotation.value, function) in _ITERATORS:
            inner = annotation.slice
            first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
            found = self.annotation_type(first, function)
            if found is not None:
                return found
        return agreed([self.evaluate(y.value, function) for y in function.yields if y.value is not None])

    # Annotations

    def unaliased(self, annotation: ast.expr, scope: Scope) -> tuple[ast.expr, Scope]:
        """An annotation with quotes and module-level aliases (`DbSession = Annotated[...]`) looked through."""
        return self._annotations.unaliased(annotation, scope)

    def annotation_type(self, annotation: ast.expr, scope: Scope) -> Value | None:
        """The class whose instances an annotation promises; None for unions of several and for Any."""
        return self._annotations.annotation_type(annotation, scope)
