"""`expect` and `require`: what a hidden test asks of a reply."""

from __future__ import annotations

from typing import Any, Self

from checker.suite.failure import CheckFailed
from checker.suite.reply import Reply


class Expectation:
    """Asks one thing after another of a reply; the first that does not hold fails the check."""

    def __init__(self, reply: Reply, say: str | None) -> None:
        self._reply = reply
        self._say = say

    def status(self, *codes: int) -> Self:
        """One of these status codes."""
        if self._reply.status not in codes:
            expected = f"status {' or '.join(map(str, codes))}"
            raise self._reply.failure(expected, self._reply.shown(), self._say)
        return self

    def json(self, value: Any) -> Self:
        """The body equals `value`, types included: `true` is not 1."""
        received = self._reply.json
        if not same(received, value):
            raise self._reply.failure(value, received, self._say)
        return self

    def having(self, items: dict[str, Any]) -> Self:
        """The body is an object that holds at least these."""
        received = self._reply.json
        if not isinstance(received, dict):
            raise self._reply.failure({"an object with": items}, received, self._say)
        for key, value in items.items():
            if key not in received or not same(received[key], value):
                shown = {name: received[name] for name in items if name in received}
                raise self._reply.failure(items, shown, self._say)
        return self

    def header(self, name: str, *, equals: str | None = None, contains: str | None = None) -> Self:
        """The header is there, and reads as told."""
        received = self._reply.headers.get(name)
        wanted = f"a header `{name}`"
        if equals is not None:
            wanted += f" that reads `{equals}`"
        if contains is not None:
            wanted += f" that contains `{contains}`"
        right = (
            received is not None
            and (equals is None or received == equals)
            and (contains is None or contains.lower() in received.lower())
        )
        if not right:
            shown = f"`{name}: {received}`" if received is not None else f"no header `{name}`"
            raise self._reply.failure(wanted, shown, self._say)
        return self

    def no_header(self, name: str) -> Self:
        """The header is absent."""
        if (received := self._reply.headers.get(name)) is not None:
            raise self._reply.failure(f"no header `{name}`", f"`{name}: {received}`", self._say)
        return self

    def empty(self) -> Self:
        """No body at all."""
        if self._reply.content:
            raise self._reply.failure("no body", self._reply.shown(), self._say)
        return self

    def without(self, *markers: str) -> Self:
        """None of these texts stands anywhere in body or headers."""
        for marker in markers:
            if marker in self._reply.text:
                raise self._reply.failure("a body without the private value", self._reply.shown(), self._say)
            for name, value in self._reply.headers.items():
                if marker in value:
                    raise self._reply.failure(
                        "headers without the private value", f"`{name}: {value}`", self._say
                    )
        return self


def expect(reply: Reply, say: str | None = None) -> Expectation:
    """Begin to ask things of `reply`; `say` replaces the check's text where one of them fails."""
    return Expectation(reply, say)


def require(
    condition: object, *, expected: Any, received: Any, reply: Reply | None = None, say: str | None = None
) -> None:
    """Fail the check unless `condition` holds."""
    if condition:
        return
    if reply is not None:
        raise reply.failure(expected, received, say)
    raise CheckFailed(expected=expected, received=received, say=say)


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: numbers by value, but booleans are not numbers."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            same(one, other) for one, other in zip(left, right, strict=True)
        )
    return type(left) is type(right) and left == right or _numbers(left, right) and left == right


def _numbers(left: Any, right: Any) -> bool:
    return isinstance(left, int | float) and isinstance(right, int | float)
