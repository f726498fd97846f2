"""Two paths of our own in a server that is there to be asked for its errors. Runs in the child.

They stand at a random place, so that what answers is the app's own middleware and its own exception handlers. In such a server
no path operation and no dependency of the app runs, whatever should come to it.
"""

from __future__ import annotations

import importlib
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

    # Before all others: a path that takes everything must not take these.
    served.router.routes[:0] = [Route(f"/{token}/fails", fails, methods=["GET"]), *_validated(served, token)]


def _validated(app: Any, token: str) -> list[Any]:
    try:
        from fastapi import FastAPI
        from fastapi.routing import APIRoute
    except ImportError:
        return []
    if not isinstance(app, FastAPI):
        return []

    async def takes_number(number: int) -> None:
        """Never runs: what is sent is no number."""

    _let_nothing_run()
    return [APIRoute(f"/{token}/numbers/{{number}}", takes_number, methods=["GET"], include_in_schema=False)]


def _let_nothing_run() -> None:
    """Answer 404 for every path operation that has dependencies or whose input is valid, before anything of it runs."""
    from fastapi import HTTPException

    routing: Any = importlib.import_module("fastapi.routing")
    solve = routing.solve_dependencies

    async def find_errors(**given: Any) -> Any:
        if given["dependant"].dependencies:
            raise HTTPException(404)
        solved = await solve(**given)
        # Before 0.112 this was a tuple, errors second.
        if not (solved[1] if isinstance(solved, tuple) else solved.errors):
            raise HTTPException(404)
        return solved

    # FastAPI asks this function before each path operation, in every release that is in use.
    routing.solve_dependencies = find_errors
