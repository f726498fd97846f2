"""What a module does for its own tests alone: `if settings.testing: engine = create_engine("sqlite://")`."""

from __future__ import annotations

import ast
import re

from checker.source import Call
from checker.source.written import last_name

_SAYS = r"(is_|in_|under_|run_|running_|app_|unit_)*(test|tests|testing|pytest)"
_FLAG = re.compile(rf"{_SAYS}(_mode)?", re.IGNORECASE)
_WORD = re.compile(rf"{_SAYS}(_env|_environment)?", re.IGNORECASE)
_UNTRUE = frozenset({"", "0", "false", "no", "off"})


def is_for_tests(call: Call) -> bool:
    """Whether only a run of the tests comes to a call: it stands in the branch of a flag or an environment that says so."""
    for node in ast.walk(call.scope.node):
        if isinstance(node, (ast.If, ast.IfExp)):
            asked = _asks_for_tests(node.test)
            branch = node.body if asked else node.orelse
            if asked is not None and _holds(branch, call.node):
                return True
    return False


def _holds(branch: list[ast.stmt] | ast.expr, wanted: ast.AST) -> bool:
    parts = branch if isinstance(branch, list) else [branch]
    return any(node is wanted for part in parts for node in ast.walk(part))


def _asks_for_tests(test: ast.expr) -> bool | None:
    """True where a condition holds in tests alone, False where it holds everywhere but in tests, None where it asks for other things."""
    match test:
        case ast.UnaryOp(op=ast.Not()):
            asked = _asks_for_tests(test.operand)
            return None if asked is None else not asked
        case ast.BoolOp():
            parts = [_asks_for_tests(part) for part in test.values]
            together = isinstance(test.op, ast.And)
            return together if together in parts else None
        case ast.Compare(ops=[operator], comparators=[right]):
            return _compared(test.left, operator, right)
    return True if _is_flag(test) else None


def _compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool | None:
    """`settings.env == "test"`, `os.environ["TESTING"] == "1"`, `"pytest" in sys.modules`."""
    positive = isinstance(operator, (ast.Eq, ast.Is, ast.In))
    if not positive and not isinstance(operator, (ast.NotEq, ast.IsNot, ast.NotIn)):
        return None
    if any(_is_word(side) for side in (left, right)):
        return positive
    if isinstance(right, (ast.Tuple, ast.List, ast.Set)) and right.elts and all(map(_is_word, right.elts)):
        return positive
    if _is_flag(left) and isinstance(right, ast.Constant):
        is_set = right.value is not None and str(right.value).lower() not in _UNTRUE
        return positive is is_set
    return None


def _is_word(expression: ast.expr) -> bool:
    if isinstance(expression, ast.Attribute):
        return _WORD.fullmatch(expression.attr) is not None and expression.attr.isupper()  # Of an enum.
    return (
        isinstance(expression, ast.Constant)
        and isinstance(expression.value, str)
        and _WORD.fullmatch(expression.value) is not None
    )


def _is_flag(expression: ast.expr) -> bool:
    """`settings.testing`, `TESTING`, `os.environ.get("TESTING")`."""
    match expression:
        case ast.Name() | ast.Attribute():
            return _FLAG.fullmatch(last_name(expression)) is not None
        case ast.Subscript():
            return _is_word(expression.slice)
        case ast.Call():
            return (
                last_name(expression) in {"get", "getenv"}
                and bool(expression.args)
                and _is_word(expression.args[0])
            )
    return False
