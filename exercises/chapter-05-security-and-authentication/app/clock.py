"""The shed's clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.concurrency import run_in_threadpool


class Clock:
    """The time now, plus the seconds that stand in the offset file, if there is one."""

    def __init__(self, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file

    async def now(self) -> datetime:
        """The moment, in UTC."""
        now = datetime.now(UTC)
        if self._offset_file is None:
            return now
        return now + timedelta(seconds=await run_in_threadpool(_read_seconds, self._offset_file))


def _read_seconds(path: Path) -> float:
    return float(path.read_text(encoding="utf-8"))
