"""Declarations of path operations that a project's own functions make."""

from __future__ import annotations

import ast

from checker.source.model import Class, Function, Scope
from checker.source.names import Names
from checker.source.values import Value

ROUTERS = (
    "fastapi.FastAPI",
    "fastapi.APIRouter",
    "starlette.applications.Starlette",
    "starlette.routing.Router",
    "fastapi_utils.inferring_router.InferringRouter",
    "fastapi_utils.InferringRouter",
    "fastapi_restful.inferring_router.InferringRouter",
    "fastapi_error_map.ErrorAwareRouter",
    "cadwyn.VersionedAPIRouter",
    "faststream.kafka.fastapi.KafkaRouter",
    "faststream.confluent.fastapi.KafkaRouter",
    "faststream.rabbit.fastapi.RabbitRouter",
    "faststream.nats.fastapi.NatsRouter",
    "faststream.redis.fastapi.RedisRouter",
)
"""FastAPI's and Starlette's own, and those of libraries that derive from them."""
VERBS = frozenset({"get", "post", "put", "delete", "patch", "options", "head", "trace", "query"})
DECLARING = VERBS | frozenset({"websocket", "websocket_route", "api_route", "route"})
"""The decorators of a router that declare a path operation."""


def through_wrapper(decorator: ast.Call, scope: Scope, names: Names) -> tuple[ast.Call, str] | None:
    """`@protected(router.get, "/tools", scopes)`: the declaration that the project's own decorator makes, with its verb."""
    for position, given in enumerate(decorator.args):
        if not isinstance(given, ast.Attribute) or given.attr not in DECLARING:
            continue
        owner = names.evaluate(given.value, scope)
        if owner is not None and owner.instance and names.is_a(owner, *ROUTERS):
            made = ast.Call(func=given, args=decorator.args[position + 1 :], keywords=decorator.keywords)
            return ast.copy_location(made, decorator), given.attr
    return None


def through_maker(decorator: ast.Call, scope: Scope, names: Names) -> tuple[ast.Call, str] | None:
    """`@listing(router, Tool)`: a function of the project that returns `router.get("/list", ...)` of the router it is given."""
    maker = function_of(decorator.func, scope, names)
    if maker is None or maker.is_generator or maker.is_async or len(maker.returns) != 1:
        return None
    made = maker.returns[0].value
    if not (isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute)):
        return None
    attribute, holder = made.func.attr, made.func.value
    if attribute not in DECLARING or not isinstance(holder, ast.Name):
        return None
    given = {k.arg: k.value for k in decorator.keywords if k.arg is not None}
    parameters = [p.name for p in maker.parameters if not p.variadic]
    for name, argument in zip(parameters, decorator.args, strict=False):
        if isinstance(argument, ast.Starred):
            return None
        given[name] = argument
    router = given.get(holder.id)
    if router is None or not names.is_a(names.evaluate(router, scope), *ROUTERS):
        return None
    # What the helper was given stands in the declaration as the caller wrote it.
    declaration = ast.Call(
        func=ast.copy_location(ast.Attribute(value=router, attr=attribute, ctx=ast.Load()), decorator),
        args=[_filled(one, given) for one in made.args],
        keywords=[ast.keyword(arg=k.arg, value=_filled(k.value, given)) for k in made.keywords],
    )
    return ast.copy_location(declaration, decorator), attribute


def _filled(expression: ast.expr, given: dict[str, ast.expr]) -> ast.expr:
    """An argument with the helper's parameter replaced by what it was given: `model`, `list[model]`."""
    if isinstance(expression, ast.Name):
        return given.get(expression.id, expression)
    if isinstance(expression, ast.Subscript) and isinstance(expression.slice, ast.Name):
        filled = ast.Subscript(value=expression.value, slice=_filled(expression.slice, given), ctx=ast.Load())
        return ast.copy_location(filled, expression)
    return expression


def function_of(expression: ast.expr | None, scope: Scope, names: Names) -> Function | None:
    """The project's function that runs when what the expression names is called."""
    if expression is None:
        return None
    if isinstance(expression, ast.Lambda):
        return scope.module.lambdas.get(expression)
    return callee_of(names.evaluate(expression, scope), names)


def callee_of(value: Value | None, names: Names) -> Function | None:
    """The function behind a value: itself, a class's `__init__`, an instance's `__call__`."""
    if value is None:
        return None
    if isinstance(value.item, Function):
        # The result of a generator function carries that function, but calling it is something else.
        return None if value.instance else value.item
    if isinstance(value.item, Class):
        return names.method(value.item, "__call__" if value.instance else "__init__")
    return None
