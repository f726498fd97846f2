"""What a function does not come to where some of its names are known: `if refresh:` with a `refresh` that is False."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from checker.source.model import Function


class Unknown:
    """What cannot be told."""


UNKNOWN = Unknown()


class Something(Unknown):
    """What cannot be told either, but that it is not None."""


SOMETHING = Something()


def buried(function: Function, known: Mapping[str, object]) -> set[int]:
    """The nodes of a function, by identity, that are never come to with these values."""
    return _Walk(function, known).buried


def read(expression: ast.expr, known: Mapping[str, object]) -> object:
    """The value of an expression, or at least one that is as true or false; `UNKNOWN` where nothing is sure."""
    match expression:
        case ast.Constant():
            return expression.value
        case ast.Name():
            return known.get(expression.id, UNKNOWN)
        case ast.UnaryOp(op=ast.Not()):
            inside = read(expression.operand, known)
            return inside if isinstance(inside, Unknown) else not inside
        case ast.BoolOp():
            return _either(expression, known)
        case ast.Compare(ops=[operator], comparators=[ast.Constant(value=None)]) if isinstance(
            read(expression.left, known), Something
        ):
            settled = {ast.Is: False, ast.Eq: False, ast.IsNot: True, ast.NotEq: True}
            return settled.get(type(operator), UNKNOWN)
        case ast.Compare(ops=[operator], comparators=[right]):
            return _compared(read(expression.left, known), operator, read(right, known))
        case ast.Tuple() | ast.List() | ast.Set():
            values = [read(element, known) for element in expression.elts]
            return UNKNOWN if any(isinstance(v, Unknown) for v in values) else tuple(values)
    return UNKNOWN


def _either(expression: ast.BoolOp, known: Mapping[str, object]) -> object:
    """`and` is false and `or` is true as soon as one side is, whatever the others are."""
    ends_with = isinstance(expression.op, ast.Or)
    last: object = UNKNOWN
    unknown = False
    for value in expression.values:
        last = read(value, known)
        if isinstance(last, Unknown):
            unknown = True
        elif bool(last) is ends_with:
            return ends_with if unknown else last
    return UNKNOWN if unknown else last


def _compared(left: object, operator: ast.cmpop, right: object) -> object:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    match operator:
        case ast.Is():
            return left is right if left is None or right is None else _same(left, right)
        case ast.IsNot():
            return left is not right if left is None or right is None else not _same(left, right)
        case ast.Eq():
            return left == right
        case ast.NotEq():
            return left != right
        case ast.In() | ast.NotIn():
            if not isinstance(right, tuple):
                return UNKNOWN
            return (left in right) is isinstance(operator, ast.In)
        case ast.Gt() | ast.Lt() | ast.GtE() | ast.LtE():
            if isinstance(left, (int, float)) and isinstance(right, (int, float)):
                return _ordered(left, operator, right)
    return UNKNOWN


def _ordered(left: float, operator: ast.cmpop, right: float) -> bool:
    match operator:
        case ast.Gt():
            return left > right
        case ast.GtE():
            return left >= right
        case ast.Lt():
            return left < right
    return left <= right


def _same(left: object, right: object) -> bool:
    return type(left) is type(right) and left == right


class _Walk:
    """One walk over a function's statements that buries what does not happen."""

    def __init__(self, function: Function, known: Mapping[str, object]) -> None:
        self._known = known
        self.buried: set[int] = set()
        if isinstance(function.node, ast.Lambda):
            self._expression(function.node.body)
        else:
            self._block(function.body)

    def _truth(self, test: ast.expr) -> bool | None:
        value = read(test, self._known)
        return None if isinstance(value, Unknown) else bool(value)

    def _bury(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.buried.update(id(inner) for inner in ast.walk(node))

    def _block(self, body: list[ast.stmt]) -> bool:
        """Walk over statements that follow each other; whether they never come to an end."""
        for position, statement in enumerate(body):
            if self._statement(statement):
                self._bury(body[position + 1 :])
                return True
        return False

    def _statement(self, statement: ast.stmt) -> bool:
        """Walk over a statement; whether nothing after it in its block happens."""
        match statement:
            case ast.If():
                self._expression(statement.test)
                truth = self._truth(statement.test)
                if truth is not None:
                    self._bury(statement.orelse if truth else statement.body)
                    return self._block(statement.body if truth else statement.orelse)
                leaves = self._block(statement.body)
                return self._block(statement.orelse) and leaves
            case ast.While():
                self._expression(statement.test)
                if self._truth(statement.test) is False:
                    self._bury(statement.body)
                    return self._block(statement.orelse)
                self._block(statement.body)
                self._block(statement.orelse)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return False
            case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
                self._expressions(statement)
                return True
            case _:
                self._inner(statement)
        return False

    def _inner(self, statement: ast.stmt) -> None:
        """Everything else: the blocks in it one by one; what is raised in a `try` may be caught."""
        blocks = [
            b
            for name in ("body", "orelse", "finalbody")
            if isinstance(b := getattr(statement, name, None), list)
        ]
        blocks += [h.body for h in getattr(statement, "handlers", [])]
        blocks += [c.body for c in getattr(statement, "cases", [])]
        for block in blocks:
            self._block(block)
        self._expressions(statement)

    def _expressions(self, statement: ast.stmt) -> None:
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):
                self._expression(child)
            elif isinstance(child, ast.withitem):
                self._expression(child.context_expr)

    def _expression(self, expression: ast.expr) -> None:
        """`a() if full else b()`, `full and a()`."""
        for node in ast.walk(expression):
            if isinstance(node, ast.IfExp):
                truth = self._truth(node.test)
                if truth is not None:
                    self._bury([node.orelse if truth else node.body])
            elif isinstance(node, ast.BoolOp):
                ends_with = isinstance(node.op, ast.Or)
                for position, value in enumerate(node.values[:-1]):
                    if self._truth(value) is ends_with:
                        self._bury(node.values[position + 1 :])
                        break
