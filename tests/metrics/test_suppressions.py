"""Cutting comments that silence mypy: nothing else moves."""

from __future__ import annotations

import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.metrics.suppressions import blank_suppressions

IGNORE = "# type: ignore"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"x = 1  {IGNORE}\n", "x = 1\n"),
        (f"x = 1  {IGNORE}[misc, arg-type]  # a reason\n", "x = 1\n"),
        ("x = 1  #type:ignore\n", "x = 1\n"),
        (f"x = 1  # a reason {IGNORE}\n", "x = 1  # a reason\n"),
        ("# mypy: ignore-errors\nx = 1\n", "\nx = 1\n"),
        (f"x = (\n    1,  {IGNORE}\n    2,\n)\n", "x = (\n    1,\n    2,\n)\n"),
        (f"x = 1  {IGNORE}\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        (f"x = 1  {IGNORE}", "x = 1"),
    ],
)
def test_cuts_the_comment_alone(before: str, after: str) -> None:
    assert blank_suppressions(before.encode()) == (after.encode(), 1)


@pytest.mark.parametrize(
    "source",
    [
        f'x = "{IGNORE}"\n',
        f'"""\n{IGNORE}\n# mypy: strict\n"""\n',
        "x = []  # type: list[int]\n",
        "# the type: ignored by readers\n",
        "# see mypy: it is strict\n",
        "x = 1\n",
        "",
        f"def (: {IGNORE}\n",
        f'x = """ {IGNORE}\n',
    ],
)
def test_leaves_everything_else_alone(source: str) -> None:
    assert blank_suppressions(source.encode()) == (source.encode(), 0)


@pytest.mark.parametrize("source", [b"\xff # type: ignore", b"# coding: klingon\n# type: ignore\n"])
def test_what_is_no_python_is_returned_as_it_is(source: bytes) -> None:
    assert blank_suppressions(source) == (source, 0)


def test_other_encodings_are_kept() -> None:
    source = f"# coding: latin-1\nx = 'é'  {IGNORE}\n".encode("latin-1")
    assert blank_suppressions(source) == ("# coding: latin-1\nx = 'é'\n".encode("latin-1"), 1)


NAMES = st.text("abcdefgh_é", min_size=1, max_size=6).filter(lambda name: not keyword.iskeyword(name))
COMMENTS = st.sampled_from(
    ["", f"  {IGNORE}", "  # mypy: x", "  # plain", f"  # é {IGNORE}[x]", "\t#type:  ignore"]
)
VALUES = st.sampled_from(
    ["1", "'# type: ignore'", "(\n    2  # type: ignore\n)", '"""\n# mypy: x\n"""', "[1, é]"]
)


@given(st.lists(st.tuples(NAMES, VALUES, COMMENTS), max_size=8))
def test_no_line_and_no_column_of_the_program_moves(lines: list[tuple[str, str, str]]) -> None:
    source = "".join(f"{name} = {value}{comment}\n" for name, value, comment in lines)
    cut, _ = blank_suppressions(source.encode())
    dump = {"include_attributes": True}
    assert ast.dump(ast.parse(cut), **dump) == ast.dump(ast.parse(source), **dump)
    assert blank_suppressions(cut) == (cut, 0)
