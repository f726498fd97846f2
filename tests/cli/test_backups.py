"""`check reset` and `check restore`: whatever makes room is kept, dated, and comes back byte for byte."""

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


def book_of(own: Path) -> str:
    return str(own.parent / "book-1")


def backups(root: Path) -> list[Path]:
    folder = root / ".workbook" / "backups" / NAME
    return sorted(folder.iterdir()) if folder.is_dir() else []


def left_over(root: Path) -> list[str]:
    return sorted(
        path.name for path in (root / ".workbook").iterdir() if path.is_dir() and path.name != "backups"
    )


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
        if "change" in self.parts and target == own / "exercises" / NAME:
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


# restore


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_without_a_backup_it_says_what_makes_one(own: Path, check: Check) -> None:
    run = check("restore", book=book_of(own))
    assert (run.code, run.err) == (0, "")
    assert "There are no backups" in run.out


def test_restore_brings_a_reset_chapter_back_and_keeps_what_stood_there(own: Path, check: Check) -> None:
    chapter = own / "exercises" / NAME
    (own / MAIN).write_bytes(b"mine = True\r\n")
    (chapter / "notes.txt").write_bytes(b"\xff\x00")
    mine = tree(chapter)
    check("reset", "chapter-1", book=book_of(own))
    (own / MAIN).write_text("second = True\n")
    (backup,) = backups(own)
    run = check("restore", f"{NAME}/{backup.name}", book=book_of(own))
    assert (run.code, run.err) == (0, "")
    assert tree(chapter) == mine
    (other,) = backups(own)
    assert (other / "app" / "main.py").read_text() == "second = True\n"
    assert f"check restore {NAME}/{other.name}" in run.out
    assert left_over(own) == []


def test_restore_lists_what_there_is_the_newest_first(own: Path, check: Check) -> None:
    (own / MAIN).write_text("mine = True\n")
    check("reset", "chapter-1", book=book_of(own))
    check("reset", "chapter-1", book=book_of(own))
    (own / MAIN).write_text("mine = True\n")
    check("update", "--take", MAIN, book=book_of(own))
    run = check("restore", book=book_of(own))
    lines = [line.split()[0] for line in run.out.splitlines() if "  20" in line or "/20" in line]
    names = [*(f"{NAME}/{one.name}" for one in backups(own)), *(f"files/{one.name}" for one in files(own))]
    assert sorted(lines) == sorted(names)
    assert lines[-1] == f"{NAME}/{backups(own)[0].name}"
    assert f"1 file: {MAIN}" in run.out


def files(root: Path) -> list[Path]:
    return sorted((root / ".workbook" / "backups" / "files").iterdir())


def test_a_backup_of_files_leaves_the_others_alone(own: Path, check: Check) -> None:
    (own / MAIN).write_text("mine = True\n")
    check("update", "--take", MAIN, book=book_of(own))
    (own / "exercises" / NAME / "notes.txt").write_text("later")
    (backup,) = files(own)
    assert check("restore", str(backup), book=book_of(own)).code == 0
    assert (own / MAIN).read_text() == "mine = True\n"
    assert (own / "exercises" / NAME / "notes.txt").read_text() == "later"
    assert not backup.exists(), "an empty backup is none"


def test_a_folder_and_a_link_in_a_file_s_place_come_back_too(own: Path, check: Check) -> None:
    (own / MAIN).unlink()
    (own / MAIN).mkdir()
    (own / MAIN / "inner.py").write_text("mine = True\n")
    readme = own / "exercises" / NAME / "README.md"
    readme.unlink()
    readme.symlink_to("nowhere")
    check("update", "--take", "exercises", book=book_of(own))
    assert (own / MAIN).is_file()
    assert not readme.is_symlink()
    (backup,) = files(own)
    assert check("restore", backup.name, book=book_of(own)).code == 0
    assert (own / MAIN / "inner.py").read_text() == "mine = True\n"
    assert readme.is_symlink()


def test_an_unknown_backup_gets_close_names(own: Path, check: Check) -> None:
    check("reset", "chapter-1", book=book_of(own))
    (backup,) = backups(own)
    run = check("restore", f"{NAME}/{backup.name[:-1]}x", book=book_of(own))
    assert run.code == 2
    assert f"did you mean `{NAME}/{backup.name}`" in " ".join(run.err.split())


def test_restore_without_a_workspace_is_wrong_use(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = check("restore", book=None)
    assert run.code == 2
    assert "no workspace here" in run.err


@pytest.mark.parametrize("back_too", [False, True])
def test_a_restore_that_fails_half_way_puts_everything_back_or_is_completed_later(
    own: Path, check: Check, monkeypatch: pytest.MonkeyPatch, back_too: bool
) -> None:
    edited = [f"{NAME}/app/main.py", f"{NAME}/README.md"]
    for name in edited:
        (own / "exercises" / name).write_bytes(b"mine\n")
    check("update", "--take", "exercises", book=book_of(own))
    (backup,) = files(own)
    before, tree_of_exercises = tree(own), tree(own / "exercises")
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target == own / MAIN and (back_too or backup in self.parents):
            raise OSError(errno.EBUSY, "Device or resource busy")
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        run = check("restore", backup.name, book=book_of(own))
    assert run.code == 3
    if not back_too:
        assert "Everything is as it was" in " ".join(run.err.split())
        assert tree(own) == before
    else:
        assert "the next `check` command does the rest" in " ".join(run.err.split())
        assert check("list", book=book_of(own)).code == 0
        assert (own / MAIN).read_text() == "mine\n"
        assert sorted(tree(own / "exercises").items()) == sorted(
            {**tree_of_exercises, **{name: b"mine\n" for name in edited}}.items()
        )
        assert len(files(own)) == 1, "what stood there"


def test_a_change_that_was_cut_short_is_completed_by_the_next_command(own: Path, check: Check) -> None:
    (own / MAIN).write_text("mine = True\n")
    change = own / ".workbook" / "change"
    fresh = change / "new" / "exercises" / NAME
    shutil.copytree(own.parent / "book-1" / "exercises" / NAME, fresh)
    journal = {
        "version": 1,
        "swaps": [
            {
                "path": f"exercises/{NAME}",
                "source": f".workbook/change/new/exercises/{NAME}",
                "keep_as": f".workbook/backups/{NAME}/2026-11-26-120000",
            }
        ],
    }
    (change / "journal.json").write_text(json.dumps(journal))
    run = check("list", book=book_of(own))
    assert run.code == 0
    assert "was cut short" in " ".join(run.err.split())
    assert (own / MAIN).read_text() != "mine = True\n"
    (backup,) = backups(own)
    assert (backup / "app" / "main.py").read_text() == "mine = True\n"
    assert left_over(own) == []
    assert check("list", book=book_of(own)).err == ""


@pytest.mark.parametrize(
    "journal",
    [
        b"{",
        b"[]",
        b'{"version": 9}',
        b'{"version": 1, "removals": [{"path": "../x", "expect": "' + b"0" * 64 + b'"}]}',
        b'{"version": 1, "swaps": [{"path": "/etc", "source": "x"}]}',
    ],
)
def test_a_damaged_journal_is_set_aside_and_nothing_is_done(own: Path, check: Check, journal: bytes) -> None:
    before = tree(own / "exercises")
    (own / ".workbook" / "change").mkdir()
    (own / ".workbook" / "change" / "journal.json").write_bytes(journal)
    run = check("list", book=book_of(own))
    assert (run.code, run.err) == (0, "")
    assert tree(own / "exercises") == before
    assert not (own / ".workbook" / "change").exists()
    assert check("update", book=book_of(own)).code == 0
