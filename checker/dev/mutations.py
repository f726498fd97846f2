"""Mutants of a reference: one small mistake each, made by cosmic-ray's operators.

Left out are those that prove nothing about a suite: changes that are no Python, changes that compile to the
same byte code as the original or as another mutant, and operators between types (`int | None` becoming `int + None` either has no effect or stops
the import, whatever the tests are).
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from checker.dev.trees import tree_files
from checker.errors import CheckerError

_TYPE_UNION = "ReplaceBinaryOperator_BitOr_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One mistake: the whole text of the file with it, its place, the operator that made it."""

    path: str
    line: int
    operator: str
    number: int
    """Which of the operator's mutants of this file it is, from 0."""
    text: str
    diff: str

    @property
    def key(self) -> str:
        """The same for the same mistake in the same file."""
        return hashlib.sha256(f"{self.path}\0{self.text}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutants:
    """Every mutant that is worth trying, and how many were left out for being provably equal."""

    tried: tuple[Mutant, ...]
    equal: int


def make_mutants(solution: Path) -> Mutants:
    """The mutants of everything under `app/` of a solution, in the order of file, line and operator.

    Raises `CheckerError` where cosmic-ray is not installed.
    """
    tried: list[Mutant] = []
    equal = 0
    for name in tree_files(solution):
        if name.parts[0] != "app" or name.suffix != ".py":
            continue
        source = (solution / name).read_text(encoding="utf-8")
        original = _byte_code(source)
        types = _type_unions(source)
        seen: set[object] = set()
        for operator, number, line, column, text in _mutations(source):
            code = _byte_code(text)
            if code is None or code in seen:
                continue  # no Python, or the same mistake by another operator
            if code == original or (operator.startswith(_TYPE_UNION) and _inside(types, line, column)):
                equal += 1
                continue
            seen.add(code)
            diff = _diff(source, text, name.as_posix())
            tried.append(
                Mutant(
                    path=name.as_posix(), line=line, operator=operator, number=number, text=text, diff=diff
                )
            )
    tried.sort(key=lambda mutant: (mutant.path, mutant.line, mutant.operator, mutant.number))
    return Mutants(tried=tuple(tried), equal=equal)


def _mutations(source: str) -> Iterator[tuple[str, int, int, int, str]]:
    """Operator, number, line, column and text of every mutation that cosmic-ray can make."""
    try:
        from cosmic_ray.ast import ast_nodes, get_ast
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator, operator_names
    except ImportError:
        raise CheckerError(
            "Mutants are made by cosmic-ray, which is not installed. Run `pip install -e '.[dev]'`."
        ) from None
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments():
            continue  # these replace variables by random numbers: another set of mutants in every run
        places = [place for node in nodes for place in operator().mutation_positions(node)]
        for number, ((line, column), _) in enumerate(places):
            try:
                text = mutate_code(source, operator(), number)
            except AttributeError:
                continue  # cosmic-ray 8.7 cannot replace an exception that is written with a dot
            if text is not None:
                yield name.partition("/")[2], number, line, column, text


def _byte_code(source: str) -> object | None:
    """What Python would run, without places; None where the text is no Python.

    Annotations of local variables and what stands under `if TYPE_CHECKING:` are never run.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # `x is 1` is a mutant like any other
            tree = _WithoutTypeChecking().visit(ast.parse(source))
            return _comparable(compile(ast.fix_missing_locations(tree), "mutant", "exec", dont_inherit=True))
    except (SyntaxError, ValueError):
        return None


class _WithoutTypeChecking(ast.NodeTransformer):
    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        test = node.test
        name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
        if name == "TYPE_CHECKING":
            node.body = [ast.Pass()]
        return node


def _comparable(code: CodeType) -> object:
    constants = tuple(
        _comparable(one) if isinstance(one, CodeType) else (type(one).__name__, repr(one))
        for one in code.co_consts
    )
    return (
        code.co_code,
        constants,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_flags,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_exceptiontable,
    )


def _type_unions(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where `|` joins types: in annotations outside of calls, and wherever one side is `None`."""
    found: list[ast.expr] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            found += _unions_outside_calls(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            found += _unions_outside_calls(node.returns)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = (node.left, node.right)
            if any(isinstance(side, ast.Constant) and side.value is None for side in sides):
                found.append(node)
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0))
        for node in found
    ]


def _unions_outside_calls(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        return  # what a call in `Annotated` is given is behaviour, `Query(ge=1)` for instance
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _unions_outside_calls(child)


def _inside(spans: list[tuple[tuple[int, int], tuple[int, int]]], line: int, column: int) -> bool:
    return any(first <= (line, column) <= last for first, last in spans)


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="", n=1)
    return "\n".join(lines)
