"""Code that runs while Pydantic makes a model: validators, `model_post_init`, an `__init__` of the project's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.source.declaring import function_of
from checker.source.framework import Framework
from checker.source.model import Class, Function
from checker.source.names import Names
from checker.source.values import Value
from checker.source.written import uncalled

_MODELS = ("pydantic.BaseModel", "pydantic.RootModel", "sqlmodel.SQLModel")
_VALIDATORS = frozenset({
    "pydantic.field_validator", "pydantic.model_validator", "pydantic.validator", "pydantic.root_validator",
    "pydantic.functional_validators.field_validator", "pydantic.functional_validators.model_validator",
})  # fmt: skip
VALIDATOR_TYPES = frozenset({
    "pydantic.AfterValidator", "pydantic.BeforeValidator", "pydantic.PlainValidator", "pydantic.WrapValidator",
})  # fmt: skip
"""What stands in an annotation with the function that checks the value."""
_HOOKS = ("__init__", "model_post_init")


def validators_of(framework: Framework, names: Names) -> dict[Function, str]:
    """What FastAPI runs on the loop to check what a client sent, also for plain `def` path operations."""
    provided = {id(call.node) for call in framework.depends_calls}
    found: dict[Function, str] = {}
    seen: set[Class] = set()
    for function in [*(o.function for o in framework.operations), *framework.dependencies]:
        for parameter in function.parameters:
            if parameter.annotation is None or id(parameter.default) in provided:
                continue
            annotation, scope = names.unaliased(parameter.annotation, function)
            if any(id(node) in provided for node in ast.walk(annotation)):
                continue
            for model in _models_in(names.promised(annotation, scope), names, seen):
                for check in (*run_by_making(model, names), *_validators_of_fields(model, names)):
                    found.setdefault(
                        check, f"validation of `{model.node.name}`, which FastAPI does on the event loop"
                    )
    return found


def run_by_making(model: Class, names: Names) -> Iterator[Function]:
    """The project's functions that making an instance of a Pydantic model runs."""
    hooks = {names.method(model, name) for name in _HOOKS}
    for step in names.lineage(model)[0]:
        for method in step.functions.values():
            if method in hooks or any(
                names.qualify(uncalled(d), step) in _VALIDATORS for d in method.decorators
            ):
                yield method


def _validators_of_fields(model: Class, names: Names) -> Iterator[Function]:
    """`name: Annotated[str, AfterValidator(check)]`"""
    for annotation in _annotations(model, names):
        unaliased, scope = names.unaliased(annotation, model)
        for node in ast.walk(unaliased):
            if (
                isinstance(node, ast.Call)
                and node.args
                and names.qualify(node.func, scope) in VALIDATOR_TYPES
            ):
                function = function_of(node.args[0], scope, names)
                if function is not None:
                    yield function


def _annotations(model: Class, names: Names) -> Iterator[ast.expr]:
    for step in names.lineage(model)[0]:
        for bindings in step.bindings.values():
            yield from (b.annotation for b in bindings if b.annotation is not None)


def _models_in(value: Value | None, names: Names, seen: set[Class]) -> Iterator[Class]:
    """The models of a type and of the fields of those."""
    for one in value.possibilities if value is not None else ():
        for part in one.parts:
            yield from _models_in(part, names, seen)
        model = one.item
        if not isinstance(model, Class) or model in seen or not one.instance or not names.is_a(one, *_MODELS):
            continue
        if any(k.arg == "table" for k in model.node.keywords):
            continue  # Tables of SQLModel are not validated.
        seen.add(model)
        yield model
        for annotation in _annotations(model, names):
            yield from _models_in(names.promised(annotation, model), names, seen)
