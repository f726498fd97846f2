"""Who may what: members, staff, and the kiosk with its key."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from app.main import app
from tests.conftest import Headers, LogIn, password_of

Bearer = Callable[[str], Headers]
STAFF_ONLY = [
    ("GET", "/members", "members:read"),
    ("POST", "/tools", "tools:write"),
    ("DELETE", "/tools/99", "tools:write"),
    ("PUT", "/members/99/scopes", "admin"),
    ("GET", "/keys", "admin"),
    ("POST", "/keys", "admin"),
    ("DELETE", "/keys/99", "admin"),
]


def make_key(client: TestClient, admin: Headers, *scopes: str) -> dict[str, Any]:
    made = client.post("/keys", json={"name": "kiosk", "scopes": list(scopes)}, headers=admin)
    assert made.status_code == 201
    found: dict[str, Any] = made.json()
    return found


def lend(client: TestClient, to: int, headers: Headers) -> int:
    return client.post("/loans", json={"tool_id": 1, "member_id": to}, headers=headers).status_code


def test_members_may_not_what_staff_may(client: TestClient, bearer: Bearer) -> None:
    amina = bearer("amina")
    for method, path, scope in STAFF_ONLY:
        assert client.request(method, path).status_code == 401
        refused = client.request(method, path, headers=amina)
        assert refused.status_code == 403
        assert f'scope="{scope}"' in refused.headers["www-authenticate"]


def test_staff_may(client: TestClient, bearer: Bearer) -> None:
    bruno = bearer("bruno")
    assert [one["name"] for one in client.get("/members", headers=bruno).json()][:2] == ["Amina", "Bruno"]
    made = client.post("/tools", json={"name": "spirit level", "available": 1}, headers=bruno)
    assert made.status_code == 201
    assert client.delete(f"/tools/{made.json()['id']}", headers=bruno).status_code == 204
    assert client.delete("/tools/99", headers=bruno).status_code == 404
    assert len(client.get("/tools").json()) == 3


def test_wishes_are_not_granted(client: TestClient) -> None:
    form = {"username": "amina@example.org", "password": password_of("amina"), "scope": "me admin"}
    tokens = client.post("/token", data=form).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.get("/keys", headers=headers).status_code == 403


def test_demotion_holds_at_once(client: TestClient, bearer: Bearer) -> None:
    bruno, chen = bearer("bruno"), bearer("chen")
    assert client.put("/members/2/scopes", json={"scopes": ["me"]}, headers=chen).json()["scopes"] == ["me"]
    assert client.get("/members", headers=bruno).status_code == 403
    assert client.put("/members/99/scopes", json={"scopes": []}, headers=chen).status_code == 404


def test_kiosk_lends_with_its_key_until_it_is_revoked(client: TestClient, bearer: Bearer) -> None:
    chen = bearer("chen")
    made, weak = make_key(client, chen, "loans:write"), make_key(client, chen, "import:write")
    key = {"X-API-Key": made["key"]}
    assert made["key"] not in client.get("/keys", headers=chen).text
    assert lend(client, 1, key) == 201
    assert lend(client, 1, {"X-API-Key": weak["key"]}) == 403
    assert lend(client, 1, {"X-API-Key": f"{made['key']}x"}) == 401
    assert client.get("/me", headers=key).status_code == 401
    assert client.delete(f"/keys/{made['id']}", headers=chen).status_code == 204
    assert lend(client, 1, key) == 401
    assert client.delete("/keys/99", headers=chen).status_code == 404


def test_members_lend_to_themselves(client: TestClient, bearer: Bearer) -> None:
    amina, bruno = bearer("amina"), bearer("bruno")
    assert [lend(client, to, amina) for to in (1, 2)] == [201, 403]
    assert [lend(client, to, bruno) for to in (1, 2, 99)] == [201, 201, 404]
    assert lend(client, 1, {}) == 401
    assert client.delete("/me", headers=amina).status_code == 409


def test_last_copy_is_lent_once(client: TestClient, bearer: Bearer) -> None:
    order, amina = {"tool_id": 3, "member_id": 1}, bearer("amina")
    statuses = [client.post("/loans", json=order, headers=amina).status_code for _ in range(2)]
    assert statuses == [201, 409]


def test_member_without_any_scope_takes_nothing(client: TestClient, log_in: LogIn, bearer: Bearer) -> None:
    amina = bearer("amina")
    client.put("/members/1/scopes", json={"scopes": []}, headers=bearer("chen"))
    assert lend(client, 1, amina) == 403


def test_document_shows_scopes(client: TestClient) -> None:
    for method, path, scope in STAFF_ONLY:
        by_number = path.replace("/tools/99", "/tools/{tool_id}").replace("/keys/99", "/keys/{key_id}")
        item = app.openapi()["paths"][by_number.replace("/members/99", "/members/{member_id}")]
        assert item[method.lower()]["security"] == [{"OAuth2PasswordBearer": [scope]}]


def test_health_is_open(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
