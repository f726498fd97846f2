"""The counter, as a member sees it."""

from fastapi.testclient import TestClient

AMINA = {"Authorization": "Bearer amina"}
BRUNO = {"Authorization": "Bearer bruno"}
CHEN = {"Authorization": "Bearer chen"}
DALIA = {"Authorization": "Bearer dalia"}


def shelf(client: TestClient) -> dict[int, int]:
    """Copies on the shelf by the tool's number."""
    return {tool["id"]: tool["available"] for tool in client.get("/counter/shelf", headers=AMINA).json()}


def test_health_is_open(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_checkout_takes_a_copy_from_the_shelf(client: TestClient) -> None:
    lent = client.post("/counter/tools/2/loans", headers=AMINA)
    assert lent.status_code == 201
    assert client.get(lent.headers["location"], headers=AMINA).json()["tool_id"] == 2
    assert shelf(client)[2] == 4


def test_refused_checkout_leaves_the_shelf_as_it_was(client: TestClient) -> None:
    assert client.post("/counter/tools/1/loans", headers=CHEN).status_code == 409
    assert shelf(client)[1] == 2


def test_nobody_is_served_without_a_token(client: TestClient) -> None:
    for header in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic amina"}):
        refused = client.post("/counter/tools/2/loans", headers=header)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")


def test_debt_and_block_stop_lending(client: TestClient) -> None:
    for member in (BRUNO, DALIA):
        assert client.post("/counter/tools/2/loans", headers=member).status_code == 403


def test_loans_of_others_are_not_found(client: TestClient) -> None:
    assert client.get("/counter/loans/1", headers=AMINA).status_code == 404
    assert client.get("/counter/loans/1", headers=CHEN).status_code == 200


def test_slip_and_copy_have_two_numbers(client: TestClient) -> None:
    slip = client.post("/counter/slips", headers=AMINA).json()
    assert slip["slip_number"] != slip["copy_number"]


def test_notices_come_from_the_settings(client: TestClient) -> None:
    assert client.get("/counter/notices/holidays", headers=AMINA).json() == {"text": "Closed on 3 May"}
