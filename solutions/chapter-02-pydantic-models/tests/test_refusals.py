"""A refusal names what is wrong, and repeats nothing."""

from typing import Any

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize("left_out", ["name", "serial", "tool"])
def test_missing_key_repeats_no_body(
    client: TestClient, hammer: dict[str, Any], left_out: str, caplog: pytest.LogCaptureFixture
) -> None:
    del hammer[left_out]
    reply = client.post("/donations", json=hammer)
    assert reply.json() == {
        "detail": [{"loc": ["body", left_out], "type": "missing", "msg": "Field required"}]
    }
    assert "ada-may-change-it" not in caplog.text
    assert "missing" in caplog.text
    assert left_out in caplog.text


def test_wrong_code_is_not_repeated(
    client: TestClient, hammer: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    hammer["donor"]["access_code"] = "my-code"
    reply = client.post("/donations", json=hammer)
    assert reply.status_code == 422
    assert "my-code" not in reply.text + caplog.text
