"""How apps are put together: the routes that each one serves, through included routers, mounted apps and factories.

Where something cannot be seen, a router that is chosen at run time or an app that a library is given, it is noted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from checker.source.declaring import ROUTERS, VERBS
from checker.source.framework import APPS, Framework, Operation
from checker.source.model import Call, Function, Module, Scope
from checker.source.names import Names
from checker.source.parts import Parts, text_of
from checker.source.written import last_name

_INCLUDES = frozenset({"include_router", "mount", "host"})
_ADDERS = frozenset({"add_api_route", "add_route", "add_api_websocket_route", "add_websocket_route"})
_LIST_METHODS = frozenset({"append", "extend", "insert"})
_PLAIN_ROUTES = frozenset({
    "starlette.routing.Route", "fastapi.routing.APIRoute", "fastapi.routing.Route", "starlette.routing.WebSocketRoute",
})  # fmt: skip
_ROUTELESS = (
    "fastapi.", "starlette.", "builtins.", "uvicorn.", "hypercorn.", "granian.", "gunicorn.", "mangum.", "functools.",
    "typing.", "copy.", "inspect.", "logging.", "contextlib.", "asyncio.", "anyio.", "opentelemetry.", "sentry_sdk.",
    "ddtrace.", "logfire.", "elasticapm.", "prometheus_client.", "prometheus_fastapi_instrumentator.", "starlette_exporter.",
    "starlette_prometheus.", "fastapi_pagination.", "fastapi_users.", "fastapi_mcp.", "fastapi_cache.", "fastapi_limiter.",
    "slowapi.", "sqladmin.", "starlette_admin.", "tortoise.", "socketio.", "gradio.", "strawberry.", "ariadne.", "graphene.",
    "mcp.", "fastmcp.", "httpx.", "httpx2.", "asgi_lifespan.", "dishka.", "dependency_injector.", "asgi_correlation_id.",
    "debug_toolbar.", "newrelic.", "openinference.", "a2wsgi.", "flask.", "dash.", "nicegui.", "authlib.",
    "fastapi_csrf_protect.", "scalar_fastapi.", "aioprometheus.", "apitally.", "aws_xray_sdk.", "asyncpg.",
    "async_fastapi_jwt_auth.", "brotli_asgi.", "bugsnag.", "copilotkit.", "databases.", "fastapi_admin.", "fastapi_amis_admin.",
    "fastapi_another_jwt_auth.", "fastapi_async_sqlalchemy.", "fastapi_azure_auth.", "fastapi_babel.", "fastapi_crudrouter.",
    "fastapi_injector.", "fastapi_jwt_auth.", "fastapi_keycloak.", "fastapi_login.", "fastapi_mail.", "fastapi_mqtt.",
    "fastapi_profiler.", "fastapi_sqlalchemy.", "fastapi_sso.", "fastapi_user_auth.", "fastapi_websocket_pubsub.",
    "fastapi_websocket_rpc.", "fastcrud.", "gino.", "honeybadger.", "inngest.", "lagom.", "langserve.", "moesif",
    "piccolo_admin.", "piccolo_api.", "propelauth_fastapi.", "pyinstrument.", "rollbar.", "scout_apm.", "secure.",
    "starlette_context.", "starlette_csrf.", "starlette_graphene3.", "starlette_zipkin.", "starsessions.", "structlog.",
    "supertokens_python.", "svcs.", "taskiq_fastapi.", "that_depends.", "wireup.", "pywebio.", "streamlit.", "panel.", "bokeh.",
    "reactpy.", "solara.", "shiny.", "flet.", "fastui.", "mesop.", "fastapi_utils.", "fastapi_restful.", "whitenoise.",
    "prometheus_async.", "sse_starlette.", "broadcaster.", "marimo.", "vizro.",
)  # fmt: skip
"""Libraries that may be given an app, or that make routers and mounted apps, and that add no health route."""
_ROUTELESS_METHODS = frozenset({
    "instrument", "instrument_app", "instrument_fastapi", "uninstrument_app", "init_app", "run", "expose",
})  # fmt: skip
_MOST_STEPS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRoute:
    """One route as it is served: every prefix on the way applied."""

    path: str
    """What cannot be read of it stands in angle brackets."""
    name: str
    """The endpoint's own name."""
    operation: Operation | None = None
    guards: tuple[tuple[ast.expr, Scope], ...] = ()
    """The `dependencies=` arguments of the apps, routers and includes on the way."""


@dataclass(slots=True, kw_only=True)
class ServedApp:
    """An app that is not part of another one, with what it serves."""

    call: Call
    routes: list[ServedRoute] = field(default_factory=list)
    parts: set[Call] = field(default_factory=set)
    """The app itself, its routers and its mounted apps, by the calls that make them."""
    unseen: list[str] = field(default_factory=list)
    """Why there may be routes that cannot be seen from here; empty where all are known."""
    handed_to: frozenset[str] = frozenset()
    """What the app itself, not only one of its routers, is given to and that cannot be followed, by last names."""
    foreign: set[str] = field(default_factory=set)
    """Libraries' own routers and apps that it includes or mounts."""


@dataclass(slots=True)
class _Include:
    child: ast.expr
    scope: Scope
    prefix: str
    guards: tuple[tuple[ast.expr, Scope], ...]


class Composition:
    """Who includes and mounts whom in one project; tests are left out."""

    def __init__(self, modules: Iterable[Module], framework: Framework, names: Names) -> None:
        modules = tuple(modules)
        self._names = names
        self._parts = Parts(modules, names)
        self._lifespans = frozenset(framework.lifespans)
        self._routes: dict[Call, list[ServedRoute]] = {}
        self._includes: dict[Call, list[_Include]] = {}
        self._unseen: dict[Call, list[str]] = {}
        self._handed_to: dict[Call, set[str]] = {}
        self._asked: list[ast.expr] = []
        self._untold: list[tuple[ast.expr, Scope, frozenset[Call]]] = []
        self.within: set[Call] = set()
        """Apps that are mounted into or included by another one."""
        self.floating: list[ServedRoute] = []
        """Routes whose app or router could not be told."""
        for operation in framework.operations:
            self._add_operation(operation)
        known = {id(operation.declaration) for operation in framework.operations}
        # `@cbv(router)` makes views of a class whose methods are declared on the router themselves.
        known |= {id(d) for module in modules for made in module.classes for d in made.node.decorator_list}
        for module in modules:
            if not module.is_test:
                for call in module.calls:
                    self._read(call, known)
                self._read_stores(module)
        for part in self._parts.made:
            self._read_routes(part, part.keyword("routes"), part.scope)
        for child, scope, holders in self._untold:
            self.within |= self._may_be(child, scope) - holders
        self.apps = [self._serve(part) for part in self._parts.made if self._parts.is_app(part)]
        """Every app that the project makes, mounted ones included."""

    def app_named(self, module: Module, attribute: str) -> ServedApp | None:
        """The app behind `module:attribute`, where that is plain."""
        if attribute not in module.scope.bindings and attribute not in module.scope.imports:
            return None
        name = ast.Name(id=attribute, ctx=ast.Load())
        # Answers are remembered by identity, so the node has to live as long as they do.
        self._asked.append(name)
        traced = self._parts.trace(name, module.scope)
        found = [app for app in self.apps if app.call in traced.parts]
        return found[0] if len(found) == 1 else None

    def is_returned(self, part: Call, function: Function) -> bool:
        """Whether a function hands back the app or router that the call makes."""
        return any(
            part in self._parts.trace(r.value, function).parts
            for r in function.returns
            if r.value is not None
        )

    def apps_of(self, holder: ast.expr, scope: Scope) -> list[ServedApp]:
        """The apps that an expression may stand for, each with those that it is mounted into left out."""
        parts = self._parts.trace(holder, scope).parts
        return [app for app in self.apps if app.call in parts]

    # Reading

    def _add_operation(self, operation: Operation) -> None:
        function = operation.declaration.func
        given = operation.declaration.args
        path = given[0] if given else operation.keyword("path")
        route = ServedRoute(
            path=text_of(path, operation.scope, self._names),
            name=operation.function.name.rpartition(".")[2],
            operation=operation,
        )
        holder = function.value if isinstance(function, ast.Attribute) else None
        self._attach(route, holder, operation.scope)

    def _attach(self, route: ServedRoute, holder: ast.expr | None, scope: Scope) -> None:
        traced = self._parts.trace(holder, scope) if holder is not None else None
        if traced is None or not traced.parts or traced.unknown:
            self.floating.append(route)
        for part in traced.parts if traced is not None else ():
            self._routes.setdefault(part, []).append(route)

    def _read(self, call: Call, known: set[int]) -> None:
        function = call.node.func
        if isinstance(function, ast.Call):
            # `app.get("/health")(health)`
            inner = function.func
            if (
                isinstance(inner, ast.Attribute)
                and id(function) not in known
                and inner.attr in VERBS
                and self._is_router(inner.value, call.scope)
            ):
                self._attach(self._route(function, call.argument(0, ""), call.scope), inner.value, call.scope)
            return
        if isinstance(function, ast.Attribute):
            if function.attr in _INCLUDES:
                self._read_include(call, function)
                return
            if function.attr in _ADDERS and self._is_router(function.value, call.scope):
                if id(call.node) not in known:
                    route = self._route(call.node, call.argument(1, "endpoint"), call.scope)
                    self._attach(route, function.value, call.scope)
                return
            if (
                function.attr in _LIST_METHODS
                and isinstance(function.value, ast.Attribute)
                and function.value.attr == "routes"
            ):
                for part in self._parts.trace(function.value.value, call.scope).parts:
                    added = call.node.args[-1] if call.node.args else None
                    whole = function.attr == "extend"
                    self._read_routes(part, added if whole else _listed(added), call.scope)
                return
        if id(call.node) not in known or len(call.node.args) != 1 or call.node.keywords:
            self._read_given(call)

    def _route(self, declaration: ast.Call, endpoint: ast.expr | None, scope: Scope) -> ServedRoute:
        path = declaration.args[0] if declaration.args else None
        path = path or next((k.value for k in declaration.keywords if k.arg == "path"), None)
        return ServedRoute(path=text_of(path, scope, self._names), name=last_name(endpoint))

    def _is_router(self, holder: ast.expr, scope: Scope) -> bool:
        value = self._names.evaluate(holder, scope)
        return value is None or (value.instance and self._names.is_a(value, *ROUTERS))

    def _read_include(self, call: Call, function: ast.Attribute) -> None:
        mounts = function.attr != "include_router"
        child = call.argument(1, "app") if mounts else call.argument(0, "router")
        holders = self._parts.trace(function.value, call.scope)
        if child is None:
            for holder in holders.parts:
                self._hide(
                    holder, f"`{function.attr}` on line {call.line} is given something that is not plain"
                )
            return
        prefix = call.argument(0, "path") if mounts else call.keyword("prefix")
        dependencies = call.keyword("dependencies")
        include = _Include(
            child,
            call.scope,
            text_of(prefix, call.scope, self._names),
            ((dependencies, call.scope),) if dependencies is not None else (),
        )
        for holder in holders.parts:
            self._includes.setdefault(holder, []).append(include)
        traced = self._parts.trace(child, call.scope)
        children = traced.parts
        self.within.update(part for part in children if part not in holders.parts)
        if mounts and traced.unknown:
            self._untold.append((child, call.scope, holders.parts))
        if holders.unknown or not holders.parts:
            for part in children:
                # Nobody knows where it goes, so what it has may be anybody's.
                self.floating += self._routes.get(part, [])

    def _may_be(self, child: ast.expr, scope: Scope) -> set[Call]:
        """The apps that `main.mount(path, plugin.app)` may mean, where nobody can tell which object `plugin` is.

        An attribute or a method means what is kept or made under its name; a plain name may be any app. Only apps near
        the mounting module count: another service of the same repository is none of its business.
        """
        home = "/".join(scope.module.path.split("/")[:-2])
        wanted = "" if isinstance(child, ast.Name) else last_name(child)
        return {
            part
            for part in self._parts.made
            if self._parts.is_app(part)
            and part.scope.module.path.startswith(f"{home}/" if home else "")
            and (not wanted or wanted in self._parts.kept_as(part))
        }

    def _read_routes(self, part: Call, given: ast.expr | None, scope: Scope) -> None:
        """`FastAPI(routes=[Route("/health", health), Mount("/api", app=api)])`."""
        if given is None:
            return
        elements = self._parts.elements(given, scope)
        if elements is None:
            self._hide(part, "its list of routes is not written out")
            return
        for element, where in elements:
            call = self._parts.call_of(element) if isinstance(element, ast.Call) else None
            target = call.target if call is not None else ""
            if call is not None and target in _PLAIN_ROUTES:
                self._routes.setdefault(part, []).append(
                    self._route(call.node, call.argument(1, "endpoint"), where)
                )
            elif (
                call is not None and target.endswith("routing.Mount") and call.argument(1, "app") is not None
            ):
                child = call.argument(1, "app")
                if child is not None:
                    prefix = text_of(call.argument(0, "path"), where, self._names)
                    self._includes.setdefault(part, []).append(_Include(child, where, prefix, ()))
                    self.within |= self._parts.trace(child, where).parts
            elif call is not None and target.endswith("routing.Mount"):
                self._read_routes(part, call.keyword("routes"), where)
            else:
                self._hide(part, "one of its routes is not written out")

    def _read_stores(self, module: Module) -> None:
        for store in module.stores:
            if store.attribute == "routes":
                for part in self._parts.trace(store.target, store.scope).parts:
                    self._hide(part, "its list of routes is assigned")

    def _read_given(self, call: Call) -> None:
        """An app that is handed to code which cannot be followed may get routes there.

        In a lifespan it is handed on to be started, by what is there to start something.
        """
        if call.scope in self._lifespans:
            return
        for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
            if not isinstance(argument, (ast.Name, ast.Attribute)):
                continue
            if isinstance(argument, ast.Attribute) and argument.attr in _INCLUDES | _ADDERS:
                # `map(app.include_router, routers)`
                for part in self._parts.trace(argument.value, call.scope).parts:
                    self._hide(part, f"`{last_name(call.node.func)}` is given its `{argument.attr}`")
                continue
            value = self._names.evaluate(argument, call.scope)
            if value is None or not value.instance or not self._names.is_a(value, *ROUTERS):
                continue
            if call.callee is not None or _adds_no_route(call, self._names):
                continue
            for part in self._parts.trace(argument, call.scope).parts:
                self._handed_to.setdefault(part, set()).add(last_name(call.node.func))
                self._hide(part, f"`{last_name(call.node.func)}` is given it")

    def _hide(self, part: Call, reason: str) -> None:
        self._unseen.setdefault(part, []).append(reason)

    # Putting together

    def _serve(self, call: Call) -> ServedApp:
        app = ServedApp(call=call, handed_to=frozenset(self._handed_to.get(call, ())))
        waiting: list[tuple[Call, str, tuple[tuple[ast.expr, Scope], ...], frozenset[Call]]] = [
            (call, "", (), frozenset())
        ]
        steps = 0
        while waiting:
            part, prefix, guards, above = waiting.pop()
            steps += 1
            if steps > _MOST_STEPS:
                app.unseen.append("it is put together from too many parts")
                break
            app.parts.add(part)
            app.unseen += self._unseen.get(part, [])
            prefix += text_of(part.keyword("prefix"), part.scope, self._names)
            own = part.keyword("dependencies")
            guards = (*guards, (own, part.scope)) if own is not None else guards
            for route in self._routes.get(part, []):
                app.routes.append(
                    ServedRoute(
                        path=prefix + route.path, name=route.name, operation=route.operation, guards=guards
                    )
                )
            for include in self._includes.get(part, []):
                traced = self._parts.trace(include.child, include.scope)
                app.foreign |= {name for name in traced.foreign if not name.startswith(_ROUTELESS)}
                if traced.unknown or (not traced.parts and not traced.foreign):
                    app.unseen.append(f"`{ast.unparse(include.child)[:60]}` could not be followed")
                waiting += [
                    (child, prefix + include.prefix, (*guards, *include.guards), above | {part})
                    for child in traced.parts
                    if child not in above and child is not part
                ]
        return app


def _listed(element: ast.expr | None) -> ast.expr | None:
    return ast.List(elts=[element], ctx=ast.Load()) if element is not None else None


def _adds_no_route(call: Call, names: Names) -> bool:
    target = call.target
    if not target:
        return last_name(call.node.func) in _ROUTELESS_METHODS
    if target.startswith(_ROUTELESS) or target.rpartition(".")[2] in _ROUTELESS_METHODS:
        return True
    # Methods of the app and of routers themselves, `add_middleware` and the like.
    function = call.node.func
    return isinstance(function, ast.Attribute) and names.is_a(
        names.evaluate(function.value, call.scope), *APPS
    )
