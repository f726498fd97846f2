"""What imports lead to: modules of the project, names behind re-exports and stars, variables of modules."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from checker.source.libraries import canonical
from checker.source.library_types import KNOWN_LIBRARIES
from checker.source.model import Class, Function, Module, Scope
from checker.source.roots import Roots, makes_names
from checker.source.values import Value, Variable

if TYPE_CHECKING:
    from checker.source.names import Names


class Imports:
    """Answers about imports; every answer is remembered."""

    def __init__(self, names: Names, modules: Mapping[str, Module]) -> None:
        self._names = names
        self._modules = modules
        self._roots = Roots(modules)
        self._found: dict[tuple[int, str], Value | None] = {}
        self._from_stars: dict[tuple[int, str], Value | None] = {}
        self._variables: dict[tuple[int, str], Variable | None] = {}
        self._below: dict[str, dict[str, list[Class | Function]]] = {}
        """What the files below a package define."""

    def module_named(self, dotted: str, importer: Module) -> Module | None:
        """The project's own module behind an import."""
        return self._roots.module_named(dotted, importer)

    def module_at(self, absolute: str) -> Module | None:
        """The project's own module with a name that is counted from the folder."""
        return self._modules.get(absolute)

    def imported(self, name: str, scope: Scope) -> Value | None:
        """What an imported name stands for."""
        key = (id(scope), name)
        if key not in self._found:
            # Two modules that re-export from each other would go on for ever.
            self._found[key] = None
            self._found[key] = self.resolve(scope.imports[name], scope.module)
        return self._found[key]

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
            hiding = self._hidden_behind(module) if length == len(parts) else None
            if hiding is not None:
                return self.imported(parts[-1], hiding.scope)
            value: Value | None = Value(module.name, item=module)
            for part in parts[length:]:
                value = self._names.member(value, part) if value is not None else None
            return value
        return Value(absolute)

    def _hidden_behind(self, module: Module) -> Module | None:
        """The package that took a name out of its module of the same name: `from .manager import manager` in `__init__.py`.

        From then on the package's name is what was taken, and no longer the module.
        """
        owner, _, name = module.name.rpartition(".")
        package = self._modules.get(owner) if owner else None
        taken = package.scope.imports.get(name) if package is not None else None
        if package is None or taken is None:
            return None
        return package if self._roots.absolute(taken, package) == f"{module.name}.{name}" else None

    def from_stars(self, name: str, module: Module) -> Value | None:
        """A name that some `from x import *` of a module brings."""
        key = (id(module), name)
        if key in self._from_stars:
            return self._from_stars[key]
        # Packages that import everything from each other would go on for ever.
        self._from_stars[key] = None
        for base in module.star_imports:
            target = self.module_named(base, module)
            if target is None or target is module:
                continue
            if self._names.holds(target.scope, name):
                found = self._names.local(name, target.scope)
            else:
                found = self.from_stars(name, target) if target.star_imports else None
            if found is not None:
                self._from_stars[key] = found
                break
        return self._from_stars[key]

    def module_member(self, module: Module, attribute: str) -> Value | None:
        """What `module.attribute` is."""
        if self._names.holds(module.scope, attribute):
            found = self._names.local(attribute, module.scope)
            if found is not None or attribute not in module.scope.imports:
                return found
        inner = self._modules.get(f"{module.name}.{attribute}" if module.name else attribute)
        if inner is not None:
            return Value(inner.name, item=inner)
        return self.from_stars(attribute, module) or self._from_library(attribute, module)

    def loaded_late(self, package: Module, attribute: str) -> Value | None:
        """A name that a package's `__getattr__` fetches when it is asked for: the one definition of it in the files below."""
        if not package.is_package or attribute.startswith("_") or not makes_names(package):
            return None
        if package.name not in self._below:
            found: dict[str, list[Class | Function]] = {}
            for name, module in self._modules.items():
                if name.startswith(f"{package.name}.") and not module.is_test:
                    held: dict[str, Class | Function] = {**module.scope.classes, **module.scope.functions}
                    for own, item in held.items():
                        found.setdefault(own, []).append(item)
            self._below[package.name] = found
        known = self._below[package.name].get(attribute, [])
        return Value(known[0].qualified, item=known[0]) if len(known) == 1 else None

    def _from_library(self, attribute: str, module: Module) -> Value | None:
        """A name that only one library can have brought: `from pydantic import *` in a module of the project."""
        if len(module.star_imports) != 1 or attribute.startswith("_") or module.is_package:
            return None
        base = module.star_imports[0]
        if base.startswith(".") or self._roots.absolute(base, module) is not None:
            return None
        known = base.partition(".")[0] in KNOWN_LIBRARIES and not makes_names(module)
        return Value(canonical(f"{base}.{attribute}")) if known else None

    def variable(self, expression: ast.expr, scope: Scope) -> Variable | None:
        """The module variable that a name or attribute reads, None for anything local."""
        if isinstance(expression, ast.Attribute):
            owner = self._names.evaluate(expression.value, scope)
            if owner is not None and isinstance(owner.item, Module):
                return self._variable_in(owner.item, expression.attr)
            return None
        if not isinstance(expression, ast.Name):
            return None
        name = expression.id
        current: Scope | None = scope
        while current is not None and current is not scope.module.scope:
            skip = isinstance(current, Class) and current is not scope
            if not skip and name not in current.declared_global and self._names.holds(current, name):
                target = current.imports.get(name)
                return self._variable_at(target, scope.module) if target is not None else None
            current = current.parent
        return self._variable_in(scope.module, name)

    def _variable_in(self, module: Module, name: str) -> Variable | None:
        key = (id(module), name)
        if key not in self._variables:
            self._variables[key] = None
            self._variables[key] = self._written_in(module, name)
        return self._variables[key]

    def _written_in(self, module: Module, name: str) -> Variable | None:
        if name in module.scope.functions or name in module.scope.classes:
            return None
        if name in module.scope.imports:
            return self._variable_at(module.scope.imports[name], module)
        if name in module.scope.bindings:
            return Variable(module, name)
        for base in module.star_imports:
            target = self.module_named(base, module)
            found = self._variable_in(target, name) if target is not None else None
            if found is not None:
                return found
        return None

    def _variable_at(self, dotted: str, importer: Module) -> Variable | None:
        owner, _, name = dotted.rpartition(".")
        hidden = self.module_named(dotted, importer) if name else None
        if hidden is not None:
            package = self._hidden_behind(hidden)
            return self._variable_in(package, name) if package is not None else None
        if not name:
            return None
        module = self.module_named(owner or ".", importer)
        return self._variable_in(module, name) if module is not None else None
