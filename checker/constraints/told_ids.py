"""The findings on texts of a client's that have to be ids, as parameters and as fields of a body."""

from __future__ import annotations

from collections.abc import Iterator

from checker.constraints.body_fields import is_any_text, unvalidated_fields
from checker.constraints.boundary import boundary_inputs
from checker.constraints.client_ids import answers_value_errors, id_use
from checker.constraints.client_text import is_text, is_texts
from checker.constraints.inputs import Place
from checker.constraints.rule import Hit, hit_at
from checker.source import Project

_ID_PLACES = frozenset({Place.PATH, Place.QUERY, Place.FORM, Place.BODY})


def told_ids(project: Project) -> Iterator[Hit]:
    """One for each parameter or field, unless the app answers `ValueError` itself."""
    if answers_value_errors(project):
        return
    told: set[tuple[str, int]] = set()
    for function, label, given in boundary_inputs(project):
        for name, binding, model in unvalidated_fields(given, project) if given.place is Place.BODY else ():
            several = is_any_text(binding, model, project, several=True)
            if not (several or is_any_text(binding, model, project)):
                continue
            use = id_use(function, f"{given.name}.{name}", project)
            place = (model.module.path, binding.line)
            if use is not None and place not in told:
                told.add(place)
                yield Hit(
                    path=place[0],
                    line=place[1],
                    column=model.node.body[0].col_offset,
                    message=f"{label} takes `{name}` of `{model.node.name}` as any text and {use.how} ({use.path}:{use.line}): what is "
                    "no id ends in a 500.",
                    help=f"Declare `{name}: {_typed(use.kind, several)}`; FastAPI then answers 422.",
                    key=name,
                )
        if given.place not in _ID_PLACES or not (is_text(given, project) or is_texts(given, project)):
            continue
        use = id_use(function, given.name, project)
        if use is None:
            continue
        yield hit_at(
            given.parameter.node,
            function.module,
            f"{label} takes `{given.name}` as any text and {use.how} ({use.path}:{use.line}): what is no id ends in a 500.",
            help=f"Declare `{given.name}: {_typed(use.kind, is_texts(given, project))}`; FastAPI then answers 422.",
            key=given.name,
        )


def _typed(kind: str, several: bool) -> str:
    one = kind if kind in {"UUID", "int"} else "PydanticObjectId"
    return f"list[{one}]" if several else one
