"""An app that has just started, with an empty shelf, for each test."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the app; `monkeypatch.setenv` is gone again when the test ends."""
    monkeypatch.setenv("TOOLSHED_KIOSK_SECRET", "only-in-the-tests-0123")
    with TestClient(app) as client:
        yield client
