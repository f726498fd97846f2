"""What a late tool costs, through the door."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import app

CHEN = {"Authorization": "Bearer chen"}


def test_fee_grows_until_the_tool_is_paid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offset = tmp_path / "offset"
    offset.write_text("0", encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{(tmp_path / 'shed.db').as_posix()}")
    monkeypatch.setenv("TOOLSHED_CLOCK_OFFSET_FILE", str(offset))
    with TestClient(app) as client:
        lent = client.post("/counter/tools/2/loans", headers=CHEN).json()
        due = date.fromisoformat(lent["due_on"])
        offset.write_text(str(timedelta(days=9).total_seconds()), encoding="utf-8")
        receipt = client.post(f"/counter/loans/{lent['id']}/return", headers=CHEN).json()
        returned = date.fromisoformat(receipt["returned_on"])
    late = (returned - due).days
    assert late == 2
    assert (receipt["days_late"], receipt["fee_cents"]) == (late, late * 50)
