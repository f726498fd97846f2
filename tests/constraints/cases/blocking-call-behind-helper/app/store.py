"""Where the blocking lines are."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path


def load(name: str) -> dict:
    return _read(Path(name))


def _read(path: Path) -> dict:
    return json.loads(path.read_text())


def recursive(n: int) -> int:
    return recursive(n - 1) if n else 0


class Disk:
    def save(self, text: str) -> None:
        open("x", "w").write(text)

    async def flush(self) -> None:
        self.save("x")  # expect: blocking-call-behind-helper


class Quick(Disk):
    def save(self, text: str) -> None:
        """Keeps it in memory."""


class Storage(ABC):
    @abstractmethod
    def load(self, name: str) -> str: ...


class Files(Storage):
    def load(self, name: str) -> str:
        with open(name) as file:
            return file.read()


class Memory(Storage):
    def load(self, name: str) -> str:
        return name


_settings: dict | None = None


def settings() -> dict:
    global _settings
    if _settings is None:
        _settings = load("settings.json")
    return _settings


def either(name: str) -> str:
    return READERS[name](name)


def quick(name: str) -> str:
    return name


READERS = {"load": load, "quick": quick}


def unit() -> Iterator[str]:
    yield "unit"
    Path("log").write_text("done")


def rows() -> Iterator[dict]:
    yield load("x")
