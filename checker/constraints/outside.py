"""What leads to slow work outside the process, who waits for it, and whether the reply needs it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator

from checker.constraints.flow import last_name, mentioned, mentions, own_expressions, statements
from checker.constraints.slow_libraries import Work, embeds, work_of
from checker.source import Call, Class, Function, Project, Scope
from checker.source.declaring import function_of
from checker.source.model import BindingKind

_THREADS = frozenset({"run_in_threadpool", "to_thread", "run_sync", "run_in_executor"})
STARTS = frozenset(
    {"create_task", "ensure_future", "start_soon", "add_task", "Thread", "Process", "submit", "gather"}
)
_ELSEWHERE = frozenset({"Thread", "Timer", "Process", "submit", "run_coroutine_threadsafe"})
_DEEPEST = 60


def runs(call: Call, project: Project) -> Iterator[Function]:
    """The project's functions that run before a call gives its result: the one called, and those that a thread runs for it."""
    yield from (function for function in _one_method(call) if not _only_made(call, function))
    yield from _run_by_library(call, project)
    yield from _called_back(call, project)
    yield from _in_pool(call, project)
    if last_name(call.node) not in _THREADS or not call.awaited:
        return
    for argument in call.node.args:
        if isinstance(argument, ast.Lambda):
            inner = call.scope.module.lambdas.get(argument)
            if inner is not None:
                yield inner
        elif isinstance(argument, (ast.Name, ast.Attribute)):
            value = project.names.evaluate(argument, call.scope)
            if value is not None and isinstance(value.item, Function) and not value.instance:
                yield value.item


def _in_pool(call: Call, project: Project) -> Iterator[Function]:
    """`with ThreadPoolExecutor() as pool: pool.submit(work, one)`: the end of the block waits for all of it."""
    on = call.node.func
    if (
        last_name(call.node) not in {"submit", "map"}
        or not call.node.args
        or not isinstance(on, ast.Attribute)
    ):
        return
    entered = call.scope.bindings.get(on.value.id, []) if isinstance(on.value, ast.Name) else []
    if any(
        b.kind is BindingKind.WITH
        and isinstance(b.value, ast.Call)
        and last_name(b.value).endswith("PoolExecutor")
        for b in entered
    ):
        found = function_of(call.node.args[0], call.scope, project.names)
        if found is not None:
            yield found


def _called_back(call: Call, project: Project) -> Iterator[Function]:
    """`with_document(number, store)`: what the helper is given and calls itself."""
    callee = call.callee
    if callee is None or not (call.node.args or call.node.keywords):
        return
    held = {p.name: number for number, p in enumerate(callee.parameters) if not p.variadic}
    bound = int(
        callee.owner is not None and bool(callee.parameters) and callee.parameters[0].name in {"self", "cls"}
    )
    called = {c.node.func.id for c in callee.calls if isinstance(c.node.func, ast.Name)}
    for name in sorted(called & held.keys() - callee.bindings.keys()):
        given = call.argument(held[name] - bound, name) if held[name] >= bound else None
        if isinstance(given, (ast.Name, ast.Attribute, ast.Lambda)):
            found = function_of(given, call.scope, project.names)
            if found is not None and found.name.rpartition(".")[2] not in {"__init__", "__call__"}:
                yield found


def _run_by_library(call: Call, project: Project) -> Iterator[Function]:
    """`ingest.batch(files)` of a class that LangChain runs: the method that the class fills in."""
    method, on = last_name(call.node), call.node.func
    if call.callee is not None or method not in _RUNS_ITS_OWN or not isinstance(on, ast.Attribute):
        return
    made = _runnable(on.value, call.scope, project)
    for name in _RUNS_ITS_OWN[method]:
        found = project.names.method(made, name) if made is not None else None
        if found is not None:
            yield found
            return


_RUNS_ITS_OWN = {
    "batch": ("invoke",), "abatch": ("ainvoke", "invoke"), "stream": ("stream", "invoke"), "astream": ("astream", "ainvoke", "invoke"),
    "invoke": ("invoke",), "ainvoke": ("ainvoke", "invoke"),
}  # fmt: skip
_GIVE_IT_BACK = frozenset({
    "configurable_fields", "configurable_alternatives", "with_config", "with_retry", "with_types", "with_fallbacks", "bind",
})  # fmt: skip


def _runnable(value: ast.expr, scope: Scope, project: Project) -> Class | None:
    """The class of the project behind an object that LangChain runs, as far as it only was configured."""
    variable = project.names.variable(value, scope)
    bound = [b.value for b in variable.bindings] if variable is not None else []
    home: Scope = scope
    if variable is not None and len(bound) == 1 and bound[0] is not None:
        value, home = bound[0], variable.module.scope
    while (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in _GIVE_IT_BACK
    ):
        value = value.func.value
    found = project.names.evaluate(value, home)
    made = found.item if found is not None and found.instance else None
    if not isinstance(made, Class):
        return None
    return (
        made
        if any(b.startswith("langchain_core.runnables.") for b in project.names.lineage(made)[1])
        else None
    )


def _only_made(call: Call, function: Function) -> bool:
    """`Thread(target=asyncio.run, args=(work(),))`: a coroutine is made here and runs elsewhere."""
    if not function.is_async or call.awaited:
        return False
    return any(
        isinstance(node, ast.Call)
        and last_name(node) in _ELSEWHERE
        and any(inner is call.node for inner in ast.walk(node))
        for node in ast.walk(call.statement)
    )


def _one_method(call: Call) -> Iterator[Function]:
    """What a call runs; of several only what implements one method, as every mail sender has its own `send`."""
    if call.callee is not None and not call.callee.is_abstract:
        yield call.callee
        return
    names = {callee.name.rpartition(".")[2] for callee in call.callees}
    if len(names) == 1 and names == {last_name(call.node)} and all(c.owner for c in call.callees):
        yield from call.callees
    elif call.callee is not None:
        yield call.callee


def is_started(call: Call) -> bool:
    """Whether a call is handed to a task or a thread, so that nobody waits for it here."""
    return call.argument_of is not None and last_name(call.argument_of) in STARTS


def is_otherwise_handed(call: Call, function: Function) -> bool:
    """`tasks.add_task(send)` in one branch and `send()` in the other: in requests the first one runs."""
    name = ast.unparse(call.node.func) if call.callee is not None else ""
    return bool(name) and any(
        last_name(other.node) in STARTS and other.node.args and ast.unparse(other.node.args[0]) == name
        for other in function.calls
    )


def _own_work(call: Call) -> set[Work]:
    """What a call of a library does, also where a thread does it: `to_thread(embedder.encode, texts)`."""
    work = work_of(call)
    found = {work} if work is not None else set()
    if last_name(call.node) in _THREADS and call.awaited and any(embeds(given) for given in call.node.args):
        found.add(Work.EMBED)
    return found


class Reached:
    """Which slow work a function does, itself or through what it calls; every answer is remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[Function, frozenset[Work]] = {}

    def by_call(self, call: Call) -> frozenset[Work]:
        """The slow work of one call, with what it leads to."""
        found = _own_work(call)
        for function in runs(call, self._project):
            found |= self.by_function(function)
        return frozenset(found)

    def by_function(self, function: Function, depth: int = 0) -> frozenset[Work]:
        """The slow work of a function, with what it leads to."""
        if function in self._known:
            return self._known[function]
        if depth > _DEEPEST:
            return frozenset()
        self._known[function] = frozenset()  # Recursion ends here.
        found: set[Work] = set()
        for call in function.calls:
            if is_started(call) or is_otherwise_handed(call, function):
                continue
            found |= _own_work(call)
            for further in runs(call, self._project):
                found |= self.by_function(further, depth + 1)
        self._known[function] = frozenset(found)
        if Work.HTTP in found and asks_in_nested_loops(function, self, self._project):
            self._known[function] = frozenset({*found, Work.CRAWL})
        return self._known[function]


def is_unused(call: Call) -> bool:
    """Whether nothing looks at what a call gives: it is a statement of its own, awaited or not."""
    statement = call.statement
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    return value is call.node


def is_only_logged(call: Call, function: Function) -> bool:
    """`if response.status_code != 201: log.warning(...)` and nothing else is made of what a call gives."""
    statement = call.statement
    value = getattr(statement, "value", None)
    value = value.value if isinstance(value, ast.Await) else value
    if not isinstance(statement, ast.Assign) or value is not call.node or len(statement.targets) != 1:
        return False
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or len(function.bindings.get(target.id, [])) != 1:
        return False
    logged = {
        id(node)
        for one in statements(function)
        if _only_logs(one)
        for node in ast.walk(one)
        if isinstance(node, ast.Name)
    }
    return all(
        id(node) in logged
        for node in ast.walk(function.node)
        if isinstance(node, ast.Name) and node.id == target.id and isinstance(node.ctx, ast.Load)
    )


def _only_logs(statement: ast.stmt) -> bool:
    """A line of the log, or a condition with nothing but such lines below it."""
    if isinstance(statement, ast.If):
        return all(_only_logs(one) for one in [*statement.body, *statement.orelse])
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    return last_name(statement.value) in _LEVELS


_LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "print"})


def is_used_for_reply(call: Call, function: Function, *, decides: bool = True) -> bool:
    """Whether what a call gives is returned, or decides something; of several values the first one counts."""
    if is_unused(call):
        return False
    statement = call.statement
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    first = targets[0].elts[0] if isinstance(targets[0], ast.Tuple) and targets[0].elts else targets[0]
    return not isinstance(first, ast.Name) or _is_looked_at(function, first.id, decides=decides)


def only_decides(call: Call, function: Function) -> bool:
    """`if not send(...)`, `sent = send(...)` that is only tested: the reply does not show what the call gives."""
    statement = call.statement
    if isinstance(statement, ast.If):
        return any(node is call.node for node in ast.walk(statement.test))
    return not is_used_for_reply(call, function, decides=False)


def _is_looked_at(function: Function, source: str, *, decides: bool) -> bool:
    names = {source}
    for statement, computed_from in _computing(function):
        if not names.isdisjoint(computed_from):
            names |= _written(statement)
        elif isinstance(statement, (ast.For, ast.AsyncFor)) and mentions(statement.iter, names):
            names |= {n.id for n in ast.walk(statement.target) if isinstance(n, ast.Name)}
        looks = isinstance(statement, ast.Return)
        looks |= decides and isinstance(statement, (ast.If, ast.While, ast.Match))
        if looks and any(mentions(e, names) for e in own_expressions(statement)):
            return True
    return False


def _written(statement: ast.stmt) -> set[str]:
    """Names that a statement puts its value into: `a = x`, `a += x`, `a.append(x)`."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        targets = [statement.target]
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        function = statement.value.func
        if isinstance(function, ast.Attribute) and function.attr in {
            "append",
            "extend",
            "add",
            "update",
            "write",
        }:
            targets = [function.value]
    return {target.id for target in targets if isinstance(target, ast.Name)}


@functools.lru_cache(maxsize=4)
def _computing(function: Function) -> list[tuple[ast.stmt, frozenset[str]]]:
    """The statements of a function, each with the names that its value is computed from."""
    found: list[tuple[ast.stmt, frozenset[str]]] = []
    for statement in statements(function):
        value = getattr(statement, "value", None)
        computed_from: frozenset[str] = frozenset()
        # What is awaited was stored or sent somewhere.
        if isinstance(value, ast.expr) and not any(isinstance(node, ast.Await) for node in ast.walk(value)):
            computed_from = mentioned(value)
        found.append((statement, computed_from))
    return found


def loops_over(function: Function, work: Work, reached: Reached) -> ast.stmt | None:
    """The first loop over data in which every round does some work; `range(...)` and fixed lists do not count."""
    for statement in statements(function):
        if isinstance(statement, (ast.For, ast.AsyncFor)) and not _is_fixed(statement.iter):
            inside = {id(node) for node in ast.walk(statement) if isinstance(node, ast.Call)}
            if any(id(c.node) in inside and work in reached.by_call(c) for c in function.calls):
                return statement
    return None


def asks_in_nested_loops(function: Function, reached: Reached, project: Project) -> bool:
    """Whether every item of every item of some data costs a request: the pages of a site, the entries of those pages."""
    for outer in data_loops(statements(function)):
        inside = {id(node) for node in ast.walk(outer) if isinstance(node, ast.Call)}
        innermost = {
            id(node)
            for inner in loops_within(outer)
            for node in ast.walk(inner)
            if isinstance(node, ast.Call)
        }
        for call in function.calls:
            if id(call.node) not in inside or Work.HTTP not in reached.by_call(call):
                continue
            if id(call.node) in innermost or any(
                loops_over(further, Work.HTTP, reached) for further in runs(call, project)
            ):
                return True
    return False


def loops_within(outer: ast.stmt) -> Iterator[ast.For | ast.AsyncFor]:
    """Loops over data inside another loop."""
    return data_loops(n for n in ast.walk(outer) if isinstance(n, ast.stmt) and n is not outer)


def data_loops(among: Iterable[ast.stmt]) -> Iterator[ast.For | ast.AsyncFor]:
    """Loops over what is not written down as a list or a range."""
    for statement in among:
        if isinstance(statement, (ast.For, ast.AsyncFor)) and not _is_fixed(statement.iter):
            yield statement


def _is_fixed(iterable: ast.expr) -> bool:
    if isinstance(iterable, (ast.Tuple, ast.List, ast.Constant)):
        return True
    if isinstance(iterable, ast.Call) and last_name(iterable) == "range":
        return all(isinstance(argument, ast.Constant) for argument in iterable.args)
    return isinstance(iterable, ast.Name) and iterable.id.isupper()
