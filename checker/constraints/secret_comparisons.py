"""Literals that a request's password, key or token is compared with: each of them is the secret."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.flow import last_name
from checker.constraints.secret_places import behind_name, guards_a_setting, literal, plain_name
from checker.constraints.secret_words import (
    is_password_name,
    is_placeholder_key,
    is_secret_name,
    is_spelled_out,
    is_token_name,
    looks_random,
    may_be_secret,
)
from checker.source import Function, Module, Project, Scope

_SHORTEST = 4
_SHORTEST_WORD = 6
_DIGESTS = frozenset({"secrets.compare_digest", "hmac.compare_digest"})
_CARRIERS = frozenset({"authorization", "proxy-authorization"})
_KINDS = ("Bearer ", "Basic ", "Token ", "ApiKey ")


_SENT = frozenset({"Header", "Cookie", "Depends", "Security"})
_NOBODY = frozenset({"anonymous", "guest", "public", "anon", "nobody"})
"""What is sent for want of a token, and opens what is open anyway."""


def compared(module: Module) -> Iterator[tuple[ast.Compare, str]]:
    """Comparisons of a secret with a literal, each with the secret's name."""
    for scope in module.all_scopes():
        for compare in scope.comparisons:
            if len(compare.ops) != 1 or guards_a_setting(compare, scope):
                continue
            if isinstance(compare.ops[0], (ast.Eq, ast.NotEq)):
                pairs = [
                    (compare.left, compare.comparators[0]),
                    (compare.comparators[0], compare.left),
                ]
                name = next((plain_name(one) for one, other in pairs if _opens(one, other, scope)), "")
            elif isinstance(compare.ops[0], (ast.In, ast.NotIn)):
                name = _name_in(compare)
            else:
                continue
            if name:
                yield compare, name


def _is_sent(name: str, scope: Scope) -> bool:
    """Whether FastAPI fills a parameter with what the client signs in with: `token: str = Header()`, `= Depends(scheme)`."""
    parameter = scope.parameter(name) if isinstance(scope, Function) else None
    if parameter is None or (isinstance(scope, Function) and scope.bindings.get(name)):
        return False
    marks: list[ast.AST | None] = [parameter.default]
    marks += ast.walk(parameter.annotation) if parameter.annotation is not None else []
    return any(isinstance(mark, ast.Call) and last_name(mark) in _SENT for mark in marks)


def _name_in(compare: ast.Compare) -> str:
    """`if key not in {"...", "..."}`: the name, where all of them look like keys."""
    name, held = plain_name(compare.left), compare.comparators[0]
    if not isinstance(held, (ast.List, ast.Tuple, ast.Set)) or not held.elts or not is_secret_name(name):
        return ""
    texts = [part.value for part in held.elts if isinstance(part, ast.Constant)]
    likely = [t for t in texts if isinstance(t, str) and (looks_random(t) or is_spelled_out(t))]
    return name if len(likely) == len(held.elts) else ""


def _opens(one: ast.expr, other: ast.expr, scope: Scope) -> bool:
    """Whether a literal is what somebody has to send under this name."""
    name = plain_name(one)
    if not isinstance(other, ast.Constant) or _is_column(one):
        return False
    if name.lower() in _CARRIERS:
        text = other.value
        return isinstance(text, str) and text.startswith(_KINDS) and len(text) > _LONGEST_KIND + _SHORTEST
    if not (is_secret_name(name) or is_token_name(name)) or not may_be_secret(name, other, frozenset()):
        return False
    text = str(other.value)
    if is_placeholder_key(text):
        return False
    if is_password_name(name):
        return len(text) >= _SHORTEST
    if isinstance(one, ast.Name) and _is_sent(one.id, scope):
        return text.lower() not in _NOBODY
    # Kinds of tokens are words; a token that is compared itself is none.
    return len(text) >= _SHORTEST_WORD and (
        is_secret_name(name) or looks_random(text) or is_spelled_out(text)
    )


def _is_column(one: ast.expr) -> bool:
    """`Member.password == "by-hand"` asks the database for rows that bear a mark; nobody signs in with it."""
    return (
        isinstance(one, ast.Attribute)
        and isinstance(one.value, ast.Name)
        and (one.attr.islower() and one.value.id[:1].isupper() and not one.value.id.isupper())
    )


_LONGEST_KIND = max(map(len, _KINDS))


def digested(module: Module, project: Project) -> Iterator[ast.Constant]:
    """Literals that `compare_digest` gets, directly or by a name of the same function or module."""
    for call in module.calls:
        if call.target not in _DIGESTS or len(call.node.args) != 2:
            continue
        # A user's name is compared like that too, so that its length tells nothing.
        if any(_is_user_name(argument) for argument in call.node.args):
            continue
        for argument in call.node.args:
            written = literal(argument, call.scope, project) or behind_name(argument, call.scope)
            # `!oauth` in the place of a hash marks an account that has no password.
            if (
                written is not None
                and len(str(written.value)) >= _SHORTEST
                and not str(written.value).startswith("!")
            ):
                yield written


def _is_user_name(argument: ast.expr) -> bool:
    words = ast.unparse(argument).lower()
    return "user" in words and not any(
        word in words for word in ("pass", "pwd", "secret", "token", "api_key")
    )
