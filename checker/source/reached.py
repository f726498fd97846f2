"""Which files of a code base the app loads, at its start or later.

A repository may hold a client, workers, commands and tools beside its service. Imports at the head of a file count, and
those inside functions that something which runs so much as names: names decide here, not calls that were followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from checker.source.bind import imported_names
from checker.source.edges import HARMLESS
from checker.source.framework import Framework
from checker.source.model import Class, Function, Module, Scope, Unreadable
from checker.source.names import Names
from checker.source.places import is_aside_module, is_away, is_example, is_plugin
from checker.source.values import Value
from checker.source.written import is_main_guard, is_type_checking, last_name, uncalled

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LOADERS = frozenset({"import_module", "__import__", "iter_modules", "walk_packages", "find_modules"})
_ENTRY_POINTS = frozenset({"entry_points", "iter_entry_points"})
_REGISTRIES = frozenset(
    {"pydantic", "sqlalchemy", "sqlmodel", "tortoise", "beanie", "odmantic", "peewee", "enum"}
)
"""Libraries that know their classes by themselves, once the module is loaded."""
_KNOWN_BASES = _REGISTRIES | {
    "builtins", "abc", "typing", "typing_extensions", "dataclasses", "contextlib", "collections", "pydantic_settings",
}  # fmt: skip
"""Bases that call no method of their own accord but those with two underscores and those that a decorator marks."""
_LONGEST_NAME = 200


def modules_reached(
    modules: Iterable[Module], unreadable: Iterable[Unreadable], framework: Framework, names: Names
) -> tuple[Module, ...]:
    """The modules that the app loads; all but the tests where no app was found."""
    known = [module for module in modules if not module.is_test]
    entries = _entries(framework)
    if not entries:
        return tuple(known)
    walk = _Walk(known, names)
    apps = {module for module, _ in framework.apps}
    walk.begin([m for m in [*entries, *_makers_called(known, framework)] if m in apps or not apps], framework)
    # Who includes a router is not always seen; that nobody so much as imports it is.
    left = [module for module in entries if module not in walk.loaded]
    walk.begin(_loadable(left, known, names) if left else [], framework)
    # A file of the service that could not be read may have imported anything beside it, but for what is a program of its own.
    unread = {_folder(one.path) for one in unreadable if one.path.endswith(".py")}
    unread &= {_folder(module.path) for module in walk.loaded}
    walk.load_all(module for module in known if _folder(module.path) in unread and not _is_program(module))
    return tuple(module for module in known if module in walk.loaded)


def _entries(framework: Framework) -> list[Module]:
    """Files that make an app or declare path operations; those of commands and mocks only where there is no other."""
    found = [module for module, _ in framework.apps] + [o.function.module for o in framework.operations]
    found = [module for module in dict.fromkeys(found) if not module.is_test]
    return [m for m in found if is_example(m) or not (is_aside_module(m) or is_away(m, framework))] or found


def _makers_called(known: Iterable[Module], framework: Framework) -> list[Module]:
    """Files that call the app's factory as they are imported, which are what a server is given: `app = create_app()`."""
    makers = {call.scope for _, call in framework.apps if isinstance(call.scope, Function)}
    return [
        module
        for module in known
        if not (is_aside_module(module) or is_away(module, framework))
        and any(call.callee in makers and not call.main_guard for call in module.scope.calls)
    ]


def _loadable(candidates: list[Module], known: Iterable[Module], names: Names) -> list[Module]:
    """Those that another file imports; all where some file loads modules by names that it puts together."""
    if any(_loads_unseen(call.node) for module in known for call in module.calls):
        return candidates
    imported = {
        module
        for importer in known
        for dotted in importer.imported
        for module in names.modules_named(dotted, importer)
        if module is not importer
    }
    return [module for module in candidates if module in imported]


def _is_program(module: Module) -> bool:
    return any(isinstance(part, ast.If) and is_main_guard(part.test) for part in module.tree.body)


def _loads_unseen(node: ast.Call) -> bool:
    return last_name(node.func) in _LOADERS and not (node.args and isinstance(node.args[0], ast.Constant))


def homes(framework: Framework) -> tuple[str, ...]:
    """The folders of the files in which the app begins, each with its slash; empty for the project's own."""
    return tuple({module.path[: module.path.rfind("/") + 1] for module in _entries(framework)})


class _Walk:
    """From the app's files along imports and names to every file that it loads.

    Read one by one: what a module does as it is imported, what a class holds, and each function with all that is inside it.
    """

    def __init__(self, known: list[Module], names: Names) -> None:
        self.loaded: set[Module] = set()
        self._known = known
        self._names = names
        self._named = {module.name: module for module in known}
        self._run: set[Scope] = set()
        self._waiting: list[tuple[Scope, list[ast.AST]]] = []
        self._attributes: set[str] = set()
        self._methods: dict[str, list[Function]] = {}
        """Methods of classes in use that nothing has named so far."""
        self._looked_up: set[tuple[Scope, str]] = set()

    def begin(self, entries: Iterable[Module], framework: Framework) -> None:
        """Load the files in which the app begins, and what they lead to."""
        for module in entries:
            self._load(module)
        makers = (call.scope for _, call in framework.apps if isinstance(call.scope, Function))
        for function in (*_called_by_framework(framework), *makers):
            if function.module in self.loaded:
                self._reach(function)
        self._go_on()

    def load_all(self, modules: Iterable[Module]) -> None:
        """Load files of which anything may be called, and what they lead to."""
        for module in modules:
            self._load_whole(module)
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting:
            self._read(*self._waiting.pop())

    def _load(self, module: Module) -> None:
        if module in self.loaded or module.is_test:
            return
        self.loaded.add(module)
        package = self._named.get(module.name.rpartition(".")[0])
        if package is not None:
            self._load(package)
        self._waiting.append((module.scope, list(module.tree.body)))
        for function in module.scope.functions.values():
            if self._is_registered(function):
                self._reach(function)
        for made in module.scope.classes.values():
            if made.node.decorator_list or made.node.keywords or self._registers(made):
                self._reach(made)

    def _is_registered(self, function: Function) -> bool:
        """A decorator that is not known may have handed the function on."""
        scope = function.parent or function.module.scope
        return any(self._names.qualify(uncalled(d), scope) not in HARMLESS for d in function.decorators)

    def _registers(self, made: Class) -> bool:
        """Whether a base may keep a list of the classes made of it."""
        own, libraries = self._names.lineage(made)
        return any("__init_subclass__" in base.functions or base.node.keywords for base in own) or any(
            library.partition(".")[0] in _REGISTRIES for library in libraries
        )

    def _reach(self, item: Scope) -> None:
        """Note that a function or class is named in something that runs."""
        outer = _outermost(item)
        if outer in self._run:
            return
        self._run.add(outer)
        self._load(outer.module)
        if isinstance(outer, Class):
            self._reach_class(outer)
        elif isinstance(outer, Function):
            self._waiting.append((outer, [outer.node]))
            if outer.owner is not None:
                self._reach(outer.owner)

    def _reach_class(self, made: Class) -> None:
        node = made.node
        self._waiting.append((made, [*node.decorator_list, *node.bases, *node.keywords, *node.body]))
        libraries = self._names.lineage(made)[1]
        is_hooked = any(library.partition(".")[0] not in _KNOWN_BASES for library in libraries)
        for name, method in made.functions.items():
            is_named = name in self._attributes or name.startswith("__")
            if is_hooked or is_named or self._is_registered(method):
                self._reach(method)
            else:
                self._methods.setdefault(name, []).append(method)

    def _read(self, scope: Scope, nodes: list[ast.AST]) -> None:
        """Follow every name in a piece of code; functions and classes in a module or class are pieces of their own."""
        is_function = isinstance(scope, Function)
        inside = list(_inside(scope))
        of_libraries = {id(c.node.func) for one in inside for c in one.calls if c.target and not c.callees}
        stack = list(nodes)
        while stack:
            node = stack.pop()
            match node:
                case ast.Name():
                    if isinstance(node.ctx, ast.Load):
                        self._follow_name(node.id, scope, inside)
                    continue
                case ast.Attribute() if id(node) not in of_libraries:
                    self._follow_attribute(node, scope, inside)
                case ast.Constant():
                    if isinstance(node.value, str):
                        self._follow_text(node.value)
                    continue
                case ast.Import() | ast.ImportFrom():
                    for name in imported_names(node, scope.module):
                        self._import(name, scope.module)
                    continue
                case ast.Call():
                    self._load_unseen(node, scope)
                case ast.If() if is_type_checking(node.test) or is_main_guard(node.test):
                    stack += node.orelse
                    continue
                case _ if isinstance(node, _DEFINITIONS) and not is_function:
                    continue
            stack += ast.iter_child_nodes(node)

    def _follow_name(self, name: str, scope: Scope, inside: list[Scope]) -> None:
        if (scope, name) in self._looked_up:
            return
        self._looked_up.add((scope, name))
        for holder in (*inside, *_around(scope)):
            for item in (holder.functions.get(name), holder.classes.get(name)):
                if item is not None:
                    self._reach(item)
            if name in holder.imports:
                self._follow(self._names.imported(name, holder))
        if scope.module.star_imports:
            self._follow(self._names.from_stars(name, scope.module))

    def _follow_attribute(self, node: ast.Attribute, scope: Scope, inside: list[Scope]) -> None:
        self._use(node.attr)
        root = node.value
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and any(root.id in one.imports for one in (*inside, *_around(scope))):
            self._follow(self._names.look(node, scope))

    def _use(self, attribute: str) -> None:
        """A method of that name may be called."""
        if attribute not in self._attributes:
            self._attributes.add(attribute)
            for method in self._methods.pop(attribute, ()):
                self._reach(method)

    def _follow(self, value: Value | None) -> None:
        item = value.item if value is not None else None
        if isinstance(item, (Function, Class)) and not item.module.is_test:
            self._reach(item)
        elif isinstance(item, Module):
            self._load(item)

    def _follow_text(self, text: str) -> None:
        """`"app.plugins.mail"`, `"app.main:create"`, `getattr(self, "send")`: what is named in a text may be used."""
        if text.isidentifier():
            self._use(text)
        elif len(text) <= _LONGEST_NAME and text.replace(".", "").replace("_", "").replace(":", "").isalnum():
            dotted = text.replace(":", ".")
            owner, _, name = dotted.rpartition(".")
            for found in (self._named.get(dotted), self._named.get(owner)):
                if found is not None:
                    self._load(found)
                    item = found.scope.functions.get(name) or found.scope.classes.get(name)
                    if item is not None:
                        self._reach(item)

    def _import(self, dotted: str, importer: Module) -> None:
        for module in self._names.modules_named(dotted, importer):
            self._load(module)

    def _load_unseen(self, node: ast.Call, scope: Scope) -> None:
        """What loads modules by a name that it puts together may load all that lies below it, and call anything there."""
        name = last_name(node.func)
        asked = node.args[0] if node.args else None
        if name in _ENTRY_POINTS:
            self._load_plugins()
        # A module's `__getattr__` loads what is asked for by its name.
        if not _loads_unseen(node) or scope.name == "__getattr__":
            return
        self._load_plugins()
        is_put_together = name != "import_module" or isinstance(asked, (ast.JoinedStr, ast.BinOp))
        below = f"{_folder(scope.module.path)}/" if is_put_together else ""
        for module in self._known:
            if len(below) > 1 and module.path.startswith(below):
                self._load_whole(module)

    def _load_plugins(self) -> None:
        """Load the files of plug-ins, which the app finds by their entry points."""
        for module in self._known:
            if is_plugin(module):
                self._load_whole(module)

    def _load_whole(self, module: Module) -> None:
        self._load(module)
        for item in (*module.scope.functions.values(), *module.scope.classes.values()):
            self._reach(item)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _outermost(scope: Scope) -> Scope:
    """The outermost function around a scope, or the class or module itself."""
    return next((one for one in reversed([scope, *_around(scope)]) if isinstance(one, Function)), scope)


def _around(scope: Scope) -> Iterator[Scope]:
    parent = scope.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _inside(scope: Scope) -> Iterator[Scope]:
    """The scopes that are read together with this one: all that are inside a function."""
    yield scope
    if isinstance(scope, Function):
        waiting: list[Scope] = [*scope.functions.values(), *scope.classes.values()]
        while waiting:
            inner = waiting.pop()
            yield inner
            waiting += [*inner.functions.values(), *inner.classes.values()]


def _called_by_framework(framework: Framework) -> Iterator[Function]:
    yield from (operation.function for operation in framework.operations)
    yield from framework.dependencies
    yield from framework.middleware
    yield from framework.exception_handlers
    yield from framework.lifespans
    yield from (function for _, function in framework.event_handlers if function is not None)
    yield from (function for function, _ in framework.background)
    yield from framework.started_tasks
    yield from framework.handlers
