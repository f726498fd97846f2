"""The shed's day, and what a late tool costs."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from app.clock import Clock
from app.fees import late_fee
from app.models import Category, Loan, Tool
from app.settings import Settings
from app.today import get_today
from tests.conftest import Override

CHEN = {"Authorization": "Bearer chen"}
DUE = date(2026, 11, 9)


class StoppedClock(Clock):
    """Shows one moment for ever."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self._moment = moment

    async def now(self) -> datetime:
        return self._moment


@pytest.mark.parametrize(("days", "cents"), [(-3, 0), (0, 0), (1, 250), (4, 1000), (5, 1200), (400, 1200)])
def test_fee_grows_by_the_day_up_to_the_value(days: int, cents: int) -> None:
    category = Category(slug="x", name="X", loan_days=7, late_fee_cents=250)
    loan = Loan(due_on=DUE, tool=Tool(value_cents=1200, category=category))
    assert late_fee(loan, DUE + timedelta(days=days)) == cents


@pytest.mark.parametrize(("zone", "day"), [("Asia/Tokyo", 10), ("UTC", 9), ("Pacific/Honolulu", 9)])
async def test_day_is_that_of_the_shed(zone: str, day: int) -> None:
    evening = StoppedClock(datetime(2026, 11, 9, 22, 30, tzinfo=UTC))
    assert await get_today(evening, Settings(timezone=ZoneInfo(zone))) == date(2026, 11, day)


def test_receipt_shows_the_day_that_the_test_chose(client: TestClient, override: Override) -> None:
    async def two_days_late() -> date:
        return DUE + timedelta(days=2)

    override(get_today, two_days_late)
    receipt = client.post("/counter/loans/1/return", headers=CHEN)
    assert receipt.json() == {"loan_id": 1, "returned_on": "2026-11-11", "days_late": 2, "fee_cents": 100}
    assert client.post("/counter/loans/1/return", headers=CHEN).status_code == 409


async def test_clock_adds_what_stands_in_the_file(tmp_path: Path) -> None:
    assert abs(await Clock().now() - datetime.now(UTC)) < timedelta(minutes=1)
    offset = tmp_path / "offset"
    offset.write_text("86400\n", encoding="utf-8")
    assert await Clock(offset).now() - datetime.now(UTC) > timedelta(hours=23)


def test_override_has_not_leaked(client: TestClient) -> None:
    assert client.post("/counter/loans/1/return", headers=CHEN).json()["returned_on"] != "2026-11-11"
