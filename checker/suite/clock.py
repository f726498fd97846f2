"""The clock of an app under test, moved through the file that `TOOLSHED_CLOCK_OFFSET_FILE` names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """What time the app believes it is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = 0.0
        self._write()

    def now(self) -> datetime:
        """The app's time, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    def forward(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Turn it forward; returns the new time."""
        self._offset += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()
        self._write()
        return self.now()

    def set(self, moment: datetime) -> datetime:
        """Turn it to `moment` (with a time zone)."""
        self._offset = (moment - datetime.now(UTC)).total_seconds()
        self._write()
        return self.now()

    def _write(self) -> None:
        # Renamed into place: the app must never read half a number.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{self._offset:.3f}", encoding="ascii")
        fresh.replace(self._file)
