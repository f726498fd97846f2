"""An app of its own for each test, in a folder of its own, before a catalogue that the test plays."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from app import main
from app.main import app

Answer = Callable[[httpx2.Request], httpx2.Response]


class Catalogue:
    """Answers as it is told, path by path, and remembers who asked; what it does not know is a 404."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self._answers: dict[str, list[httpx2.Response | Exception]] = {}
        self._lock = threading.Lock()

    def answer(self, path: str, *answers: httpx2.Response | Exception) -> None:
        """The next answers for this path; the last one is repeated."""
        self._answers[path] = list(answers)

    async def handle(self, request: httpx2.Request) -> httpx2.Response:
        with self._lock:
            self.asked.append(request)
            answers = self._answers.get(request.url.path, [httpx2.Response(404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, content=answer.content)


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """In place of the real one: no port, no network."""
    played = Catalogue()

    def new_client(_: object) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=httpx2.MockTransport(played.handle), base_url="http://catalogue.example"
        )

    monkeypatch.setattr(main, "new_client", new_client)
    return played


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the printer and the database have their files."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{(tmp_path / 'shed.db').as_posix()}")
    monkeypatch.setenv("TOOLSHED_FOLDER", str(tmp_path))
    monkeypatch.setenv("TOOLSHED_PRINTER_SECONDS", "0.01")
    # Nothing here is meant to be late, on a busy machine either; the test about silence names a deadline.
    monkeypatch.setenv("TOOLSHED_CATALOGUE_SECONDS", "20")
    monkeypatch.setenv("TOOLSHED_RECALL_SECONDS", "20")
    return tmp_path


@pytest.fixture
def client(folder: Path, catalogue: Catalogue) -> Iterator[TestClient]:
    """Speaks to the app, which starts with the tools of `example.json`."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
