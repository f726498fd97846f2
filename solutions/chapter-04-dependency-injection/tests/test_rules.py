"""Who gets a tool, and who keeps it."""

import pytest
from fastapi.testclient import TestClient

from app.auth import current_member
from app.models import Member
from tests.conftest import Override

AMINA = {"Authorization": "Bearer amina"}
BRUNO = {"Authorization": "Bearer bruno"}
CHEN = {"Authorization": "Bearer chen"}
DALIA = {"Authorization": "Bearer dalia"}


@pytest.mark.parametrize(
    ("path", "headers", "status", "detail"),
    [
        ("/counter/tools/99/loans", BRUNO, 403, "Pay your debt first."),
        ("/counter/tools/99/loans", DALIA, 403, "Your membership is blocked."),
        ("/counter/tools/99/loans", AMINA, 404, "There is no such tool."),
        ("/counter/tools/3/loans", CHEN, 403, "This tool needs the training `ladders`."),
        ("/counter/tools/5/loans", CHEN, 409, "This tool is broken."),
        ("/counter/loans/2/renewal", CHEN, 404, "You have no such loan."),
        ("/counter/loans/2/renewal", BRUNO, 403, "Pay your debt first."),
    ],
)
def test_first_broken_rule_decides(
    client: TestClient, path: str, headers: dict[str, str], status: int, detail: str
) -> None:
    reply = client.post(path, headers=headers)
    assert (reply.status_code, reply.json()) == (status, {"detail": detail})


def test_last_copy_is_lent_once(client: TestClient) -> None:
    assert client.post("/counter/tools/3/loans", headers=AMINA).status_code == 201
    assert client.post("/counter/tools/3/loans", headers=AMINA).json() == {
        "detail": "No copy of this tool is left."
    }


def test_fourth_loan_waits_for_a_return(client: TestClient) -> None:
    for tool_id in (1, 2):
        assert client.post(f"/counter/tools/{tool_id}/loans", headers=AMINA).status_code == 201
    assert client.post("/counter/tools/3/loans", headers=AMINA).status_code == 409
    assert client.post("/counter/loans/2/return", headers=AMINA).status_code == 200
    assert client.post("/counter/tools/3/loans", headers=AMINA).status_code == 201


def test_renewal_stays_possible_with_three_loans_and_ends_with_the_return(client: TestClient) -> None:
    for tool_id in (1, 2):
        client.post(f"/counter/tools/{tool_id}/loans", headers=AMINA)
    assert client.post("/counter/loans/2/renewal", headers=AMINA).status_code == 200
    client.post("/counter/loans/2/return", headers=AMINA)
    assert client.post("/counter/loans/2/renewal", headers=AMINA).status_code == 409


def test_rules_hold_for_whoever_the_guard_lets_in(client: TestClient, override: Override) -> None:
    async def somebody() -> Member:
        return Member(id=1, name="Stand-in", balance_cents=-1999, blocked=False, trainings=[])

    override(current_member, somebody)
    assert client.post("/counter/tools/3/loans").json() == {
        "detail": "This tool needs the training `ladders`."
    }
    assert client.post("/counter/tools/2/loans").status_code == 201
