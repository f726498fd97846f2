"""Telling an error from an answer by what is in it: `{"error": ...}`, `{"success": False, "message": ...}`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from checker.source import Function

_ERRORS = frozenset({
    "error", "errors", "err", "error_message", "errormessage", "error_msg", "errmsg", "exception", "traceback", "error_detail",
})  # fmt: skip
_TEXTS = frozenset({"message", "msg", "detail", "details", "reason", "description"})
_AROUND = frozenset({
    "code", "status", "status_code", "statuscode", "success", "ok", "succeeded", "is_success", "issuccess", "type", "hint", "title", "error_code",
    "errorcode", "error_type", "request_id", "path", "timestamp", "state",
})  # fmt: skip
_EMPTY = frozenset({"data", "result", "results", "payload", "body"})
_GOOD_STATES = frozenset({"ok", "success", "succeeded", "up", "healthy", "completed", "done", "warning"})
_BAD_STATES = frozenset({
    "error", "fail", "failed", "failure", "err", "ko", "nok", "unsuccessful", "denied", "unauthorized", "forbidden", "invalid", "not_found",
})  # fmt: skip
_FLAGS = frozenset({"success", "ok", "succeeded", "is_success", "issuccess"})
_STATE_OF_A_JOB = re.compile(
    r"status|state|job|task|progress|result|webhook|callback|event|log", re.IGNORECASE
)

_SENDER = re.compile(r"webhook|callback", re.IGNORECASE)
"""Another service sends something and would send it again; whether it succeeded here is not its matter."""

Pairs = list[tuple[str, ast.expr]]


def pairs_of(value: ast.expr) -> Pairs | None:
    """Keys and values of a dictionary that is written out, or the keyword arguments of a call."""
    if isinstance(value, ast.Dict):
        found = [
            (k.value.lower(), v)
            for k, v in zip(value.keys, value.values, strict=True)
            if isinstance(k, ast.Constant) and isinstance(k.value, str)
        ]
        return found if len(found) == len(value.keys) else None
    if isinstance(value, ast.Call) and not value.args:
        named = [(k.arg.lower(), k.value) for k in value.keywords if k.arg is not None]
        return named if len(named) == len(value.keywords) else None
    return None


def pairs_beside_opened(value: ast.expr) -> Pairs | None:
    """What `{**output, "status": "error", "detail": "no such tool"}` writes over a mapping that it opens."""
    if not isinstance(value, ast.Dict) or all(value.keys):
        return None
    written = [(k, v) for k, v in zip(value.keys, value.values, strict=True) if k is not None]
    return pairs_of(ast.Dict([k for k, _ in written], [v for _, v in written])) or None


def speaks_of_error(pairs: Pairs, caught: Iterable[str], about: str) -> bool:
    """Whether these keys and values report a failure and nothing else.

    `caught` are the names of the exceptions in whose `except` it is written, `about` the operation's path and name.
    """
    if _says_it_twice(pairs, caught, about):
        return True
    pairs = _without_subject(pairs)
    keys = {key for key, _ in pairs}
    if not keys or not keys <= _ERRORS | _TEXTS | _AROUND | _EMPTY:
        return False
    values = dict(pairs)
    if any(not _is_empty(values[key]) for key in keys & _EMPTY) or _says_good(values):
        return False
    if keys & {"status", "state"} and _STATE_OF_A_JOB.search(about):
        return False
    if keys & _FLAGS and _SENDER.search(about):
        return False
    if any(_is_text(values[key], caught) for key in keys & _ERRORS):
        return True
    if any(constant_of(values[key]) is True for key in keys & {"error", "err"}) and keys & _TEXTS:
        return not is_question(about)
    has_text = any(_is_text(values[key], caught) for key in keys & (_TEXTS | _ERRORS))
    if not has_text:
        return False
    if _is_flatly_refused(values):
        return not is_question(about)
    state = constant_of(values.get("status") or values.get("state"))
    if isinstance(state, str) and state.lower() in _BAD_STATES:
        return not is_question(about)
    if constant_of(values.get("status")) is False:
        return not is_question(about)
    alone = [value for key, value in pairs if key not in _EMPTY]
    if len(alone) == 1 and _says(_MISSING if _STATE_OF_A_JOB.search(about) else _REFUSED, alone[0]):
        return not is_question(about)
    for key in ("code", "status", "status_code", "statuscode"):
        number = _status_or_constant(values.get(key))
        if isinstance(number, int) and not isinstance(number, bool) and (400 <= number <= 599 or number < 0):
            return True
    return any(_reads(values[key], caught) for key in keys & _TEXTS)


def _says_it_twice(pairs: Pairs, caught: Iterable[str], about: str) -> bool:
    """`{"message": "Failed to send it", "error": reason or "unknown", ...}`: whatever stands beside that, it failed."""
    if is_told_elsewhere(about) or _says_good(dict(pairs)):
        return False
    return any(key in _ERRORS and _is_text(value, caught) for key, value in pairs) and any(
        key in _TEXTS and _says(_FAILED, value) for key, value in pairs
    )


def is_report_of_caught(
    pairs: Pairs, caught: Iterable[str], usual: Iterable[str], about: str, function: Function
) -> bool:
    """`{"rows": [], "available": False, "detail": str(error)}` in an `except`: beside the reason nothing that was worked out.

    `usual` holds what the other answers of the function say as well, as it is written.
    """
    caught, usual, values = set(caught), set(usual), dict(pairs)
    told = {
        key
        for key, value in pairs
        if key in _ERRORS | _TEXTS and _reads(value, caught) and _is_text(value, caught)
    }
    if not told or _says_good(values) or is_question(about) or _SENDER.search(about):
        return False
    return all(
        key in told | _AROUND
        or _reads(value, caught)
        or _is_echo(value, function)
        or isinstance(value, ast.Constant)
        or _is_empty(value)
        or ast.unparse(value) in usual
        for key, value in pairs
    )


def _is_flatly_refused(values: dict[str, ast.expr]) -> bool:
    """`"success": False`, written out."""
    flags = [constant_of(value) for key, value in values.items() if key in _FLAGS]
    return any(flag is False or (isinstance(flag, str) and flag.lower() == "false") for flag in flags)


def is_refusal_with_reason(pairs: Pairs, about: str) -> bool:
    """`{"success": False, "message": reason}`: whatever the reason is, it failed."""
    values = dict(pairs)
    reasons = [value for key, value in pairs if key in _TEXTS | _ERRORS]
    if not set(values) <= _ERRORS | _TEXTS | _AROUND or not _is_flatly_refused(values):
        return False
    if is_question(about) or is_told_elsewhere(about):
        return False
    return any(not isinstance(reason, ast.Constant) for reason in reasons)


def _without_subject(pairs: Pairs) -> Pairs:
    """The pairs without the ids of what the client asked about and without what is empty, where a flag says that it failed."""
    if not any(key in _FLAGS and constant_of(value) is False for key, value in pairs):
        return pairs
    known = _ERRORS | _TEXTS | _AROUND | _EMPTY
    return [
        (key, value)
        for key, value in pairs
        if key in known
        or not (key == "id" or key.endswith("_id") or (_is_empty(value) and constant_of(value) is not False))
    ]


_REFUSED = re.compile(
    r"^\W*error ?:|\bnot found\b|\b(does not|doesn't) exist\b|\balready exists\b|\b(not |un)authorized\b|\b(permission|access) denied\b|"
    r"\bfailed to\b|\bincorrect (user|email|password)|\binvalid (credentials|token|user|email|password|input|request|(api )?key|parameter|url|signature|secret)",
    re.IGNORECASE,
)


_FLATLY = re.compile(r"^\W*(failed|failure|error)\W*$", re.IGNORECASE)
_MISSING = re.compile(r"^\W*(\w+ )?not found\W*$|\b(does not|doesn't) exist\b", re.IGNORECASE)
"""What is not there has no state either."""


def _status_or_constant(value: ast.expr | None) -> object:
    """`404`, and `status.HTTP_404_NOT_FOUND` too."""
    name = value.attr if isinstance(value, ast.Attribute) else ""
    found = re.match(r"HTTP_(\d{3})_", name)
    return int(found[1]) if found else constant_of(value)


def is_caught_text(value: ast.expr, caught: Iterable[str]) -> bool:
    """`return str(error)`, `return f"Failed: {error}"` in an `except`."""
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in {"str", "repr"} and _reads(value, caught)
    return isinstance(value, ast.JoinedStr) and _reads(value, caught)


def is_text_of_failure(value: ast.expr) -> bool:
    """`return "Error"`, `return f"Failed to save {name}"`: a text that says so, for where it stands in an `except`."""
    return _says(_FAILED, value)


def is_text_of_refusal(value: ast.expr) -> bool:
    """`return "Tool not found"`: a text that says so wherever it stands."""
    return _says(_REFUSED, value)


def _says(words: re.Pattern[str], value: ast.expr) -> bool:
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    return any(
        isinstance(p, ast.Constant) and isinstance(p.value, str) and words.search(p.value) for p in parts
    )


_FAILED = re.compile(
    rf"^\W*(an? )?(\w+ )?(error|failed|failure|exception)\b|\bwent wrong\b|\b(could not|couldn't|unable to)\b|{_REFUSED.pattern}",
    re.IGNORECASE,
)


def without_echoes(pairs: Pairs, caught: Iterable[str], about: str, function: Function) -> Pairs:
    """The pairs without what the client sent itself and what is empty, where a text under `error` says what went wrong."""
    caught = set(caught)
    if _STATE_OF_A_JOB.search(about) or not any(key in _ERRORS and _is_text(v, caught) for key, v in pairs):
        return pairs
    known = _ERRORS | _TEXTS | _AROUND | _EMPTY
    return [
        (key, v)
        for key, v in pairs
        if key in known or not (_is_echo(v, function) or _is_empty(v) and constant_of(v) is not False)
    ]


def _is_echo(value: ast.expr, function: Function) -> bool:
    return isinstance(value, ast.Name) and function.parameter(value.id) is not None


def is_bare_refusal(pairs: Pairs, about: str) -> bool:
    """`{"success": False}` or `{"status": "fail"}` and nothing else, from an operation that was to change something."""
    if len(pairs) != 1 or is_question(about) or _SENDER.search(about):
        return False
    key, value = pairs[0]
    state = constant_of(value)
    if key in {"status", "result"} and isinstance(state, str) and not is_told_elsewhere(about):
        return state.lower() in _BAD_STATES
    return key in _FLAGS and state is False


def is_flat_failure(pairs: Pairs, about: str) -> bool:
    """`{"message": "failure"}` and nothing else, from an operation that was to change something."""
    if len(pairs) != 1 or is_question(about) or _SENDER.search(about):
        return False
    return pairs[0][0] in _TEXTS | _AROUND and _says(_FLATLY, pairs[0][1])


def is_apology(pairs: Pairs, about: str) -> bool:
    """`{"message": "Something went wrong"}` and nothing else, for where it stands in an `except`."""
    if len(pairs) != 1 or is_question(about) or is_told_elsewhere(about):
        return False
    return pairs[0][0] in _TEXTS and _says(_FAILED, pairs[0][1])


def is_question(about: str) -> bool:
    """Whether an operation asks if something is right, so that a no is an answer: a test, a validation."""
    return bool(re.search(r"test|validat|verif|check", about, re.IGNORECASE))


def is_told_elsewhere(about: str) -> bool:
    """Whether an operation tells how far something is, or is called by a sender to whom it does not matter."""
    return bool(_STATE_OF_A_JOB.search(about) or _SENDER.search(about))


def _says_good(values: dict[str, ast.expr]) -> bool:
    for key, value in values.items():
        constant = constant_of(value)
        if key in _FLAGS and constant is True:
            return True
        if key in {"status", "state"} and isinstance(constant, str) and constant.lower() in _GOOD_STATES:
            return True
    return False


def constant_of(value: ast.expr | None) -> object:
    """What a constant is, a negative number too; None for anything else."""
    if (
        isinstance(value, ast.UnaryOp)
        and isinstance(value.op, ast.USub)
        and isinstance(value.operand, ast.Constant)
    ):
        number = value.operand.value
        return -number if isinstance(number, int) else None
    return value.value if isinstance(value, ast.Constant) else None


def _is_empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return value.value in {None, "", False}
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return not value.elts
    return isinstance(value, ast.Dict) and not value.keys


def _is_text(value: ast.expr, caught: Iterable[str]) -> bool:
    """A text that is written here, or one that is made of what was caught; a variable may be None."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str) and bool(value.value)
    if isinstance(value, ast.JoinedStr):
        return True
    if isinstance(value, ast.Call):
        name = value.func.id if isinstance(value.func, ast.Name) else getattr(value.func, "attr", "")
        return name in {"_", "gettext", "format"} or _reads(value, caught)
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        return _is_text(value.values[-1], caught)
    if isinstance(value, ast.BinOp):
        return _is_text(value.left, caught) or _is_text(value.right, caught)
    if isinstance(value, ast.List):
        return bool(value.elts) and all(_is_text(element, caught) for element in value.elts)
    if isinstance(value, ast.Dict):
        return bool(value.keys) and any(_is_text(v, caught) for v in value.values)
    return _reads(value, caught)


def _reads(value: ast.expr, names: Iterable[str]) -> bool:
    wanted = set(names)
    return any(isinstance(node, ast.Name) and node.id in wanted for node in ast.walk(value))
