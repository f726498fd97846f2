"""The copy of the learner's folder: what is in it, what is not, and what no folder can make it do."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from checker.errors import CheckerError, SubmissionError
from checker.submission import Bounds, Snapshot, take_snapshot

POSIX = os.name == "posix"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small submission."""
    path = tmp_path / "mine"
    (path / "app").mkdir(parents=True)
    (path / "app" / "main.py").write_text("app = 1\n", encoding="utf-8")
    return path


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., Snapshot]:
    """Take a snapshot into a new folder each time."""
    taken = 0

    def _take(path: Path, **bounds: int) -> Snapshot:
        nonlocal taken
        taken += 1
        return take_snapshot(path, tmp_path / f"copy-{taken}", bounds=Bounds(**bounds))

    return _take


def left_out(snapshot: Snapshot) -> dict[str, str]:
    return {left.path: left.reason for left in snapshot.left_out}


def test_copies_contents_and_names(folder: Path, take: Callable[..., Snapshot]) -> None:
    names = ["app/with space.py", "app/größe-日本.py", "data/deep/er/x.bin", ".editorconfig", "empty.txt"]
    if POSIX:
        names.append("app/two\nlines.py")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"" if name == "empty.txt" else name.encode() + b"\r\n\0")
    snapshot = take(folder)
    assert set(snapshot.files) == {"app/main.py", *names}
    assert list(snapshot.files) == sorted(snapshot.files)
    for name in snapshot.files:
        assert (snapshot.folder / name).read_bytes() == (folder / name).read_bytes()
    assert snapshot.left_out == ()
    assert "app/with space.py" in snapshot.python_files
    assert "data/deep/er/x.bin" not in snapshot.python_files
    assert "app/main.py" in snapshot.python_files_in("app")
    assert snapshot.python_files_in("ap") == ()


def test_writes_nothing_into_the_learners_folder(folder: Path, take: Callable[..., Snapshot]) -> None:
    before = {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}
    snapshot = take(folder)
    assert {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]} == before
    assert not snapshot.folder.is_relative_to(folder)


def test_the_copy_can_be_changed_where_the_original_is_read_only(
    folder: Path, take: Callable[..., Snapshot]
) -> None:
    original = folder / "app" / "main.py"
    original.chmod(0o444)
    copy = take(folder).folder / "app" / "main.py"
    assert copy.stat().st_mode & stat.S_IWUSR
    assert not original.stat().st_mode & stat.S_IWUSR


def test_a_dot_means_the_current_folder(
    folder: Path, take: Callable[..., Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    snapshot = take(Path())
    assert snapshot.files == ("app/main.py",)
    assert snapshot.source == folder


@pytest.mark.parametrize(
    "name",
    [".git", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"]
    + [".ipynb_checkpoints", ".workbook"],
)
@pytest.mark.parametrize("below", ["", "app/"])
def test_leaves_out_what_tools_put_there(
    folder: Path, take: Callable[..., Snapshot], name: str, below: str
) -> None:
    (folder / below / name / "x").mkdir(parents=True)
    (folder / below / name / "x" / "y.py").write_text("1/0")
    assert take(folder).files == ("app/main.py",)


def test_leaves_out_an_environment_of_any_name(folder: Path, take: Callable[..., Snapshot]) -> None:
    (folder / "myenv" / "lib").mkdir(parents=True)
    (folder / "myenv" / "pyvenv.cfg").touch()
    (folder / "myenv" / "lib" / "x.py").touch()
    (folder / "environment").mkdir()
    (folder / "environment" / "kept.py").touch()
    assert take(folder).files == ("app/main.py", "environment/kept.py")


def test_a_folder_given_by_the_name_of_an_environment_is_still_graded(
    tmp_path: Path, folder: Path, take: Callable[..., Snapshot]
) -> None:
    renamed = folder.rename(tmp_path / "venv")
    assert take(renamed).files == ("app/main.py",)


def test_the_digest_changes_with_names_and_contents_only(folder: Path, take: Callable[..., Snapshot]) -> None:
    first = take(folder).digest
    os.utime(folder / "app" / "main.py", (1, 1))
    assert take(folder).digest == first
    (folder / "app" / "main.py").write_text("app = 2\n")
    second = take(folder).digest
    (folder / "app" / "main.py").rename(folder / "app" / "other.py")
    assert len({first, second, take(folder).digest}) == 3


def test_a_copy_into_the_folder_itself_does_not_swallow_itself(folder: Path) -> None:
    into = folder / "tmp" / "copy"
    snapshot = take_snapshot(folder, into)
    assert snapshot.files == ("app/main.py",)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(lambda path: None, "There is no folder", id="missing"),
        pytest.param(lambda path: path.write_text("x"), "is not a folder", id="a file"),
        pytest.param(lambda path: path.mkdir(), "is empty", id="empty"),
        pytest.param(lambda path: (path / "a" / "b").mkdir(parents=True), "is empty", id="empty folders"),
        pytest.param(lambda path: (path / ".git" / "b").mkdir(parents=True), "is empty", id="only .git"),
    ],
)
def test_says_in_one_sentence_why_a_folder_cannot_be_graded(
    tmp_path: Path, take: Callable[..., Snapshot], make: Callable[[Path], object], says: str
) -> None:
    path = tmp_path / "some folder"
    make(path)
    with pytest.raises(SubmissionError, match=says) as raised:
        take(path)
    assert "some folder" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_name_too_long_for_the_system_is_a_sentence(tmp_path: Path, take: Callable[..., Snapshot]) -> None:
    with pytest.raises(SubmissionError):
        take(tmp_path / ("x" * 5000))


def test_a_name_with_a_null_byte_is_a_sentence(take: Callable[..., Snapshot]) -> None:
    with pytest.raises(SubmissionError, match="cannot be read"):
        take(Path("a\0b"))


def test_too_many_files_name_the_folder_that_holds_the_most(
    folder: Path, take: Callable[..., Snapshot]
) -> None:
    (folder / "static" / "photos").mkdir(parents=True)
    for number in range(30):
        (folder / "static" / "photos" / f"{number}.txt").touch()
    with pytest.raises(
        SubmissionError, match=r"holds 31 files, and at most 20 are graded; 30 .* `static/photos`"
    ):
        take(folder, files=20)
    assert len(take(folder, files=31).files) == 31


def test_too_many_files_side_by_side_name_no_folder(folder: Path, take: Callable[..., Snapshot]) -> None:
    for number in range(30):
        (folder / f"{number}.txt").touch()
    with pytest.raises(SubmissionError, match="31 files, and at most 20 are graded; move those"):
        take(folder, files=20)


def test_too_many_bytes_name_the_folder_that_holds_the_most(
    folder: Path, take: Callable[..., Snapshot]
) -> None:
    (folder / "data").mkdir()
    for number in range(5):
        (folder / "data" / f"{number}.bin").write_bytes(b"x" * 1000)
    with pytest.raises(SubmissionError, match=r"holds more than .* MiB of files.*`data`"):
        take(folder, total_bytes=4096)


def test_settings_of_the_learners_machine_stay_there(folder: Path, take: Callable[..., Snapshot]) -> None:
    (folder / "main.py").write_text("x = 1\n")
    (folder / ".env").write_text("TOOLSHED_KIOSK_SECRET=my-own-secret\n")
    snapshot = take(folder)
    assert ".env" not in snapshot.files
    assert left_out(snapshot) == {
        ".env": "holds settings of your own machine; the checker brings the environment"
    }


def test_a_large_file_is_left_out_and_noted(folder: Path, take: Callable[..., Snapshot]) -> None:
    (folder / "big.db").write_bytes(b"x" * 2049)
    (folder / "fits.db").write_bytes(b"x" * 2048)
    snapshot = take(folder, file_bytes=2048)
    assert "fits.db" in snapshot.files
    assert left_out(snapshot) == {"big.db": "is larger than 0.00195312 MiB"}


def test_folders_nested_a_thousand_deep_end_at_the_bound(folder: Path, take: Callable[..., Snapshot]) -> None:
    chain = [folder]
    for _ in range(1000 if POSIX else 60):
        chain.append(chain[-1] / "d")
        chain[-1].mkdir()
    (chain[40] / "kept.py").touch()
    (chain[41] / "too-deep.py").touch()
    try:
        snapshot = take(folder)
    finally:
        (chain[41] / "too-deep.py").unlink()
        (chain[40] / "kept.py").unlink()
        # pytest removes its folders by recursion, which ends before a thousand.
        for path in reversed(chain[1:]):
            path.rmdir()
    assert len(snapshot.files) == 2
    assert list(left_out(snapshot).values()) == ["lies more than 40 folders deep"]


def test_a_file_that_vanishes_is_noted(
    folder: Path, take: Callable[..., Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    doomed = folder / "app" / "gone.py"
    doomed.touch()
    really_open = os.open

    def open_too_late(path: Path, flags: int) -> int:
        if path == doomed:
            doomed.unlink()
        return really_open(path, flags)

    monkeypatch.setattr(os, "open", open_too_late)
    snapshot = take(folder)
    assert snapshot.files == ("app/main.py",)
    assert left_out(snapshot) == {"app/gone.py": "vanished while it was being copied"}


def test_a_full_disk_is_the_checkers_fault(
    folder: Path, take: Callable[..., Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(CheckerError, match="no space left on device") as raised:
        take(folder)
    assert not isinstance(raised.value, SubmissionError)


if POSIX:

    def test_links_are_left_out_wherever_they_lead(
        folder: Path, tmp_path: Path, take: Callable[..., Snapshot]
    ) -> None:
        secret = tmp_path / "secret"
        secret.mkdir()
        (secret / "key.py").write_text("KEY = 1")
        (folder / "to-file.py").symlink_to(secret / "key.py")
        (folder / "to-folder").symlink_to(secret)
        (folder / "loop").symlink_to(folder / "loop")
        (folder / "up").symlink_to("..")
        (folder / "device").symlink_to("/dev/zero")
        (folder / "nowhere").symlink_to("/no/such/file")
        snapshot = take(folder)
        assert snapshot.files == ("app/main.py",)
        names = {"to-file.py", "to-folder", "loop", "up", "device", "nowhere"}
        assert left_out(snapshot) == dict.fromkeys(names, "is a link; put the file itself there")

    def test_a_link_given_by_the_learner_is_followed(
        folder: Path, tmp_path: Path, take: Callable[..., Snapshot]
    ) -> None:
        (tmp_path / "link").symlink_to(folder)
        assert take(tmp_path / "link").files == ("app/main.py",)

    def test_a_link_in_a_circle_is_a_sentence(tmp_path: Path, take: Callable[..., Snapshot]) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "link")
        with pytest.raises(SubmissionError, match="links lead in a circle"):
            take(tmp_path / "link")

    def test_a_file_swapped_for_a_link_is_not_followed(
        folder: Path, tmp_path: Path, take: Callable[..., Snapshot], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = folder / "app" / "swapped.py"
        target.touch()
        secret = tmp_path / "secret.py"
        secret.write_text("KEY = 1")
        really_open = os.open

        def open_after_swap(path: Path, flags: int) -> int:
            if path == target:
                target.unlink()
                target.symlink_to(secret)
            return really_open(path, flags)

        monkeypatch.setattr(os, "open", open_after_swap)
        assert take(folder).files == ("app/main.py",)

    def test_pipes_and_sockets_are_passed_over_without_waiting(
        folder: Path, take: Callable[..., Snapshot], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(folder)  # a socket's path may be no longer than about 100 bytes
        os.mkfifo("pipe.py")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket.py")
            snapshot = take(folder)
        assert snapshot.files == ("app/main.py",)
        assert left_out(snapshot) == dict.fromkeys(["pipe.py", "socket.py"], "is not a regular file")

    def test_a_folder_of_nothing_but_links_says_so(tmp_path: Path, take: Callable[..., Snapshot]) -> None:
        path = tmp_path / "links"
        path.mkdir()
        (path / "main.py").symlink_to("/etc/hosts")
        with pytest.raises(SubmissionError, match=r"holds nothing that can be graded: `main.py` is a link"):
            take(path)

    @pytest.mark.parametrize("what", ["file", "folder", "top"])
    def test_what_may_not_be_read_is_named(what: str) -> None:
        with _readable_by_all() as place:
            mine = place / "mine"
            (mine / "app" / "closed").mkdir(parents=True)
            (mine / "app" / "main.py").touch()
            (mine / "app" / "closed.py").touch()
            closed = {"file": mine / "app" / "closed.py", "folder": mine / "app" / "closed", "top": mine}[
                what
            ]
            closed.chmod(0)
            try:
                with _ordinary_user():
                    if what == "top":
                        with pytest.raises(SubmissionError, match=r"cannot be read \(permission denied\)"):
                            take_snapshot(mine, place / "out" / "copy")
                        return
                    snapshot = take_snapshot(mine, place / "out" / "copy")
            finally:
                closed.chmod(0o755)
            name = closed.relative_to(mine).as_posix()
            assert left_out(snapshot) == {name: "cannot be read (permission denied)"}
            assert "app/main.py" in snapshot.files

    if sys.platform == "linux":

        def test_a_name_that_is_no_unicode_is_noted(folder: Path, take: Callable[..., Snapshot]) -> None:
            Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.py")).touch()
            snapshot = take(folder)
            assert snapshot.files == ("app/main.py",)
            assert left_out(snapshot) == {"caf?.py": "has a name that is not valid Unicode"}


@contextmanager
def _readable_by_all() -> Iterator[Path]:
    # pytest's own temporary folders are closed to every other user.
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    (place / "out").mkdir()
    (place / "out").chmod(0o777)
    try:
        yield place
    finally:
        shutil.rmtree(place)


@contextmanager
def _ordinary_user() -> Iterator[None]:
    """Root may read everything, so a test about rights gives root's up for a moment."""
    if sys.platform == "win32" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
