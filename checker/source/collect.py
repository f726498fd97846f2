"""One walk over a tree: scopes, bindings, imports, calls and writes, each noted where it stands.

The walk keeps its own stack, so that a long chain of operators cannot exhaust Python's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from checker.source.bind import (
    LAST_LINE,
    At,
    bind,
    bind_augmented,
    bind_by_name,
    narrow,
    note_import,
    note_store,
)
from checker.source.model import (
    BindingKind,
    Call,
    Class,
    Function,
    FunctionNode,
    Module,
    Parameter,
    Scope,
)
from checker.source.written import is_main_guard, is_type_checking

_TYPE_ALIAS: tuple[Any, ...] = tuple(getattr(ast, name) for name in ("TypeAlias",) if hasattr(ast, name))
MIN_SECRET = 16
"""Literals shorter than this tell nothing by their form alone."""


def collect(module: Module) -> None:
    """Fill a module that has just been parsed."""
    module.scope = Scope(module=module, parent=None, node=module.tree, name="")
    if not module.tree.body:
        return
    stack: list[tuple[ast.AST, At]] = [
        (statement, At(module.scope, statement)) for statement in reversed(module.tree.body)
    ]
    while stack:
        node, at = stack.pop()
        children = _visit(node, at)
        stack.extend(reversed(children))


def _visit(node: ast.AST, at: At) -> list[tuple[ast.AST, At]]:
    kind = type(node)
    if isinstance(node, ast.stmt):
        if node is not at.statement:
            at = At(at.scope, node, at.certain, at.main_guard, until=at.until)
    elif kind is not ast.Call and (at.awaited or at.dropped or at.argument_of is not None):
        at = _plain(at)
    branch = _BRANCHES.get(kind)
    if branch is not None:
        return branch(node, at)
    if kind in _NOTED:
        _note(node, at)
    inner = replace(at, certain=False) if kind in _UNCERTAIN and at.certain else at
    return [(child, inner) for child in ast.iter_child_nodes(node) if type(child) not in _LEAVES]


def _await(node: ast.Await, at: At) -> list[tuple[ast.AST, At]]:
    return [(node.value, replace(at, awaited=True))]


def _expression(node: ast.Expr, at: At) -> list[tuple[ast.AST, At]]:
    if not isinstance(node.value, ast.Call):
        return [(node.value, at)]
    return [(node.value, At(at.scope, at.statement, at.certain, at.main_guard, dropped=True, until=at.until))]


def _imported(node: ast.Import | ast.ImportFrom, at: At) -> list[tuple[ast.AST, At]]:
    note_import(node, at.scope, certain=at.certain)
    return []


def _global(node: ast.Global, at: At) -> list[tuple[ast.AST, At]]:
    at.scope.declared_global.update(dict.fromkeys(node.names, node.lineno))
    return []


def _block(body: list[ast.stmt], at: At) -> list[tuple[ast.AST, At]]:
    """Statements that may not run."""
    if not body:
        return []
    inside = replace(at, certain=False, until=body[-1].end_lineno or 0)
    return [(child, inside) for child in body]


def _try(node: ast.Try | ast.TryStar, at: At) -> list[tuple[ast.AST, At]]:
    found = _block(node.body, at)
    for handler in node.handlers:
        if handler.name:
            caught = ast.Name(id=handler.name)
            bind(at, caught, BindingKind.OTHER, None, None, handler.lineno, certain=False)
        if handler.type is not None:
            found.append((handler.type, replace(at, certain=False)))
        found += _block(handler.body, at)
    return [*found, *_block(node.orelse, at), *_block(node.finalbody, at)]


def _for(node: ast.For | ast.AsyncFor, at: At) -> list[tuple[ast.AST, At]]:
    inside = replace(at, until=node.body[-1].end_lineno or 0)
    bind(inside, node.target, BindingKind.LOOP, node.iter, None, node.lineno, certain=False)
    outside = replace(at, certain=False)
    return [(node.target, outside), (node.iter, outside), *_block(node.body, at), *_block(node.orelse, at)]


def _while(node: ast.While, at: At) -> list[tuple[ast.AST, At]]:
    _note_test(node.test, at)
    return [(node.test, replace(at, certain=False)), *_block(node.body, at), *_block(node.orelse, at)]


def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, at: At
) -> list[tuple[ast.AST, At]]:
    inside = replace(at, until=node.end_lineno or 0)
    for generator in node.generators:
        bind(inside, generator.target, BindingKind.LOOP, generator.iter, None, node.lineno, local=True)
    return [(child, at) for child in ast.iter_child_nodes(node)]


def _plain(at: At) -> At:
    return At(at.scope, at.statement, at.certain, at.main_guard, until=at.until)


def _note(node: ast.AST, at: At) -> None:
    """Remember what a statement binds, writes, returns or yields."""
    scope = at.scope
    match node:
        case ast.Assign():
            for target in node.targets:
                bind(at, target, BindingKind.ASSIGN, node.value, None, node.lineno)
        case ast.AnnAssign():
            bind(at, node.target, BindingKind.ASSIGN, node.value, node.annotation, node.lineno)
        case ast.NamedExpr():
            bind(at, node.target, BindingKind.ASSIGN, node.value, None, node.lineno, certain=False)
        case ast.AugAssign():
            bind_augmented(node, at)
        case ast.With() | ast.AsyncWith():
            kind = BindingKind.WITH if isinstance(node, ast.With) else BindingKind.ASYNC_WITH
            for item in node.items:
                scope.module.entered[item.context_expr] = kind is BindingKind.ASYNC_WITH
                if item.optional_vars is not None:
                    bind(at, item.optional_vars, kind, item.context_expr, None, node.lineno)
        case ast.Delete():
            for target in node.targets:
                if isinstance(target, ast.Subscript):
                    note_store(at, target.value, "", None, target)
        case ast.Return():
            if isinstance(scope, Function):
                scope.returns.append(node)
        case ast.Yield():
            if isinstance(scope, Function):
                scope.is_generator = True
                scope.yields.append(node)
        case ast.YieldFrom():
            if isinstance(scope, Function):
                scope.is_generator = True
        case ast.Constant(value=str() as text):
            if len(text) >= MIN_SECRET and (" " not in text or "PRIVATE KEY" in text):
                scope.module.texts.append(node)
        case ast.Compare():
            scope.comparisons.append(node)
        case ast.IfExp():
            _note_test(node.test, at)
        case ast.BoolOp():
            _note_test(node, at)
        case ast.Assert():
            narrow(node.test, True, node.lineno, at.until or LAST_LINE, scope)
        case _ if isinstance(node, _TYPE_ALIAS):
            # `type Rows = list[Row]` of Python 3.12.
            bind(at, node.name, BindingKind.ASSIGN, node.value, None, node.lineno)


def _if(node: ast.If, at: At) -> list[tuple[ast.AST, At]]:
    if is_type_checking(node.test):
        # What only a type checker runs: names for annotations, bound as surely as any other.
        return [(child, at) for child in node.body]
    _note_test(node.test, at)
    guard = at.main_guard or is_main_guard(node.test)
    last = node.body[-1].end_lineno or 0
    narrow(node.test, True, node.body[0].lineno, last, at.scope)
    if node.orelse:
        narrow(node.test, False, node.orelse[0].lineno, node.orelse[-1].end_lineno or 0, at.scope)
    elif isinstance(node.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break)):
        narrow(node.test, False, last + 1, at.until or LAST_LINE, at.scope)
    return [
        (node.test, at),
        *_block(node.body, replace(at, main_guard=guard)),
        *_block(node.orelse, at),
    ]


def _note_test(test: ast.expr, at: At) -> None:
    if isinstance(at.scope, Function):
        at.scope.tests.append(test)


def _call(node: ast.Call, at: At) -> list[tuple[ast.AST, At]]:
    call = Call(
        node=node,
        scope=at.scope,
        statement=at.statement,
        awaited=at.awaited,
        dropped=at.dropped,
        main_guard=at.main_guard,
        argument_of=at.argument_of,
    )
    bind_by_name(node, at)
    at.scope.calls.append(call)
    at.scope.module.calls.append(call)
    plain = _plain(at) if at.awaited or at.dropped or at.argument_of is not None else at
    inside = At(at.scope, at.statement, at.certain, at.main_guard, argument_of=node, until=at.until)
    return [
        (node.func, plain),
        *((argument, inside) for argument in node.args),
        *((keyword.value, inside) for keyword in node.keywords),
    ]


def _class(node: ast.ClassDef, at: At) -> list[tuple[ast.AST, At]]:
    scope = at.scope
    made = Class(
        module=scope.module,
        parent=scope,
        node=node,
        name=f"{scope.name}.{node.name}" if scope.name else node.name,
        bases=tuple(node.bases),
    )
    scope.classes[node.name] = made
    scope.module.classes.append(made)
    around = replace(_plain(at), statement=node)
    body = At(made, node, main_guard=at.main_guard)
    return [
        *((part, around) for part in [*node.decorator_list, *node.bases]),
        *((keyword.value, around) for keyword in node.keywords),
        *((child, replace(body, statement=child)) for child in node.body),
    ]


def _function(node: FunctionNode, at: At) -> list[tuple[ast.AST, At]]:
    scope = at.scope
    name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
    made = Function(
        module=scope.module,
        parent=scope,
        node=node,
        name=f"{scope.name}.{name}" if scope.name else name,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        owner=scope if isinstance(scope, Class) else None,
        parameters=_parameters(node.args),
        decorators=() if isinstance(node, ast.Lambda) else tuple(node.decorator_list),
    )
    if isinstance(node, ast.Lambda):
        scope.module.lambdas[node] = made
    elif not (node.name in scope.functions and _is_setter(node)):
        scope.functions[node.name] = made
    scope.module.functions.append(made)
    around = _plain(at)
    if isinstance(node, ast.Lambda):
        outside: list[ast.expr] = []
        body: list[ast.AST] = [node.body]
    else:
        around = replace(around, statement=node)
        outside = list(node.decorator_list)
        if node.returns is not None:
            outside.append(node.returns)
        body = list(node.body)
    outside += [p.annotation for p in made.parameters if p.annotation is not None]
    outside += [p.default for p in made.parameters if p.default is not None]
    inside = At(made, at.statement if isinstance(node, ast.Lambda) else node, main_guard=at.main_guard)
    return [
        *((part, around) for part in outside),
        *(
            (child, replace(inside, statement=child) if isinstance(child, ast.stmt) else inside)
            for child in body
        ),
    ]


def _is_setter(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """`@size.setter def size(...)`: what reads the attribute is the function before."""
    return any(isinstance(d, ast.Attribute) and d.attr in {"setter", "deleter"} for d in node.decorator_list)


def _parameters(arguments: ast.arguments) -> tuple[Parameter, ...]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    found = [
        Parameter(name=a.arg, annotation=a.annotation, default=d, node=a)
        for a, d in zip(positional, defaults, strict=True)
    ]
    if arguments.vararg is not None:
        a = arguments.vararg
        found.append(Parameter(name=a.arg, annotation=a.annotation, default=None, node=a, variadic=True))
    found += [
        Parameter(name=a.arg, annotation=a.annotation, default=d, node=a)
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg is not None:
        a = arguments.kwarg
        found.append(Parameter(name=a.arg, annotation=a.annotation, default=None, node=a, variadic=True))
    return tuple(found)


_BRANCHES: dict[type[ast.AST], Callable[[Any, At], list[tuple[ast.AST, At]]]] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.Lambda: _function,
    ast.ClassDef: _class,
    ast.Call: _call,
    ast.Await: _await,
    ast.Expr: _expression,
    ast.Import: _imported,
    ast.ImportFrom: _imported,
    ast.Global: _global,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Try: _try,
    ast.TryStar: _try,
}
_NOTED = frozenset({
    ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign, ast.With, ast.AsyncWith, ast.Delete,
    ast.Return, ast.Yield, ast.YieldFrom, ast.Constant, ast.Compare, ast.Assert, ast.IfExp, ast.BoolOp,
    *_TYPE_ALIAS,
})  # fmt: skip
_UNCERTAIN = frozenset({ast.Match})
_LEAVES = frozenset({ast.Name, ast.Load, ast.Store, ast.Del, *ast.operator.__subclasses__(), *ast.cmpop.__subclasses__(),
                     *ast.boolop.__subclasses__(), *ast.unaryop.__subclasses__()})  # fmt: skip
