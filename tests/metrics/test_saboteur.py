"""The layer around a learner's app: replies are changed on their way out, and everything else passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastapi
import pytest
from fastapi.responses import Response, StreamingResponse
from fastapi.testclient import TestClient

from checker.metrics.programs import saboteur

HERE = Path(__file__).parent


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(fastapi.FastAPI, "__init__", fastapi.FastAPI.__init__)
    monkeypatch.setattr(fastapi.FastAPI, "build_middleware_stack", fastapi.FastAPI.build_middleware_stack)
    monkeypatch.setattr(saboteur.Layer, "requests", 0)
    return saboteur.install


def make_app() -> fastapi.FastAPI:
    app = fastapi.FastAPI()

    @app.middleware("http")
    async def around(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(iter(["a", "b"]))

    @app.get("/cookies")
    def cookies(response: Response) -> dict[str, int]:
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return {"n": 1}

    @app.delete("/", status_code=204)
    def delete() -> None:
        pass

    @app.websocket("/socket")
    async def socket(websocket: fastapi.WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    return app


def test_replies_are_changed_and_streams_and_sockets_are_not(install: Any) -> None:
    def act(call: saboteur.Call) -> None:
        call.memory["calls"] = call.memory.get("calls", 0) + 1
        if isinstance(call.json, dict):
            call.answer(201, {**call.json, "calls": call.memory["calls"], "token": call.sent.get("token")})

    install(act, HERE)
    with TestClient(make_app()) as client:
        reply = client.get("/cookies", headers={"Token": "t"})
        assert (reply.status_code, reply.json()) == (201, {"n": 1, "calls": 1, "token": "t"})
        assert reply.headers.get_list("set-cookie") == [
            "a=1; Path=/; SameSite=lax",
            "b=2; Path=/; SameSite=lax",
        ]
        assert client.get("/stream").text == "ab"
        assert client.delete("/").status_code == 204
        with client.websocket_connect("/socket") as socket:
            assert socket.receive_text() == "hello"
        assert client.get("/cookies").json()["calls"] == 3
    with TestClient(make_app()) as client:
        assert client.get("/cookies").json()["calls"] == 1
    assert saboteur.Layer.requests == 5


def test_an_app_that_is_not_made_in_the_folder_is_left_alone(install: Any) -> None:
    install(lambda call: call.answer(500, {}), HERE / "app")
    assert TestClient(make_app()).get("/cookies").status_code == 200
    assert saboteur.Layer.requests == 0
