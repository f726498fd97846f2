"""A served app has a health check that anybody may ask.

## What it asks

Every app that is served answers a health check: `/health/live` says that the process answers, `/health/ready` that it can work. It
may stand in any router, in a mounted app, or be made by a library; what counts is that it is reached, and without signing in.

## Why it matters

Orchestrators and load balancers know nothing about the app but this answer. Without it a process that hangs is never restarted, and
requests go to one whose database is away. With a sign-in in front of it every probe is answered 401, so a healthy app is restarted
for ever.

## Example

```python
app = FastAPI()
app.include_router(tools.router)
```

## Use instead

```python
router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def read_live() -> Health:
    return Health(status="ok")


@router.get("/ready")
async def read_ready(session: SessionDep) -> Health:
    try:
        async with asyncio.timeout(2):
            await session.execute(text("SELECT 1"))
    except (TimeoutError, SQLAlchemyError) as error:
        raise HTTPException(503, "The database does not answer.") from error
    return Health(status="ok")


app.include_router(router)
```

## Known limits

An app that includes something that cannot be followed, a router chosen at run time for instance, is judged only when it runs. Apps
in examples, scripts and tests are left alone, and so are apps that serve nothing but files or one answer to every path. Whether a
readiness check asks all that the app needs is not judged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from checker.constraints.answers import response_name, returned
from checker.constraints.health import (
    is_health_name,
    is_health_path,
    is_health_route,
    is_probe_path,
    may_be_health_path,
    may_be_health_route,
)
from checker.constraints.rule import Cleared, Constraint, Context, Hit, hit_at_call, hit_at_function
from checker.constraints.served import hit_at_app, running_app, served_apps
from checker.models.facts import AppFacts, RouteFact
from checker.source import Class, Function, Project, Scope
from checker.source.composition import ServedApp, ServedRoute
from checker.source.declaring import function_of

CONSTRAINT = Constraint(
    id="H8",
    title="Health check endpoints exist",
    hard=True,
    docs="https://fastapi.tiangolo.com/deployment/concepts/",
    page=__doc__ or "",
)
_ADD_ROUTE = (
    "Add a router with `GET /health/live`, which only answers, and `GET /health/ready`, which asks the database and the like under "
    "`asyncio.timeout` and answers 503 when one is away; include it without `dependencies=`."
)
_HEALTH = re.compile(r"health|liveness|readiness|livez|readyz|heartbeat", re.IGNORECASE)
_PAGES = frozenset({
    "fastapi.responses.FileResponse", "fastapi.responses.HTMLResponse", "fastapi.responses.RedirectResponse",
})  # fmt: skip


@CONSTRAINT.applies_when
def _there_is_an_app(context: Context) -> bool:
    return any(served_apps(context.project)) or context.facts is not None


@CONSTRAINT.rule("app-without-health-route", help=_ADD_ROUTE)
def app_without_health_route(context: Context) -> Iterable[Hit]:
    """An app that is served, all of whose routes are known, and none of them is a health check."""
    project = context.project
    for app in served_apps(project):
        if (
            app.unseen
            or _foreign_health(app)
            or _shows_health(app, project)
            or _serves_pages_only(app, project)
        ):
            continue
        yield hit_at_call(app.call, _message(app, project))


def _message(app: ServedApp, project: Project) -> str:
    count = len({(route.path, route.name) for route in app.routes})
    routes = (
        "the one route that it serves is not"
        if count == 1
        else f"none of the {count} routes that it serves is"
    )
    text = f"This app has no health check: {routes} one, so nothing outside can tell whether it works."
    left = _left_out(app, project)
    if left is not None and left.operation is not None:
        text += f" `{left.operation.label}` in `{left.operation.function.module.path}` belongs to a router that no app includes."
    return text


def _left_out(app: ServedApp, project: Project) -> ServedRoute | None:
    """A health check that exists and that this app does not reach."""
    served = {route.operation for other in project.composition.apps for route in other.routes}
    for operation in project.operations:
        if operation not in served and is_health_path(operation.path or ""):
            return ServedRoute(path=operation.path or "", name=operation.function.short, operation=operation)
    return None


def _shows_health(app: ServedApp, project: Project) -> bool:
    if any(may_be_health_route(route) for route in app.routes):
        return True
    if any(may_be_health_route(route) for route in project.composition.floating):
        return True
    if any(_answers_health(function) for function in project.framework.middleware):
        return True
    return _uses_health_library(project)


def _foreign_health(app: ServedApp) -> bool:
    """Whether a library's router or app is served of which nobody here knows what it answers."""
    return bool(app.foreign)


def _answers_health(function: Function) -> bool:
    """A middleware that knows the path of a health check may well answer it."""
    return any(
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("/")
        and is_health_path(node.value)
        for node in ast.walk(function.node)
    )


def _uses_health_library(project: Project) -> bool:
    for module in project.modules:
        if module.is_test:
            continue
        for dotted in module.imported:
            if (
                _HEALTH.search(dotted.partition(".")[0])
                and project.names.module_named(dotted, module) is None
            ):
                owner = project.names.module_named(dotted.rpartition(".")[0] or ".", module)
                if owner is None:
                    return True
        for call in module.calls:
            adds = getattr(call.node.func, "attr", "") == "add_middleware" and call.node.args
            if adds and _HEALTH.search(ast.unparse(call.node.args[0])):
                return True
    return False


def _serves_pages_only(app: ServedApp, project: Project) -> bool:
    """An app without path operations of its own, or with nothing but files and pages."""
    operations = [route.operation for route in app.routes]
    if not operations or _gives_one_answer(app):
        return True
    for operation in operations:
        if operation is None or set(operation.methods) != {"GET"}:
            return False
        given = operation.keyword("response_class")
        name = project.names.qualify(given, operation.scope) if given is not None else ""
        answers = {response_name(value, operation, project) for value in returned(operation)}
        if name not in _PAGES and not (answers and answers <= _PAGES):
            return False
    return True


def _gives_one_answer(app: ServedApp) -> bool:
    """`@app.get("/{path:path}")` above the only function that there is: whatever a probe asks for, it is answered in the same way."""
    answering = {route.operation.function if route.operation is not None else None for route in app.routes}
    return (
        len(answering) == 1
        and None not in answering
        and any(_EVERY_PATH.fullmatch(route.path) is not None for route in app.routes)
    )


_EVERY_PATH = re.compile(r"/?\{\w+:path\}")


# Behind a sign-in


@CONSTRAINT.rule(
    "health-check-behind-sign-in",
    help="Put the health router beside the protected ones: include it in the app itself, without the dependency that signs in.",
)
def health_check_behind_sign_in(context: Context) -> Iterable[Hit]:
    """An app whose every health check depends on a security scheme."""
    project = context.project
    for app in served_apps(project):
        if app.unseen or app.foreign:
            continue
        found = [route for route in app.routes if may_be_health_route(route)]
        probes = [route for route in found if is_health_route(route) and is_probe_path(route.path)]
        schemes = {route: _scheme_of(route, project) for route in found}
        if not probes or not all(schemes.values()):
            continue
        for route in probes:
            if route.operation is not None:
                yield hit_at_function(
                    route.operation.function,
                    f"`GET {route.path}` asks for `{schemes[route]}` first, so a probe, which cannot sign in, is answered 401 "
                    "however healthy the app is.",
                )


def _scheme_of(route: ServedRoute, project: Project) -> str:
    """The security scheme that a caller has to pass, by name; empty where there is none or it lets everybody in."""
    if route.operation is None:
        return ""
    operation = route.operation
    waiting: list[tuple[ast.expr, Scope]] = [*route.guards]
    own = operation.keyword("dependencies")
    if own is not None:
        waiting.append((own, operation.scope))
    for expression, scope in waiting:
        for call in _depends_in(expression, scope, project):
            found = _scheme_behind(call, scope, project, 0)
            if found:
                return found
    return _scheme_of_parameters(operation.function, project, 0)


def _depends_in(expression: ast.expr, scope: Scope, project: Project) -> Iterator[ast.Call]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and project.names.qualify(node.func, scope) in _DEPENDS:
            yield node


_DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security"})
_DEEPEST = 8


def _scheme_of_parameters(function: Function, project: Project, depth: int) -> str:
    for parameter in function.parameters:
        marks: list[tuple[ast.expr, Scope]] = []
        if parameter.default is not None:
            marks.append((parameter.default, function))
        if parameter.annotation is not None:
            marks.append(project.names.unaliased(parameter.annotation, function))
        for mark, scope in marks:
            for call in _depends_in(mark, scope, project):
                found = _scheme_behind(call, scope, project, depth + 1)
                if found:
                    return found
    return ""


def _scheme_behind(call: ast.Call, scope: Scope, project: Project, depth: int) -> str:
    given = (
        call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "dependency"), None)
    )
    if given is None or depth > _DEEPEST:
        return ""
    names = project.names
    value = names.evaluate(given, scope)
    library = value.name if value is not None and value.item is None else ""
    if value is not None and value.instance and library.startswith("fastapi.security."):
        return "" if _lets_in(given, scope, project) else library.rpartition(".")[2]
    if value is not None and value.instance and isinstance(value.item, Class):
        # A scheme of the project's own may let in whom it likes.
        return ""
    function = function_of(given, scope, names)
    return _scheme_of_parameters(function, project, depth + 1) if function is not None else ""


def _lets_in(scheme: ast.expr, scope: Scope, project: Project) -> bool:
    """`auto_error=False`, or a scheme whose making is not seen."""
    variable = project.names.variable(scheme, scope)
    made: ast.expr | None = scheme
    if variable is not None:
        made = variable.bindings[0].value if len(variable.bindings) == 1 else None
    if not isinstance(made, ast.Call):
        return True
    return any(k.arg in {"auto_error", None} for k in made.keywords)


# The running app


@CONSTRAINT.running_rule(
    "running-app-without-health-route", help=_ADD_ROUTE, confirms=("app-without-health-route",)
)
def running_app_without_health_route(context: Context, facts: AppFacts) -> Iterable[Hit | Cleared]:
    """The route table of the running app, which knows what was included at run time."""
    app = running_app(context.project, facts)
    if any(_is_health_fact(route) for route in facts.routes):
        if app is not None:
            yield Cleared(
                path=app.call.scope.module.path, line=app.call.line, rules=("app-without-health-route",)
            )
        return
    if not facts.routes or app is None or app.foreign or _shows_health(app, context.project):
        # Routes of Starlette's own and mounted apps of other kinds are not in the table.
        return
    if _serves_pages_only(app, context.project) and app.routes:
        return
    count = len(facts.routes)
    yield hit_at_app(
        app,
        f"This app has no health check: none of the {count} routes in its running route table is one.",
        note=f"The route table of the running app, {count} routes, has none either.",
    )


def _is_health_fact(route: RouteFact) -> bool:
    if route.websocket or not {"GET", "HEAD"} & set(route.methods):
        return False
    if is_health_path(route.path) or any("health" in tag.lower() for tag in route.tags):
        return True
    if "{" in route.path:
        return False
    return is_health_name(route.name) or may_be_health_path(route.path)
