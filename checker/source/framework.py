"""What FastAPI makes of the code: path operations, dependencies, middleware, lifespans, handlers, tasks."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from checker.source.declaring import (
    DECLARING,
    ROUTERS,
    VERBS,
    callee_of,
    function_of,
    through_maker,
    through_wrapper,
)
from checker.source.model import Call, Class, Function, Module, Scope
from checker.source.names import Names
from checker.source.values import Value
from checker.source.written import last_name, uncalled

APPS = ("fastapi.FastAPI", "starlette.applications.Starlette")
_ADDERS = frozenset({"add_api_route", "add_route", "add_api_websocket_route", "add_websocket_route"})
_ROUTES = frozenset({
    "starlette.routing.Route", "starlette.routing.WebSocketRoute", "fastapi.routing.APIRoute",
    "fastapi.routing.APIWebSocketRoute",
})  # fmt: skip


@dataclass(slots=True, kw_only=True, eq=False)
class Operation:
    """One path operation or WebSocket handler, as it is declared."""

    function: Function
    methods: tuple[str, ...]
    path: str | None
    """The path inside its own router, None where it is not written as a plain string."""
    declaration: ast.Call
    """The decorator, or the call of `add_api_route`."""
    scope: Scope
    """Where the declaration stands."""
    websocket: bool = False
    router: ast.Call | None = None
    """The `APIRouter(...)` or `FastAPI(...)` that it belongs to, where that is plain."""
    router_scope: Scope | None = None

    @property
    def label(self) -> str:
        """How a reader recognises it: `GET /tools`."""
        verb = "WebSocket" if self.websocket else "/".join(self.methods) or "any method"
        prefix = _literal(self.router_keyword("prefix")) or ""
        path = prefix + self.path if self.path is not None else ""
        return f"{verb} {path or self.function.short}"

    def keyword(self, name: str) -> ast.expr | None:
        """An argument of the declaration."""
        return next((k.value for k in self.declaration.keywords if k.arg == name), None)

    def router_keyword(self, name: str) -> ast.expr | None:
        """An argument of the router's own declaration."""
        if self.router is None:
            return None
        return next((k.value for k in self.router.keywords if k.arg == name), None)

    @property
    def has_open_keywords(self) -> bool:
        """The declaration passes on `**options`, so that not everything can be read from it."""
        return any(k.arg is None for k in self.declaration.keywords)


@dataclass(slots=True, kw_only=True)
class Framework:
    """Everything in the project that FastAPI calls."""

    apps: list[tuple[Module, Call]] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    dependencies: dict[Function, Call] = field(default_factory=dict)
    depends_calls: list[Call] = field(default_factory=list)
    middleware: dict[Function, str] = field(default_factory=dict)
    exception_handlers: list[Function] = field(default_factory=list)
    lifespans: list[Function] = field(default_factory=list)
    event_handlers: list[tuple[Call, Function | None]] = field(default_factory=list)
    background: list[tuple[Function, Call]] = field(default_factory=list)
    started_tasks: list[Function] = field(default_factory=list)
    """Coroutines that a lifespan or a scheduler starts and that run while requests are served."""
    handlers: dict[Function, str] = field(default_factory=dict)
    """Everything else that is given to the framework to be awaited, with its role."""


def read_framework(modules: Iterable[Module], names: Names) -> Framework:
    """Find FastAPI's shapes in the modules of the service; tests are left out."""
    found = Framework()
    service = [module for module in modules if not module.is_test]
    for module in service:
        for function in module.functions:
            if not function.is_lambda:
                _decorated(function, names, found)
        for call in module.calls:
            _called(call, names, found)
    for module in service:
        for made in module.classes:
            for entry, role in _class_middleware(made, names):
                # Who adds it is not always seen; that nobody so much as names it is.
                if not found.apps or _is_used(made, service):
                    found.middleware[entry] = role
    bare = {id(call.node): call for call in found.depends_calls if call.argument(0, "dependency") is None}
    if bare:
        for module in service:
            for function in module.functions:
                _class_dependencies(function, bare, names, found)
    return found


def _decorated(function: Function, names: Names, found: Framework) -> None:
    scope = function.parent or function.module.scope
    for decorator in function.decorators:
        target = names.qualify(uncalled(decorator), scope)
        if target in {"contextlib.asynccontextmanager", "contextlib.contextmanager"} and _takes_app(
            function, names
        ):
            found.lifespans.append(function)
        if isinstance(decorator, ast.Call):
            wrapped = through_wrapper(decorator, scope, names) or through_maker(decorator, scope, names)
            if wrapped is not None:
                declaration, attribute = wrapped
                found.operations.append(_operation(function, declaration, attribute, scope, names))
                continue
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            continue
        attribute, holder = decorator.func.attr, decorator.func.value
        owner = names.evaluate(holder, scope)
        if attribute in DECLARING:
            if _is_router(owner, holder, decorator, function.module, names):
                found.operations.append(_operation(function, decorator, attribute, scope, names))
        elif not names.is_a(owner, *ROUTERS):
            continue
        elif attribute == "middleware":
            found.middleware[function] = "middleware"
        elif attribute == "exception_handler":
            found.exception_handlers.append(function)


def _takes_app(function: Function, names: Names) -> bool:
    for parameter in function.parameters[:2]:
        if parameter.name in {"app", "application", "_app", "_application"}:
            return True
        if names.is_a(names.parameter_type(parameter, function), *APPS):
            return True
    return False


def _is_router(owner: Value | None, holder: ast.expr, call: ast.Call, module: Module, names: Names) -> bool:
    if owner is not None:
        return owner.instance and names.is_a(owner, *ROUTERS)
    # The object comes from somewhere that could not be followed: its name and the path have to speak for it.
    text = (
        holder.attr
        if isinstance(holder, ast.Attribute)
        else holder.id
        if isinstance(holder, ast.Name)
        else ""
    )
    named = text.lower().endswith(("router", "app", "api"))
    path = _literal(call.args[0]) if call.args else _literal(_keyword(call, "path"))
    fastapi = any(name.partition(".")[0] == "fastapi" for name in module.imported)
    return named and fastapi and path is not None and (path == "" or path.startswith("/"))


def _operation(function: Function, call: ast.Call, attribute: str, scope: Scope, names: Names) -> Operation:
    holder = call.func.value if isinstance(call.func, ast.Attribute) else None
    router, router_scope = _router_call(holder, scope, names) if holder is not None else (None, None)
    websocket = "websocket" in attribute
    methods: tuple[str, ...] = (attribute.upper(),) if attribute in VERBS else ()
    if not methods and not websocket:
        methods = _methods(_keyword(call, "methods"))
    path = _literal(call.args[0]) if call.args else _literal(_keyword(call, "path"))
    return Operation(
        function=function,
        methods=methods,
        path=path,
        declaration=call,
        scope=scope,
        websocket=websocket,
        router=router,
        router_scope=router_scope,
    )


def _router_call(holder: ast.expr, scope: Scope, names: Names) -> tuple[ast.Call | None, Scope | None]:
    variable = names.variable(holder, scope)
    bindings, home = (variable.bindings, variable.module.scope) if variable is not None else ([], None)
    if variable is None and isinstance(holder, ast.Name):
        bindings, home = scope.bindings.get(holder.id, []), scope
    if len(bindings) == 1 and isinstance(bindings[0].value, ast.Call):
        return bindings[0].value, home
    return None, None


def _methods(value: ast.expr | None) -> tuple[str, ...]:
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return tuple(text.upper() for text in map(_literal, value.elts) if text is not None)
    return ()


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def _literal(value: ast.expr | None) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _is_used(made: Class, modules: Iterable[Module]) -> bool:
    """Whether something reads a class by its name; imports and `__all__` only hand it on."""
    name = made.node.name
    return any(
        (isinstance(node, ast.Name) and node.id == name)
        or (isinstance(node, ast.Attribute) and node.attr == name)
        for module in modules
        if any(name in line for line in module.lines)
        for node in ast.walk(module.tree)
    )


def _class_middleware(made: Class, names: Names) -> Iterator[tuple[Function, str]]:
    value = Value(made.qualified, item=made)
    dispatch = made.functions.get("dispatch")
    if dispatch is not None and names.is_a(value, "fastapi.middleware.base.BaseHTTPMiddleware"):
        yield dispatch, "middleware"
    entry = made.functions.get("__call__")
    if entry is not None and entry.is_async:
        parameters = [p.name for p in entry.parameters]
        if parameters[1:4] == ["scope", "receive", "send"]:
            yield entry, "ASGI middleware"


def _called(call: Call, names: Names, found: Framework) -> None:
    target = call.target
    if target in {"fastapi.FastAPI", "starlette.applications.Starlette"} or (
        target.endswith(".__init__") is False and _makes_app(call, names)
    ):
        found.apps.append((call.scope.module, call))
    if target in {"fastapi.Depends", "fastapi.Security"}:
        _dependency(call, names, found)
    elif target == "fastapi.BackgroundTask":
        _background(call, call.argument(0, "func"), names, found)
    elif target in _ROUTES:
        _handler(call, call.argument(1, "endpoint"), "route", names, found)
    if isinstance(call.node.func, ast.Call):
        _declared_by_call(call, call.node.func, names, found)
    if isinstance(call.node.func, ast.Call) and getattr(call.node.func.func, "attr", "") == "middleware":
        # `app.middleware("http")(count_requests)`
        dispatch = call.argument(0, "func")
    else:
        dispatch = call.keyword("dispatch")
    if dispatch is not None:
        function = function_of(dispatch, call.scope, names)
        if function is not None:
            found.middleware[function] = "middleware"
    lifespan = call.keyword("lifespan")
    if lifespan is not None:
        _append(found.lifespans, function_of(lifespan, call.scope, names))
    handlers = call.keyword("exception_handlers")
    if isinstance(handlers, ast.Dict):
        for value in handlers.values:
            _append(found.exception_handlers, function_of(value, call.scope, names))
    if not isinstance(call.node.func, ast.Attribute):
        return
    attribute, holder = call.node.func.attr, call.node.func.value
    if attribute == "add_task":
        owner = names.evaluate(holder, call.scope)
        if owner is None or owner.name in {
            "fastapi.BackgroundTasks",
            "fastapi.responses.Response.background",
        }:
            _background(call, call.argument(0, "func"), names, found)
        return
    if attribute not in _ADDERS | {"add_exception_handler", "on_event", "add_event_handler"}:
        return
    owner = names.evaluate(holder, call.scope)
    if not names.is_a(owner, *ROUTERS) and not _speaks_of_start(call, attribute, owner):
        return
    if attribute in _ADDERS:
        for endpoint in _endpoints(call.argument(1, "endpoint"), call.scope, names):
            found.operations.append(
                _operation(endpoint, call.node, attribute.removeprefix("add_"), call.scope, names)
            )
    elif attribute == "add_exception_handler":
        _append(found.exception_handlers, function_of(call.argument(1, "handler"), call.scope, names))
    elif attribute == "add_event_handler":
        found.event_handlers.append((call, function_of(call.argument(1, "func"), call.scope, names)))
    else:
        found.event_handlers.append((call, _function_under(call)))


def _speaks_of_start(call: Call, attribute: str, owner: Value | None) -> bool:
    """`@app.on_event("startup")` of an app of which it is not known where it comes from."""
    event = _literal(call.argument(0, "event_type"))
    return (
        attribute in {"on_event", "add_event_handler"} and owner is None and event in {"startup", "shutdown"}
    )


def _endpoints(expression: ast.expr | None, scope: Scope, names: Names) -> list[Function]:
    """The functions that are registered there, several where the call stands in a loop over a table of routes."""
    value = names.look(expression, scope) if expression is not None else None
    if value is None:
        return []
    found = [callee_of(one, names) for one in value.possibilities]
    return [function for function in found if function is not None]


def _declared_by_call(call: Call, declaration: ast.Call, names: Names, found: Framework) -> None:
    """`router.post("/tools")(create_tool)`, which is what a decorator does; also `getattr(router, verb)(path)(create_tool)`."""
    holder, attribute = declaration.func, "route"
    if isinstance(holder, ast.Attribute) and holder.attr in DECLARING:
        router, attribute = holder.value, holder.attr
    elif isinstance(holder, ast.Call) and last_name(holder.func) == "getattr" and len(holder.args) == 2:
        router = holder.args[0]
    else:
        return
    owner = names.evaluate(router, call.scope)
    if owner is None or not owner.instance or not names.is_a(owner, *ROUTERS) or len(call.node.args) != 1:
        return
    for endpoint in _endpoints(call.node.args[0], call.scope, names):
        found.operations.append(_operation(endpoint, declaration, attribute, call.scope, names))


def _handler(call: Call, handler: ast.expr | None, role: str, names: Names, found: Framework) -> None:
    function = function_of(handler, call.scope, names)
    if function is not None:
        found.handlers.setdefault(function, role)


def _makes_app(call: Call, names: Names) -> bool:
    """Calling a subclass of FastAPI, not the class's own `super().__init__`."""
    value = names.evaluate(call.node.func, call.scope)
    return (
        value is not None
        and isinstance(value.item, Class)
        and not value.instance
        and names.is_a(value, *APPS)
    )


def _function_under(call: Call) -> Function | None:
    """The function that a decorator call stands above."""
    for function in call.scope.functions.values():
        if call.node in function.decorators:
            return function
    return None


def _append(into: list[Function], function: Function | None) -> None:
    if function is not None and function not in into:
        into.append(function)


def _dependency(call: Call, names: Names, found: Framework) -> None:
    found.depends_calls.append(call)
    argument = call.argument(0, "dependency")
    if argument is None:
        return
    function = function_of(argument, call.scope, names)
    if function is None and isinstance(argument, ast.Call):
        function = function_of(argument, call.scope, names)
    if function is not None:
        found.dependencies.setdefault(function, call)


def _class_dependencies(function: Function, bare: dict[int, Call], names: Names, found: Framework) -> None:
    """`Annotated[Paging, Depends()]`: the annotated class is the dependency."""
    for parameter in function.parameters:
        if parameter.annotation is None:
            continue
        annotation, scope = names.unaliased(parameter.annotation, function)
        marks: list[ast.expr] = [parameter.default] if parameter.default is not None else []
        if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
            annotation, *rest = annotation.slice.elts
            marks += rest
        call = next((bare[id(mark)] for mark in marks if id(mark) in bare), None)
        if call is None:
            continue
        value = names.evaluate(annotation, scope)
        if value is not None and isinstance(value.item, Class):
            maker = names.method(value.item, "__init__")
            if maker is not None:
                found.dependencies.setdefault(maker, call)


def _background(call: Call, task: ast.expr | None, names: Names, found: Framework) -> None:
    function = function_of(task, call.scope, names)
    if function is not None:
        found.background.append((function, call))
