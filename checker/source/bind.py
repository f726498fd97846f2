"""What the walk over a tree notes about names: bindings, writes into objects, imports, what tests settle."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from checker.source.model import (
    Binding,
    BindingKind,
    Class,
    Function,
    Module,
    Narrowing,
    Part,
    Scope,
    Store,
)
from checker.source.written import dotted

LAST_LINE = 1 << 30
"""To the end of the scope."""


@dataclass(slots=True)
class At:
    """Where the walk stands; one is never changed, since many nodes share it."""

    scope: Scope
    statement: ast.stmt
    certain: bool = True
    main_guard: bool = False
    awaited: bool = False
    dropped: bool = False
    argument_of: ast.Call | None = None
    until: int = 0


def bind(
    at: At,
    target: ast.expr,
    kind: BindingKind,
    value: ast.expr | None,
    annotation: ast.expr | None,
    line: int,
    *,
    certain: bool | None = None,
    local: bool = False,
    part: Part | None = None,
) -> None:
    """Note that a target is given a value: a name, the parts of a tuple, an attribute, a key."""
    if isinstance(target, (ast.Tuple, ast.List)):
        whole = part.whole if part is not None else value
        for position, element in enumerate(target.elts):
            inner = None
            if whole is not None and not isinstance(element, ast.Starred):
                before = part.positions if part is not None else ()
                inner = Part(kind=part.kind if part else kind, whole=whole, positions=(*before, position))
            bind(at, element, BindingKind.OTHER, None, None, line, certain=certain, local=local, part=inner)
        return
    if isinstance(target, ast.Starred):
        bind(at, target.value, BindingKind.OTHER, None, None, line, certain=certain, local=local)
        return
    scope = at.scope
    is_global = isinstance(target, ast.Name) and target.id in scope.declared_global
    binding = Binding(
        kind=kind,
        value=value,
        annotation=annotation,
        line=line,
        certain=(at.certain and not local) if certain is None else certain,
        until=at.until,
        only_inside=local,
        part=part,
        writer=scope if is_global else None,
    )
    if isinstance(target, ast.Name):
        home = scope.module.scope if is_global else scope
        home.bindings.setdefault(target.id, []).append(binding)
        if home is not scope:
            note_store(at, ast.Name(id=target.id, lineno=line, col_offset=0), "=", value, target)
    elif isinstance(target, ast.Attribute):
        owner = _self_class(scope, target)
        if owner is not None:
            owner.attributes.setdefault(target.attr, []).append((binding, scope))
        note_store(at, target.value, target.attr, value, target)
    elif isinstance(target, ast.Subscript):
        note_store(at, target.value, "", value, target)


def bind_augmented(node: ast.AugAssign, at: At) -> None:
    """`x += 1` binds a name anew or writes into an object."""
    target = node.target
    if isinstance(target, ast.Name):
        bind(at, target, BindingKind.OTHER, None, None, node.lineno, certain=False)
    elif isinstance(target, ast.Attribute):
        note_store(at, target.value, target.attr, node.value, target)
    else:
        note_store(at, target.value, "", node.value, target)


def bind_by_name(call: ast.Call, at: At) -> None:
    """`object.__setattr__(self, "x", value)`, as a class writes that has a `__setattr__` of its own."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="object"), attr="__setattr__"),
            args=[target, ast.Constant(value=str() as name), value],
        ):
            owner = _self_class(at.scope, ast.Attribute(value=target, attr=name))
            if owner is not None:
                binding = Binding(
                    kind=BindingKind.ASSIGN,
                    value=value,
                    annotation=None,
                    line=call.lineno,
                    certain=at.certain,
                )
                owner.attributes.setdefault(name, []).append((binding, at.scope))


def note_store(at: At, target: ast.expr, attribute: str, value: ast.expr | None, node: ast.expr) -> None:
    """Note that something is written into an object."""
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


def narrow(test: ast.expr, is_one: bool, first: int, last: int, scope: Scope) -> None:
    """Note what `isinstance(x, C)`, alone or in an `and`, says about the lines that it guards."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        narrow(test.operand, not is_one, first, last, scope)
    elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And if is_one else ast.Or):
        for part in test.values:
            narrow(part, is_one, first, last, scope)
    elif (
        isinstance(test, ast.Call)
        and isinstance(test.func, ast.Name)
        and test.func.id == "isinstance"
        and len(test.args) == 2
        and (subject := dotted(test.args[0]))
    ):
        found = Narrowing(classes=test.args[1], is_one=is_one, first=first, last=last)
        scope.narrowings.setdefault(subject, []).append(found)


def note_import(node: ast.Import | ast.ImportFrom, scope: Scope, *, certain: bool = True) -> None:
    """Note what an import gives names to; of two in branches the first is the one that is meant, the other stands in for it."""
    module = scope.module
    for alias, full in zip(node.names, imported_names(node, module), strict=True):
        module.imported.add(full)
        if alias.name == "*":
            module.star_imports.append(full)
            continue
        name = alias.asname or (
            alias.name if isinstance(node, ast.ImportFrom) else alias.name.partition(".")[0]
        )
        meant = full if alias.asname or isinstance(node, ast.ImportFrom) else name
        before = scope.imports.get(name, meant)
        if before != meant:
            scope.imported_again.setdefault(name, [(0, before)]).append((node.lineno, meant))
        if certain or name not in scope.imports:
            scope.imports[name] = meant


def imported_names(node: ast.Import | ast.ImportFrom, module: Module) -> list[str]:
    """The dotted name behind each name of an import, a star's that of its module; a dot in front: counted from the folder."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        parts = module.name.split(".") if module.name else []
        climb = node.level - 1 if module.is_package else node.level
        parts = parts[: len(parts) - climb] if climb else parts
        base = "." + ".".join([*parts, *([node.module] if node.module else [])])
    prefix = base if base in {"", "."} else f"{base}."
    return [base if alias.name == "*" else prefix + alias.name for alias in node.names]
