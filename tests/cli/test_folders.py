"""`check init` and `check reset`: folders appear whole, and nothing of the learner's is ever lost."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Check = Callable[..., Any]
NAME = "chapter-01-greeting"
MAIN = f"exercises/{NAME}/app/main.py"


@pytest.fixture
def own(workspace: Path, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace made by `check init`, with the miniature book elsewhere; it is the current folder."""
    assert check("init", str(tmp_path / "own")).code == 0
    monkeypatch.chdir(tmp_path / "own")
    return tmp_path / "own"


def book_of(own: Path) -> str:
    return str(own.parent / "book-1")


def backups(root: Path) -> list[Path]:
    folder = root / ".workbook" / "backups" / NAME
    return sorted(folder.iterdir()) if folder.is_dir() else []


def left_over(root: Path) -> list[str]:
    return sorted(
        path.name for path in (root / ".workbook").iterdir() if path.is_dir() and path.name != "backups"
    )


# init


def test_init_writes_starters_lessons_and_what_it_delivered(own: Path) -> None:
    assert (own / MAIN).read_text() == (own.parent / "book-1" / MAIN).read_text()
    assert (own / "lessons" / f"{NAME}.ipynb").is_file()
    delivered = json.loads((own / ".workbook" / "workspace.json").read_bytes())
    assert MAIN in delivered["files"]
    assert left_over(own) == []


def test_init_says_what_next(workspace: Path, check: Check) -> None:
    run = check("init", "../own")
    assert "  cd ../own\n" in run.out
    assert f"  check start --book {workspace}" in run.out


def test_init_fills_an_empty_folder(workspace: Path, check: Check, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    assert check("init", str(tmp_path / "own")).code == 0
    assert (tmp_path / "own" / MAIN).is_file()


def test_init_completes_a_workspace_and_overwrites_nothing(own: Path, check: Check) -> None:
    (own / MAIN).write_text("mine = True\n")
    run = check("init", ".", book=book_of(own))
    assert run.code == 0
    assert "nothing was changed" in run.out
    assert (own / MAIN).read_text() == "mine = True\n"
    shutil.rmtree(own / "exercises" / NAME)
    assert "1 chapter added" in check("init", ".", book=book_of(own)).out
    assert (own / MAIN).is_file()


def test_init_refuses_a_folder_of_other_things(workspace: Path, check: Check, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("words")
    run = check("init", str(tmp_path / "thesis"))
    assert run.code == 2
    assert "not empty and not a workspace" in " ".join(run.err.split())
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]


def test_init_refuses_a_file(workspace: Path, check: Check) -> None:
    run = check("init", MAIN)
    assert run.code == 2
    assert "is a file" in run.err


def test_init_refuses_a_place_that_is_not_there(workspace: Path, check: Check) -> None:
    run = check("init", "no/such/place")
    assert run.code == 2
    assert "does not exist" in run.err


def test_init_refuses_the_book_itself(workspace: Path, check: Check) -> None:
    run = check("init", ".")
    assert run.code == 2
    assert "is a workspace already" in run.err


def test_init_on_a_full_disk_leaves_what_can_be_completed(
    workspace: Path, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        reason = str(OSError(errno.ENOSPC, "No space left on device"))
        raise shutil.Error([("from/a.py", "to/a.py", reason), ("from/b.py", "to/b.py", reason)])

    with monkeypatch.context() as patch:
        patch.setattr("checker.cli.folders.shutil.copytree", full)
        run = check("init", str(tmp_path / "own"))
    assert run.code == 3
    assert "the disk is full. What is there is whole" in run.err
    assert list((tmp_path / "own" / "exercises").iterdir()) == []
    assert check("init", str(tmp_path / "own")).code == 0
    assert (tmp_path / "own" / MAIN).is_file()


# reset


def test_reset_keeps_a_backup_and_lays_the_starter(own: Path, check: Check) -> None:
    starter = (own / MAIN).read_text()
    (own / MAIN).write_text("mine = True\n")
    (own / "exercises" / NAME / "notes.txt").write_text("keep me")
    run = check("reset", "chapter-1", book=book_of(own))
    assert (run.code, run.err) == (0, "")
    assert (own / MAIN).read_text() == starter
    (backup,) = backups(own)
    assert (backup / "app" / "main.py").read_text() == "mine = True\n"
    assert (backup / "notes.txt").read_text() == "keep me"
    assert f"Your files are kept in .workbook/backups/{NAME}/{backup.name}" in run.out
    assert left_over(own) == []


def test_two_resets_in_one_second_keep_two_backups(own: Path, check: Check) -> None:
    check("reset", "chapter-1", book=book_of(own))
    check("reset", "chapter-1", book=book_of(own))
    assert len(backups(own)) == 2


def test_reset_restores_a_folder_that_is_gone(own: Path, check: Check) -> None:
    shutil.rmtree(own / "exercises")
    run = check("reset", "chapter-1", book=book_of(own))
    assert run.code == 0
    assert "are kept" not in run.out
    assert (own / MAIN).is_file()
    assert backups(own) == []


# Windows does not let a folder go while somebody is in it, and says so.
if sys.platform != "win32":

    def test_reset_from_inside_says_where_one_is_now(
        own: Path, check: Check, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(own / "exercises" / NAME / "app")
        run = check("reset", "chapter-1", book=book_of(own))
        assert run.code == 0
        assert "You are inside the backup now" in " ".join(run.out.split())


@pytest.mark.parametrize("trouble", [OSError(errno.EACCES, "Permission denied"), KeyboardInterrupt()])
def test_a_reset_that_fails_half_way_puts_everything_back(
    own: Path, check: Check, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    (own / MAIN).write_text("mine = True\n")
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.parent.name.startswith("reset-"):
            raise trouble
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    run = check("reset", "chapter-1", book=book_of(own))
    assert run.code == (3 if isinstance(trouble, OSError) else 130)
    assert (own / MAIN).read_text() == "mine = True\n"
    assert backups(own) == []
    assert left_over(own) == []


def test_reset_without_a_workspace_is_wrong_use(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mini_book_root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(mini_book_root / "chapters", tmp_path / "pack" / "chapters")
    assert check("reset", "chapter-1", book="pack").code == 2


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, timeout=60)


def test_in_a_clone_the_starter_comes_from_git(workspace: Path, check: Check) -> None:
    git(workspace, "init", "--quiet")
    git(workspace, "add", "exercises")
    git(workspace, "commit", "--quiet", "-m", "The starter")
    starter = (workspace / MAIN).read_text()
    (workspace / MAIN).write_text("mine = True\n")
    run = check("reset", "chapter-1")
    assert run.code == 0
    assert "from git commit " in run.out
    assert (workspace / MAIN).read_text() == starter
    (backup,) = backups(workspace)
    assert (backup / "app" / "main.py").read_text() == "mine = True\n"


def test_in_a_clone_what_was_cloned_counts_and_not_what_was_committed_since(
    workspace: Path, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(workspace, "init", "--quiet")
    git(workspace, "add", ".")
    git(workspace, "commit", "--quiet", "-m", "The workbook")
    git(tmp_path, "clone", "--quiet", str(workspace), "clone")
    clone = tmp_path / "clone"
    starter = (clone / MAIN).read_text()
    (clone / MAIN).write_text("mine = True\n")
    git(clone, "commit", "--quiet", "-am", "Task 1.1")
    monkeypatch.chdir(clone)
    assert check("reset", "chapter-1").code == 0
    assert (clone / MAIN).read_text() == starter


def test_a_tree_without_git_says_that_its_starter_is_gone(workspace: Path, check: Check) -> None:
    (workspace / MAIN).write_text("mine = True\n")
    run = check("reset", "chapter-1")
    assert run.code == 3
    assert "Nothing was changed" in " ".join(run.err.split())
    assert (workspace / MAIN).read_text() == "mine = True\n"
    assert backups(workspace) == []


def test_a_missing_starter_is_named(own: Path, check: Check) -> None:
    shutil.rmtree(own.parent / "book-1" / "exercises")
    run = check("reset", "chapter-1", book=book_of(own))
    assert run.code == 3
    assert "install it again" in run.err
