"""The findings on bodies that may hold anything, and on such fields of a body's model."""

from __future__ import annotations

from collections.abc import Iterator

from checker.constraints.flow import carriers, is_checked, is_used
from checker.constraints.free_fields import free_fields
from checker.constraints.inputs import Place, operation_inputs
from checker.constraints.rule import Hit, hit_at
from checker.constraints.shapes import Shape, shape_of
from checker.constraints.validation import checks_by_hand, is_signed, parses_whole, validates
from checker.source import Project


def told_mappings(project: Project) -> Iterator[Hit]:
    """One for each field or body, the first time that a path operation takes it."""
    seen: set[tuple[str, int]] = set()
    for operation in project.operations:
        function = operation.function
        if operation.websocket or is_signed(function):
            continue
        for given in operation_inputs(operation, project):
            if given.place is not Place.BODY:
                continue
            for field in free_fields(given, function, project):
                place = (field.model.module.path, field.binding.line)
                if place not in seen:
                    seen.add(place)
                    yield Hit(
                        path=place[0],
                        line=place[1],
                        column=field.model.node.body[0].col_offset,
                        message=f"`{operation.label}` accepts any keys and any values in `{field.name}` of "
                        f"`{field.model.node.name}`, and {field.read}.",
                        key=field.name,
                    )
            if given.type is not None and shape_of(given.type, given.scope, project) is not Shape.FREE:
                continue
            carried = carriers(function, given.name)
            if (
                not is_used(function, given.name)
                or is_checked(function, {given.name}, presence=False)
                or checks_by_hand(function, {given.name})
                or validates(function, carried, project)
                or parses_whole(function, carried)
            ):
                continue
            yield hit_at(
                given.parameter.node,
                function.module,
                f"`{operation.label}` accepts any keys and any values in `{given.name}`; nothing is checked before it is used.",
            )
