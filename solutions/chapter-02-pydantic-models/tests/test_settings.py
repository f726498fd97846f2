"""Settings: from the environment, checked at the start, silent about the secret."""

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from app.main import app


def start() -> None:
    """Start the app and stop it."""
    with TestClient(app):
        pass


def test_settings_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TOOLSHED_TIMEZONE", "Asia/Tokyo")
    environment.setenv("TOOLSHED_DESK__OPENS", "7")
    with TestClient(app) as client:
        assert client.get("/desk").json() == {
            "timezone": "Asia/Tokyo",
            "max_open_loans": 3,
            "debt_limit_cents": 2000,
            "opens": 7,
            "closes": 17,
        }


def test_no_start_without_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOOLSHED_KIOSK_SECRET", raising=False)
    with pytest.raises(ValidationError, match="kiosk_secret"):
        start()


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("KIOSK_SECRET", "tiny-word", "kiosk_secret"),
        ("TIMEZONE", "Mars/Base", "timezone"),
        ("MAX_OPEN_LOANS", "0", "max_open_loans"),
        ("DEBT_LIMIT_CENTS", "-1", "debt_limit_cents"),
        ("DESK__CLOSES", "25", "desk.closes"),
        ("DESK__CLOSES", "9", "desk"),
    ],
)
def test_rubbish_stops_the_start(environment: pytest.MonkeyPatch, name: str, value: str, named: str) -> None:
    environment.setenv(f"TOOLSHED_{name}", value)
    with pytest.raises(ValidationError, match=named) as refused:
        start()
    assert value not in str(refused.value) or name != "KIOSK_SECRET"
