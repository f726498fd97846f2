"""What a call gives as a constant decides what its function comes to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from textwrap import dedent

import pytest

from checker.source import Project

Make = Callable[..., Project]
HEAD = """\
    from functools import wraps

    from fastapi import FastAPI

    app = FastAPI()

    def helper(): ...

"""
CALL = "\n@app.get('/')\nasync def f(given: str):\n    {call}\n"


def comes_to_helper(project: Project) -> bool:
    return "helper" in {function.name for function in project.on_loop}


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ("def g(p=False):\n    if p: helper()", "g()"),
        ("def g(p):\n    if p and False: helper()", "g(given)"),
        ("def g():\n    if 0: helper()", "g()"),
        ("def g(p=True):\n    if not p: helper()", "g()"),
        ("def g(p=None):\n    if p is not None: helper()", "g()"),
        ("def g(p):\n    if p == 'x': helper()", "g('y')"),
        ("def g(p=None):\n    if p is None: p = helper()", "g(f'{given}')"),
        ("def g(p=None):\n    if p is None: helper()", "g(p={'a': 1}['a'])"),
        ("class C: ...\ndef g(p=None): h(p)\ndef h(q=None):\n    if q == None: helper()", "g(C())"),
        ("def g(p):\n    if p != 'x': return\n    helper()", "g('y')"),
        ("def g(p):\n    if p in ('x', 'y'): helper()", "g('z')"),
        ("def g(p):\n    if p > 0: helper()", "g(0)"),
        ("def g(p=False, q=True):\n    if p and q: helper()", "g(q=given)"),
        ("def g(p=True, q=False):\n    if p or q: return\n    helper()", "g(q=given)"),
        ("def g(p=False):\n    return helper() if p else None", "g()"),
        ("def g(p=False):\n    p and helper()", "g()"),
        ("def g(p=False):\n    while p: helper()", "g()"),
        ("def g(p=False):\n    with open('x'):\n        if not p: return\n        helper()", "g()"),
        ("def g(p=False):\n    for i in range(3):\n        if not p: continue\n        helper()", "g()"),
        ("def g(p=False):\n    def inner():\n        if p: helper()\n    inner()", "g()"),
        ("def g(p=False): h(p)\ndef h(q):\n    if q: helper()", "g()"),
        ("class C:\n    def g(self, p=False):\n        if p: helper()", "C().g()"),
        ("class C:\n    def __init__(self, p=False):\n        if p: helper()", "C()"),
        ("class C:\n    @staticmethod\n    def g(p=False):\n        if p: helper()", "C.g(False)"),
        ("async def g(p=False):\n    if p: helper()", "await g()"),
    ],
)
def test_what_stands_behind_a_constant_is_not_reached(project: Make, body: str, call: str) -> None:
    assert not comes_to_helper(project(main=dedent(HEAD) + body + CALL.format(call=call)))


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ("def g(p=False):\n    if p: helper()", "g(given)"),
        ("def g(p=False):\n    if p: helper()", "g(*[True])"),
        ("def g(p=False):\n    if p: helper()", "g(**{'p': True})"),
        ("def g(p=False):\n    p = not p\n    if p: helper()", "g()"),
        (
            "def g(p=False):\n    def inner():\n        nonlocal p\n        p = True\n    inner()\n    if p: helper()",
            "g()",
        ),
        ("def g(p=False):\n    for p in [1]:\n        if p: helper()", "g()"),
        ("def g(p=False, q=False):\n    if p or q: helper()", "g(q=given)"),
        (
            "def g(p=False):\n    try:\n        if not p: raise ValueError\n    except ValueError: ...\n    helper()",
            "g()",
        ),
        ("def g(p=False):\n    def inner(p):\n        if p: helper()\n    inner(True)", "g()"),
        ("def g(p=False):\n    if p: helper()", "g(); g(True)"),
        (
            "def w(f):\n    def inner(): return f(p=True)\n    return inner\n@w\ndef g(p=False):\n    if p: helper()",
            "g()",
        ),
        ("class C:\n    def g(self, p=False):\n        if p: helper()", "C.g(C(), True)"),
        ("def g(p=None):\n    if p is None: helper()", "g(given)"),
        ("def g(p=None):\n    if not p: helper()", "g(f'{given}')"),
        ("def g(p=None):\n    p = given or p\n    if p is None: helper()", "g(f'{given}')"),
        ("def g(p=1):\n    if p is None: p = 2\n    if p == 1: helper()", "g(1)"),
        ("def g(p=None):\n    if p is not None: helper()", "g([given])"),
        ("def g(p=None, q=None):\n    if p is None or q is None: helper()", "g([given], given)"),
    ],
)
def test_what_may_be_otherwise_is_reached(project: Make, body: str, call: str) -> None:
    assert comes_to_helper(project(main=dedent(HEAD) + body + CALL.format(call=call)))


def test_a_function_called_in_many_ways_is_followed_with_nothing_known(project: Make) -> None:
    calls = "\n    ".join(f"g('{n}')" for n in range(40))

    found = project(main=dedent(HEAD) + "def g(p):\n    if p == 'last': helper()" + CALL.format(call=calls))

    assert comes_to_helper(found)


def test_a_factory_of_decorators_hands_its_constants_to_the_wrapper(project: Make) -> None:
    text = """
        def retry(wait):
            def decorate(function):
                @wraps(function)
                def wrapper():
                    if wait: helper()
                    return function()
                return wrapper
            return decorate

        @retry(wait={wait})
        def g(): ...
    """
    for wait, expected in (("False", False), ("True", True), ("len('x')", True)):
        made = dedent(HEAD) + dedent(text).format(wait=wait) + CALL.format(call="g()")
        assert comes_to_helper(project(main=made)) is expected


def test_a_call_in_a_branch_that_no_run_takes_does_not_happen(project: Make) -> None:
    found = project(
        main=dedent(HEAD) + "def g(p=False):\n    if p: print()\n    len([])" + CALL.format(call="g()")
    )

    function = next(f for f in found.on_loop if f.name == "g")
    happening = {
        ast.unparse(call.node) for call in function.calls if found.on_loop.happens(call.node, function)
    }
    assert happening == {"len([])"}
