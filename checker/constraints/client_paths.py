"""File paths that are made from what a client sends: in a path operation, or in the helpers and services that it hands the text to."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from checker.constraints.body_fields import is_any_text, unvalidated_fields
from checker.constraints.client_text import is_text
from checker.constraints.flow import (
    carriers,
    is_checked,
    last_name,
    mentions,
    own_expressions,
    parameter_for,
    reads,
    statements,
)
from checker.constraints.inputs import UPLOADS, Input, Place, holds_uploads
from checker.constraints.matched_rows import matched_from
from checker.source import Call, Function, Project
from checker.source.model import Binding, BindingKind

_FILE_CALLS = frozenset({
    "builtins.open", "io.open", "aiofiles.open", "anyio.open_file", "fastapi.responses.FileResponse", "os.path.join",
    "os.listdir", "os.scandir", "os.remove", "os.unlink", "shutil.rmtree", "os.walk", "os.makedirs", "os.mkdir", "os.rename",
    "pandas.read_csv", "pandas.read_excel", "pandas.read_parquet", "pandas.read_json", "numpy.load", "joblib.load", "torch.load",
    "PIL.Image.open", "cv2.imread", "cv2.imwrite", "soundfile.read", "librosa.load", "zipfile.ZipFile", "tarfile.open",
    "os.replace", "shutil.copy", "shutil.copyfile", "shutil.copy2", "shutil.move", "os.rmdir", "shutil.unpack_archive", "os.chmod",
    "os.symlink", "os.stat", "shutil.copytree", "shutil.make_archive", "aiofiles.os.remove", "aiofiles.os.unlink", "aiofiles.os.rename",
    "aiofiles.os.makedirs", "aiofiles.os.mkdir", "aiofiles.os.listdir", "aiofiles.os.rmdir", "aiofiles.os.replace", "codecs.open",
    "gzip.open", "bz2.open", "lzma.open", "fsspec.open", "fsspec.core.open", "smart_open.open", "pandas.read_pickle", "pandas.read_feather",
    "polars.read_csv", "polars.read_parquet", "polars.scan_csv", "polars.scan_parquet", "xarray.open_dataset", "xarray.open_zarr",
    "h5py.File", "sqlite3.connect", "aiosqlite.connect", "openpyxl.load_workbook", "docx.Document", "pypdf.PdfReader", "fitz.open",
    "rasterio.open", "geopandas.read_file", "numpy.fromfile", "whisper.load_audio", "pydub.AudioSegment.from_file",
})  # fmt: skip
_PATH_METHODS = frozenset({
    "read_text", "read_bytes", "write_text", "write_bytes", "open", "unlink", "mkdir", "rmdir", "touch", "iterdir", "rename",
    "joinpath", "replace", "symlink_to", "hardlink_to", "chmod",
})  # fmt: skip
_THROUGH = frozenset({
    "Path", "PurePath", "join", "joinpath", "str", "resolve", "absolute", "expanduser", "with_suffix", "with_name", "format",
    "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "lower", "upper", "replace", "abspath", "normpath", "realpath",
    "unquote", "fspath", "open", "decode", "encode", "b64decode", "urlsafe_b64decode", "cast",
    "casefold", "title", "capitalize", "expandvars", "relpath",
})  # fmt: skip
"""Calls that hand a text on with all that may be in it."""
_NO_FOLDER = ("url", "uri", "bucket", "container", "prefix", "s3", "key", "endpoint", "remote", "blob", "gcs")
"""Names of what is joined with a text and is no folder of this machine."""
_FURTHEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PathUse:
    """Where a text from the client becomes part of a file path."""

    node: ast.expr
    function: Function
    source: str
    """The name that carries it there."""
    handed: tuple[ast.expr, Function] | None = None
    """Where the file name of an upload or a field of a body is handed on by itself, if the path is made elsewhere."""


def free_texts(given: Input, function: Function, project: Project) -> Iterator[str]:
    """The names of texts that may become file paths: a parameter, the file name of an upload, a field of a body."""
    if given.place is Place.FILE:
        yield from uploads(given, function, project)
    elif given.place in {Place.PATH, Place.QUERY, Place.FORM}:
        if is_text(given, project):
            yield given.name
    elif given.place is Place.BODY:
        for name, binding, model in unvalidated_fields(given, project):
            if is_any_text(binding, model, project):
                yield f"{given.name}.{name}"


def uploads(given: Input, function: Function, project: Project) -> Iterator[str]:
    """`file.filename` of an upload, or of each one in a list of them."""
    if given.type is None:
        return
    parts = [given.type.left, given.type.right] if isinstance(given.type, ast.BinOp) else [given.type]
    if (
        isinstance(given.type, ast.Subscript)
        and project.names.qualify(given.type.value, given.scope) == "typing.Optional"
    ):
        parts = [given.type.slice]
    for part in parts:
        if project.names.qualify(part, given.scope) in UPLOADS:
            yield f"{given.name}.filename"
        elif holds_uploads(part, given.scope, project):
            for name, bindings in function.bindings.items():
                if any(_is_one_of(binding, given.name) for binding in bindings):
                    yield f"{name}.filename"


def _is_one_of(binding: Binding, name: str) -> bool:
    """`file` of `for file in files`, `for i, file in enumerate(files)` and of comprehensions."""
    if binding.part is not None and binding.part.kind is BindingKind.LOOP:
        return mentions(binding.part.whole, {name})
    return binding.kind is BindingKind.LOOP and binding.value is not None and mentions(binding.value, {name})


def path_uses(function: Function, source: str, project: Project, depth: int = 0) -> Iterator[PathUse]:
    """Where a text becomes part of a path, here or in functions of the project that get it, with nothing that checks it between."""
    names = carriers(function, source, through=_THROUGH)
    if is_checked(function, names, endings=False, folders=_is_normalised(function)):
        return
    replaced = min(_replaced_from(function, source, names), matched_from(function, {source}))
    here = min(_uses(function, names, _THROUGH, project), key=lambda use: use.lineno, default=None)
    if here is not None:
        if here.lineno < replaced:
            yield PathUse(node=_composed(here, names, _THROUGH, function), function=function, source=source)
        return
    found = False
    for call in function.calls if depth < _FURTHEST else ():
        if call.line >= replaced:
            continue
        taken = [(c, one, part) for c in _run_by(call) for one, part in _received(call, c, names, source)]
        # `place = path_of(name)`, and then the caller looks whether it leads out of the folder.
        if not taken or is_checked(function, _results(call, function)):
            continue
        for callee, parameter, argument in taken:
            for use in path_uses(callee, parameter, project, depth + 1):
                found = True
                leaves = "." in source and "." not in parameter and use.handed is None
                yield replace(use, handed=(argument, function)) if leaves else use
    if not found and depth < _FURTHEST:
        yield from _uses_by_helpers(function, source, names, replaced, project)


def _uses_by_helpers(
    function: Function, source: str, names: set[str], before: float, project: Project
) -> Iterator[PathUse]:
    """`open(place_of(name))`, where `place_of` gives a text back that the name is part of."""
    through = _THROUGH | _handing_on(function, source, names)
    further = carriers(function, source, through=through)
    if through == _THROUGH or is_checked(function, further, endings=False, folders=_is_normalised(function)):
        return
    here = min(_uses(function, further, through, project), key=lambda use: use.lineno, default=None)
    if here is not None and here.lineno < before:
        yield PathUse(node=_composed(here, further, through, function), function=function, source=source)


def _handing_on(function: Function, source: str, names: set[str]) -> frozenset[str]:
    """The names of the project's functions that put a text into the one that they give back: `path_of(name)`."""
    found: set[str] = set()
    for call in function.calls:
        callee = call.callee
        if callee is None or callee.is_abstract:
            continue
        for parameter, _ in _received(call, callee, names, source):
            inner = carriers(callee, parameter, through=_THROUGH)
            gives = any(r.value is not None and reads(r.value, inner, _THROUGH) for r in callee.returns)
            if gives and not is_checked(callee, inner, endings=False, folders=_is_normalised(callee)):
                found.add(last_name(call.node))
    return frozenset(found)


_NORMALISING = frozenset({"resolve", "realpath", "abspath", "normpath", "relative_to", "commonpath"})


def _is_normalised(function: Function) -> bool:
    """Whether a function takes `..` out of paths, so that their beginning says something."""
    return any(last_name(call.node) in _NORMALISING for call in function.calls)


def _composed(use: ast.expr, names: set[str], through: frozenset[str], function: Function) -> ast.expr:
    """Where the path is put together, `place = f"covers/{name}"`, if it is opened by that name below."""
    if not isinstance(use, ast.Call) or last_name(use) in {"join", "joinpath"}:
        return use
    inside = {a.id for a in use.args[:1] if isinstance(a, ast.Name)} & names
    made = [
        bound.value
        for name in inside
        for bound in function.bindings.get(name, [])
        if isinstance(bound.value, (ast.JoinedStr, ast.BinOp)) and reads(bound.value, names, through)
    ]
    return max((m for m in made if m.lineno < use.lineno), key=lambda m: m.lineno, default=use)


def _replaced_from(function: Function, source: str, names: set[str]) -> float:
    """The line from which a name stands for something else: `path = path_of(asset)`. A default is none."""
    replacing = [
        bound.value.lineno
        for bound in function.bindings.get(source, [])
        if bound.value is not None
        and not isinstance(bound.value, ast.Constant)
        and not mentions(bound.value, names)
    ]
    return min(replacing, default=math.inf)


def _run_by(call: Call) -> tuple[Function, ...]:
    """What a call runs; of an abstract method every implementation."""
    callees = (call.callee,) if call.callee is not None and not call.callee.is_abstract else call.callees
    return tuple(c for c in callees if not c.is_abstract and not c.name.endswith("__init__"))


def _received(call: Call, callee: Function, names: set[str], source: str) -> Iterator[tuple[str, ast.expr]]:
    """The names under which a function gets a text, or the upload or body that it is a field of, with the argument."""
    holder, _, field = source.rpartition(".")
    for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
        parameter = ""
        if holder and isinstance(argument, ast.Name) and argument.id == holder:
            parameter = parameter_for(argument, call, callee)
            yield from [(f"{parameter}.{field}", argument)] if parameter else []
        elif reads(argument, names, _THROUGH):
            parameter = parameter_for(argument, call, callee)
            yield from [(parameter, argument)] if parameter else []


def _results(call: Call, function: Function) -> set[str]:
    """The names that what a call gives gets, and those that are computed from it."""
    names = {n for n, bound in function.bindings.items() for b in bound if _is_result(b.value, call)}
    return {carried for name in names for carried in carriers(function, name, through=_THROUGH)}


def _is_result(value: ast.expr | None, call: Call) -> bool:
    return value is not None and any(node is call.node for node in ast.walk(value))


def _uses(
    function: Function, names: set[str], through: frozenset[str], project: Project
) -> Iterator[ast.expr]:
    """Where one of these names becomes part of a file path."""
    for call in function.calls:
        values = [*call.node.args, *(k.value for k in call.node.keywords if k.arg in {"path", "file", None})]
        if call.target in _FILE_CALLS and any(reads(value, names, through) for value in values):
            if not _is_elsewhere(call):
                yield call.node
        elif call.target == "pathlib.Path" and len(values) > 1:
            if any(reads(value, names, through) for value in values[1:]):
                yield call.node
        elif call.target.startswith("pathlib.Path.") and isinstance(call.node.func, ast.Attribute):
            touches = call.node.func.attr in _PATH_METHODS
            given = call.node.args if call.node.func.attr in {"joinpath", "rename"} else []
            if touches and any(reads(part, names, through) for part in (call.node.func.value, *given)):
                yield call.node
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
                    continue
                if (
                    reads(node.right, names, through)
                    and project.names.type_name(node.left, function) == "pathlib.Path"
                ):
                    yield node


def _is_elsewhere(call: Call) -> bool:
    """`os.path.join(bucket_prefix, name)`: the key of an object in a store, or a URL, is no path of this machine."""
    if call.target != "os.path.join" or not call.node.args:
        return False
    first = ast.unparse(call.node.args[0]).lower()
    return any(word in first for word in _NO_FOLDER)


def upload_helpers(project: Project) -> Iterator[tuple[Function, str]]:
    """Functions other than path operations and dependencies that are handed an upload, with the name of its file name."""
    boundary = {o.function for o in project.operations} | set(project.framework.dependencies)
    for module in project.service_modules:
        for function in module.functions:
            if function in boundary or function.is_lambda:
                continue
            for parameter in function.parameters:
                annotation = parameter.annotation
                if annotation is not None and project.names.qualify(annotation, function) in UPLOADS:
                    yield function, f"{parameter.name}.filename"
