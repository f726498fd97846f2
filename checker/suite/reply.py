"""`Reply` and `Stream`: an answer, and what a hidden test can ask about it."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any

import httpx2

from checker.app_under_test.channel import read_json
from checker.app_under_test.server import ServedRequest, Server
from checker.models.facts import Site
from checker.models.report import SentRequest
from checker.suite.failure import CheckFailed

MOST_SHOWN = 4000
"""Characters of a body that a report shows."""
_LONGEST_ERROR = 240
_SLOW_CHARSETS = frozenset({"punycode", "idna"})
_UNSET: Any = object()

last_reply: contextvars.ContextVar[Reply | None] = contextvars.ContextVar("last_reply", default=None)
"""The newest reply of the running test, for a test that trips over its shape."""


class Reply:
    """An answer, and what the probe knows of the request behind it."""

    def __init__(
        self, server: Server, token: str, request: SentRequest, response: httpx2.Response, seconds: float
    ) -> None:
        self.request = request
        self.elapsed_s = seconds
        self._server = server
        self._token = token
        self._response = response
        self._served: ServedRequest | None = _UNSET

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> httpx2.Headers:
        return self._response.headers

    @property
    def content(self) -> bytes:
        return self._response.content

    @property
    def text(self) -> str:
        charset = self._response.charset_encoding or "utf-8"
        if charset.lower() not in _SLOW_CHARSETS:
            # It may also name a codec of bytes, or one that refuses.
            with contextlib.suppress(ValueError, LookupError):
                return self.content.decode(charset, "replace")
        return self.content.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON; fails the check where it is none."""
        try:
            return read_json(self.content)
        except ValueError:
            raise self.failure("a body of JSON", self.shown()) from None

    @property
    def served(self) -> ServedRequest | None:
        """What the probe said once the request had ended, dependencies and background tasks included."""
        if self._served is _UNSET:
            self._served = self._server.request(self._token)
        return self._served

    @property
    def sql(self) -> tuple[str, ...]:
        """The SQL statements of this request."""
        return self.served.sql if self.served else ()

    @property
    def error(self) -> str | None:
        """The exception that the app raised, as `Type: text` on one line, without the places that FastAPI appends."""
        if self.served is None or self.served.error is None:
            return None
        text = " ".join(self.served.error.partition("\n\n  File ")[0].split())
        return text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]}…"

    @property
    def site(self) -> Site | None:
        """The learner's line that raised, or else the path operation that answered."""
        if self.served is None:
            return None
        return self.served.error_site or self.served.site

    def shown(self) -> dict[str, Any]:
        """The reply as a report shows it."""
        shown: dict[str, Any] = {"status": self.status}
        if self.status >= 500 and self.error:
            shown["error"] = self.error
        body: Any = self.text[:MOST_SHOWN]
        if self.headers.get("content-type", "").startswith(("application/json", "application/problem+json")):
            try:
                body = read_json(self.content) if len(self.content) <= MOST_SHOWN else body
            except ValueError:
                pass
        if self.content:
            shown["body"] = body
        return shown

    def failure(self, expected: Any, received: Any, say: str | None = None) -> CheckFailed:
        """A `CheckFailed` about this reply; an error inside the app is said before anything else."""
        first = ""
        if self.status == 500 and self.error and expected != 500:
            where = f" at {self.site.path}:{self.site.line}" if self.site else ""
            first = f"The app raised `{self.error}`{where} and answered 500."
            if shared := self._server.shared_sessions:
                site = shared[0].site
                place = f", at {site.path}:{site.line}" if site.path else ""
                first += f" Two tasks were using one database session at the same time{place}; it belongs to one task."
        return CheckFailed(
            expected=expected,
            received=received,
            request=self.request,
            say=say,
            path=self.site.path if self.site else None,
            line=self.site.line if self.site else None,
            first=first,
        )


class Stream:
    """An answer that is being read piece by piece."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.headers = response.headers

    def lines(self) -> Iterator[str]:
        """The body line by line, as it arrives."""
        return self._response.iter_lines()

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives."""
        return self._response.iter_raw()
