"""Noise changes how a file looks and nothing of what it does."""

from __future__ import annotations

import ast
import random
from pathlib import Path
from typing import Any

import pytest

from checker.metrics.noise import add_noise, hollow

SOURCE = b'''\
"""A module."""
from functools import cache


def plain(a,
          b=2):
    return a + b


@cache
def documented(a):
    """Says
    something."""; b = a
    return b


async def later():
    "One line."

    @cache
    def inner(): return 5
    yield inner()


def continued(): \\
  return 7


class Kind:
    x = 1
    def method(self): return self.x
'''
HERE = Path(__file__).resolve().parents[2]


def _run(source: bytes) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(source, "x.py", "exec"), names)  # noqa: S102 -- to see what it does
    return names


@pytest.mark.parametrize("source", [SOURCE, SOURCE.replace(b"\n", b"\r\n")], ids=["unix", "windows"])
def test_noise_changes_the_text_and_not_the_meaning(source: bytes) -> None:
    seen = set()
    for seed in range(30):
        noisy = add_noise(source, random.Random(seed))
        names = _run(noisy)
        assert (names["plain"](1), names["documented"](3), names["continued"]()) == (3, 3, 7)
        assert names["Kind"]().method() == 1
        assert names["documented"].__doc__ == _run(source)["documented"].__doc__
        seen.add(noisy)
    assert len(seen) == 30
    assert any(ast.dump(ast.parse(one)) != ast.dump(ast.parse(source)) for one in seen)


@pytest.mark.parametrize(
    "source", [b"def f(:\n", b"\xff\xfe", b"x = '\0'\n"], ids=["syntax", "bytes", "null"]
)
def test_what_python_cannot_read_stays_as_it_is(source: bytes) -> None:
    assert add_noise(source, random.Random(1)) == source
    assert hollow(source) == source


def test_every_file_of_the_solutions_can_bear_noise() -> None:
    files = sorted((HERE / "solutions").rglob("app/**/*.py"))
    assert files
    for path in files:
        noisy = add_noise(path.read_bytes(), random.Random(path.name))
        assert noisy != path.read_bytes()
        compile(noisy, str(path), "exec")


def test_a_hollow_file_does_nothing() -> None:
    names = _run(hollow(SOURCE))
    assert (names["plain"](1), names["Kind"]().method()) == (None, None)
