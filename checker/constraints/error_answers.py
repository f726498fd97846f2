"""Compares what a running app really answered to requests that had to fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum

from checker.constraints.rule import Cleared, Hit
from checker.constraints.served import hit_at_app, running_app
from checker.models.facts import AppFacts, ErrorAnswer
from checker.source import Project

_DEFAULT = ("detail",)


class Comparison(StrEnum):
    """What the answers say together."""

    UNTOLD = "untold"  # too few answers to say
    FRAMEWORK = "framework"  # all are FastAPI's own
    ONE = "one"  # one shape of the app's own
    DIFFERENT = "different"
    PLAIN_500 = "plain-500"  # one shape of the app's own but for the error that nobody caught


_ADD_HANDLER = "Register a handler for `Exception` that writes the body of your other two: `@app.exception_handler(Exception)`."


def seen_in_answers(project: Project, facts: AppFacts) -> Iterator[Hit | Cleared]:
    """What there is to say about the answers that the running app gave."""
    app = running_app(project, facts)
    comparison, told = compare_answers(facts.answers, facts.exception_handlers)
    note = f"The running app: {told}."
    if comparison is Comparison.DIFFERENT:
        yield hit_at_app(app, f"The errors of the running app have more than one shape: {told}.", note=note)
    elif comparison is Comparison.PLAIN_500:
        message = f"One error of the running app has not the shape of the others: {told}."
        yield hit_at_app(app, message, note=note, help=_ADD_HANDLER)
    elif comparison is Comparison.ONE and app is not None:
        place = app.call.scope.module.path
        yield Cleared(path=place, line=app.call.line, rules=("handlers-cover-only-part",))


def compare_answers(answers: Sequence[ErrorAnswer], handled: Sequence[str]) -> tuple[Comparison, str]:
    """Whether the errors have one shape, and the requests and answers that show it; `handled` are the app's own handlers."""
    told = [answer for answer in answers if answer.status >= 400 and not _is_page(answer)]
    if len({answer.cause for answer in told}) < 2:
        return Comparison.UNTOLD, ""
    if all(_is_frameworks_own(answer) for answer in told):
        return Comparison.FRAMEWORK, ""
    shaped = [answer for answer in told if not _is_plain_500(answer)]
    shapes = Counter(_shape(answer) for answer in shaped)
    if len(shapes) > 1:
        shown: dict[tuple[str, ...], ErrorAnswer] = {}
        for answer in told:
            shown.setdefault(_shape(answer), answer)
        return Comparison.DIFFERENT, "; ".join(_sentence(answer) for answer in shown.values())
    if len(shaped) < len(told) and _DEFAULT not in shapes and not {"Exception", "500"} & set(handled):
        plain = next(answer for answer in told if _is_plain_500(answer))
        return Comparison.PLAIN_500, f"{_sentence(plain)}, where {_sentence(shaped[0])}"
    causes = {answer.cause for answer in shaped}
    return (Comparison.ONE if {"unknown-path", "invalid-input"} <= causes else Comparison.UNTOLD), ""


def _is_plain_500(answer: ErrorAnswer) -> bool:
    """Starlette's own answer to an error that nobody caught."""
    return answer.cause == "unhandled-error" and answer.status == 500 and answer.media_type == "text/plain"


def _is_page(answer: ErrorAnswer) -> bool:
    return answer.media_type == "text/html"


def _is_frameworks_own(answer: ErrorAnswer) -> bool:
    if answer.cause == "unhandled-error":
        return _is_plain_500(answer)
    expected = "array" if answer.cause == "invalid-input" else "string"
    return answer.shape == _DEFAULT and answer.detail_kind == expected


def _shape(answer: ErrorAnswer) -> tuple[str, ...]:
    """The keys of an object; the media type alone for anything else."""
    return answer.shape or (f"<{answer.media_type}>",)


def _sentence(answer: ErrorAnswer) -> str:
    what = "`{" + ", ".join(answer.shape) + "}`" if answer.shape else f"`{answer.media_type or 'no body'}`"
    return f"`{answer.request}` ({_CAUSES.get(answer.cause, answer.cause)}) is answered {answer.status} with {what}"


_CAUSES = {
    "unknown-path": "an unknown path",
    "wrong-method": "a wrong method",
    "invalid-input": "invalid input",
    "unhandled-error": "an error that nobody caught",
}


def undocumented_answer(facts: AppFacts) -> str:
    """A sentence about a 422 that differs from the document; empty where they agree or nobody can tell."""
    for answer in facts.answers:
        if answer.cause != "invalid-input" or answer.status != 422 or answer.site is None:
            continue
        if not answer.shape or _is_frameworks_own(answer):
            continue
        for route in facts.routes:
            if route.site == answer.site and route.include_in_schema and _promises_default(facts, route.path):
                keys = ", ".join(answer.shape)
                return (
                    f"The document promises `HTTPValidationError` for 422, and `{answer.request}` is answered 422 with `{{{keys}}}`, "
                    "which a client made from the document cannot read."
                )
    return ""


def _promises_default(facts: AppFacts, path: str) -> bool:
    paths = (facts.openapi or {}).get("paths", {})
    operations = paths.get(path, {}) if isinstance(paths, dict) else {}
    for operation in operations.values() if isinstance(operations, dict) else ():
        responses = operation.get("responses", {}) if isinstance(operation, dict) else {}
        if str(responses.get("422", "")).find("#/components/schemas/HTTPValidationError") >= 0:
            return True
    return False
