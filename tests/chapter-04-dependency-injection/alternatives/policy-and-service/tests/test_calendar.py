"""The day at the counter, and what it costs."""

from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient

from app.main import app
from app.today import Calendar, get_calendar

CHEN = {"Authorization": "Bearer chen"}


class OpenedAt(Calendar):
    """A page of the calendar that nobody turns."""

    def __init__(self, day: date) -> None:
        self._day = day

    async def today(self) -> date:
        return self._day


@pytest.mark.parametrize(("late", "cents"), [(0, 0), (1, 50), (2, 100), (1000, 8900)])
def test_fee_follows_the_calendar(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, late: int, cents: int
) -> None:
    page = OpenedAt(date(2026, 11, 9) + timedelta(days=late))
    monkeypatch.setitem(app.dependency_overrides, get_calendar, lambda: page)
    receipt = client.post("/counter/loans/1/return", headers=CHEN).json()
    assert (receipt["days_late"], receipt["fee_cents"]) == (late, cents)
