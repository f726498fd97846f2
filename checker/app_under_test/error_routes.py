"""Two paths of our own in a server that is there to be asked for its errors. Runs in the child.

They stand at a random place, so that nothing of the app is reached and nothing is changed: what answers is the app's own
middleware and its own exception handlers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checker.app_under_test.description import inner_app


def add_error_routes(app: Any, token: str, reached: Callable[[], None]) -> None:
    """Give `app` a path that raises (`/TOKEN/fails`) and one that takes a whole number (`/TOKEN/numbers/{number}`).

    `reached` is called when the first of them runs. Does nothing to what is no FastAPI or Starlette app.
    """
    from starlette.routing import Route

    served = inner_app(app)
    if served is None:
        return
    # With `debug` the server shows its traceback, whatever handlers there are.
    served.debug = False

    async def fails(request: Any) -> None:
        reached()
        raise RuntimeError("raised by check, to see how the app answers an unhandled error")

    routes = [Route(f"/{token}/fails", fails, methods=["GET"]), *_validated(served, token)]
    # Before all others: a path that takes everything must not take these.
    served.router.routes[:0] = routes


def _validated(app: Any, token: str) -> list[Any]:
    from fastapi import FastAPI
    from fastapi.routing import APIRoute

    if not isinstance(app, FastAPI):
        return []

    async def takes_number(number: int) -> None:
        """Never runs: what is sent is no number."""

    return [APIRoute(f"/{token}/numbers/{{number}}", takes_number, methods=["GET"], include_in_schema=False)]
