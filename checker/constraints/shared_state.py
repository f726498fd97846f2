"""State of modules that changes while the app serves: what two constraints ask about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from checker.constraints.global_uses import globals_used
from checker.constraints.module_state import (
    changes,
    handed_to_change,
    keeps_tasks,
    later,
    package_modules,
    root_variable,
    runs_later,
)
from checker.constraints.outside import is_started
from checker.constraints.resources import LOCKS, changes_its_object, is_local, is_resource
from checker.source import Class, Function, Project, Scope, Variable
from checker.source.declaring import function_of
from checker.source.model import Store

_COLLECTIONS = frozenset({
    "builtins.list", "builtins.dict", "builtins.set", "collections.deque", "collections.defaultdict",
    "collections.OrderedDict", "collections.Counter", "builtins.bytearray", "collections.ChainMap", "weakref.WeakSet",
    "weakref.WeakValueDictionary", "weakref.WeakKeyDictionary", "asyncio.Queue", "asyncio.PriorityQueue", "queue.Queue",
    "itertools.count", "itertools.cycle", "queue.PriorityQueue", "queue.SimpleQueue", "asyncio.Event", "threading.Event", "multiprocessing.Event", "anyio.Event",
})  # fmt: skip


_CACHES = frozenset(
    {
        "cachetools.TTLCache",
        "cachetools.LRUCache",
        "cachetools.LFUCache",
        "cachetools.Cache",
        "cachetools.TLRUCache",
    }
)


def runs_while_serving(function: Function, project: Project) -> bool:
    """Start-up code may fill a module's variable; everything else that runs later may not."""
    starting = {
        *project.framework.lifespans,
        *(f for _, f in project.framework.event_handlers if f is not None),
    }
    return function not in starting


def state_kind(variable: Variable, project: Project) -> str:
    """The kind of list, dict, set, cache or flag that a variable holds; empty where it holds something else."""
    value = project.names.variable_value(variable)
    kind = value.name.removesuffix("()") if value is not None and value.instance else ""
    return kind if kind in _COLLECTIONS | _CACHES else ""


def state_changed(project: Project) -> dict[Variable, tuple[Function, int]]:
    """Lists, dicts, sets and flags of modules that change while the app serves, with the place of the first change."""
    if project not in _CHANGED:
        _CHANGED[project] = dict(_state_changed(project))
    return _CHANGED[project]


# Two constraints ask.
_CHANGED: WeakKeyDictionary[Project, dict[Variable, tuple[Function, int]]] = WeakKeyDictionary()


def _state_changed(project: Project) -> Iterator[tuple[Variable, tuple[Function, int]]]:
    reported: set[Variable] = set()
    inner = {f for module in project.modules for outer in module.functions for f in outer.functions.values()}
    routed = {operation.function.module for operation in project.operations}
    for function in [*project.in_requests, *later(project)]:
        if function.module.is_test or not runs_while_serving(function, project):
            continue
        for variable, line in [*changes(function, project), *handed_to_change(function, project)]:
            kind = state_kind(variable, project)
            if variable in reported or not kind or keeps_tasks(variable):
                continue
            # Where no request could be traced to the function, it may be a registration: not of a cache, and not beside
            # path operations, where validators and the like run.
            # Coroutines are awaited once the app runs, and what stands in for a decorated function is called in its place.
            traced = function in project.in_requests or function.is_async
            traced = traced or (function in inner and runs_later(function))
            traced = traced or (_remembers(function, variable) and not _keeps_locks(variable, project))
            if not traced and kind not in _CACHES and function.module not in routed:
                continue
            reported.add(variable)
            yield variable, (function, line)
    # A registry of open clients is state whenever it is filled.
    for module in package_modules(project):
        for function in module.functions:
            for variable, line in _clients_kept(function, project):
                if variable not in reported:
                    reported.add(variable)
                    yield variable, (function, line)


def _keeps_locks(variable: Variable, project: Project) -> bool:
    """A lock for each key keeps nothing that a request could see."""
    table = project.names.variable_value(variable)
    held = table.parts[-1] if table is not None and table.parts else None
    return held is not None and held.name.removesuffix("()").rpartition(".")[2] in LOCKS


def _clients_kept(function: Function, project: Project) -> Iterator[tuple[Variable, int]]:
    """`clients[url] = Client(url)` of a module's `clients`."""
    for store in function.stores:
        if store.attribute or store.value is None:
            continue
        variable = root_variable(store.target, function, project)
        kept = project.names.look(store.value, function) if variable is not None else None
        if variable is None or kept is None or not state_kind(variable, project):
            continue
        if any(is_resource(one, project) for one in kept.possibilities):
            yield variable, store.line


def _remembers(function: Function, variable: Variable) -> bool:
    """`return clients[key]` in the function that fills it: it keeps what it made, and no import does that."""
    return any(
        isinstance(inner, ast.Subscript)
        and isinstance(inner.ctx, ast.Load)
        and isinstance(inner.value, ast.Name)
        and inner.value.id == variable.name
        for inner in ast.walk(function.node)
    )


def shared_state(project: Project) -> frozenset[Variable]:
    """What changes while the app serves, or is filled when it starts and read by requests."""
    if project not in _SHARED:
        filled = (
            variable
            for variable, _, _ in filled_at_start(project)
            if state_kind(variable, project) and not keeps_tasks(variable)
        )
        _SHARED[project] = frozenset((*state_changed(project), *filled))
    return _SHARED[project]


_SHARED: WeakKeyDictionary[Project, frozenset[Variable]] = WeakKeyDictionary()


def filled_at_start(project: Project) -> Iterator[tuple[Variable, Function, int]]:
    """Variables that start-up code of the service changes and requests read, with the place of the change."""
    filled: dict[Variable, tuple[Function, int]] = {}
    for function in _starting(project):
        if not function.module.is_test:
            for variable, line in [*changes(function, project), *handed_to_change(function, project)]:
                filled.setdefault(variable, (function, line))
    if not filled:
        return
    read: set[Variable] = set()
    for function in project.in_requests:
        read.update(variable for _, variable in globals_used(function, project))
    for variable, (function, line) in filled.items():
        if variable in read and variable.name not in function.declared_global:
            yield variable, function, line


def _starting(project: Project) -> list[Function]:
    """Lifespans, handlers of start-up events, and the plain functions that they call."""
    waiting = list(project.framework.lifespans)
    waiting += [f for _, f in project.framework.event_handlers if f is not None]
    found: dict[Function, None] = {}
    while waiting:
        function = waiting.pop()
        if function not in found and function not in project.in_requests:
            found[function] = None
            waiting += [c.callee for c in function.calls if c.callee is not None and not is_started(c)]
            waiting += function.functions.values()
    return list(found)


def injected_and_changed(project: Project) -> Iterator[tuple[Variable, Function, int]]:
    """`Depends(guard)` where `guard` is an object of a module, and its `__call__` or method writes into it at every request."""
    for call in project.framework.depends_calls:
        given = call.argument(0, "dependency")
        if given is None or call.scope.module.is_test:
            continue
        variable = project.names.variable(given, call.scope)
        if variable is None and isinstance(given, ast.Attribute):
            variable = project.names.variable(given.value, call.scope)
        function = function_of(given, call.scope, project.names)
        value = project.names.variable_value(variable) if variable is not None else None
        if variable is None or function is None or value is None or not value.instance:
            continue
        if isinstance(value.item, Class) and not is_local(value, project) and changes_its_object(function):
            yield variable, function, function.line


def libraries_changed(function: Function) -> Iterator[Store]:
    """`warnings.showwarning = show`, `payments.api_key = key`: what a function puts into a module of a library."""
    for store in function.stores:
        if store.attribute in {"", "="} or not isinstance(store.target, ast.Name):
            continue
        scope: Scope | None = function
        while scope is not None and store.target.id not in {**scope.imports, **scope.bindings}:
            scope = scope.parent
        home = scope if scope is not None else function.module.scope
        dotted = home.imports.get(store.target.id, "")
        if dotted.isidentifier() and store.target.id not in home.bindings:
            yield store


def caches_of_results(function: Function, project: Project) -> Iterator[ast.expr]:
    """`TTLCache(...)` of `@cached(TTLCache(...))`, or of the variable there: a cache that the decorator keeps for all who call."""
    for mark in function.decorators:
        scope = function.parent or function.module.scope
        if isinstance(mark, ast.Call) and project.names.qualify(mark.func, scope) in _REMEMBERING:
            given = next(iter([*mark.args, *(k.value for k in mark.keywords if k.arg == "cache")]), None)
            variable = project.names.variable(given, scope) if given is not None else None
            if variable is not None and variable.module is function.module and len(variable.bindings) == 1:
                given = variable.bindings[0].value
            if isinstance(given, (ast.Call, ast.Dict)):
                yield given


_REMEMBERING = frozenset(
    {"cachetools.cached", "cachetools.func.cached", "asyncache.cached", "cachetools_async.cached"}
)
