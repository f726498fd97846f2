"""How a hidden test fails: with what was sent, what was expected and what came."""

from __future__ import annotations

from typing import Any

from checker.models.report import SentRequest


class CheckFailed(Exception):
    """The app does not do what the check asks for.

    `say` replaces the check's own text, `first` stands before either; `path` and `line` point into the learner's
    folder.
    """

    def __init__(
        self,
        *,
        expected: Any,
        received: Any,
        request: SentRequest | None = None,
        say: str | None = None,
        path: str | None = None,
        line: int | None = None,
        first: str = "",
    ) -> None:
        super().__init__(f"expected {expected!r}, received {received!r}"[:2000])
        self.expected = expected
        self.received = received
        self.request = request
        self.say = say
        self.path = path
        self.line = line
        self.first = first

    def message(self, otherwise: str) -> str:
        """What the learner reads; `otherwise` is the check's own text."""
        return f"{self.first} {self.say or otherwise}".strip()
