"""A file is there whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from checker.progress import write_atomically


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
