"""Sees when two tasks, or two threads, are inside one database session at the same time.

A session belongs to one task. Used by two it seldom raises: on a warm pool the calls simply run one after the other, so what
can be seen is the overlap. Nothing is changed: who comes second is noted and let through.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checker.app_under_test.loop_watch import learner_frame, site_of

Say = Callable[[str, dict[str, Any]], None]
"""`say(what, site)`: the method that came second, and the learner's line that called it."""

_ASYNC_SESSION = [
    "execute",
    "scalar",
    "scalars",
    "get",
    "get_one",
    "stream",
    "stream_scalars",
    "flush",
    "commit",
    "rollback",
    "refresh",
    "merge",
    "delete",
    "connection",
    "run_sync",
    "close",
    "reset",
]
_ASYNC_CONNECTION = [
    "execute",
    "scalar",
    "scalars",
    "exec_driver_sql",
    "stream",
    "stream_scalars",
    "commit",
    "rollback",
    "run_sync",
]
_SESSION = [
    "execute",
    "scalar",
    "scalars",
    "get",
    "get_one",
    "flush",
    "commit",
    "rollback",
    "refresh",
    "merge",
]


def record_overlaps(folder: Path, say: Say) -> None:
    """Watch every session and async connection of SQLAlchemy from now on; each place is said once."""
    from sqlalchemy.orm import Session

    recorder = _Recorder(folder, say)
    if "sqlalchemy.ext.asyncio" in sys.modules:
        from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

        recorder.watch(AsyncSession, _ASYNC_SESSION, in_tasks=True)
        recorder.watch(AsyncConnection, _ASYNC_CONNECTION, in_tasks=True)
    recorder.watch(Session, _SESSION, in_tasks=False)


class _Recorder:
    def __init__(self, folder: Path, say: Say) -> None:
        self._folder = folder
        self._say = say
        self._seen: set[tuple[str, str, int]] = set()
        self._inside: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def watch(self, owner: type, methods: list[str], *, in_tasks: bool) -> None:
        """Wrap these methods of a class, for its subclasses too; who is inside is a task, or a thread."""
        for name in methods:
            original = owner.__dict__.get(name)
            if original is not None:
                wrap = self._around_coroutine if in_tasks else self._around_function
                setattr(owner, name, wrap(f"{owner.__name__}.{name}", original))

    def _around_coroutine(self, what: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def watched(subject: Any, *args: Any, **named: Any) -> Any:
            # Where it is called; a task that runs nothing else (`gather` makes such) has no line of the learner's.
            return run(self._site(), subject, args, named)

        async def run(site: dict[str, Any], subject: Any, args: Any, named: Any) -> Any:
            who = asyncio.current_task()
            self._enter(subject, who, what, site)
            try:
                return await original(subject, *args, **named)
            finally:
                self._leave(subject, who)

        return watched

    def _around_function(self, what: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def watched(subject: Any, *args: Any, **named: Any) -> Any:
            who = threading.get_ident()
            self._enter(subject, who, what, None)
            try:
                return original(subject, *args, **named)
            finally:
                self._leave(subject, who)

        return watched

    def _site(self) -> dict[str, Any]:
        frame = learner_frame(sys._getframe(2), self._folder)
        return {"path": "", "line": 0, "name": ""} if frame is None else site_of(frame, self._folder)

    def _enter(self, subject: Any, who: Any, what: str, site: dict[str, Any] | None) -> None:
        with self._lock:
            inside = self._inside.setdefault(subject, [])
            shared = any(one != who for one in inside)
            inside.append(who)
        if not shared:
            return
        site = site or self._site()
        key = (what, site["path"], site["line"])
        if key not in self._seen:
            self._seen.add(key)
            self._say(what, site)

    def _leave(self, subject: Any, who: Any) -> None:
        with self._lock:
            inside = self._inside.get(subject, [])
            if who in inside:
                inside.remove(who)
