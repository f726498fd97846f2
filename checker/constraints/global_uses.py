"""Which variables of modules a function uses in its body, and where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from checker.constraints.flow import last_name, own_expressions, statements
from checker.source import Class, Function, Project, Variable

_APPS = ("fastapi.FastAPI", "starlette.applications.Starlette")


def first_uses(function: Function, project: Project) -> Iterator[tuple[ast.expr, Variable]]:
    """Where each module variable is first used; a mere question such as `if pool is None` does not count as use."""
    inside = [function, *(f for f in function.module.functions if _is_inside(f, function))]
    asked = {
        id(side) for f in inside for compare in f.comparisons for side in (compare.left, *compare.comparators)
    }
    asked |= {id(node) for f in inside for test in tests_of(f) for node in _questions(test)}
    # `with client:` only opens what is used below.
    asked |= {
        id(item.context_expr)
        for f in inside
        for statement in statements(f)
        if isinstance(statement, (ast.With, ast.AsyncWith))
        for item in statement.items
        if item.optional_vars is None
    }
    asked |= {
        id(call.node.args[0])
        for f in inside
        for call in f.calls
        if last_name(call.node) == "isinstance" and call.node.args
    }
    # `HANDLERS.keys()` asks what there is, and takes nothing out.
    asked |= {
        id(call.node.func.value)
        for f in inside
        for call in f.calls
        if isinstance(call.node.func, ast.Attribute) and call.node.func.attr == "keys"
    }
    found: dict[Variable, ast.expr] = {}
    for part in inside:
        for node, variable in globals_used(part, project):
            if variable not in found or id(found[variable]) in asked:
                found[variable] = node
    yield from ((node, variable) for variable, node in found.items())


def _is_inside(inner: Function, outer: Function) -> bool:
    """Whether a function is defined in the body of another: a generator that a path operation streams, for example."""
    scope = inner.parent
    while scope is not None and scope is not outer:
        scope = scope.parent
    return scope is outer


def globals_used(function: Function, project: Project) -> list[tuple[ast.expr, Variable]]:
    """Names and attributes in the body that read a module's variable, in the order of the file."""
    known = _USED.setdefault(project, {})
    if function not in known:
        known[function] = list(_uses(function, project))
    return known[function]


# Several rules ask about every function that a request reaches.
_USED: WeakKeyDictionary[Project, dict[Function, list[tuple[ast.expr, Variable]]]] = WeakKeyDictionary()


def _uses(function: Function, project: Project) -> Iterator[tuple[ast.expr, Variable]]:
    skipped = {
        id(call.node) for call in function.calls if call.target in {"fastapi.Depends", "fastapi.Security"}
    }
    body: list[ast.AST] = (
        [function.node.body] if isinstance(function.node, ast.Lambda) else list(function.body)
    )
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if id(node) in skipped or isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        ):
            continue
        if isinstance(node, (ast.Name, ast.Attribute)):
            variable = project.names.variable(node, function)
            if variable is not None:
                yield node, variable
                continue
        waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def tests_of(function: Function) -> Iterator[ast.expr]:
    """What a function asks: the conditions of its statements and of its `x if y else z`."""
    for statement in statements(function):
        if isinstance(statement, (ast.If, ast.While, ast.Assert)):
            yield statement.test
        for expression in own_expressions(statement):
            yield from (node.test for node in ast.walk(expression) if isinstance(node, ast.IfExp))


def _questions(test: ast.expr) -> Iterator[ast.expr]:
    """`pool` and `cache` of `if pool and not cache:`."""
    if isinstance(test, ast.BoolOp):
        for part in test.values:
            yield from _questions(part)
    elif isinstance(test, ast.UnaryOp):
        yield from _questions(test.operand)
    elif isinstance(test, (ast.Name, ast.Attribute)):
        yield test
        if isinstance(test, ast.Attribute):
            yield test.value  # `if not client.is_enabled:`


def attributes_of_globals(function: Function, project: Project) -> Iterator[tuple[ast.Attribute, Variable]]:
    """`settings.cache` in the body: attributes that are read from an object of a module, each once."""
    seen: set[str] = set()
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
                    continue
                variable = project.names.variable(node.value, function)
                if variable is None or ast.unparse(node) in seen:
                    continue
                held = project.names.variable_value(variable)
                if held is None or not isinstance(held.item, Class) or project.names.is_a(held, *_APPS):
                    continue
                seen.add(ast.unparse(node))
                yield node, variable
