"""Grammar newer than the running Python's, read all the same.

The newer constructs of a text are rewritten into older ones without moving a line; the older parser makes the tree; columns
and f-strings are then put right in it. The tree is the one that Python 3.11 would make of the older way to write the same:

- `type X[T] = value` is the assignment `X = value`, and the type parameters of functions and classes are left out;
- `except A, B:` catches a tuple, `lazy import x` is an import;
- f-strings are `ast.JoinedStr`, whatever stands in them; t-strings are `TemplateStr`.

A text is accepted only when a parser of the newest grammar has no objection to it as it was written.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

import ast_serialize
from pytokens import TokenType

from checker.source.newer_strings import STARTS, Edit, StringRewriter, Strings
from checker.source.tokens import Tokens

MAX_DEPTH = 2_000
"""The parser of the newest grammar has no limit of its own and could exhaust the stack of a thread."""
_STATEMENT_ENDS = frozenset({TokenType.newline, TokenType.indent, TokenType.dedent})


def parse_newer(text: str) -> ast.Module:
    """The tree of a text with newer grammar; its line ends are `\\n`.

    Raises SyntaxError where the newest Python would as well, or where the rewriting is not sure.
    """
    mark = "strings_"
    while mark in text:
        mark += "_"
    edits, strings = _rewrite(text, mark)
    written, shifts = _apply(text, edits)
    tree = ast.parse(written)
    _restore(tree, mark, strings, shifts)
    for objection in ast_serialize.parse("source.py", text, python_version=(3, 14))[1]:
        raise SyntaxError(objection["message"], ("", objection["line"], objection["column"], None))
    return tree


def aliases_as_assignments(tree: ast.Module) -> None:
    """Turn `type X = value` in a tree that a newer Python made into `X = value`, in place."""
    alias: type[ast.stmt] | None = getattr(ast, "TypeAlias", None)
    if alias is None:
        return
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                statements[:] = [_assignment(s) if isinstance(s, alias) else s for s in statements]


def _assignment(alias: ast.stmt) -> ast.stmt:
    fields = dict(ast.iter_fields(alias))
    return ast.copy_location(ast.Assign(targets=[fields["name"]], value=fields["value"]), alias)


def _rewrite(text: str, mark: str) -> tuple[list[Edit], list[Strings]]:
    try:
        return _Rewriter(text, Tokens(text), mark).run()
    except IndexError as error:
        raise SyntaxError("the text ends within a construct") from error


class _Rewriter:
    """Goes over the tokens of one text and notes the edits that make older grammar of it."""

    def __init__(self, text: str, tokens: Tokens, mark: str) -> None:
        self._text = text
        self._tokens = tokens
        self._strings = StringRewriter(text, tokens, mark)
        self._edits = self._strings.edits

    def run(self) -> tuple[list[Edit], list[Strings]]:
        """All edits in the order of the text, and the strings that became calls."""
        at, begins = 0, True
        while (kind := self._tokens.kinds[at]) is not TokenType.endmarker:
            if kind in STARTS:
                at, begins = self._strings.rewrite(at), False
                continue
            behind = self._word(at, begins) if kind is TokenType.identifier else at + 1
            begins = kind in _STATEMENT_ENDS or self._tokens.word(behind - 1) in {";", ":"}
            at = behind
        return sorted(self._edits, key=lambda edit: (edit.start, edit.end)), self._strings.found

    def _word(self, at: int, begins: bool) -> int:
        """Look at a name or keyword; the index of the token behind what was rewritten."""
        word, following = self._tokens.word(at), self._tokens.word(at + 1)
        if word in {"def", "class"}:
            return self._parameters(at + 2)
        if word == "except":
            self._except(at + 1)
        elif begins and word == "lazy" and following in {"import", "from"}:
            self._drop(at)
        elif begins and word == "type" and self._is_alias(at + 1):
            self._drop(at)
            return self._parameters(at + 2)
        return at + 1

    def _is_alias(self, at: int) -> bool:
        name = self._tokens.word(at)
        return name.isidentifier() and not iskeyword(name) and self._tokens.word(at + 1) in {"=", "["}

    def _drop(self, at: int) -> None:
        """Leave a soft keyword out; the statement begins at the next word."""
        start, end = self._tokens.starts[at], self._tokens.starts[at + 1]
        self._edits.append(Edit(start=start, end=end, text=_blank(self._text[start:end])))

    def _parameters(self, at: int) -> int:
        """Leave type parameters out, if this token begins some."""
        if self._tokens.word(at) != "[":
            return at
        behind, depth = at + 1, 1
        while depth and self._tokens.kinds[behind] is not TokenType.endmarker:
            depth += self._tokens.depth(behind)
            behind += 1
        start, end = self._tokens.starts[at], self._tokens.ends[behind - 1]
        self._edits.append(Edit(start=start, end=end, text=" " + _blank(self._text[start:end])))
        return behind

    def _except(self, at: int) -> None:
        """Put brackets around several exceptions that stand without."""
        first = at + (self._tokens.word(at) == "*")
        behind, depth, commas = first, 0, 0
        while self._tokens.kinds[behind] not in _STATEMENT_ENDS:
            if self._tokens.word(behind) == "except" or (not depth and self._tokens.word(behind) == ":"):
                break
            depth += self._tokens.depth(behind)
            commas += not depth and self._tokens.word(behind) == ","
            behind += 1
        if commas:
            start, end = self._tokens.starts[first], self._tokens.ends[behind - 1]
            self._edits.append(Edit(start=start, end=start, text="("))
            self._edits.append(Edit(start=end, end=end, text=")"))


def _blank(piece: str) -> str:
    """Nothing, on as many lines."""
    return "\\\n" * piece.count("\n")


@dataclass(slots=True)
class _Shifts:
    """How far to the right the original of each piece of a rewritten line stands, in bytes."""

    columns: list[int] = field(default_factory=list)
    shifts: list[int] = field(default_factory=list)

    def original(self, column: int) -> int:
        """The column in the original, of a column in the rewritten line."""
        at = bisect_right(self.columns, column) - 1
        return column + self.shifts[at] if at >= 0 else column


def _apply(text: str, edits: Sequence[Edit]) -> tuple[str, dict[int, _Shifts]]:
    """The rewritten text, and for each of its lines that changed where the pieces stood."""
    pieces: list[str] = []
    shifts: dict[int, _Shifts] = {}
    line, old, new, at = 1, 0, 0, 0
    for edit in edits:
        if edit.start < at:
            raise SyntaxError("two rewritten constructs overlap")
        kept, gone = text[at : edit.start], text[edit.start : edit.end]
        pieces += [kept, edit.text]
        line += kept.count("\n") + edit.text.count("\n")
        old, new = _column(_column(old, kept), gone), _column(_column(new, kept), edit.text)
        moved = shifts.setdefault(line, _Shifts())
        moved.columns.append(new)
        moved.shifts.append(old - new)
        at = edit.end
    return "".join([*pieces, text[at:]]), shifts


def _column(column: int, passed: str) -> int:
    """The column in bytes, as trees count it, behind a piece of text that begins at a column."""
    _, line_end, rest = passed.rpartition("\n")
    return len(rest.encode()) + (0 if line_end else column)


def _restore(tree: ast.Module, mark: str, strings: Sequence[Strings], shifts: dict[int, _Shifts]) -> None:
    """Put strings and columns of the rewritten text's tree right, in place."""
    waiting: list[tuple[ast.AST, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise RecursionError
        _place(node, shifts)
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                value[:] = [_original(item, mark, strings) for item in value]
                waiting += [(item, depth + 1) for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                found = _original(value, mark, strings)
                setattr(node, name, found)
                waiting.append((found, depth + 1))


def _original(node: Any, mark: str, strings: Sequence[Strings]) -> Any:
    """The node itself, or the strings that this call stands for."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith(mark):
        return strings[int(node.func.id.removeprefix(mark))].build(node)
    return node


def _place(node: ast.AST, shifts: dict[int, _Shifts]) -> None:
    if isinstance(
        node, (ast.stmt, ast.expr, ast.arg, ast.keyword, ast.alias, ast.excepthandler, ast.pattern)
    ):
        if node.lineno in shifts:
            node.col_offset = shifts[node.lineno].original(node.col_offset)
        if node.end_lineno in shifts and node.end_col_offset is not None:
            node.end_col_offset = shifts[node.end_lineno].original(node.end_col_offset)
