"""Tasks that are started and dropped: nobody keeps them, so they may be collected, and nobody hears of their errors."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import last_name, own_expressions, statements
from checker.source import Call, Class, Function, Module, Project
from checker.source.places import is_away

_OWNERS = frozenset({
    "asyncio", "asyncio.AbstractEventLoop", "asyncio.get_event_loop()", "asyncio.get_running_loop()", "asyncio.new_event_loop()",
})  # fmt: skip
_EARS = frozenset({
    "on", "once", "add_listener", "call_soon", "call_soon_threadsafe", "call_later", "call_at", "add_done_callback",
    "add_signal_handler", "add_event_listener",
})  # fmt: skip
_TASKS = frozenset({"create_task", "ensure_future"})
_STARTS = _TASKS | {"gather", "run_in_executor"}
_PAUSES = (ast.Await, ast.AsyncFor, ast.AsyncWith)


def dropped_calls(project: Project) -> Iterator[tuple[Call, Function]]:
    """Calls in the code of the service that start work whose result goes nowhere, each with its function."""
    serving = {*project.on_loop, *_started_up(project)}
    used: set[Module] | None = None
    for module in project.modules:
        if module.is_test or not project.is_of_service(module):
            continue
        for call in module.calls:
            function = call.function
            if call.awaited or call.main_guard or function is None:
                continue
            if not (_starts(call) or (call.dropped and _is_given_task(call))):
                continue
            if not (
                call.dropped or _is_forgotten(call, function) or _is_listed_in_vain(call) or _is_heard(call)
            ):
                continue
            if _is_heard(call) and _runs_in_one_turn(call, project):
                continue
            around = function.parent if function.is_lambda else function
            if not isinstance(around, Function):
                continue
            if around in serving or _is_part_of_service(around, call, project):
                yield call, function
            elif _is_hook(around):
                used = used if used is not None else _modules_used(project)
                if around.module in used:
                    yield call, function


def dropped_threads(project: Project) -> Iterator[tuple[Call, Function]]:
    """`Thread(target=work).start()` and `pool.submit(work)` of a request, of which nothing is kept."""
    for function in project.in_requests:
        if _is_hook(function):
            continue  # An object that works with threads of its own may be kept for all.
        for call in function.calls:
            if (
                call.main_guard
                or not isinstance(call.statement, ast.Expr)
                or call.statement.value is not call.node
            ):
                continue
            if call.target in _POOLS or (call.target == "threading.Thread.start" and _is_made_here(call)):
                yield call, function


_POOLS = frozenset({
    "concurrent.futures.ThreadPoolExecutor.submit", "concurrent.futures.ProcessPoolExecutor.submit",
    "concurrent.futures.thread.ThreadPoolExecutor.submit",
})  # fmt: skip


def _is_made_here(call: Call) -> bool:
    """`Thread(...).start()`: nobody has the thread."""
    on = call.node.func
    return isinstance(on, ast.Attribute) and isinstance(on.value, ast.Call)


def _starts(call: Call) -> bool:
    owner, _, last = call.target.rpartition(".")
    return last in _STARTS and (owner in _OWNERS or owner.endswith(".asyncio"))


def _is_given_task(call: Call) -> bool:
    """A helper of the project that starts what it is given and hands the task back, but keeps it nowhere itself."""
    helper = call.callee
    if helper is None or helper.is_async or helper.is_generator or helper.is_lambda or not call.node.args:
        return False
    started = [inner for inner in helper.calls if _starts(inner) and last_name(inner.node) in _TASKS]
    if len(started) != 1 or not started[0].node.args or helper.stores:
        return False
    given, statement = started[0].node.args[0], started[0].statement
    if not isinstance(given, ast.Name) or helper.parameter(given.id) is None:
        return False
    if isinstance(statement, ast.Return):
        return statement.value is started[0].node
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if not isinstance(target, ast.Name) or getattr(statement, "value", None) is not started[0].node:
        return False
    handed_on = any(
        isinstance(argument, ast.Name) and argument.id == target.id
        for inner in helper.calls
        for argument in [*inner.node.args, *(k.value for k in inner.node.keywords)]
    )
    return not handed_on and any(
        isinstance(r.value, ast.Name) and r.value.id == target.id for r in helper.returns
    )


def _is_hook(function: Function) -> bool:
    """`__init__`, `__aexit__`: Python itself calls them, wherever the object is used."""
    name = function.name.rpartition(".")[2]
    return function.owner is not None and name.startswith("__") and name.endswith("__")


def _modules_used(project: Project) -> set[Module]:
    """Modules of which the service calls something: a client for other programs, packed beside it, is none."""
    found = {operation.function.module for operation in project.operations}
    found |= {module for module, _ in project.framework.apps}
    for module in project.service_modules:
        if is_away(module, project.framework):
            continue
        for call in module.calls:
            value = project.names.evaluate(call.node.func, call.scope) if call.callee is None else None
            made = value.item if value is not None and not value.instance else None
            home = call.callee or (made if isinstance(made, Class) else None)
            if home is not None and home.module is not module:
                found.add(home.module)
    return found


def _runs_in_one_turn(call: Call, project: Project) -> bool:
    """A coroutine of the project without any `await`, `os._exit(0)` on a signal: it is through before anything could collect it."""
    started = call.node.args[0] if call.node.args else None
    if not isinstance(started, ast.Call) or last_name(call.node) not in _TASKS:
        return False
    value = project.names.evaluate(started.func, call.scope)
    work = value.item if value is not None else None
    if not isinstance(work, Function) or not work.is_async or work.is_abstract or work.decorators:
        return False
    return not any(isinstance(n, _PAUSES) for n in ast.walk(work.node))


def _is_part_of_service(function: Function, call: Call, project: Project) -> bool:
    """A method or an inner function that only runs on a loop, in a module that is no script: who calls it need not be seen.

    `asyncio.create_task` itself says so much, as it fails where no loop runs.
    """
    if is_away(function.module, project.framework):
        return False
    outer = function.parent if isinstance(function.parent, Function) else None
    on_loop = function.is_async or call.target == "asyncio.create_task"
    return (function.owner is not None and on_loop) or (
        outer is not None and (function.is_async or outer.is_async)
    )


def _is_heard(call: Call) -> bool:
    """`page.on("close", lambda page: create_task(...))`: what calls the lambda looks at nothing that it gives."""
    made = call.scope
    if (
        not isinstance(made, Function)
        or not made.is_lambda
        or getattr(made.node, "body", None) is not call.node
    ):
        return False
    around = made.parent
    return isinstance(around, Function) and any(
        any(a is made.node for a in [*other.node.args, *(k.value for k in other.node.keywords)])
        and last_name(other.node) in _EARS
        for other in around.calls
    )


def _is_listed_in_vain(call: Call) -> bool:
    """`[create_task(work(x)) for x in xs]` as a statement of its own."""
    statement = call.statement
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, (ast.ListComp, ast.SetComp, ast.List, ast.Tuple))
        and call.argument_of is None
    )


def _started_up(project: Project) -> set[Function]:
    """Lifespans and event handlers, with what they call."""
    waiting = [*project.framework.lifespans]
    waiting += [f for _, f in project.framework.event_handlers if f is not None]
    found: set[Function] = set()
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting += [edge.callee for edge in project.edges.called(function)]
    return found


def _is_forgotten(call: Call, function: Function) -> bool:
    """`_ = create_task(...)`, `task = create_task(...)` with nobody who reads the name."""
    statement = call.statement
    if (
        not isinstance(statement, ast.Assign)
        or statement.value is not call.node
        or len(statement.targets) != 1
    ):
        return False
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or target.id in function.declared_global:
        return False
    if _waits_after(statement, function):
        return False  # The name keeps it alive meanwhile.
    return not any(
        isinstance(node, ast.Name) and node.id == target.id and isinstance(node.ctx, ast.Load)
        for node in ast.walk(function.node)
    )


def _waits_after(statement: ast.stmt, function: Function) -> bool:
    """Whether the function awaits something on a later line, beside what it awaits in inner functions."""
    end = statement.end_lineno or statement.lineno
    return any(
        isinstance(node, _PAUSES) and node.lineno > end
        for later in statements(function)
        for node in (later, *(part for e in own_expressions(later) for part in ast.walk(e)))
    )
