"""The findings on file paths that are made from what a client sent: where it is taken, handed on, and where the path is made."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.boundary import boundary_inputs
from checker.constraints.client_paths import PathUse, free_texts, path_uses, upload_helpers
from checker.constraints.flow import is_checked
from checker.constraints.inputs import Place
from checker.constraints.mapping_paths import mapping_path_uses
from checker.constraints.rule import Hit, hit_at
from checker.source import Function, Project

_DECLARED = frozenset({Place.PATH, Place.QUERY, Place.FORM})


def told_paths(project: Project) -> Iterator[Hit]:
    """One for each place, the first time that a text of a client's comes there."""
    checked = {
        p.name for d in project.framework.dependencies for p in d.parameters if is_checked(d, {p.name})
    }
    made: set[ast.expr] = set()
    for function, label, given in boundary_inputs(project):
        if given.place is Place.PATH and (
            given.name in checked  # A dependency looks at the same part of the path.
            or _is_part_of_name(function, given.name, project)
        ):
            continue
        for source in free_texts(given, function, project):
            uses = list(path_uses(function, source, project))
            if uses and given.place in _DECLARED:
                use = uses[0]
                place = "" if use.function is function else f"{use.function.module.path}:"
                yield hit_at(
                    given.parameter.node,
                    function.module,
                    f"{label} makes a file path from `{source}` ({place or 'line '}{use.node.lineno}), which the client chooses "
                    "freely: `..` is a name too, and leads out of the folder.",
                    key=source,
                )
            for use in uses:
                if use.handed is not None and use.handed[0] not in made:
                    made.add(use.handed[0])
                    yield _handed_on(use, use.handed[0], use.handed[1], source, label)
                if use.node not in made:
                    made.add(use.node)
                    yield _made_path(use, label)
        for use in mapping_path_uses(given, function, project):
            if use.node not in made:
                made.add(use.node)
                yield _made_path(use, label)
    for helper, source in upload_helpers(project):
        for use in path_uses(helper, source, project):
            if use.node not in made:
                made.add(use.node)
                yield _made_path(use, f"`{helper.short}`")


def _is_part_of_name(function: Function, name: str, project: Project) -> bool:
    """`f"covers/{name}.png"` and nothing else of a `{name}` in the path, which holds no slash: that is never `..`."""
    paths = [o.path or "" for o in project.operations if o.function is function]
    if any(f"{{{name}:path}}" in path for path in paths):
        return False
    read = {
        id(node)
        for node in ast.walk(function.node)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    }
    for node in ast.walk(function.node):
        if isinstance(node, ast.JoinedStr):
            parts = [None, *node.values, None]
            read -= {
                id(part.value)
                for before, part, after in zip(parts, parts[1:], parts[2:], strict=False)
                if isinstance(part, ast.FormattedValue)
                and (_text(before)[-1:] not in {"", "/"} or _text(after)[:1] not in {"", "/"})
            }
    return not read


def _text(part: ast.expr | None) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else ""


def _handed_on(use: PathUse, argument: ast.expr, function: Function, source: str, label: str) -> Hit:
    return hit_at(
        argument,
        function.module,
        f"The name in `{source}`, which the client chooses freely, is handed on here as it is ({label[:1].lower()}{label[1:]}), and a "
        f"file path is made from it ({use.function.module.path}:{use.node.lineno}): `..` is a name too, and leads out of the folder.",
        key=source,
    )


def _made_path(use: PathUse, label: str) -> Hit:
    origin = "" if use.function.short in label else f" that comes from {label[:1].lower()}{label[1:]}"
    return hit_at(
        use.node,
        use.function.module,
        f"A file path is made here from `{use.source}`{origin}, a text of the client's that nothing has checked: `..` leads out of "
        "the folder.",
        help="Resolve the path and check `is_relative_to(base)` before it is used, or make the name yourself, from an id.",
        key=use.source,
    )
