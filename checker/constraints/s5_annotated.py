"""Dependencies are declared with `Annotated[T, Depends(...)]`.

## What it asks

`Depends(...)` and `Security(...)` stand in the type, as `Annotated[T, Depends(f)]`, and not in place of a default value. Lists of
dependencies in decorators and routers are fine.

## Why it matters

An annotated dependency can be named once and used everywhere, type checkers see the real type, and the function can still be
called by hand in a test: there is no default that looks like a value and is none.

## Example

```python
@app.get("/tools")
async def list_tools(store: ToolStore = Depends(get_store)) -> list[Tool]: ...
```

## Use instead

```python
Store = Annotated[ToolStore, Depends(get_store)]


@app.get("/tools")
async def list_tools(store: Store) -> list[Tool]: ...
```

## When it may be flexed

A service that has to run on a FastAPI older than 0.95, which does not know `Annotated`.

## Known limits

`= Query(...)`, `= Path(...)` and their like have the same weakness and are not reported; ruff's FAST002 does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from checker.constraints.fastapi_version import pinned_fastapi
from checker.constraints.rule import Constraint, Context, Hit, hit_at
from checker.source import Function, Project
from checker.source.declaring import function_of

CONSTRAINT = Constraint(
    id="S5",
    title="Dependencies use Annotated",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/#share-annotated-dependencies",
    page=__doc__ or "",
)


_MARKERS = frozenset({"fastapi.Depends", "fastapi.Security"})


@CONSTRAINT.applies_when
def _dependencies_are_used(context: Context) -> bool:
    return any(not call.scope.module.is_test for call in context.project.framework.depends_calls)


@CONSTRAINT.rule(
    "depends-as-default-value",
    help="Write the dependency into the type: `name: Annotated[T, Depends(f)]`.",
)
def depends_as_default_value(context: Context) -> Iterable[Hit]:
    """A parameter whose default is `Depends(...)` or `Security(...)`, also under a name or by a helper."""
    project = context.project
    calls = {id(call.node): call for call in project.framework.depends_calls}
    older = _upgrade(project)
    for module in project.modules:
        if module.is_test:
            continue
        for function in module.functions:
            for parameter in function.parameters:
                default = parameter.default
                made = _made_by(default, function, project) if default is not None else None
                call = calls.get(id(made))
                if default is None or call is None:
                    continue
                name = call.target.rpartition(".")[2]
                shown = f"{name}(...)" if made is default else ast.unparse(default)
                yield hit_at(
                    parameter.node,
                    module,
                    f"`{parameter.name}` in `{function.short}` takes `{shown}` as its default value, which hides the "
                    "dependency from type checkers and from callers.",
                    help=_help(parameter.annotation, default, parameter.name) + older,
                )


def _made_by(default: ast.expr, function: Function, project: Project) -> ast.expr | None:
    """The call that makes a default: itself, what a module's name holds, or what a helper hands back."""
    scope = function.parent or function.module.scope
    if isinstance(default, (ast.Name, ast.Attribute)):
        variable = project.names.variable(default, scope)
        return variable.bindings[0].value if variable is not None and len(variable.bindings) == 1 else None
    if isinstance(default, ast.Call) and project.names.qualify(default.func, scope) not in _MARKERS:
        helper = function_of(default.func, scope, project.names)
        returned = helper.returns if helper is not None and not helper.is_generator else []
        return returned[0].value if len(returned) == 1 else default
    return default


def _upgrade(project: Project) -> str:
    """What has to be done first where the project is held to a FastAPI that reads no `Annotated`."""
    pin = pinned_fastapi(project)
    exact = re.fullmatch(r"0\.(\d+)[.\d]*", pin.text) if pin is not None else None
    if pin is None or exact is None or int(exact[1]) >= _READS_ANNOTATED:
        return ""
    return f" FastAPI reads it from 0.{_READS_ANNOTATED} on; `{pin.path}` names {pin.text}."


_READS_ANNOTATED = 95


def _help(annotation: ast.expr | None, default: ast.expr, name: str) -> str:
    kind = ast.unparse(annotation) if annotation is not None else "T"
    return f"Write `{name}: Annotated[{kind}, {ast.unparse(default)}]`."
