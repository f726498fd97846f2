"""What a function does only where no loop runs: it, or a function that it asks, catches that `asyncio.get_running_loop()` finds none."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from checker.source.conditions import SOMETHING, buried
from checker.source.model import Function

_RUNNING = frozenset({"asyncio.get_running_loop", "asyncio.events.get_running_loop"})
_IS_RUNNING = "asyncio.AbstractEventLoop.is_running"


def off_loop(function: Function) -> frozenset[int]:
    """The nodes of a function, by identity, that a run of it on an event loop never comes to."""
    targets = {id(call.node): call.target for call in function.calls}
    targets |= {id(c.node): _IS_RUNNING for c in function.calls if c.callee is not None and _tells(c.callee)}
    if not _RUNNING.isdisjoint(targets.values()) or _IS_RUNNING in targets.values():
        return frozenset(_found(function, targets))
    return frozenset()


def _tells(function: Function) -> bool:
    """A function that says whether a loop runs: `try: get_running_loop(); return True`, `except RuntimeError: return False`."""
    # Asked of whatever is called anywhere: what few functions begin with comes first.
    statements = [statement for statement in function.body if not _is_docstring(statement)]
    attempt = statements[0] if statements else None
    if not isinstance(attempt, ast.Try) or len(attempt.handlers) != 1 or attempt.finalbody:
        return False
    targets = {id(call.node): call.target for call in function.calls}
    if _RUNNING.isdisjoint(targets.values()):
        return False
    behind = statements[1:]
    (handler,) = attempt.handlers
    *asked, last = [*attempt.body, *attempt.orelse, *behind]
    *_, without = [*handler.body, *behind]
    says_so = bool(asked) and _asks(asked[0], targets) and _returns(last, said=True)
    match last:
        case ast.Return(value=ast.Call() as call):
            says_so = targets.get(id(call)) == _IS_RUNNING
    return _catches_it(handler) and says_so and _returns(without, said=False)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _returns(statement: ast.stmt, *, said: bool) -> bool:
    match statement:
        case ast.Return(value=ast.Constant(value=bool() as value)):
            return value is said
    return False


def _found(function: Function, targets: dict[int, str]) -> Iterator[int]:
    loops: set[str] = set()
    stored: Counter[str] = Counter()
    for node in _own(function):
        if isinstance(node, ast.Try) and all(_asks(statement, targets) for statement in node.body):
            without = [statement for h in node.handlers if _catches_it(h) for statement in h.body]
            yield from _identities(without)
            loops.update(_names(node.body))
            stored.subtract(_names(without))
        elif isinstance(node, ast.If):
            yield from _identities(_without_loop(node, targets))
            yield from _identities(_behind(node, function, targets))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            stored[node.id] += 1
    # A name that holds the running loop, but for where there is none, and is set nowhere else.
    held = [name for name in loops if stored[name] == 1]
    if held:
        yield from buried(function, dict.fromkeys(held, SOMETHING))


def _asks(statement: ast.stmt, targets: dict[int, str]) -> bool:
    match statement:
        case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call, targets=[ast.Name()]):
            return targets.get(id(call)) in _RUNNING
    return False


def _names(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id


def _catches_it(handler: ast.ExceptHandler) -> bool:
    match handler.type:
        case None | ast.Name(id="RuntimeError" | "Exception" | "BaseException"):
            return True
    return False


def _without_loop(statement: ast.If, targets: dict[int, str]) -> list[ast.stmt]:
    """`if loop.is_running(): ... else: <this>`."""
    match statement.test:
        case ast.Call() as call if targets.get(id(call)) == _IS_RUNNING:
            return statement.orelse
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call() as call) if targets.get(id(call)) == _IS_RUNNING:
            return statement.body
    return []


def _behind(statement: ast.If, function: Function, targets: dict[int, str]) -> list[ast.stmt]:
    """`if loop.is_running(): return ...`, and what stands below."""
    is_asked = isinstance(statement.test, ast.Call) and targets.get(id(statement.test)) == _IS_RUNNING
    if not is_asked or not isinstance(statement.body[-1], ast.Return | ast.Raise):
        return []
    for node in (function.node, *_own(function)):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and statement in block:
                return block[block.index(statement) + 1 :]
    return []


def _own(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _identities(statements: list[ast.stmt]) -> Iterator[int]:
    for statement in statements:
        yield from (id(node) for node in ast.walk(statement))
