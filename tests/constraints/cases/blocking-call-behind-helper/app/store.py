"""Where the blocking lines are."""

import json
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
