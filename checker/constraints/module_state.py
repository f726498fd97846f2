"""Variables of modules that functions change, and which functions only run while modules are imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.flow import last_name, parameter_for, whole_of
from checker.constraints.global_uses import globals_used
from checker.constraints.outside import is_started
from checker.constraints.resources import (
    changes_its_object,
    holds_state,
    is_data_class,
    is_local,
    is_mutation,
    is_resource,
    keeps_resource,
    keeps_session,
)
from checker.source import Call, Class, Function, Module, Project, Variable
from checker.source.declaring import function_of
from checker.source.model import Store
from checker.source.places import is_in_aside_folder


def later(project: Project) -> Iterator[Function]:
    """Functions of the service that no import runs; what leads to them from a request could not be followed."""
    starting = _import_time(project)
    for module in package_modules(project):
        for function in module.functions:
            if function not in starting and function not in project.in_requests:
                yield function


def package_modules(project: Project) -> Iterator[Module]:
    """Modules of the app's own package, also those that only a plug-in or an entry point loads."""
    tops = {m.path.rpartition("/")[0] for m, _ in project.framework.apps} - {""}
    is_served = any(not is_in_aside_folder(m) and not m.is_test for m, _ in project.framework.apps)
    for module in project.modules:
        if module in project.service_modules:
            beside = is_served and is_in_aside_folder(module) and not _is_imported(module, project)
            if not beside and not _is_command_line(module, project):
                yield module
        elif (
            not module.is_test
            and not _words(module) & _BESIDE
            # a program of its own
            and not any(call.main_guard or call.target in _CONSUMERS for call in module.calls)
            and module.path.startswith(tuple(f"{t}/" for t in tops))
        ):
            yield module


_CONSUMERS = frozenset({"faststream.FastStream", "faust.App", "propan.PropanApp"})
_BESIDE = frozenset(
    {"alembic", "migrations", "versions", "scripts", "cli", "commands", "worker", "workers", "celery"}
)


def _words(module: Module) -> set[str]:
    """The folders of a path, and the words of its file's name: `worker` of `jobs/email_worker.py`."""
    *folders, file = module.path.removesuffix(".py").split("/")
    return {*folders, *file.split("_")}


def _is_command_line(module: Module, project: Project) -> bool:
    """Whether a command line stands among the modules of the service because it makes an app of its own for a moment."""
    if "cli" not in _words(module):
        return False
    if any(m is module and not isinstance(call.scope, Function) for m, call in project.framework.apps):
        return False
    return not _is_imported(module, project)


def _is_imported(module: Module, project: Project) -> bool:
    """Whether another module of the service imports one."""
    return any(
        module in project.names.modules_named(dotted, other)
        for other in project.service_modules
        if other is not module
        for dotted in other.imported
    )


def _import_time(project: Project) -> set[Function]:
    """What runs while modules are imported or the app starts: registrations, factories, decorators."""
    names = project.names
    waiting: list[Function] = [*project.framework.lifespans]
    waiting += [f for _, f in project.framework.event_handlers if f is not None]
    for module in project.modules:
        for call in module.calls:
            if not isinstance(call.scope, Function) and call.callee is not None:
                waiting.append(call.callee)
        for function in module.functions:
            for decorator in function.decorators:
                plain = decorator.func if isinstance(decorator, ast.Call) else decorator
                value = names.evaluate(plain, function.parent or module.scope)
                if value is not None and isinstance(value.item, Function):
                    waiting.append(value.item)
    found: set[Function] = set()
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            # A task that is started there goes on while the app serves.
            waiting += [c.callee for c in function.calls if c.callee is not None and not is_started(c)]
            waiting += [inner for inner in function.functions.values() if not runs_later(inner)]
    return found


def runs_later(inner: Function) -> bool:
    """Whether a function runs once the app does: a coroutine, or what a decorator puts in the place of the one below it."""
    return inner.is_async or sum(p.variadic for p in inner.parameters) == 2


def resources_used(project: Project) -> Iterator[tuple[Variable, Function]]:
    """Variables that hold a client, or an object which keeps one, with a function of a request that uses it.

    What only a dependency uses is handed out as it should be, unless it is a session: that one belongs to a single request.
    """
    reported: set[Variable] = set()
    for function in project.in_requests:
        if function.module.is_test:
            continue
        by_dependency = function in project.framework.dependencies
        for _, variable in globals_used(function, project):
            if variable in reported or variable.module.is_test:
                continue
            value = project.names.variable_value(variable)
            if keeps_session(value, project) or (not by_dependency and keeps_resource(value, project)):
                reported.add(variable)
                yield variable, function


def handed_to_change(function: Function, project: Project) -> Iterator[tuple[Variable, int]]:
    """`start(job, running)` where `start` changes what it is given, and `running` is the module's."""
    for call in function.calls:
        callee = call.callee
        if callee is None:
            continue
        for name, argument in _arguments(call, callee):
            if isinstance(argument, (ast.Name, ast.Attribute)):
                variable = project.names.variable(argument, function)
                if variable is not None and _changes_parameter(callee, name, project, 0):
                    yield variable, call.line


def _arguments(call: Call, callee: Function) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of a call with the names of the parameters that take them."""
    for argument in (*call.node.args, *(keyword.value for keyword in call.node.keywords)):
        yield parameter_for(argument, call, callee), argument


def _changes_parameter(function: Function, name: str, project: Project, depth: int) -> bool:
    """Whether a function writes into what a parameter brings, or hands it to one that does."""
    if function.parameter(name) is None or function.bindings.get(name) or depth > _DEEPEST:
        return False
    bodies = [function, *(f for f in function.functions.values() if f.parameter(name) is None)]
    for body in bodies:
        if any(not s.attribute and _is_name(s.target, name) for s in body.stores):
            return True
        for call in body.calls:
            on = call.node.func
            changed = is_mutation(call.node) or last_name(call.node) in _QUEUING
            if changed and isinstance(on, ast.Attribute) and _is_name(on.value, name):
                return True
            if call.callee is not None and any(
                _is_name(argument, name) and _changes_parameter(call.callee, inner, project, depth + 1)
                for inner, argument in _arguments(call, call.callee)
            ):
                return True
    return False


_DEEPEST = 3


def _is_name(expression: ast.expr, name: str) -> bool:
    return isinstance(expression, ast.Name) and expression.id == name


def objects_changed(function: Function, project: Project) -> Iterator[tuple[Variable, int]]:
    """`manager.connect(...)` on an object of a module, where the method changes the object."""
    for call in function.calls:
        on = call.node.func
        if call.callee is None or call.callee.owner is None or not isinstance(on, ast.Attribute):
            continue
        variable = project.names.variable(on.value, function)
        value = project.names.variable_value(variable) if variable is not None else None
        if variable is None or not holds_state(value, project) or is_resource(value, project):
            continue
        if changes_its_object(call.callee):
            yield variable, call.line


def changes(function: Function, project: Project) -> Iterator[tuple[Variable, int]]:
    """The variables of modules that a function writes into, with the line."""
    for store in function.stores:
        if store.attribute != "=":
            variable = (
                module_attribute(store, project) or _changed_in_table(store, function, project)
                if store.attribute
                else root_variable(store.target, function, project)
            )
            if variable is not None:
                yield variable, store.line
    for call in function.calls:
        if _keeps_a_task(call, project):
            continue
        changed = is_mutation(call.node) or last_name(call.node) in _QUEUING
        if changed and isinstance(call.node.func, ast.Attribute):
            variable = root_variable(call.node.func.value, function, project)
            if variable is not None:
                yield variable, call.line
        elif call.target == "builtins.next" and call.node.args:
            variable = project.names.variable(call.node.args[0], function)  # `next(ids)`
            if variable is not None:
                yield variable, call.line


def _changed_in_table(store: Store, function: Function, project: Project) -> Variable | None:
    """`jobs` of `job = jobs[key]` and `job.done = True`, or of `jobs[key].done = True`."""
    target = store.target
    if isinstance(target, ast.Name):
        bound = [b.value for b in function.bindings.get(target.id, [])]
        taken = isinstance(bound[0], (ast.Subscript, ast.Call)) if len(bound) == 1 else False
    else:
        taken = isinstance(target, ast.Subscript)
    return root_variable(target, function, project) if taken else None


_QUEUING = frozenset({"put", "put_nowait", "set"})
"""Of a queue and of an event."""


def _keeps_a_task(call: Call, project: Project) -> bool:
    """`running.add(task)` of a set: the documented way to keep a task alive until it is done."""
    given = call.node.args[0] if call.node.args and last_name(call.node) == "add" else None
    kept = project.names.type_name(given, call.scope) if given is not None else ""
    return kept in {"asyncio.create_task()", "asyncio.ensure_future()", "asyncio.Task"}


def keeps_tasks(variable: Variable) -> bool:
    """`running: set[asyncio.Task] = set()`: the same, as the annotation says."""
    annotations = [b.annotation for b in variable.bindings if b.annotation is not None]
    return any(ast.unparse(a).lower().startswith("set[") and "Task" in ast.unparse(a) for a in annotations)


def root_variable(expression: ast.expr, function: Function, project: Project) -> Variable | None:
    """The variable of a module below keys: `cache` of `cache[a][b]`."""
    while isinstance(expression, ast.Subscript):
        expression = expression.value
    found = project.names.variable(expression, function)
    if found is None and isinstance(expression, ast.Name):
        bound = [b.value for b in function.bindings.get(expression.id, [])]
        held = _holder_of(bound[0]) if len(bound) == 1 else None
        return project.names.variable(held, function) if held is not None else None
    return found


def _holder_of(value: ast.expr | None) -> ast.expr | None:
    """`cache` of `found = cache`, `entry = cache[key]` and `entry = cache.get(key)`."""
    held = whole_of(value, _TAKES_OUT)
    return held if isinstance(held, (ast.Name, ast.Attribute)) else None


_TAKES_OUT = frozenset({"get", "setdefault"})


def module_attribute(store: Store, project: Project) -> Variable | None:
    """`tools` of the module in `state.tools = [...]`."""
    value = project.names.evaluate(store.target, store.scope)
    if (
        value is None
        or not isinstance(value.item, Module)
        or store.attribute not in value.item.scope.bindings
    ):
        return None
    return Variable(value.item, store.attribute)


def places_changed(function: Function, project: Project) -> Iterator[tuple[ast.expr, int]]:
    """What is written into or appended to, by way of a module: `state.cache` of `state.cache[key] = 1`."""
    found = [(store.target, store.line) for store in function.stores if not store.attribute]
    for call in function.calls:
        if (
            is_mutation(call.node)
            and isinstance(call.node.func, ast.Attribute)
            and not _keeps_a_task(call, project)
        ):
            found.append((call.node.func.value, call.line))
    for place, line in found:
        while isinstance(place, ast.Subscript):
            place = place.value
        if isinstance(place, ast.Attribute):
            yield place, line


def held_by_object(store: Store, project: Project) -> Variable | None:
    """`db` of a module in `db.client = AsyncIOMotorClient(...)`: a plain object that keeps a resource for all."""
    if not store.attribute or store.attribute == "=" or store.value is None:
        return None
    variable = project.names.variable(store.target, store.scope)
    value = project.names.variable_value(variable) if variable is not None else None
    if value is None or not value.instance:
        return None
    if value.name not in _BAGS and (
        not isinstance(value.item, Class) or is_data_class(value, project) or is_local(value, project)
    ):
        return None
    return variable if is_resource(project.names.evaluate(store.value, store.scope), project) else None


_BAGS = frozenset({"types.SimpleNamespace", "starlette.datastructures.State", "argparse.Namespace"})
"""Objects that are made to be given attributes."""


def functions_of_processes(project: Project) -> set[Function]:
    """`ProcessPoolExecutor(initializer=set_up)`, `Process(target=work)`: what they set is a child process's own."""
    found: set[Function] = set()
    for module in project.modules:
        for call in module.calls if not module.is_test else ():
            last = last_name(call.node)
            given = call.keyword(_IN_CHILDREN[last]) if last in _IN_CHILDREN else _given_to_pool(call)
            if given is not None:
                function = function_of(given, call.scope, project.names)
                found |= {function} if function is not None else set()
    return found


_IN_CHILDREN = {"ProcessPoolExecutor": "initializer", "Pool": "initializer", "Process": "target"}


def _given_to_pool(call: Call) -> ast.expr | None:
    """`read` of `pool.imap(read, rows)`, where the pool is one of processes; threads share what it sets."""
    of_processes = call.target.startswith("concurrent.futures.ProcessPoolExecutor.") or (
        call.target.startswith("multiprocessing.Pool.")
        and not any(re.search(r"\bThreadPool\b", line) for line in call.scope.module.lines)
    )
    return call.node.args[0] if of_processes and call.node.args else None


def done_at_import(project: Project) -> set[Function]:
    """Functions that modules call as they are imported and nothing calls or names later: what they set stays as it is.

    A client is another matter, and so is what a function changes that runs later.
    """
    asked: dict[Function, list[Call]] = {}
    for module in project.modules:
        for call in module.calls if not module.is_test else ():
            for callee in call.callees or ((call.callee,) if call.callee is not None else ()):
                asked.setdefault(callee, []).append(call)
    changed_later = {
        Variable(function.module, name)
        for module in project.modules
        for function in module.functions
        if function not in asked or any(isinstance(call.scope, Function) for call in asked[function])
        for name in function.declared_global
    }
    return {
        function
        for function, calls in asked.items()
        if function.declared_global
        and function.owner is None
        and not any(Variable(function.module, name) in changed_later for name in function.declared_global)
        and not any(
            is_resource(project.names.evaluate(store.value, function), project)
            for store in function.stores
            if store.value is not None
        )
        and not function.decorators
        and function not in project.in_requests
        and all(not isinstance(call.scope, Function) and not call.main_guard for call in calls)
        and _is_only_called(function, len(calls), project)
    }


def _is_only_called(function: Function, calls: int, project: Project) -> bool:
    """Whether a function is named as often as it is called, beside where it is defined and imported."""
    word = re.compile(rf"\b{re.escape(function.name.rpartition('.')[2])}\b")
    named = sum(
        len(word.findall(line))
        for module in project.modules
        if not module.is_test
        for line in module.lines
        if not line.lstrip().startswith(("#", "def ", "async def ", "import ", "from "))
    )
    return named <= calls
