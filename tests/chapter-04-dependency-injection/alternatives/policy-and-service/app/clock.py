"""The shed's clock, behind a protocol."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from starlette.concurrency import run_in_threadpool


class Clock(Protocol):
    """Whatever can tell the time."""

    async def now(self) -> datetime:
        """The moment, in UTC."""
        ...


class SystemClock:
    """The machine's own."""

    async def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """The machine's own, plus the seconds in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=await run_in_threadpool(self._seconds))

    def _seconds(self) -> float:
        return float(self._file.read_text(encoding="utf-8")) if self._file.exists() else 0.0
