"""What the client sent is wrong, and the answer says that the server is: `HTTPException(500, "Invalid tool.")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.flow import carriers, mentions, statements_in
from checker.constraints.replies import HTTP_EXCEPTION, argument, json_reply, status_of
from checker.source import Operation, Project

_OF_CLIENT = re.compile(
    r"\binvalid\b(?! (response|reply|answer|result|state|config))|\bnot found\b|\b(does not|doesn't) exist\b|\balready exists\b|"
    r"\bno such\b|\b(must|should) (be|have|not|contain)\b|\b(is|are) required\b|\bunsupported\b|\bnot (supported|allowed|permitted)\b|"
    r"\bmissing (required )?(parameter|field|argument)",
    re.IGNORECASE,
)


def refusals_with_500(
    operation: Operation, sent: set[str], project: Project
) -> Iterator[tuple[ast.expr, str]]:
    """The errors with status 500 under a question about what the client sent, with the words that tell whose fault it is."""
    function = operation.function
    asked = set().union(*(carriers(function, name) for name in sent)) if sent else set()
    for statement in statements_in(function.body):
        if not isinstance(statement, ast.If) or not mentions(statement.test, asked):
            continue
        for inner in statement.body:
            made = (
                inner.exc
                if isinstance(inner, ast.Raise)
                else inner.value
                if isinstance(inner, ast.Return)
                else None
            )
            if not isinstance(made, ast.Call):
                continue
            is_raised = project.names.qualify(made.func, function) == HTTP_EXCEPTION
            if not is_raised and json_reply(made, function, project) is None:
                continue
            status = argument(made, 0 if is_raised else 1, "status_code")
            words = _words(argument(made, 1, "detail") if is_raised else argument(made, 0, "content"))
            if status_of(status, function, project) == 500 and words:
                yield made, words


def _words(said: ast.expr | None) -> str:
    for node in ast.walk(said) if said is not None else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = _OF_CLIENT.search(node.value)
            if found is not None:
                return found[0]
    return ""
