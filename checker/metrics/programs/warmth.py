"""What a process that will run tests can do before they are there: import libraries, and use them once.

It imports nothing of the checker: what runs in its process later is the learner's code.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
import threading
from collections.abc import Collection
from importlib.metadata import entry_points

# Plugins that only offer fixtures or run async tests; those that change what a test means are left out.
_PLUGINS = frozenset(
    {
        *{"pytest-asyncio", "anyio", "hypothesis", "faker", "respx", "time-machine", "inline-snapshot"},
        *{
            "pytest-mock",
            "pytest-httpx",
            "pytest-httpx2",
            "pytest-freezer",
            "pytest-subtests",
            "pytest-lazy-fixtures",
        },
    }
)
# pytest reads these when a session is under way, FastAPI and AnyIO theirs with the first request.
_READ_LATE = (
    *("_pytest.unittest", "_pytest.unraisableexception", "_pytest.threadexception", "_pytest.pastebin"),
    *(
        "_pytest.faulthandler",
        "_pytest.junitxml",
        "_pytest.setuponly",
        "_pytest.setupplan",
        "_pytest.skipping",
    ),
    *("_pytest.helpconfig", "_pytest.tracemalloc", "_pytest.warnings", "_pytest._argcomplete"),
    *("pydantic.v1", "unittest.mock", "pdb", "difflib"),
)


def plugins(imported: Collection[str] | None = None) -> list[str]:
    """The modules of the plugins above that are installed.

    Hypothesis reads all of itself at the end of a session, whoever used it: where it is known what tests have `imported`, it
    is among them only for those that import it.
    """
    uses_all = imported is None or any(name.partition(".")[0] == "hypothesis" for name in imported)
    wanted = _PLUGINS if uses_all else _PLUGINS - {"hypothesis"}
    return [
        entry.value.partition(":")[0]
        for entry in entry_points(group="pytest11")
        if entry.dist is not None and entry.dist.name.lower().replace("_", "-") in wanted
    ]


def import_all(names: Collection[str]) -> None:
    """Import these modules; what cannot be imported is for the tests to stumble over."""
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def warm_up(libraries: Collection[str], plugin_modules: Collection[str]) -> None:
    """Import all of them and what they read late, use them once, and keep the collector from looking through them again."""
    import_all((*libraries, *_READ_LATE, *plugin_modules))
    # In a thread of its own: this one's event loop stays as it is.
    thread = threading.Thread(target=_use_libraries)
    thread.start()
    thread.join()
    gc.collect()
    gc.freeze()


def _use_libraries() -> None:
    with contextlib.suppress(ImportError):
        from fastapi import FastAPI
        from fastapi.testclient import TestClient

        app = FastAPI()

        @app.get("/{number}")
        async def read(number: int, limit: int = 1) -> dict[str, int]:
            if "sqlalchemy.ext.asyncio" in sys.modules:
                await _query()
            return {"number": number, "limit": limit}

        with TestClient(app) as client:
            client.get("/1")


async def _query() -> None:
    with contextlib.suppress(ImportError):
        from sqlalchemy import text
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine("sqlite+aiosqlite://")
        async with engine.begin() as connection:
            await connection.execute(text("SELECT 1"))
        await engine.dispose()
