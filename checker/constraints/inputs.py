"""What a path operation takes from the client, parameter by parameter."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checker.constraints.shapes import Shape, is_scalar, shape_of
from checker.source import Class, Function, Operation, Project, Scope
from checker.source.declaring import function_of
from checker.source.model import Parameter


class Place(StrEnum):
    """Where FastAPI takes a parameter from."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    BODY = "body"
    FORM = "form"
    FILE = "file"
    DEPENDENCY = "dependency"
    SPECIAL = "special"  # Request, Response, BackgroundTasks and their like
    UNKNOWN = "unknown"


_MARKERS = {
    "fastapi.Path": Place.PATH,
    "fastapi.Query": Place.QUERY,
    "fastapi.Header": Place.HEADER,
    "fastapi.Cookie": Place.COOKIE,
    "fastapi.Body": Place.BODY,
    "fastapi.Form": Place.FORM,
    "fastapi.File": Place.FILE,
    "fastapi.Depends": Place.DEPENDENCY,
    "fastapi.Security": Place.DEPENDENCY,
}
_SPECIAL = frozenset({
    "fastapi.Request", "fastapi.WebSocket", "fastapi.HTTPConnection", "fastapi.responses.Response",
    "fastapi.BackgroundTasks", "fastapi.security.SecurityScopes", "fastapi.security.oauth2.SecurityScopes",
})  # fmt: skip
UPLOADS = frozenset(
    {"fastapi.UploadFile", "fastapi.datastructures.UploadFile", "starlette.datastructures.UploadFile"}
)
_PLAIN = frozenset({
    "default", "description", "title", "alias", "example", "examples", "openapi_examples", "deprecated", "include_in_schema",
})  # fmt: skip
"""What a marker says of a parameter without checking it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One parameter with where it comes from; `type` is the annotation without `Annotated` and aliases."""

    parameter: Parameter
    place: Place
    type: ast.expr | None
    scope: Scope
    """Where `type` and `metadata` are to be read."""
    metadata: tuple[ast.expr, ...] = ()
    type_name: str = ""

    @property
    def name(self) -> str:
        """The parameter's name in the code."""
        return self.parameter.name


def inputs_of(function: Function, project: Project, path: str | None = None) -> Iterator[Input]:
    """The parameters of a path operation or dependency; `path` tells which ones are in the URL."""
    in_path = set(re.findall(r"{(\w+)", path)) if path else set()
    for position, parameter in enumerate(function.parameters):
        if parameter.variadic or (position == 0 and function.owner is not None):
            continue
        yield _input(parameter, function, project, in_path)


def operation_inputs(operation: Operation, project: Project) -> Iterator[Input]:
    """The parameters of a path operation."""
    return inputs_of(operation.function, project, operation.path)


def takers_of(project: Project) -> dict[Function, list[tuple[Function, str]]]:
    """Who takes the result of each dependency, and under which name."""
    found: dict[Function, list[tuple[Function, str]]] = {}
    for function in dict.fromkeys(
        [*(o.function for o in project.operations), *project.framework.dependencies]
    ):
        for item in inputs_of(function, project):
            if item.place is not Place.DEPENDENCY:
                continue
            for mark in item.metadata:
                asked = mark.args[0] if isinstance(mark, ast.Call) and mark.args else item.type
                given = function_of(asked, item.scope, project.names)
                if given is not None:
                    found.setdefault(given, []).append((function, item.name))
    return found


def _input(parameter: Parameter, function: Function, project: Project, in_path: set[str]) -> Input:
    scope: Scope = function
    annotation = parameter.annotation
    metadata: list[ast.expr] = []
    for _ in range(4):
        if annotation is None:
            break
        annotation, scope = project.names.unaliased(annotation, scope)
        if not isinstance(annotation, ast.Subscript) or not isinstance(annotation.slice, ast.Tuple):
            break
        if project.names.qualify(annotation.value, scope) != "typing.Annotated":
            break
        first, *rest = annotation.slice.elts
        metadata += rest
        annotation = first
    place = _marked(metadata, scope, project)
    if isinstance(parameter.default, ast.Call):
        marked = _marked([parameter.default], function, project)
        if marked is None:
            marked, plain = _made_default(parameter.default, function, project)
            if not plain:
                metadata.append(parameter.default)
        else:
            metadata.append(parameter.default)
        place = place or marked
    type_name = project.names.qualify(annotation, scope) if annotation is not None else ""
    if place is None:
        place = _guessed(parameter, annotation, scope, type_name, in_path, project)
    return Input(
        parameter=parameter,
        place=place,
        type=annotation,
        scope=scope,
        metadata=tuple(metadata),
        type_name=type_name,
    )


def _marked(metadata: list[ast.expr], scope: Scope, project: Project) -> Place | None:
    for item in metadata:
        if isinstance(item, ast.Call):
            place = _MARKERS.get(project.names.qualify(item.func, scope))
            if place is not None:
                return place
    return None


def _made_default(default: ast.Call, function: Function, project: Project) -> tuple[Place | None, bool]:
    """What a helper makes as a default, `limit: int = page_limit()`: the place that it names, and whether it plainly sets no bounds."""
    maker = function_of(default.func, function, project.names)
    if maker is None:
        target = project.names.qualify(default.func, function)
        return None, target.startswith(("builtins.", "os."))
    places: set[Place] = set()
    plain = True
    for given in maker.returns:
        place = _marked([given.value], maker, project) if given.value is not None else None
        if place is not None and isinstance(given.value, ast.Call):
            places.add(place)
            plain &= {k.arg for k in given.value.keywords} <= _PLAIN
    if not places:
        known = project.names.returned(maker)
        return None, known is not None and known.name.startswith("builtins.")
    return (places.pop() if len(places) == 1 else None), plain


def _guessed(
    parameter: Parameter,
    annotation: ast.expr | None,
    scope: Scope,
    type_name: str,
    in_path: set[str],
    project: Project,
) -> Place:
    """FastAPI's own rules for a parameter that is not marked."""
    if type_name in _SPECIAL:
        return Place.SPECIAL
    if type_name in UPLOADS or (annotation is not None and holds_uploads(annotation, scope, project)):
        return Place.FILE
    if parameter.name in in_path:
        return Place.PATH
    if annotation is None or type_name in {"typing.Any", "builtins.object"}:
        return Place.QUERY
    if is_scalar(annotation, scope, project):
        return Place.QUERY
    value = (
        project.names.evaluate(annotation, scope)
        if isinstance(annotation, (ast.Name, ast.Attribute))
        else None
    )
    if value is not None and isinstance(value.item, Class):
        if project.names.is_a(value, "enum.Enum", "enum.StrEnum", "enum.IntEnum"):
            return Place.QUERY
        return Place.BODY
    return Place.BODY if shape_of(annotation, scope, project) is Shape.FREE else Place.UNKNOWN


def holds_uploads(annotation: ast.expr, scope: Scope, project: Project) -> bool:
    """`list[UploadFile]`, `UploadFile | None`."""
    match annotation:
        case ast.BinOp():
            return any(holds_uploads(side, scope, project) for side in (annotation.left, annotation.right))
        case ast.Subscript():
            return holds_uploads(annotation.slice, scope, project)
        case ast.Name() | ast.Attribute():
            return project.names.qualify(annotation, scope) in UPLOADS
    return False


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which limits a number has; `unsure` where a validator or unknown metadata may set one."""

    lower: bool = False
    upper: bool = False
    unsure: bool = False


def bounds_of(
    metadata: tuple[ast.expr, ...], type_: ast.expr | None, scope: Scope, project: Project
) -> Bounds:
    """The limits that metadata such as `Query(ge=1, le=100)` and types such as `PositiveInt` set."""
    lower = upper = unsure = False
    calls = [item for item in metadata if isinstance(item, ast.Call)]
    if isinstance(type_, ast.Call):
        calls.append(type_)
    for call in calls:
        target = project.names.qualify(call.func, scope)
        given = {keyword.arg for keyword in call.keywords}
        lower |= bool(given & {"gt", "ge"}) or target.endswith((".Ge", ".Gt"))
        upper |= bool(given & {"lt", "le"}) or target.endswith((".Le", ".Lt"))
        known = (
            target in _MARKERS
            or target in {"pydantic.Field", "pydantic.conint"}
            or target.startswith("annotated_types")
        )
        unsure |= None in given or not known
    unsure |= any(not isinstance(item, (ast.Call, ast.Constant)) for item in metadata)
    if type_ is not None:
        name = project.names.qualify(type_, scope) if isinstance(type_, (ast.Name, ast.Attribute)) else ""
        lower |= name in {"pydantic.PositiveInt", "pydantic.NonNegativeInt"}
        if isinstance(type_, ast.Subscript):
            inner = project.names.qualify(type_.value, scope)
            unsure |= inner not in {"typing.Optional", "typing.Union"}
    return Bounds(lower=lower, upper=upper, unsure=unsure)


def is_whole_number(type_: ast.expr | None, scope: Scope, project: Project) -> bool:
    """Whether a type is `int`, `int | None` or one of Pydantic's whole numbers."""
    if type_ is None:
        return False
    type_, scope = project.names.unaliased(type_, scope)
    if isinstance(type_, ast.BinOp):
        sides = [
            s for s in (type_.left, type_.right) if not (isinstance(s, ast.Constant) and s.value is None)
        ]
        return len(sides) == 1 and is_whole_number(sides[0], scope, project)
    if isinstance(type_, ast.Subscript):
        name = project.names.qualify(type_.value, scope)
        inner = type_.slice.elts if isinstance(type_.slice, ast.Tuple) else [type_.slice]
        sides = [s for s in inner if not (isinstance(s, ast.Constant) and s.value is None)]
        return (
            name in {"typing.Optional", "typing.Union"}
            and len(sides) == 1
            and is_whole_number(sides[0], scope, project)
        )
    if isinstance(type_, ast.Call):
        return project.names.qualify(type_.func, scope) == "pydantic.conint"
    return project.names.qualify(type_, scope) in {
        "builtins.int",
        "pydantic.PositiveInt",
        "pydantic.NonNegativeInt",
    }
