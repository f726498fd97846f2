"""A save is noticed, by events or by looking, and what is no save is not."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from checker.cli import saves
from checker.cli.saves import Saves

SOON_S = 10.0
NEVER_S = 1.5


@contextmanager
def watched(folder: Path, *, looking: bool = False) -> Iterator[queue.SimpleQueue[str]]:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Saves(folder, saved=lambda: told.put("saved"), noted=told.put, looking=looking):
        # The system's watch is set up in a thread: whatever comes before it is no event.
        for number in range(100):
            (folder / "begin.py").write_text(str(number))
            with suppress(queue.Empty):
                told.get(timeout=0.4)
                break
        while True:
            try:
                told.get(timeout=0.8)
            except queue.Empty:
                break
        yield told


@pytest.mark.parametrize("looking", [False, True], ids=["events", "looking"])
def test_a_save_is_told(tmp_path: Path, looking: bool) -> None:
    (tmp_path / "app").mkdir()
    with watched(tmp_path, looking=looking) as told:
        (tmp_path / "app" / "main.py").write_text("app = 1\n")
        assert told.get(timeout=SOON_S) == "saved"
        fresh = tmp_path / "app" / "main.py.tmp"
        fresh.write_text("app = 22\n")
        fresh.replace(tmp_path / "app" / "main.py")
        assert told.get(timeout=SOON_S) == "saved"


@pytest.mark.parametrize("looking", [False, True], ids=["events", "looking"])
def test_what_editors_python_and_programs_leave_is_no_save(tmp_path: Path, looking: bool) -> None:
    names = [
        "__pycache__/main.cpython-313.pyc",
        ".main.py.swp",
        "main.py~",
        ".venv/x.py",
        "shed.db-wal",
        ".ruff_cache/x",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
    with watched(tmp_path, looking=looking) as told:
        for name in names:
            (tmp_path / name).write_text("x")
        with pytest.raises(queue.Empty):
            told.get(timeout=NEVER_S)


def test_a_file_system_without_events_is_looked_at_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object, stop_event: object, **__: object) -> Iterator[object]:
        stop_event.wait()  # type: ignore[attr-defined]
        return iter(())

    monkeypatch.setattr(saves, "watch", silent)
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Saves(tmp_path, saved=lambda: told.put("saved"), noted=told.put):
        (tmp_path / "main.py").write_text("x")
        assert "sends no events" in told.get(timeout=SOON_S)
        assert told.get(timeout=SOON_S) == "saved"


def test_a_system_that_has_no_more_watches_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Iterator[object]:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(saves, "watch", full)
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Saves(tmp_path, saved=lambda: told.put("saved"), noted=told.put):
        assert "watch limit reached" in told.get(timeout=SOON_S)
        (tmp_path / "main.py").write_text("x")
        assert told.get(timeout=SOON_S) == "saved"


def test_a_folder_that_goes_away_and_comes_back_is_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / "exercise"
    folder.mkdir()
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    with Saves(folder, saved=lambda: told.put("saved"), noted=lambda text: None, looking=True):
        folder.rmdir()
        folder.mkdir()
        (folder / "main.py").write_text("x")
        assert told.get(timeout=SOON_S) == "saved"
