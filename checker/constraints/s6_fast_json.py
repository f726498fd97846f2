"""The fast JSON path: what is declared is written by Pydantic.

## What it asks

A path operation declares its type behind the arrow (or with `response_model=`), names no JSON response class, and returns objects.
Pydantic then writes the JSON directly, in Rust.

## Why it matters

Naming `response_class=JSONResponse`, or setting it as the default of an app or router, looks like saying the obvious and switches
the fast path off: measured on 44 kB of nested models, such an answer took 2.9 to 3.1 times as long. A model that is dumped into
dictionaries under a response model is checked again field by field: 4.2 to 4.7 times. `ORJSONResponse` and `UJSONResponse` were the
fast way once; since FastAPI 0.131 they are deprecated and slower than a declared type.

## Example

```python
app = FastAPI(default_response_class=ORJSONResponse)


@app.get("/tools/{tool_id}", response_model=Tool, response_class=JSONResponse)
async def read_tool(tool_id: int, store: Store):
    tool = await store.get(tool_id)
    return tool.model_dump()
```

## Use instead

```python
app = FastAPI()


@app.get("/tools/{tool_id}")
async def read_tool(tool_id: int, store: Store) -> Tool:
    return await store.get(tool_id)
```

## When it may be flexed

Compatibility: clients rely on how another class writes something, or the service has to run on an older FastAPI as well.

## Known limits

JSON that a path operation makes itself, `return JSONResponse(...)`, is S3's matter, and an answer without any model is H1's. A
dictionary put together in the `return` is accepted: somebody has to build it once. FastAPI's version is read from a lock file,
requirements, `pyproject.toml` or `setup.cfg`, or follows from Pydantic 1 there; where it is older than 0.130, `ORJSONResponse` is
the fast path and is not reported, and where nothing tells, the newest is assumed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checker.constraints.answers import answers_without_body, declared_shape, response_name, returned
from checker.constraints.fastapi_version import Pin, main_app, pinned_fastapi
from checker.constraints.rule import Cleared, Constraint, Context, Hit, hit_at, hit_at_call
from checker.constraints.served import served_apps
from checker.constraints.shapes import JSON_CLASSES, Shape
from checker.models.facts import AppFacts
from checker.source import Call, Class, Module, Operation, Project, Scope

CONSTRAINT = Constraint(
    id="S6",
    title="The fast JSON path",
    hard=False,
    docs="https://fastapi.tiangolo.com/advanced/custom-response/#orjson-or-response-model",
    page=__doc__ or "",
)
_PLAIN = "fastapi.responses.JSONResponse"
_ONCE_FAST = JSON_CLASSES - {_PLAIN}
_SHORT_NAMES = frozenset(name.rpartition(".")[2] for name in JSON_CLASSES)
_DUMPERS = frozenset({
    "json.dumps", "orjson.dumps", "ujson.dumps", "simplejson.dumps", "msgspec.json.encode", "rapidjson.dumps",
})  # fmt: skip
_UNFILTERED = frozenset({"mode", "by_alias", "exclude_unset", "exclude_none", "exclude_defaults"})
_DUMP_OPTIONS = frozenset({"ensure_ascii", "allow_nan", "separators", "option", "escape_forward_slashes"})


@CONSTRAINT.applies_when
def _models_are_answered(context: Context) -> bool:
    return any(_has_model(operation, context.project) for operation in context.project.operations)


def _has_model(operation: Operation, project: Project) -> bool:
    if operation.websocket or operation.has_open_keywords:
        return False
    return declared_shape(operation, project) is Shape.TYPED and not operation.function.is_generator


def _returns_objects(operation: Operation, project: Project) -> bool:
    """Whether something that FastAPI has to serialise is returned, and not only responses made by hand."""
    values = returned(operation)
    return not values or any(not response_name(value, operation, project) for value in values)


def _is_old(project: Project) -> Pin | None:
    pin = pinned_fastapi(project)
    return pin if pin is not None and not pin.has_fast_path else None


@dataclass(frozen=True, slots=True)
class _Named:
    """A place that names a JSON class: `response_class=` of an operation, `default_response_class=` of what holds many."""

    node: ast.expr
    module: Module
    name: str
    """The library's class that it is, or derives from."""
    shown: str
    operation: Operation | None = None
    holder: Call | None = None

    @property
    def cost(self) -> str:
        """What was measured; a class of the project's own was not."""
        if self.shown.rpartition(".")[2] not in _SHORT_NAMES:
            return ": FastAPI makes dictionaries of the model first"
        return " (measured on 44 kB of nested models: 2.9 to 3.1 times as long)"


def _named_classes(project: Project) -> Iterator[_Named]:
    for operation in project.operations:
        value = operation.keyword("response_class")
        name = _json_class(value, operation.scope, project)
        if value is not None and name and not operation.websocket:
            yield _Named(value, operation.scope.module, name, ast.unparse(value), operation)
    for module in project.modules:
        for call in module.calls if not module.is_test else ():
            value = call.keyword("default_response_class")
            name = _json_class(value, call.scope, project)
            if value is not None and name:
                yield _Named(value, module, name, ast.unparse(value), None, call)


def _json_class(value: ast.expr | None, scope: Scope, project: Project) -> str:
    """The JSON class that an expression names; one of the project's own counts where it only dumps in another way."""
    found = project.names.evaluate(value, scope) if value is not None else None
    if found is None or found.instance:
        return ""
    if found.name in JSON_CLASSES:
        return found.name
    if isinstance(found.item, Class) and _only_dumps(found.item, project):
        return next((name for name in sorted(JSON_CLASSES) if project.names.is_a(found, name)), "")
    return ""


def _only_dumps(made: Class, project: Project) -> bool:
    """`def render(self, content): return orjson.dumps(content)`; anything more may be what the class is there for."""
    render = made.functions.get("render")
    if render is None or set(made.functions) != {"render"}:
        return False
    body = [s for s in render.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if len(body) != 1 or not isinstance(body[0], ast.Return):
        return False
    dumped = body[0].value
    while (
        isinstance(dumped, ast.Call)
        and isinstance(dumped.func, ast.Attribute)
        and dumped.func.attr == "encode"
    ):
        if project.names.qualify(dumped.func, render) in _DUMPERS:
            break
        dumped = dumped.func.value
    if not isinstance(dumped, ast.Call) or project.names.qualify(dumped.func, render) not in _DUMPERS:
        return False
    first = dumped.args[0] if dumped.args else None
    return isinstance(first, ast.Name) and {k.arg for k in dumped.keywords} <= _DUMP_OPTIONS


@CONSTRAINT.rule(
    "json-response-class-named",
    help="Leave `response_class` out; the declared type is enough, and the media type stays `application/json`.",
)
def json_response_class_named(context: Context) -> Iterable[Hit]:
    """`response_class=JSONResponse` on a path operation that has a model."""
    project = context.project
    if _is_old(project):
        return
    for named in _named_classes(project):
        operation = named.operation
        if operation is None or named.name in _ONCE_FAST:
            continue
        if _has_model(operation, project) and _returns_objects(operation, project):
            yield hit_at(
                named.node,
                named.module,
                f"`response_class={named.shown}` takes `{operation.label}` off the fast JSON path{named.cost}.",
            )


@CONSTRAINT.rule(
    "json-default-response-class",
    help="Leave `default_response_class` out; FastAPI answers with JSON anyway, and faster.",
)
def json_default_response_class(context: Context) -> Iterable[Hit]:
    """`FastAPI(default_response_class=JSONResponse)`, also of a router or of `include_router`."""
    project = context.project
    if _is_old(project):
        return
    for named in _named_classes(project):
        if named.holder is None or named.name in _ONCE_FAST:
            continue
        count = sum(1 for operation in _under(named.holder, project) if _has_model(operation, project))
        if count:
            yield hit_at(
                named.node,
                named.module,
                f"`default_response_class={named.shown}` takes every path operation below it off the fast JSON path{named.cost}.",
            )


def _under(holder: Call, project: Project) -> Iterator[Operation]:
    """Operations that a default reaches: a router's own, or all of what includes other routers, without a class of their own."""
    only_own = holder.target == "fastapi.APIRouter" and not _includes(holder, project)
    for operation in project.operations:
        if operation.keyword("response_class") is None and (not only_own or operation.router is holder.node):
            yield operation


def _includes(router: Call, project: Project) -> bool:
    """Whether other routers are included in this one; they take its default over."""
    for module in project.modules:
        for call in module.calls if not module.is_test else ():
            function = call.node.func
            if not isinstance(function, ast.Attribute) or function.attr != "include_router":
                continue
            variable = project.names.variable(function.value, call.scope)
            name = function.value.id if isinstance(function.value, ast.Name) else ""
            bindings = variable.bindings if variable is not None else call.scope.bindings.get(name, [])
            if any(binding.value is router.node for binding in bindings):
                return True
    return False


@CONSTRAINT.rule(
    "deprecated-json-response-class",
    help="Leave the class out and declare the answer's type; from FastAPI 0.130 on that is the fast path.",
)
def deprecated_json_response_class(context: Context) -> Iterable[Hit]:
    """`ORJSONResponse` or `UJSONResponse` as a response class."""
    project = context.project
    pin = pinned_fastapi(project)
    if pin is not None and not pin.has_fast_path:
        return  # There it is the fast path.
    for named in _named_classes(project):
        if named.name not in _ONCE_FAST:
            continue
        unknown = " No file here pins FastAPI; before 0.130 it was the fast one." if pin is None else ""
        key = "response_class" if named.operation is not None else "default_response_class"
        yield hit_at(
            named.node,
            named.module,
            f"`{key}={named.shown}` is deprecated since FastAPI 0.131 and slower than a declared type, which Pydantic writes by itself."
            f"{unknown}",
        )


@CONSTRAINT.rule(
    "dumped-model-under-response-model",
    help="Return the object itself; FastAPI filters and writes it through the declared type.",
)
def dumped_model_under_response_model(context: Context) -> Iterable[Hit]:
    """`return tool.model_dump()` where the answer has a model."""
    project = context.project
    if _is_old(project):
        return  # There FastAPI dumps the object itself before it checks it.
    for operation in project.operations:
        if answers_without_body(operation, project) or not _has_model(operation, project):
            continue
        for value in returned(operation):
            dump = _dump(value, operation, project)
            if dump is not None:
                yield hit_at(
                    value,
                    operation.function.module,
                    f"`{operation.label}` dumps an object with `{dump}`, and the response model then checks every field of it again "
                    "(measured on 44 kB of nested models: 4.2 to 4.7 times as long).",
                )


def _dump(value: ast.expr, operation: Operation, project: Project) -> str | None:
    """How a whole object, or each one of a list, is turned into a dictionary."""
    if isinstance(value, (ast.ListComp, ast.GeneratorExp)):
        return _dump(value.elt, operation, project)
    if isinstance(value, ast.Name):
        return _dumped_before(value, operation, project)
    if not isinstance(value, ast.Call):
        return None
    scope = operation.function
    if project.names.qualify(value.func, scope) == "fastapi.encoders.jsonable_encoder":
        return "jsonable_encoder" if len(value.args) == 1 and not value.keywords else None
    if not isinstance(value.func, ast.Attribute) or value.args:
        return None
    if value.func.attr not in {"model_dump", "dict"} or not {k.arg for k in value.keywords} <= _UNFILTERED:
        return None
    owner = project.names.evaluate(value.func.value, scope)
    if owner is not None and not project.names.is_a(owner, "pydantic.BaseModel", "sqlmodel.SQLModel"):
        return None
    # Of an unknown object only the name that nobody else uses tells.
    return f".{value.func.attr}()" if owner is not None or value.func.attr == "model_dump" else None


def _dumped_before(name: ast.Name, operation: Operation, project: Project) -> str | None:
    """`data = tool.model_dump()`, and nothing is done to `data` before it is returned."""
    function = operation.function
    bindings = function.bindings.get(name.id, [])
    if len(bindings) != 1 or bindings[0].value is None or isinstance(bindings[0].value, ast.Name):
        return None
    uses = [n for n in ast.walk(function.node) if isinstance(n, ast.Name) and n.id == name.id]
    return _dump(bindings[0].value, operation, project) if len(uses) == 2 else None


@CONSTRAINT.rule(
    "slow-json-on-old-fastapi",
    help="Update FastAPI to 0.130 or later, where a declared type is enough; until then set `default_response_class=ORJSONResponse`.",
)
def slow_json_on_old_fastapi(context: Context) -> Iterable[Hit]:
    """An app on a FastAPI before 0.130 that writes its models with `json.dumps`."""
    project = context.project
    pin = _is_old(project)
    if pin is None or not _models_are_answered(context) or _has_other_json(project):
        return
    for app in _apps_with_models(project):
        yield hit_at_call(
            app,
            f"The app runs on FastAPI {pin.text} (`{pin.path}`), which turns every model into dictionaries and writes them with "
            "`json.dumps`.",
        )


def _apps_with_models(project: Project) -> list[Call]:
    """Every app that is served and answers with models; where none is seen to, the one with the most path operations about it."""
    found = [
        app.call
        for app in served_apps(project)
        if any(r.operation is not None and _has_model(r.operation, project) for r in app.routes)
    ]
    main = main_app(project)
    return found or ([main] if main is not None else [])


def _has_other_json(project: Project) -> bool:
    """Whether the project writes JSON in a faster way anywhere, or has a class of its own for it."""
    for operation in project.operations:
        for value in returned(operation):
            if response_name(value, operation, project) in _ONCE_FAST:
                return True
    for module in project.modules:
        for call in module.calls if not module.is_test else ():
            default = call.keyword("default_response_class")
            if default is not None and project.names.qualify(default, call.scope) != _PLAIN:
                return True
    return any(named.name in _ONCE_FAST for named in _named_classes(project))


@CONSTRAINT.running_rule(
    "route-off-the-fast-path",
    help="Leave the response class out and declare the answer's type.",
    confirms=("json-response-class-named", "deprecated-json-response-class"),
)
def route_off_the_fast_path(context: Context, facts: AppFacts) -> Iterable[Hit | Cleared]:
    """What the route table of the running app says about classes and models."""
    project = context.project
    if _is_old(project):
        return
    judged = {operation.function for operation in project.operations}
    reported = {
        project.function_at(hit.path or "", hit.line or 0)
        for check in (json_response_class_named, deprecated_json_response_class)
        for hit in check(context)
    }
    for route in facts.routes:
        site = route.site
        if site is None or route.websocket:
            continue
        function = project.function_at(site.path, site.line)
        last = route.response_class.rpartition(".")[2]
        if route.response_model is None:
            yield Cleared(
                path=site.path,
                line=site.line,
                rules=("json-response-class-named", "dumped-model-under-response-model"),
            )
        elif last in _SHORT_NAMES and (
            function in reported or (function not in judged and last != "JSONResponse")
        ):
            yield Hit(
                path=site.path,
                line=site.line,
                message=f"`{route.path}` answers with `{last}`, which is off the fast JSON path.",
                note=f"The running app's route answers with `{last}` too.",
            )
