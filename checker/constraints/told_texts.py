"""The findings on texts of a client's that JSON is parsed from, or that are run as code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.constraints.boundary import boundary_inputs, taker_validates
from checker.constraints.client_text import hands_back, is_text, parsed_json, parsed_upload, run_as_code
from checker.constraints.flow import is_caught
from checker.constraints.inputs import Place
from checker.constraints.rule import Hit, hit_at, hit_at_call
from checker.source import Project

_TEXT_PLACES = frozenset({Place.QUERY, Place.FORM, Place.HEADER, Place.COOKIE, Place.PATH})


def told_texts(project: Project) -> Iterator[Hit]:
    """One where such a text is taken, and one where it is parsed."""
    told: set[ast.Call] = set()
    for function, label, given in boundary_inputs(project):
        if given.place in _TEXT_PLACES and (run := run_as_code(function, given.name)) is not None:
            yield hit_at_call(run, f"{label} runs what the client sends in `{given.name}` as Python code.")
            continue
        if given.place is Place.FILE:
            call = parsed_upload(function, given.name, project)
        elif given.place in _TEXT_PLACES and is_text(given, project):
            call = parsed_json(function, given.name, project)
        else:
            continue
        if call is None or (
            function in project.framework.dependencies
            and hands_back(function, call)
            and taker_validates(function, project)
        ):
            continue
        caught = call.scope is function and is_caught(function, call.node)
        ends = "" if caught else "what is no JSON ends in a 500, and "
        yield hit_at(
            given.parameter.node,
            function.module,
            f"{label} takes `{given.name}` as any text and parses JSON from it ({call.scope.module.path}:{call.line}): {ends}what is "
            "in it is not checked.",
            key=given.name,
        )
        if call.line != given.parameter.node.lineno and call.node not in told:
            told.add(call.node)
            origin = f"`{given.name}`, which {label[:1].lower()}{label[1:]} takes from the client"
            yield hit_at_call(call, f"JSON is parsed here from {origin}, and no model checks what is in it.")
