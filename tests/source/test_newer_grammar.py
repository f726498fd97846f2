"""What newer Pythons can read is read on this one as well, and nothing that they refuse."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.source import Project
from checker.source.model import Unreadable
from checker.source.newer_grammar import parse_newer
from checker.source.newer_strings import Interpolation, TemplateStr
from checker.source.parse import ParsedFile, parse_text

SAME = {
    # Python 3.12: type parameters and aliases
    "alias": ("type X = int | str\n", "X = int | str\n"),
    "alias with parameters": ("type X[T: (int, str), *Ts, **P] = list[T]\n", "X = list[T]\n"),
    "alias over lines": ("type X[\n    T,  # any\n] = list[T]\n", "X = list[T]\n"),
    "alias behind a semicolon": ("a = 1; type X = int\n", "a = 1; X = int\n"),
    "alias in a class": ("class A: type X = int\n", "class A: X = int\n"),
    "alias in a function": ("def f():\n    type X = int\n    return X\n", "def f():\n    X = int\n    return X\n"),
    "function": ("def f[T](x: T) -> T: ...\n", "def f(x: T) -> T: ...\n"),
    "method": ("class A:\n    async def f[T: A](self): ...\n", "class A:\n    async def f(self): ...\n"),
    "class": ("class A[T: dict[str, int]](B[T], C): ...\n", "class A(B[T], C): ...\n"),
    "class without bases": ("class A[T]: ...\n", "class A: ...\n"),
    "parameters over lines": ("def f[\n\n    T,\n](\n    x: T,\n): ...\n", "def f(x: T): ...\n"),
    "type as a name": ("type = type(type)\ntype X = type\n", "type = type(type)\nX = type\n"),
    # Python 3.12: f-strings
    "same quotes": ("f'{a['b']}'\n", "f'{a[\"b\"]}'\n"),
    "nested": ("f'{f'{f'{1 + 1}'}'}'\n", "f'''{f\"{f'{1 + 1}'}\"}'''\n"),
    "backslash": ("f'{'\\n'.join(a)}'\n", None),
    "comment": ("f'{\n    a  # {not this}\n}'\n", "f'{a}'\n"),
    "lines": ("f'{a(\n    b,\n)}'\n", "f'{a(b)}'\n"),
    "conversion and spec": ("f'{a['b']!r:>{w['x']}.{p}}'\n", "f'{a[\"b\"]!r:>{w[\"x\"]}.{p}}'\n"),
    "debug": ("f'{ a['b'] = }'\n", "f'''{ a['b'] = }'''\n"),
    "debug with spec": ("f'{a['b']=:>5}'\n", "f'''{a['b']=:>5}'''\n"),
    "braces": ("f'{{{a['b']}}}'\n", "f'{{{a[\"b\"]}}}'\n"),
    "escapes": ("f'\\x41\\N{EM DASH}\\'{a['b']}\\\n\\{1}'\n", "f'\\x41\\N{EM DASH}\\'{a[\"b\"]}\\\n\\{1}'\n"),
    "raw": ("rf'\\d{a['b']}\\{1}'\n", "rf'\\d{a[\"b\"]}\\{1}'\n"),
    "neighbours": ("x = ('a' f'b{c['d']}'\n     'e' f'' rf'\\f')\n", "x = 'a' f'b{c[\"d\"]}' 'e' f'' rf'\\f'\n"),
    "triple": ("f'''a''{b['''c''']}''\nd'''\n", "f'''a''{b[\"c\"]}''\nd'''\n"),
    "lambda": ("f'{(lambda x: x['a'])}'\n", "f'{(lambda x: x[\"a\"])}'\n"),
    "walrus": ("f'{(x := a['b'])}{x!r}'\n", "f'{(x := a[\"b\"])}{x!r}'\n"),
    "await": ("async def f(): return f'{await g('a')}'\n", "async def f(): return f'{await g(\"a\")}'\n"),
    "comparison": ("f'{a['b'] != c}'\n", "f'{a[\"b\"] != c}'\n"),
    "tuple": ("f'{*a['b'], c}'\n", "f'{(*a[\"b\"], c)}'\n"),
    "not Latin": ("é = f'ü{ä['ö']}'; ß(é)\n", "é = f'ü{ä[\"ö\"]}'; ß(é)\n"),
    # Python 3.13: defaults of type parameters
    "default": ("def f[T = int, *Ts = *tuple[int]](x: T): ...\n", "def f(x: T): ...\n"),
    # Python 3.14: exceptions without brackets
    "exceptions": ("try: a()\nexcept A, b.C: d()\n", "try: a()\nexcept (A, b.C): d()\n"),
    "exception group": ("try: a()\nexcept* A, B(1, 2): d()\n", "try: a()\nexcept* (A, B(1, 2)): d()\n"),
    "one exception": ("try: a()\nexcept A as e: d()\ntype X = e\n", "try: a()\nexcept A as e: d()\nX = e\n"),
    # Python 3.15: lazy imports
    "lazy": ("lazy import a.b as c\nlazy from d import e\nlazy = 1\n", "import a.b as c\nfrom d import e\nlazy = 1\n"),
}  # fmt: skip


pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")


@pytest.mark.parametrize("name", SAME)
def test_newer_grammar_has_the_tree_of_the_older_way_to_write_it(name: str) -> None:
    newer, older = SAME[name]
    if older is None:
        older = "f'{NEW_LINE.join(a)}'\n"
        expected = ast.dump(ast.parse(older)).replace(
            "Name(id='NEW_LINE', ctx=Load())", "Constant(value='\\n')"
        )
    else:
        expected = ast.dump(ast.parse(older))
    assert ast.dump(parse_newer(newer)) == expected


@pytest.mark.parametrize("name", SAME)
def test_every_name_stands_where_it_is_written(name: str) -> None:
    text = SAME[name][0]
    lines = text.encode().split(b"\n")
    names = [node for node in ast.walk(parse_newer(text)) if isinstance(node, ast.Name)]
    for node in names:
        assert lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode() == node.id
    assert all(node.lineno == node.end_lineno for node in names)


def test_a_template_string_is_no_text_and_keeps_its_expressions() -> None:
    tree = parse_newer("t'a{b['c']!r:>{d()}}' t'e'\n")
    (statement,) = tree.body
    assert isinstance(statement, ast.Expr)
    template = statement.value
    assert isinstance(template, TemplateStr)
    first, field, last = template.values
    assert (first.value, last.value) == ("a", "e")
    assert isinstance(field, Interpolation)
    assert (field.str, field.conversion) == ("b['c']", ord("r"))
    assert [ast.unparse(n) for n in ast.walk(tree) if isinstance(n, (ast.Call, ast.Subscript))] == [
        "b['c']",
        "d()",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("type X = int\ny = = 1\n", 2),
        ("type X = int\n\n\ndef f(:\n    pass\n", 4),
        ("type X[] = int\n", 1),
        ("def f[T: ](x): ...\n", 1),
        ("def f[T(x): ...\n", None),
        ("def f[1](x): ...\n", 1),
        ("class A[T=](x): ...\n", 1),
        ("type 1 = int\n", 1),
        ("type X\n", 1),
        ("try: a()\nexcept A, B as e: d()\n", 2),
        ("try: a()\nexcept A B: d()\n", 2),
        ("f'{a['b']'\n", None),
        ("f'{f'{}'}'\n", 1),
        ("f'{f'{a!z}'}'\n", 1),
        ("f'{a['b'] c}'\n", 1),
        ("f'{x for x in a['b']}'\n", 1),
        ("f'{lambda x: a['b']}'\n", 1),
        ("f'{a['b']}' b'c'\n", 1),
        ("t'{a}' 'b'\n", 1),
        ("t'{a}' f'b'\n", 1),
        ("f'{a['b']}' = 1\n", 1),
        ("from {{ package }} import f'{a['b']}'\n", 1),
        ("{% if a %}\ntype X = int\n{% endif %}\n", 1),
        ("print 'type X = int'\ntype X = int\n", 1),
        ("if a:\ntype X = int\n", 2),
        ("f'" + "{f'" * 400 + "'}" * 400 + "'\n", None),
        ("type X = " + "(" * 300 + ")" * 300 + "\n", None),
        ("type X = " + "-" * 50_000 + "1\n", None),
        ("type X = a" + ".a" * 50_000 + "\n", None),
        ("price = 12$\n", 1),
        ("x = 1\nready = is_ready(x)?\n", 2),
        ("type X = int\n?\n", 2),
    ],
)
def test_what_the_newest_python_refuses_is_refused(text: str, line: int | None) -> None:
    found = parse_text(text.encode(), "app.py")
    assert isinstance(found, Unreadable)
    assert found.sentence.startswith("`app.py` is ")
    if line is not None:
        assert found.line == line


def test_the_first_mistake_that_no_python_forgives_is_named() -> None:
    found = parse_text(b"type X = int\nx = f'{a['b']}'\nreturn = 1\n", "app.py")
    assert isinstance(found, Unreadable)
    assert "not valid Python at line 3" in found.sentence


def test_lines_end_where_python_ends_them() -> None:
    found = parse_text(b"\xef\xbb\xbftype X = int\r\n\x0c\ry = f'{\r\nX['a']}'\r\nz = 1\n", "app.py")
    assert isinstance(found, ParsedFile)
    assert found.lines == ("type X = int", "\x0c", "y = f'{", "X['a']}'", "z = 1")
    assert [statement.lineno for statement in found.tree.body] == [1, 3, 5]


def test_a_comment_in_newer_grammar_is_still_a_comment() -> None:
    text = "f'{a['# check: flex S7 -- not one']}'\nf'{\n    a['b']  # check: flex S5 -- one\n}'\n"
    found = parse_text(text.encode(), "app.py")
    assert isinstance(found, ParsedFile)
    assert [(flex.line, flex.constraint, flex.reason) for flex in found.flexes] == [(3, "S5", "one")]


def test_an_alias_statement_is_an_alias(project: Callable[..., Project]) -> None:
    made = {}
    for written in ("DbSession = ", "type DbSession = ", "type DbSession[T] = "):
        found = project(
            main=f"""
            from typing import Annotated
            from fastapi import Depends, FastAPI
            from sqlalchemy.ext.asyncio import AsyncSession

            async def get_db() -> AsyncSession: ...

            {written}Annotated[AsyncSession, Depends(get_db)]
            app = FastAPI()

            @app.get("/")
            async def read(db: DbSession):
                await db.execute("select 1")
            """
        )
        assert found.unreadable == ()
        made[written] = [(call.line, call.target) for call in found.modules[0].calls]
    assert ("sqlalchemy.ext.asyncio.AsyncSession.execute") in {t for _, t in made["DbSession = "]}
    assert len({str(calls) for calls in made.values()}) == 1


def test_calls_in_newer_strings_and_behind_newer_grammar_are_seen(project: Callable[..., Project]) -> None:
    found = project(
        main="""
        import time
        from fastapi import FastAPI

        app = FastAPI()

        class Repository[Model: (int, str)]:
            async def get[Key](self, key: Key) -> Model | None:
                try:
                    return f"{"a" if time.sleep(1) else "b"}"
                except KeyError, ValueError:
                    return t"{time.sleep(2)}"

        @app.get("/")
        async def read():
            return await Repository[int]().get("a")
        """
    )
    assert found.unreadable == ()
    assert [call.line for call in found.modules[0].calls if call.target == "time.sleep"] == [10, 12]
    assert {function.name for function in found.on_loop} == {"read", "Repository.get"}


# Any f-string, written with the same quotes inside as outside, against the tree that it must have.

_names = st.sampled_from(["a", "ü", "type", "lazy"])
_texts = st.text(st.sampled_from("aé {}:!=#'\"\n\\"), min_size=1, max_size=6)


def _written(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return quoted.replace("{", "{{").replace("}", "}}")


def _call(name: str, inner: tuple[str, ast.expr]) -> tuple[str, ast.expr]:
    return f"{name}({inner[0]})", ast.Call(
        func=ast.Name(id=name, ctx=ast.Load()), args=[inner[1]], keywords=[]
    )


def _field(
    inner: tuple[str, ast.expr], conversion: str, spec: tuple[str, ast.expr] | None, space: str
) -> object:
    written = "{" + space + inner[0] + space + (f"!{conversion}" if conversion else "")
    made = ast.FormattedValue(
        value=inner[1], conversion=ord(conversion) if conversion else -1, format_spec=None
    )
    if spec is not None:
        written += ":>{" + spec[0] + "}"
        width = ast.FormattedValue(value=spec[1], conversion=-1, format_spec=None)
        made.format_spec = ast.JoinedStr(values=[ast.Constant(value=">"), width])
    return written + "}", made


def _joined(parts: list[object]) -> tuple[str, ast.expr]:
    written, values = "", []
    for part in parts:
        if isinstance(part, str):
            written += _written(part)
            if values and isinstance(values[-1], ast.Constant):
                values[-1] = ast.Constant(value=values[-1].value + part)
            else:
                values.append(ast.Constant(value=part))
        else:
            written += part[0]
            values.append(part[1])
    return f"f'{written}'", ast.JoinedStr(values=values)


def _larger(inner: st.SearchStrategy[tuple[str, ast.expr]]) -> st.SearchStrategy[tuple[str, ast.expr]]:
    fields = st.builds(
        _field,
        inner,
        st.sampled_from(["", "r", "s", "a"]),
        st.none() | inner,
        st.sampled_from([" ", "\n", " # }'\n"]),
    )
    strings = st.builds(_joined, st.lists(fields | _texts, max_size=3))
    return strings | st.builds(_call, _names, inner)


_expressions = st.recursive(
    st.builds(lambda n: (n, ast.Name(id=n, ctx=ast.Load())), _names), _larger, max_leaves=8
)


@given(_expressions)
def test_any_nesting_of_strings_has_its_tree(expression: tuple[str, ast.expr]) -> None:
    written, expected = expression
    (statement,) = parse_newer(f"({written})\n").body
    assert isinstance(statement, ast.Expr)
    assert ast.dump(statement.value) == ast.dump(expected)


@given(st.text(st.sampled_from("ftr'\"{}[]()=:!,#\\\n \ttype X$?") | st.characters(codec="utf-8")))
def test_no_text_ends_in_anything_but_a_tree_or_a_sentence(text: str) -> None:
    assert isinstance(parse_text(text.encode(), "app.py"), (ParsedFile, Unreadable))
