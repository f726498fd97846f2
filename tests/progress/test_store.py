"""The file is read with suspicion and written without losing anything."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from checker.progress import Progress, ProgressStore, hint_opened
from checker.progress import lock as lock_module
from checker.progress import store as store_module


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, said: list[str]) -> ProgressStore:
    return ProgressStore(tmp_path / ".workbook", said.append)


def one_hint(progress: Progress) -> Progress:
    return hint_opened(progress, "chapter-01", "1.1")


def hints(progress: Progress) -> int:
    return progress.chapter("chapter-01").hints.get("1.1", 0)


def test_nothing_yet_is_an_empty_record_and_writes_nothing(store: ProgressStore, said: list[str]) -> None:
    assert store.read() == Progress()
    assert store.problem() is None
    assert not store.path.parent.exists()
    assert said == []


def test_what_is_written_is_read_again(store: ProgressStore, said: list[str]) -> None:
    store.update(one_hint)
    store.update(one_hint)
    assert hints(store.read()) == 2
    assert said == []
    assert json.loads(store.path.read_bytes())["version"] == 1


DAMAGED: dict[str, bytes] = {
    "no-json": b"{",
    "empty": b"",
    "not-utf-8": b'{"version": 1, "chapters": {"\xff": {}}}',
    "another-shape": b"[]",
    "no-version": b"{}",
    "version-zero": b'{"version": 0}',
    "wrong-type": b'{"version": 1, "chapters": {"chapter-01": {"best_score": "all"}}}',
    "out-of-range": b'{"version": 1, "chapters": {"chapter-01": {"best_score": 1e9}}}',
    "bottomless": b'{"version": 1, "chapters": ' + b"[" * 100_000,
    "huge": b'{"version": 1, "chapters": {}}' + b" " * (5 * 1024 * 1024),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(
    store: ProgressStore, said: list[str], content: bytes
) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    assert store.problem() is not None
    assert store.read() == Progress()
    assert store.path.read_bytes() == content, "reading changes nothing"
    assert hints(store.update(one_hint)) == 1
    aside = [path for path in store.path.parent.iterdir() if ".damaged-" in path.name]
    assert [path.read_bytes() for path in aside] == [content]
    assert str(aside[0]) in said[-1]
    assert hints(store.read()) == 1
    assert store.problem() is None


def test_a_folder_in_its_place_is_kept_aside(store: ProgressStore, said: list[str]) -> None:
    store.path.mkdir(parents=True)
    (store.path / "keep").write_text("me")
    assert hints(store.update(one_hint)) == 1
    aside = next(path for path in store.path.parent.iterdir() if ".damaged-" in path.name)
    assert (aside / "keep").read_text() == "me"


def test_a_newer_file_is_left_alone(store: ProgressStore, said: list[str]) -> None:
    store.path.parent.mkdir()
    content = b'{"version": 2, "chapters": "something else"}'
    store.path.write_bytes(content)
    assert store.read() == Progress()
    assert hints(store.update(one_hint)) == 1
    assert store.path.read_bytes() == content
    assert len(said) == 1
    assert "newer version" in said[0]
    assert "newer" in (store.problem() or "")


def test_a_full_disk_is_a_warning_and_the_change_still_counts(
    store: ProgressStore, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.update(one_hint)

    def fail(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module, "write_atomically", fail)
    assert hints(store.update(one_hint)) == 2
    assert hints(store.read()) == 1
    assert "the disk is full" in said[0]


def test_a_place_that_cannot_be_made_is_a_warning(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    store = ProgressStore(tmp_path / "file" / ".workbook", said.append)
    assert hints(store.update(one_hint)) == 1
    assert "could not be saved" in said[0]


def test_a_lock_that_is_never_given_back_stops_nobody(
    store: ProgressStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_LOCK_WAIT_S", 0.1)
    monkeypatch.setattr(lock_module, "try_lock", lambda handle: False)
    assert hints(store.update(one_hint)) == 1
    assert hints(store.read()) == 1


WRITER = """
import sys
from pathlib import Path
from checker.progress import ProgressStore, hint_opened
store = ProgressStore(Path(sys.argv[1]), print)
for number in range(25):
    store.update(lambda progress: hint_opened(progress, sys.argv[2], f"{number}"))
"""


def test_two_commands_at_once_lose_nothing(
    tmp_path: Path, store: ProgressStore, run_python: Callable[..., subprocess.Popen[str]]
) -> None:
    writers = [run_python(WRITER, str(store.path.parent), f"chapter-0{number}") for number in (1, 2, 3)]
    for writer in writers:
        output, _ = writer.communicate(timeout=60)
        assert (writer.returncode, output) == (0, "")
    progress = store.read()
    assert {name: len(record.hints) for name, record in progress.chapters.items()} == {
        "chapter-01": 25,
        "chapter-02": 25,
        "chapter-03": 25,
    }
    assert {path.name for path in store.path.parent.iterdir()} == {"progress.json", "progress.lock"}


@pytest.fixture
def run_python() -> Callable[..., subprocess.Popen[str]]:
    def run(code: str, *arguments: str) -> subprocess.Popen[str]:
        root = str(Path(__file__).parents[2])
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return run
