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
from collections.abc import Iterable

from checker.constraints.rule import Constraint, Context, Hit, hit_at

CONSTRAINT = Constraint(
    id="S5",
    title="Dependencies use Annotated",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/dependencies/#share-annotated-dependencies",
    page=__doc__ or "",
)


@CONSTRAINT.applies_when
def _dependencies_are_used(context: Context) -> bool:
    return any(not call.scope.module.is_test for call in context.project.framework.depends_calls)


@CONSTRAINT.rule(
    "depends-as-default-value",
    help="Write the dependency into the type: `name: Annotated[T, Depends(f)]`.",
)
def depends_as_default_value(context: Context) -> Iterable[Hit]:
    """A parameter whose default is `Depends(...)` or `Security(...)`."""
    calls = {id(call.node): call for call in context.project.framework.depends_calls}
    for module in context.project.modules:
        if module.is_test:
            continue
        for function in module.functions:
            for parameter in function.parameters:
                default = parameter.default
                if not isinstance(default, ast.Call) or id(default) not in calls:
                    continue
                name = calls[id(default)].target.rpartition(".")[2]
                found = hit_at(
                    parameter.node,
                    module,
                    f"`{parameter.name}` in `{function.short}` takes `{name}(...)` as its default value, which hides the "
                    "dependency from type checkers and from callers.",
                    help=_help(parameter.annotation, default, parameter.name),
                )
                yield found


def _help(annotation: ast.expr | None, default: ast.Call, name: str) -> str:
    kind = ast.unparse(annotation) if annotation is not None else "T"
    return f"Write `{name}: Annotated[{kind}, {ast.unparse(default)}]`."
