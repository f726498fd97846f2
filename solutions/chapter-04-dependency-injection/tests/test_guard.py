"""The counter is for members; the health check is for anybody."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import app

AMINA = {"Authorization": "Bearer amina"}


@pytest.mark.parametrize("header", [None, "Bearer nobody", "Basic amina", "amina", "Bearer"])
def test_without_a_valid_token_the_counter_asks_for_one(client: TestClient, header: str | None) -> None:
    reply = client.get("/counter/shelf", headers={"Authorization": header} if header else {})
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")


def test_every_operation_is_guarded(client: TestClient) -> None:
    paths = {path: item for path, item in app.openapi()["paths"].items() if path.startswith("/counter")}
    assert paths
    for path, item in paths.items():
        for method in item:
            reply = client.request(method, path.replace("{", "").replace("}", ""))
            assert reply.status_code == 401, f"{method} {path}"


def test_notices_are_guarded_and_gone_with_the_app(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLSHED_NOTICES", '{"holidays": "Closed on 3 May"}')
    with TestClient(app) as client:
        assert client.get("/counter/notices/holidays").status_code == 401
        assert client.get("/counter/notices/holidays", headers=AMINA).json() == {"text": "Closed on 3 May"}
    monkeypatch.delenv("TOOLSHED_NOTICES")
    with TestClient(app) as client:
        assert client.get("/counter/notices/holidays", headers=AMINA).status_code == 404


def test_health_is_open(client: TestClient) -> None:
    assert client.get("/health/live", headers={"Authorization": "Bearer nobody"}).json() == {"status": "ok"}
