"""An app with an empty shelf for each test, and a donation to begin with."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The settings of the tests; `setenv` adds to them."""
    monkeypatch.setenv("TOOLSHED_KIOSK_SECRET", "only-in-the-tests-0123")
    return monkeypatch


@pytest.fixture
def client(environment: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of an app that has just started."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def hammer() -> dict[str, Any]:
    """A body that is right in every key."""
    return {
        "name": "Claw hammer",
        "serial": "TS-0043-7",
        "value_cents": 1290,
        "bought_on": "2024-05-31",
        "received_at": "2026-03-09T10:00:00+01:00",
        "tool": {"kind": "hand", "handle": "wood"},
        "donor": {"name": "Ada", "phone": "+34 600 000 000", "access_code": "ada-may-change-it"},
    }
