"""One walk over a tree: scopes, bindings, imports, calls and writes, each noted where it stands.

The walk keeps its own stack, so that a long chain of operators cannot exhaust Python's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from checker.source.model import (
    Binding,
    BindingKind,
    Call,
    Class,
    Function,
    FunctionNode,
    Module,
    Parameter,
    Scope,
    Store,
)

MIN_SECRET = 16
"""Literals shorter than this tell nothing by their form alone."""


@dataclass(frozen=True, slots=True)
class _At:
    """Where the walk stands."""

    scope: Scope
    statement: ast.stmt
    certain: bool = True
    main_guard: bool = False
    awaited: bool = False
    dropped: bool = False
    argument_of: ast.Call | None = None


def collect(module: Module) -> None:
    """Fill a module that has just been parsed."""
    module.scope = Scope(module=module, parent=None, node=module.tree, name="")
    if not module.tree.body:
        return
    stack: list[tuple[ast.AST, _At]] = [
        (statement, _At(module.scope, statement)) for statement in reversed(module.tree.body)
    ]
    while stack:
        node, at = stack.pop()
        children = _visit(node, at)
        stack.extend(reversed(children))


def _visit(node: ast.AST, at: _At) -> list[tuple[ast.AST, _At]]:
    kind = type(node)
    if isinstance(node, ast.stmt):
        if node is not at.statement:
            at = replace(at, statement=node, awaited=False, dropped=False, argument_of=None)
    elif kind is not ast.Call and (at.awaited or at.dropped or at.argument_of is not None):
        at = _plain(at)
    branch = _BRANCHES.get(kind)
    if branch is not None:
        return branch(node, at)
    if kind in _NOTED:
        _note(node, at)
    inner = replace(at, certain=False) if kind in _UNCERTAIN and at.certain else at
    return [(child, inner) for child in ast.iter_child_nodes(node) if type(child) not in _LEAVES]


def _await(node: ast.Await, at: _At) -> list[tuple[ast.AST, _At]]:
    return [(node.value, replace(at, awaited=True))]


def _expression(node: ast.Expr, at: _At) -> list[tuple[ast.AST, _At]]:
    return [(node.value, replace(at, dropped=isinstance(node.value, ast.Call)))]


def _imported(node: ast.Import | ast.ImportFrom, at: _At) -> list[tuple[ast.AST, _At]]:
    _import(node, at.scope)
    return []


def _global(node: ast.Global, at: _At) -> list[tuple[ast.AST, _At]]:
    at.scope.declared_global.update(dict.fromkeys(node.names, node.lineno))
    return []


def _try(node: ast.Try | ast.TryStar, at: _At) -> list[tuple[ast.AST, _At]]:
    inside = replace(at, certain=False)
    for handler in node.handlers:
        if handler.name:
            caught = ast.Name(id=handler.name)
            _bind(at, caught, BindingKind.OTHER, None, None, handler.lineno, certain=False)
    return [
        *((child, inside) for child in node.body),
        *((child, inside) for handler in node.handlers for child in ast.iter_child_nodes(handler)),
        *((child, inside) for child in [*node.orelse, *node.finalbody]),
    ]


def _plain(at: _At) -> _At:
    return replace(at, awaited=False, dropped=False, argument_of=None)


def _note(node: ast.AST, at: _At) -> None:
    """Remember what a statement binds, writes, returns or yields."""
    scope = at.scope
    match node:
        case ast.Assign():
            for target in node.targets:
                _bind(at, target, BindingKind.ASSIGN, node.value, None, node.lineno)
        case ast.AnnAssign():
            _bind(at, node.target, BindingKind.ASSIGN, node.value, node.annotation, node.lineno)
        case ast.NamedExpr():
            _bind(at, node.target, BindingKind.ASSIGN, node.value, None, node.lineno, certain=False)
        case ast.AugAssign():
            _augmented(node, at)
        case ast.For() | ast.AsyncFor():
            _bind(at, node.target, BindingKind.LOOP, node.iter, None, node.lineno, certain=False)
        case ast.With() | ast.AsyncWith():
            kind = BindingKind.WITH if isinstance(node, ast.With) else BindingKind.ASYNC_WITH
            for item in node.items:
                if item.optional_vars is not None:
                    _bind(at, item.optional_vars, kind, item.context_expr, None, node.lineno)
        case ast.Delete():
            for target in node.targets:
                if isinstance(target, ast.Subscript):
                    _store(at, target.value, "", None, target)
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
        case ast.comprehension():
            _bind(at, node.target, BindingKind.LOOP, node.iter, None, at.statement.lineno, certain=False)


def _bind(
    at: _At,
    target: ast.expr,
    kind: BindingKind,
    value: ast.expr | None,
    annotation: ast.expr | None,
    line: int,
    *,
    certain: bool | None = None,
) -> None:
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            _bind(at, element, BindingKind.OTHER, None, None, line, certain=certain)
        return
    if isinstance(target, ast.Starred):
        _bind(at, target.value, BindingKind.OTHER, None, None, line, certain=certain)
        return
    binding = Binding(
        kind=kind,
        value=value,
        annotation=annotation,
        line=line,
        certain=at.certain if certain is None else certain,
    )
    scope = at.scope
    if isinstance(target, ast.Name):
        home = scope.module.scope if target.id in scope.declared_global else scope
        home.bindings.setdefault(target.id, []).append(binding)
        if home is not scope:
            _store(at, ast.Name(id=target.id, lineno=line, col_offset=0), "=", value, target)
    elif isinstance(target, ast.Attribute):
        owner = _self_class(scope, target)
        if owner is not None:
            owner.attributes.setdefault(target.attr, []).append((binding, scope))
        _store(at, target.value, target.attr, value, target)
    elif isinstance(target, ast.Subscript):
        _store(at, target.value, "", value, target)


def _augmented(node: ast.AugAssign, at: _At) -> None:
    target = node.target
    if isinstance(target, ast.Name):
        _bind(at, target, BindingKind.OTHER, None, None, node.lineno, certain=False)
    elif isinstance(target, ast.Attribute):
        _store(at, target.value, target.attr, node.value, target)
    else:
        _store(at, target.value, "", node.value, target)


def _store(at: _At, target: ast.expr, attribute: str, value: ast.expr | None, node: ast.expr) -> None:
    store = Store(
        target=target,
        attribute=attribute,
        value=value,
        scope=at.scope,
        line=getattr(node, "lineno", at.statement.lineno),
        column=getattr(node, "col_offset", 0),
    )
    at.scope.stores.append(store)
    at.scope.module.stores.append(store)


def _self_class(scope: Scope, target: ast.Attribute) -> Class | None:
    """The class whose attribute `self.x` or `cls.x` is, when written in one of its methods."""
    if not isinstance(scope, Function) or scope.owner is None or not isinstance(target.value, ast.Name):
        return None
    return scope.owner if scope.parameters and scope.parameters[0].name == target.value.id else None


def _if(node: ast.If, at: _At) -> list[tuple[ast.AST, _At]]:
    if _is_type_checking(node.test):
        # What only a type checker runs: names for annotations, bound as surely as any other.
        return [(child, at) for child in node.body]
    guard = at.main_guard or _is_main_guard(node.test)
    inside = replace(at, certain=False, main_guard=guard)
    return [
        (node.test, at),
        *((child, inside) for child in node.body),
        *((child, replace(at, certain=False)) for child in node.orelse),
    ]


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


def _is_main_guard(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
    )


def _call(node: ast.Call, at: _At) -> list[tuple[ast.AST, _At]]:
    call = Call(
        node=node,
        scope=at.scope,
        statement=at.statement,
        awaited=at.awaited,
        dropped=at.dropped,
        main_guard=at.main_guard,
        argument_of=at.argument_of,
    )
    at.scope.calls.append(call)
    at.scope.module.calls.append(call)
    plain = _plain(at)
    inside = replace(plain, argument_of=node)
    return [
        (node.func, plain),
        *((argument, inside) for argument in node.args),
        *((keyword.value, inside) for keyword in node.keywords),
    ]


def _import(node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    module = scope.module
    if isinstance(node, ast.Import):
        for alias in node.names:
            module.imported.add(alias.name)
            if alias.asname:
                scope.imports[alias.asname] = alias.name
            else:
                scope.imports[alias.name.partition(".")[0]] = alias.name.partition(".")[0]
        return
    base = node.module or ""
    if node.level:
        parts = module.name.split(".") if module.name else []
        climb = node.level - 1 if module.is_package else node.level
        parts = parts[: len(parts) - climb] if climb else parts
        # A dot in front says: this is already counted from the folder.
        base = "." + ".".join([*parts, *([node.module] if node.module else [])])
    for alias in node.names:
        if alias.name == "*":
            module.star_imports.append(base)
            module.imported.add(base)
        else:
            full = base + "." + alias.name if base not in {"", "."} else base + alias.name
            scope.imports[alias.asname or alias.name] = full
            module.imported.add(full)


def _class(node: ast.ClassDef, at: _At) -> list[tuple[ast.AST, _At]]:
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
    body = _At(made, node, main_guard=at.main_guard)
    return [
        *((part, around) for part in [*node.decorator_list, *node.bases]),
        *((keyword.value, around) for keyword in node.keywords),
        *((child, replace(body, statement=child)) for child in node.body),
    ]


def _function(node: FunctionNode, at: _At) -> list[tuple[ast.AST, _At]]:
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
    else:
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
    inside = _At(made, at.statement if isinstance(node, ast.Lambda) else node, main_guard=at.main_guard)
    return [
        *((part, around) for part in outside),
        *(
            (child, replace(inside, statement=child) if isinstance(child, ast.stmt) else inside)
            for child in body
        ),
    ]


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


_BRANCHES: dict[type[ast.AST], Callable[[Any, _At], list[tuple[ast.AST, _At]]]] = {
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
    ast.Try: _try,
    ast.TryStar: _try,
}
_NOTED = frozenset({
    ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.Delete,
    ast.Return, ast.Yield, ast.YieldFrom, ast.Constant, ast.Compare, ast.comprehension,
})  # fmt: skip
_UNCERTAIN = frozenset({ast.For, ast.AsyncFor, ast.While, ast.Match})
_LEAVES = frozenset({ast.Name, ast.Load, ast.Store, ast.Del, *ast.operator.__subclasses__(), *ast.cmpop.__subclasses__(),
                     *ast.boolop.__subclasses__(), *ast.unaryop.__subclasses__()})  # fmt: skip
