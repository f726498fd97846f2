"""The kiosk: loans that it proposes, and its secret."""

import os
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

LOAN = {
    "kind": "power",
    "valueCents": 10_001,
    "startsOn": "2027-03-01",
    "endsOn": "2027-03-08",
    "depositCents": 1100,
}


def faults(reply: Response) -> list[list[Any]]:
    """The places that a 422 names."""
    return [fault["loc"] for fault in reply.json()["detail"]]


def check(client: TestClient, **fields: Any) -> Any:
    """What is answered to the loan with other fields."""
    return client.post("/kiosk/loan-checks", json=LOAN | fields)


def test_loan_in_order_comes_back_in_camel_case(client: TestClient) -> None:
    assert check(client).json() == LOAN | {"days": 7}


def test_snake_case_is_unknown(client: TestClient) -> None:
    assert check(client, value_cents=1).status_code == 422


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"endsOn": "2027-03-01"}, ["endsOn"]),
        ({"endsOn": "2027-03-09"}, ["endsOn"]),
        ({"depositCents": 1099}, ["depositCents"]),
        ({"endsOn": "2027-02-01", "depositCents": 0}, ["endsOn", "depositCents"]),
        ({"startsOn": "soon"}, ["startsOn"]),
        ({"kind": None, "valueCents": None}, ["kind", "valueCents"]),
    ],
)
def test_broken_rules_are_named_all_at_once(
    client: TestClient, fields: dict[str, Any], places: list[str]
) -> None:
    assert faults(check(client, **fields)) == [["body", place] for place in places]


def test_deposit_left_out_is_none(client: TestClient) -> None:
    dear = {key: value for key, value in LOAN.items() if key != "depositCents"}
    reply = client.post("/kiosk/loan-checks", json=dear)
    assert "depositCents" in reply.json()["detail"][0]["msg"]
    assert client.post("/kiosk/loan-checks", json=dear | {"valueCents": 9_999}).json()["depositCents"] == 0


@pytest.mark.parametrize(("secret", "status"), [(None, 204), ("", 403), ("**********", 403)])
def test_kiosk_signs_on_with_the_secret(client: TestClient, secret: str | None, status: int) -> None:
    body = {"secret": os.environ["TOOLSHED_KIOSK_SECRET"] if secret is None else secret}
    assert client.post("/kiosk/sign-on", json=body).status_code == status
