"""What an expression says as it is written, without asking what its names mean."""

from __future__ import annotations

import ast


def uncalled(decorator: ast.expr) -> ast.expr:
    """A decorator without its arguments: `app.get` of `app.get("/")`."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def last_name(expression: ast.expr | None) -> str:
    """The last part of a dotted name, calls looked through: `first` of `query.where(...).first()`."""
    while isinstance(expression, ast.Call):
        expression = expression.func
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def is_super(expression: ast.expr) -> bool:
    """`super()`, or `super(Shop, self)`."""
    return (
        isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Name)
        and expression.func.id == "super"
    )


def dotted(expression: ast.expr) -> str:
    """A name, or an attribute of a name, as text; empty for everything else."""
    if isinstance(expression, ast.Name):
        return expression.id
    if isinstance(expression, ast.Attribute) and isinstance(expression.value, ast.Name):
        return f"{expression.value.id}.{expression.attr}"
    return ""


def is_type_checking(test: ast.expr) -> bool:
    """Whether only a type checker comes past a test: `if TYPE_CHECKING:`."""
    return last_name(test) == "TYPE_CHECKING"


def is_main_guard(test: ast.expr) -> bool:
    """`if __name__ == "__main__":`."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
    )
