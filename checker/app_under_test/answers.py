"""Asks a server for its errors and says what it answered.

Whatever is sent can neither change anything nor reach a path operation: a path that nobody takes, a method that no path
operation takes, and paths of our own (`error_routes`) that fail.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from checker.app_under_test.channel import read_json
from checker.app_under_test.server import ServedRequest, Server
from checker.models.facts import AppFacts, ErrorAnswer, Site

_MOST_BYTES = 2**18
_OURS = {
    "unknown-path": (404,),
    "wrong-method": (405,),
    "invalid-input": (422, 400),
    "unhandled-error": (500,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request that has to fail."""

    cause: str
    method: str
    path: str
    site: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of the questions; `broken` where the app failed by itself before it could tell."""

    answers: tuple[ErrorAnswer, ...]
    broken: bool = False


def error_token(seed: int) -> str:
    """The random part of the paths that are asked for: the same for the same seed, and readable in a report."""
    return f"unknown-{Random(seed).getrandbits(32):08x}"


def ask_for_errors(server: Server, facts: AppFacts, token: str, *, answer_s: float) -> Asked:
    """Ask a server that serves, and keep the answers that say something; never raises for what it answers.

    What authentication or a path for everything answers says nothing about errors and is left out.
    """
    answers: list[ErrorAnswer] = []
    broken = False
    for number, question in enumerate(questions(facts, token)):
        mark = f"{token}-{number}"
        reply = _send(server, question, mark, answer_s)
        served = server.request(mark) if reply is not None else None
        if reply is None or served is None:
            # Where one answer does not come, the next one will not either.
            broken = True
            break
        answer = _answer(question, *reply)
        if _tells(answer, served):
            answers.append(answer)
        elif answer.status >= 500:
            broken = True
    return Asked(answers=tuple(answers), broken=broken)


def questions(facts: AppFacts, token: str) -> Iterator[Question]:
    """Up to four requests, one for each cause; none where the app itself has no path operation."""
    documented = _documented(facts)
    if not documented and facts.openapi is not None:
        return
    unknown = _unknown_path(facts, token)
    if unknown is not None:
        yield Question(cause="unknown-path", method="GET", path=unknown)
    closed = [path for path, methods in documented.items() if "options" not in methods]
    if closed:
        # OPTIONS, since by its meaning it changes nothing, wherever it should arrive.
        path = min(closed, key=lambda one: ("{" in one, len(one), one))
        site = next((route.site for route in facts.routes if route.path == path), None)
        asked = re.sub(r"\{[^}]*\}", "1", path)
        yield Question(cause="wrong-method", method="OPTIONS", path=asked, site=site)
    yield _invalid_input(facts, documented, token)
    yield Question(cause="unhandled-error", method="GET", path=f"/{token}/fails")


def _documented(facts: AppFacts) -> dict[str, dict[str, Any]]:
    """Paths of the app itself with their operations, from its document; mounted apps have documents of their own."""
    paths = facts.openapi.get("paths") if facts.openapi else None
    found = paths if isinstance(paths, dict) else {}
    return {
        path: operations
        for path, operations in found.items()
        if isinstance(path, str) and path.startswith("/") and isinstance(operations, dict)
    }


def _invalid_input(facts: AppFacts, documented: dict[str, dict[str, Any]], token: str) -> Question:
    """A GET whose path wants a number and gets a word; our own path where there is none without a dependency.

    FastAPI runs dependencies although another input is wrong, so in such a server only what has none gets so far.
    """
    for path, operations in sorted(documented.items()):
        route = next((r for r in facts.routes if r.path == path and "GET" in r.methods), None)
        operation = operations.get("get")
        if route is None or route.dependencies or path.count("{") != 1 or not isinstance(operation, dict):
            continue
        parameters = operation.get("parameters")
        for parameter in parameters if isinstance(parameters, list) else []:
            if _wants_number(parameter):
                asked = re.sub(r"\{[^}]*\}", "none", path)
                return Question(cause="invalid-input", method="GET", path=asked, site=route.site)
    return Question(cause="invalid-input", method="GET", path=f"/{token}/numbers/none")


def _wants_number(parameter: Any) -> bool:
    if not isinstance(parameter, dict) or parameter.get("in") != "path":
        return False
    schema = parameter.get("schema")
    return isinstance(schema, dict) and schema.get("type") in {"integer", "number"}


def _unknown_path(facts: AppFacts, token: str) -> str | None:
    """A path that no path operation takes: `/{word}` takes any path of one part, so then it has two."""
    open_at: set[int] = set()
    for route in facts.routes:
        first, *others = route.path.strip("/").split("/")
        if first.startswith("{"):
            if ":path}" in route.path:
                return None
            open_at.add(1 + len(others))
    parts = next(length for length in range(1, len(open_at) + 2) if length not in open_at)
    return "/" + "/".join([token] * parts)


# What came back


def _answer(question: Question, status: int, media_type: str, body: bytes) -> ErrorAnswer:
    media_type = media_type.partition(";")[0].strip().lower()
    content: Any = None
    if media_type == "application/json" or media_type.endswith("+json"):
        with contextlib.suppress(ValueError):
            content = read_json(body)
    shape: tuple[str, ...] = ()
    detail = ""
    if isinstance(content, dict):
        shape = tuple(sorted(str(key) for key in content))
        detail = _json_type(content["detail"]) if "detail" in content else ""
    return ErrorAnswer(
        cause=question.cause,
        request=f"{question.method} {question.path}",
        status=status,
        media_type=media_type,
        shape=shape,
        detail_kind=detail,
        site=question.site,
    )


def _json_type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _tells(answer: ErrorAnswer, served: ServedRequest) -> bool:
    """Whether the answer is the app's word on this very mistake."""
    if answer.cause == "unhandled-error":
        came = served.reached_error
    elif answer.cause == "unknown-path":
        came = not served.routed
    else:
        came = True
    if not came:
        return False
    if answer.status in _OURS[answer.cause]:
        return True
    # An error that says 200 is one as well, where it is certain that no path operation answered.
    return answer.status == 200 and bool(answer.shape) and answer.cause in {"unknown-path", "unhandled-error"}


def _send(server: Server, question: Question, token: str, answer_s: float) -> tuple[int, str, bytes] | None:
    connection = _Connection(server, answer_s)
    try:
        connection.request(
            question.method,
            question.path,
            headers={"Host": "localhost", "Accept": "application/json", "User-Agent": token},
        )
        reply = connection.getresponse()
        return reply.status, reply.getheader("content-type", ""), reply.read(_MOST_BYTES)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """To a server's socket, wherever it listens."""

    def __init__(self, server: Server, answer_s: float) -> None:
        super().__init__("localhost", timeout=answer_s)
        self._server = server

    def connect(self) -> None:
        address = self._server.address
        if address is None:
            raise ConnectionError("the server has no address")
        if address.uds is None:
            self.sock = socket.create_connection((address.host, address.port), self.timeout)
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(address.uds)
