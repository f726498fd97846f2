"""f-strings and t-strings in the grammar of Python 3.12 and later, as calls that an older parser reads.

`f"a{x!r}b" "c"` becomes `MARK0((x),)`: each expression stays where it stands, the text around it is kept aside. Once there
is a tree, `Strings.build` turns the call into the `ast.JoinedStr` that a newer Python would have made.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pytokens import TokenType

from checker.source.tokens import CLOSING, Tokens

STARTS = frozenset({TokenType.string, TokenType.fstring_start, TokenType.tstring_start})
_MIDDLES = frozenset({TokenType.fstring_middle, TokenType.tstring_middle})
_ENDS = frozenset({TokenType.fstring_end, TokenType.tstring_end})
_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|N\{[^}]*\}|[0-7]{1,3}|.)", re.DOTALL)


class _TemplateStr(ast.expr):
    """`ast.TemplateStr` where Python has none."""

    _fields = ("values",)


class _Interpolation(ast.expr):
    """`ast.Interpolation` where Python has none."""

    _fields = ("value", "str", "conversion", "format_spec")


TemplateStr: Any = getattr(ast, "TemplateStr", _TemplateStr)
Interpolation: Any = getattr(ast, "Interpolation", _Interpolation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A piece of the text, by its offsets, and what stands there instead; both have as many line ends."""

    start: int
    end: int
    text: str


@dataclass(slots=True, kw_only=True)
class _Field:
    """`{expression!r:spec}`; the expression itself is the next argument of the call."""

    conversion: int = -1
    written: str = ""
    spec: list[str | _Field] | None = None


@dataclass(slots=True, kw_only=True)
class Strings:
    """Neighbouring string literals, at least one of them with fields: one expression."""

    parts: list[str | _Field] = field(default_factory=list)
    is_template: bool = False

    def build(self, call: ast.Call) -> ast.expr:
        """The expression that the call stands for."""
        place = {name: getattr(call, name) for name in call._attributes}
        values = list(self._values(self.parts, iter(call.args), place, self.is_template))
        return (
            TemplateStr(values=values, **place) if self.is_template else ast.JoinedStr(values=values, **place)
        )

    def _values(
        self, parts: list[str | _Field], arguments: Iterator[ast.expr], place: dict[str, Any], template: bool
    ) -> Iterator[ast.expr]:
        text = ""
        for part in parts:
            if isinstance(part, str):
                text += part
                continue
            if text:
                yield ast.Constant(value=text, **place)
                text = ""
            value = next(arguments)
            spec: ast.JoinedStr | None = None
            if part.spec is not None:
                inner = list(self._values(part.spec, arguments, place, template=False))
                spec = ast.JoinedStr(values=inner, **place)
            made = {"value": value, "conversion": part.conversion, "format_spec": spec, **place}
            yield Interpolation(str=part.written, **made) if template else ast.FormattedValue(**made)
        if text:
            yield ast.Constant(value=text, **place)


class StringRewriter:
    """Goes over the string literals of one text and notes the edits that turn them into calls."""

    def __init__(self, text: str, tokens: Tokens, mark: str) -> None:
        self.edits: list[Edit] = []
        self.found: list[Strings] = []
        self._text = text
        self._tokens = tokens
        self._mark = mark

    def rewrite(self, at: int) -> int:
        """Take the literals that begin at this token; the index of the token behind them."""
        behind = at
        while self._tokens.kinds[behind] is TokenType.string:
            behind += 1
        if self._tokens.kinds[behind] not in STARTS:
            return behind
        strings = Strings()
        self.found.append(strings)
        first = self._tokens.starts[at]
        self.edits.append(Edit(start=first, end=first, text=f"{self._mark}{len(self.found) - 1}("))
        kinds = set()
        while (kind := self._tokens.kinds[at]) in STARTS:
            kinds.add(kind)
            if kind is TokenType.string:
                strings.parts.append(_plain(self._tokens.word(at)))
                self._cut(at)
                at += 1
            else:
                at = self._formatted(at, strings.parts)
        if TokenType.tstring_start in kinds:
            strings.is_template = True
            if len(kinds) > 1:
                raise SyntaxError("cannot mix t-string literals with string or bytes literals")
        last = self._tokens.ends[at - 1]
        self.edits.append(Edit(start=last, end=last, text=")"))
        return at

    def _formatted(self, at: int, parts: list[str | _Field]) -> int:
        """From the opening quote to the token behind the closing one."""
        raw = "r" in self._tokens.word(at).rstrip("\"'").lower()
        self._cut(at)
        return self._parts(at + 1, parts, raw, _ENDS)

    def _parts(self, at: int, parts: list[str | _Field], raw: bool, ends: frozenset[TokenType]) -> int:
        while (kind := self._tokens.kinds[at]) not in ends:
            if kind is TokenType.lbrace:
                at = self._field(at, parts, raw)
                continue
            if kind not in _MIDDLES:
                raise SyntaxError("f-string: expecting '}'")
            parts.append(_unescaped(self._tokens.word(at), raw))
            self._cut(at)
            at += 1
        self._cut(at)
        return at + 1

    def _field(self, at: int, parts: list[str | _Field], raw: bool) -> int:
        """From `{` to the token behind `}`."""
        made = _Field()
        begin = self._tokens.ends[at]
        self.edits.append(Edit(start=begin - 1, end=begin, text="("))
        at = self._expression(first := at + 1)
        if at == first:
            raise SyntaxError("f-string: valid expression required before '}'")
        last = at - 1
        if debug := self._tokens.kinds[last] is TokenType.op and self._tokens.word(last) == "=":
            last -= 1
            parts.append(self._text[begin : self._tokens.starts[at]])
        end = self._tokens.ends[last]
        made.written = self._text[begin:end].strip()
        if self._tokens.word(at) == "!":
            made.conversion = ord(self._tokens.word(at + 1)[:1])
            at += 2
        elif debug and self._tokens.word(at) != ":":
            made.conversion = ord("r")
        # A comment behind the expression goes with what stands between it and the brace.
        stop = self._tokens.ends[at]
        self.edits.append(Edit(start=end, end=stop, text="\n" * self._text.count("\n", end, stop) + "),"))
        parts.append(made)
        if self._tokens.word(at) != ":":
            return at + 1
        made.spec = []
        return self._parts(at + 1, made.spec, raw, CLOSING)

    def _expression(self, at: int) -> int:
        """The token at which the expression of a field ends: `=` is part of it, `!`, `:` and `}` are not."""
        depth = 0
        while True:
            kind = self._tokens.kinds[at]
            if kind in STARTS:
                at = self.rewrite(at)
                continue
            if not depth and (kind is TokenType.rbrace or self._tokens.word(at) in {"!", ":"}):
                return at
            if kind is TokenType.endmarker:
                raise SyntaxError("f-string: expecting '}'")
            depth += self._tokens.depth(at)
            at += 1

    def _cut(self, at: int) -> None:
        start, end = self._tokens.starts[at], self._tokens.ends[at]
        self.edits.append(Edit(start=start, end=end, text="\n" * self._text.count("\n", start, end)))


def _plain(literal: str) -> str:
    value = ast.literal_eval(literal)
    if not isinstance(value, str):
        raise SyntaxError("cannot mix bytes and nonbytes literals")  # noqa: TRY004 -- as a parser says it
    return value


def _unescaped(text: str, raw: bool) -> str:
    """What the text between two fields stands for."""
    text = text.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: str(ast.literal_eval(f'"{found[0]}"')), text)
