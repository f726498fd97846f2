"""`check init` and `check update`: the book's files come whole, and what a learner has edited is never touched."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker.keeping import change as change_module
from checker.keeping import standing as standing_module
from checker.progress.lock import locked

Check = Callable[..., Any]
NAME = "chapter-01-greeting"
MAIN = f"exercises/{NAME}/app/main.py"


def book_of(own: Path) -> Path:
    return own.parent / "book-1"


def left_over(root: Path) -> list[str]:
    return sorted(path.name for path in (root / ".workbook").iterdir() if path.is_dir())


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
    assert f"  check start --book {workspace.as_posix()}" in run.out


def test_init_fills_an_empty_folder(workspace: Path, check: Check, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    assert check("init", str(tmp_path / "own")).code == 0
    assert (tmp_path / "own" / MAIN).is_file()


def test_init_completes_a_workspace_and_overwrites_nothing(own: Path, check: Check) -> None:
    (own / MAIN).write_text("mine = True\n")
    run = check("init", ".", book=str(book_of(own)))
    assert run.code == 0
    assert "nothing was changed" in run.out
    assert (own / MAIN).read_text() == "mine = True\n"
    shutil.rmtree(own / "exercises" / NAME)
    assert "1 chapter added" in check("init", ".", book=str(book_of(own))).out
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
    def full(handle: int, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("checker.keeping.change.write_all", full)
        run = check("init", str(tmp_path / "own"))
    assert run.code == 3
    assert "the disk is full. What is there is whole" in " ".join(run.err.split())
    assert [path.name for path in (tmp_path / "own").iterdir()] == [".workbook"]
    assert check("init", str(tmp_path / "own")).code == 0
    assert (tmp_path / "own" / MAIN).is_file()


def test_a_second_init_at_the_same_time_is_told_to_wait(
    own: Path, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checker.keeping.change._WAIT_S", 0.0)
    shutil.rmtree(own / "exercises")
    with locked(own / ".workbook" / "workspace.lock", wait_s=0) as ours:
        assert ours
        for command in (["init", "."], ["update"], ["reset", "1"], ["restore", "x"]):
            run = check(*command, book=str(book_of(own)))
            assert run.code == 3
            assert "Another `check` is changing the workspace" in " ".join(run.err.split())
        assert not (own / "exercises").exists()
    assert check("init", ".", book=str(book_of(own))).code == 0, (
        "the lock goes with its holder, the file may stay"
    )
    assert (own / MAIN).is_file()


# update


def recorded(own: Path) -> dict[str, dict[str, str]]:
    files: dict[str, dict[str, str]] = json.loads((own / ".workbook" / "workspace.json").read_bytes())[
        "files"
    ]
    return files


@pytest.fixture
def update(own: Path, check: Check) -> Callable[..., Any]:
    """`check update` from the book beside the workspace."""
    return lambda *arguments: check("update", *arguments, book=str(book_of(own)))


def test_with_nothing_new_nothing_is_touched(own: Path, update: Check) -> None:
    before = recorded(own)
    run = update()
    assert (run.code, run.err) == (0, "")
    assert "Everything that you have not edited is up to date" in run.out
    assert recorded(own) == before
    assert left_over(own) == []


def test_what_nobody_edited_comes_to_the_new_content(own: Path, update: Check) -> None:
    book = book_of(own)
    (book / MAIN).write_text("new = True\n")
    (book / "exercises" / NAME / "app" / "door.py").write_text("added = True\n")
    (book / "exercises" / NAME / "tests" / "test_door.py").unlink()
    run = update()
    assert (run.code, run.err) == (0, "")
    assert (own / MAIN).read_text() == "new = True\n"
    assert (own / "exercises" / NAME / "app" / "door.py").read_text() == "added = True\n"
    assert not (own / "exercises" / NAME / "tests").exists(), "nor the folder that is empty now"
    for line in (
        "updated  " + MAIN,
        f"added    exercises/{NAME}/app/door.py",
        f"removed  exercises/{NAME}/tests",
    ):
        assert line in run.out
    assert recorded(own)[MAIN]["content"] != recorded(own)[f"lessons/{NAME}.ipynb"]["content"]


def test_what_is_edited_stays_and_is_named_with_the_way_to_take_the_new_one(own: Path, update: Check) -> None:
    (own / MAIN).write_bytes(b"mine = True\r\n")
    assert "left alone" not in update().out, "the book has nothing new for it"
    (book_of(own) / MAIN).write_text("new = True\n")
    for _ in range(2):
        run = update()
        assert run.code == 0
        assert (own / MAIN).read_bytes() == b"mine = True\r\n"
        assert f"  {MAIN}  (edited)" in run.out
        assert f"check update --take {MAIN}" in run.out


def test_a_file_that_was_taken_back_by_hand_is_the_workbook_s_again(own: Path, update: Check) -> None:
    laid = (own / MAIN).read_bytes()
    (own / MAIN).write_text("mine = True\n")
    (book_of(own) / MAIN).write_text("new = True\n")
    update()
    (own / MAIN).write_bytes(laid)
    update()
    assert (own / MAIN).read_text() == "new = True\n"


def test_what_was_deleted_stays_deleted(own: Path, update: Check) -> None:
    (own / MAIN).unlink()
    (book_of(own) / MAIN).write_text("new = True\n")
    run = update()
    assert not (own / MAIN).exists()
    assert f"{MAIN}  (deleted)" in run.out
    shutil.rmtree(own / "exercises" / NAME)
    run = update()
    assert not (own / "exercises" / NAME).exists()
    assert f"  exercises/{NAME}  (deleted)" in run.out


def test_a_link_is_not_followed_and_nothing_behind_it_changes(
    own: Path, update: Check, tmp_path: Path
) -> None:
    chapter = own / "exercises" / NAME
    (chapter / "app").rename(tmp_path / "elsewhere")
    (chapter / "app").symlink_to(tmp_path / "elsewhere")
    before = (tmp_path / "elsewhere" / "main.py").read_bytes()
    (book_of(own) / MAIN).write_text("new = True\n")
    run = update("--take", MAIN)
    assert (run.code, run.err) == (0, "")
    assert (tmp_path / "elsewhere" / "main.py").read_bytes() == before
    assert f"`exercises/{NAME}/app` is a link now" in run.out


def test_an_edited_file_that_the_book_has_no_more_is_the_learner_s_from_then_on(
    own: Path, update: Check
) -> None:
    (own / MAIN).write_text("mine = True\n")
    (book_of(own) / MAIN).unlink()
    assert "yours now" in update().out
    assert MAIN not in recorded(own)
    (book_of(own) / MAIN).write_text("new = True\n")
    assert f"{MAIN}  (edited)" in update().out
    assert (own / MAIN).read_text() == "mine = True\n"


def test_take_moves_the_learner_s_file_into_a_backup_and_restore_brings_it_back(
    own: Path, update: Check, check: Check
) -> None:
    (own / MAIN).write_text("mine = True\n")
    (book_of(own) / MAIN).write_text("new = True\n")
    run = update("--take", MAIN)
    assert run.code == 0
    assert (own / MAIN).read_text() == "new = True\n"
    (backup,) = (own / ".workbook" / "backups" / "files").iterdir()
    assert (backup / MAIN).read_text() == "mine = True\n"
    assert f"check restore files/{backup.name}" in run.out
    assert check("restore", backup.name, book=str(book_of(own))).code == 0
    assert (own / MAIN).read_text() == "mine = True\n"
    assert f"{MAIN}  (edited)" in update().out, "what came back is the learner's"


def test_take_accepts_a_folder_and_a_name_from_where_one_is(
    own: Path, update: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own / "exercises" / NAME / "app")
    (own / MAIN).write_text("mine = True\n")
    (own / "exercises" / NAME / "README.md").write_text("mine\n")
    update("--take", "main.py")
    assert (own / MAIN).read_bytes() == (book_of(own) / MAIN).read_bytes()
    assert (own / "exercises" / NAME / "README.md").read_text() == "mine\n"
    update("--take", "..")
    assert (own / "exercises" / NAME / "README.md").read_text() != "mine\n"


def test_take_of_what_the_book_does_not_have_is_wrong_use(own: Path, update: Check) -> None:
    run = update("--take", "exercises/chapter-01-greeting/app/mian.py")
    assert run.code == 2
    assert f"did you mean `{MAIN}`" in " ".join(run.err.split())


@pytest.mark.parametrize("damage", [b"{", b'{"version": 2, "files": {"../x": {"sha256": "no"}}}', None])
def test_without_a_usable_record_every_file_that_differs_counts_as_edited(
    own: Path, update: Check, damage: bytes | None
) -> None:
    record = own / ".workbook" / "workspace.json"
    if damage is None:
        record.unlink()
    else:
        record.write_bytes(damage)
    before = (own / MAIN).read_bytes()
    (book_of(own) / MAIN).write_text("new = True\n")
    (book_of(own) / "exercises" / NAME / "new.py").write_text("new = True\n")
    run = update()
    assert run.code == 0
    assert "counts as edited" in " ".join(run.err.split())
    assert (own / MAIN).read_bytes() == before
    assert (own / "exercises" / NAME / "new.py").is_file()
    run = update()
    assert run.err == "", "it was written anew"
    assert f"{MAIN}  (edited)" in run.out


def test_a_record_of_the_first_shape_is_understood(own: Path, update: Check) -> None:
    files = {name: one["sha256"] for name, one in recorded(own).items()}
    (own / ".workbook" / "workspace.json").write_text(
        json.dumps({"version": 1, "checker": "0", "files": files})
    )
    (book_of(own) / MAIN).write_text("new = True\n")
    assert (update().err, (own / MAIN).read_text()) == ("", "new = True\n")


def test_a_record_of_a_newer_version_stops_every_change(own: Path, check: Check) -> None:
    content = b'{"version": 3, "files": "something else"}'
    (own / ".workbook" / "workspace.json").write_bytes(content)
    for command in (["update"], ["reset", "1"], ["init", "."]):
        run = check(*command, book=str(book_of(own)))
        assert run.code == 3
        assert "newer version" in run.err
    assert (own / ".workbook" / "workspace.json").read_bytes() == content


def test_another_book_is_refused(own: Path, check: Check) -> None:
    run = check("update", book=None)
    assert run.code == 2
    assert "made from another book" in " ".join(run.err.split())
    assert [path.name for path in (own / "exercises").iterdir()] == [NAME]


def test_a_chapter_of_another_book_stays(own: Path, update: Check) -> None:
    folder = own / "exercises" / "chapter-09-other"
    folder.mkdir()
    (folder / "main.py").write_text("x = 1\n")
    record = json.loads((own / ".workbook" / "workspace.json").read_bytes())
    digest = hashlib.sha256(b"x = 1\n").hexdigest()
    record["files"]["exercises/chapter-09-other/main.py"] = {"sha256": digest}
    (own / ".workbook" / "workspace.json").write_text(json.dumps(record))
    (book_of(own) / MAIN).write_text("new = True\n")
    update()
    assert (folder / "main.py").is_file()
    assert "exercises/chapter-09-other/main.py" in recorded(own)


def test_a_clone_is_updated_by_git(workspace: Path, check: Check) -> None:
    run = check("update")
    assert run.code == 2
    assert "git pull" in run.err


def test_a_file_that_cannot_be_written_is_named_and_the_rest_is_done(
    own: Path, update: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (own / MAIN).read_bytes()
    for name in (MAIN, f"exercises/{NAME}/README.md"):
        (book_of(own) / name).write_text("new\n")
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if Path(target).name == "main.py":
            raise OSError(errno.EACCES, "Permission denied")
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        run = update()
    assert run.code == 3
    assert "permission denied. It is as it was" in " ".join(run.err.split())
    assert (own / MAIN).read_bytes() == before
    assert (own / "exercises" / NAME / "README.md").read_text() == "new\n"
    assert update().code == 0
    assert (own / MAIN).read_text() == "new\n"


def test_a_file_saved_in_the_middle_of_an_update_is_left_alone(
    own: Path, update: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = f"exercises/{NAME}/README.md"
    (book_of(own) / MAIN).write_text("new = True\n")
    (book_of(own) / other).unlink()
    real = change_module._sync

    def save(folder: Path) -> None:
        real(folder)
        (own / MAIN).write_text("mine = True\n")
        (own / other).write_text("mine\n")

    monkeypatch.setattr(change_module, "_sync", save)
    run = update()
    assert ((own / MAIN).read_text(), (own / other).read_text()) == ("mine = True\n", "mine\n")
    assert f"{MAIN}  (edited)" in run.out
    assert f"{other}  (edited)" in run.out
    assert "updated" not in run.out and "removed" not in run.out


def test_every_line_fits_80_columns_but_for_long_names(own: Path, update: Check) -> None:
    (own / MAIN).write_text("mine = True\n")
    (book_of(own) / MAIN).write_text("new = True\n")
    run = update()
    assert [line for line in run.out.splitlines() if len(line) > 80 and "--take" not in line] == []


def test_a_file_that_cannot_be_read_is_nobody_s_to_replace(
    own: Path, update: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (own / MAIN).read_bytes()
    (book_of(own) / MAIN).write_text("new = True\n")
    real = standing_module.digest_of

    def digest_of(path: Path) -> str:
        if path == own / MAIN:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(standing_module, "digest_of", digest_of)
    run = update()
    assert run.code == 0
    assert (own / MAIN).read_bytes() == before
    assert f"{MAIN}  (something that cannot be read)" in run.out


CHANGER = """
import sys
from checker.cli import main
own, book, *commands = sys.argv[1:]
import os
os.chdir(own)
for command in commands:
    code = main([*command.split(), "--book", book])
    assert code == 0, (command, code)
"""


def test_many_at_once_lose_nothing_and_leave_a_whole_workspace(own: Path, update: Check) -> None:
    chapter = own / "exercises" / NAME
    mine = [f"mine = {number}\n" for number in range(2)]
    (own / MAIN).write_bytes(mine[0].encode())
    (chapter / "notes.txt").write_bytes(mine[1].encode())
    (book_of(own) / MAIN).write_text("new = True\n")
    commands = [
        ["update", "reset 1"],
        ["reset 1", "update"],
        [f"update --take {MAIN}", "list"],
        ["init .", "reset 1"],
    ]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", CHANGER, str(own), str(book_of(own)), *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words in commands
    ]
    for one in running:
        _, said = one.communicate(timeout=240)
        assert one.returncode == 0, said
    assert (own / MAIN).read_text() == "new = True\n"
    kept = [path.read_text() for path in (own / ".workbook" / "backups").rglob("*") if path.is_file()]
    assert set(mine) <= set(kept)
    assert left_over(own) == ["backups"]
    assert recorded(own)[MAIN]["sha256"] == hashlib.sha256(b"new = True\n").hexdigest()
