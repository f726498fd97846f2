"""A file is there whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checker.progress import write_atomically
from checker.progress.lock import locked


def test_a_new_file_is_readable_for_others_as_the_mask_says(tmp_path: Path) -> None:
    write_atomically(tmp_path / "report.json", b"{}")
    plain = tmp_path / "plain.json"
    plain.write_bytes(b"{}")
    assert (tmp_path / "report.json").read_bytes() == b"{}"
    assert (tmp_path / "report.json").stat().st_mode == plain.stat().st_mode


def test_an_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_bytes(b"old")
    target.chmod(0o600)
    mode = target.stat().st_mode  # Windows knows fewer modes
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode == mode


if hasattr(os, "mkfifo"):

    def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            write_atomically(pipe, b"report")
            assert os.read(reader, 100) == b"report"
        finally:
            os.close(reader)
        assert pipe.is_fifo()


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "real").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("trouble", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    target = tmp_path / "report.json"
    target.write_bytes(b"old")

    def fail(handle: int) -> None:
        raise trouble

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(trouble)):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def part(target: Path, name: str) -> Path:
    return target.with_name(f".{target.name}.{name}.check-part")


def test_what_a_killed_command_has_left_beside_it_is_removed(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    part(target, "abcd_123").write_bytes(b"half a rep")
    others = [part(tmp_path / "other.json", "abcd_123"), tmp_path / ".report.json.mine.check-part"]
    for other in others:
        other.write_bytes(b"not ours")
    write_atomically(target, b"new")
    assert sorted(tmp_path.iterdir()) == sorted([target, *others])


def test_what_another_command_is_writing_right_now_stays(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    with locked(part(target, "abcd_123"), wait_s=0) as ours:
        assert ours
        write_atomically(target, b"new")
        assert part(target, "abcd_123").exists()


def test_a_system_that_takes_a_few_bytes_at_a_time_gets_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: real(handle, bytes(content)[:3]))
    write_atomically(tmp_path / "report.json", b"a longer report")
    monkeypatch.undo()
    assert (tmp_path / "report.json").read_bytes() == b"a longer report"


def test_a_lock_goes_with_its_process(tmp_path: Path) -> None:
    code = "import os, sys; from pathlib import Path; from checker.progress.lock import locked; "
    code += "c = locked(Path(sys.argv[1]), wait_s=0); assert c.__enter__(); print('held', flush=True); sys.stdin.read()"
    lock = tmp_path / "workspace.lock"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with locked(lock, wait_s=0) as ours:
            assert not ours
        holder.kill()
        holder.wait()
        with locked(lock, wait_s=0) as ours:
            assert ours
