"""The copy of the learner's folder on which everything else works.

The folder itself is only ever read. What is copied is bounded in files, bytes and depth; links are not followed,
and whatever is no regular file (a pipe, a socket, a device) is passed over, so that no submission can make the
checker wait, read outside the folder or fill the disk.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from checker.errors import CheckerError, SubmissionError

PASSED_OVER = frozenset(
    {
        *{".git", ".hg", ".svn", ".idea", ".vscode", ".workbook"},
        *{".venv", "venv", ".tox", ".nox", "node_modules", "site-packages"},
        *{"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints"},
        "htmlcov",
    }
)
OWN_SETTINGS = frozenset({".env", ".env.local"})
"""What an app would read in place of the environment that is under test; and secrets are nobody else's business."""
# O_NONBLOCK: opening a pipe would otherwise wait for a writer. Windows has none of the first three.
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_COUNTED_AT_MOST = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a submission may hold; sizes in bytes, `depth` in folders below the top."""

    file_bytes: int = 1024 * 1024
    total_bytes: int = 16 * 1024 * 1024
    files: int = 2000
    depth: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A file or folder that is not in the copy; `reason` completes the sentence "`path` …"."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The copy: `files` are relative to `folder`, with `/`, sorted; `digest` changes with any of them."""

    folder: Path
    source: Path
    """The learner's own folder, for messages; never written to."""
    files: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    digest: str

    @property
    def python_files(self) -> tuple[str, ...]:
        """The files that Python, ruff and mypy read."""
        return tuple(name for name in self.files if name.endswith(".py"))

    def python_files_in(self, folder: str) -> tuple[str, ...]:
        """The Python files below one top folder, such as `app`."""
        return tuple(name for name in self.python_files if name.startswith(f"{folder}/"))


def take_snapshot(folder: Path, into: Path, *, bounds: Bounds | None = None) -> Snapshot:
    """Copy what can be graded of `folder` to `into`, a new or empty folder.

    Raises `SubmissionError` where there is nothing to grade or too much of it, `CheckerError` where the copy
    cannot be written.
    """
    bounds = bounds or Bounds()
    source = Path(os.path.abspath(folder))
    _require_folder(folder, source)
    copy = _Copy(source=source, into=into, bounds=bounds)
    copy.make_folder(PurePosixPath())
    for name, path in copy.walk():
        copy.add(name, path)
    copy.refuse_too_many_files()
    if not copy.files:
        raise SubmissionError(_nothing_to_grade(folder, copy.left_out))
    return Snapshot(
        folder=into,
        source=source,
        files=tuple(sorted(copy.files)),
        left_out=tuple(copy.left_out),
        digest=copy.digest(),
    )


def shown(name: str) -> str:
    """A file name as a message can print it: control characters and broken Unicode become `?`."""
    return "".join(character if character.isprintable() else "?" for character in name)


class _Copy:
    """One copy while it is being made: what is in it so far, and what was left out."""

    def __init__(self, *, source: Path, into: Path, bounds: Bounds) -> None:
        self.source = source
        self.into = into
        self.bounds = bounds
        self.files: dict[str, bytes] = {}
        self.left_out: list[LeftOut] = []
        self._bytes: Counter[PurePosixPath] = Counter()
        self._counts: Counter[PurePosixPath] = Counter()
        self._made: set[PurePosixPath] = set()

    def walk(self) -> Iterator[tuple[PurePosixPath, Path]]:
        """Every entry that may be a regular file, folder by folder in the order of names."""
        waiting = [PurePosixPath()]
        while waiting:
            folder = waiting.pop()
            below: list[PurePosixPath] = []
            for entry in self._entries(folder):
                name = folder / entry.name
                try:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    is_link = _is_link(entry)
                except OSError as error:
                    self._leave_out(name, _cannot_read(error))
                    continue
                if is_link:
                    self._leave_out(name, "is a link; put the file itself there")
                elif not is_folder and entry.name in OWN_SETTINGS:
                    self._leave_out(
                        name, "holds settings of your own machine; the checker brings the environment"
                    )
                elif not is_folder:
                    yield name, Path(entry.path)
                elif not self._is_environment(entry):
                    if len(name.parts) > self.bounds.depth:
                        self._leave_out(name, f"lies more than {self.bounds.depth} folders deep")
                    else:
                        below.append(name)
            waiting.extend(reversed(below))

    def add(self, name: PurePosixPath, path: Path) -> None:
        """Copy one file, unless it cannot be read, is no regular file, or breaks a bound."""
        if not _is_unicode(str(name)):
            self._leave_out(name, "has a name that is not valid Unicode")
            return
        try:
            content = read_regular(path, self.bounds.file_bytes)
        except OSError as error:
            self._leave_out(name, _cannot_read(error))
            return
        if content is None:
            self._leave_out(name, "is not a regular file")
            return
        if len(content) > self.bounds.file_bytes:
            self._leave_out(name, f"is larger than {_megabytes(self.bounds.file_bytes)}")
            return
        for above in name.parents:
            self._bytes[above] += len(content)
            self._counts[above] += 1
        if self._counts[_TOP] > self.bounds.files:
            if self._counts[_TOP] >= _COUNTED_AT_MOST:
                self.refuse_too_many_files()
            return  # from here on it only counts, to name the folder that holds the most
        if self._bytes[_TOP] > self.bounds.total_bytes:
            self._refuse_too_many_bytes()
        self._write(name, content)
        self.files[str(name)] = hashlib.blake2b(content, digest_size=16).digest()

    def refuse_too_many_files(self) -> None:
        """Raise `SubmissionError` where more files were seen than a submission may hold."""
        count = self._counts[_TOP]
        if count > self.bounds.files:
            most = _heaviest(self._counts)
            many = f"more than {count - 1:,}" if count >= _COUNTED_AT_MOST else f"{count:,}"
            raise SubmissionError(
                f"`{self.source}` holds {many} files, and at most {self.bounds.files:,} are graded; "
                + (
                    "move those that the app does not need elsewhere."
                    if most == _TOP
                    else f"{self._counts[most]:,} of them lie in `{shown(str(most))}`: move that folder elsewhere."
                )
            )

    def make_folder(self, name: PurePosixPath) -> None:
        """Make one folder of the copy."""
        if name in self._made:
            return
        try:
            (self.into / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot_write(self.into, error) from error
        self._made.add(name)

    def digest(self) -> str:
        """One hash over names and contents."""
        whole = hashlib.blake2b(digest_size=16)
        for name in sorted(self.files):
            whole.update(name.encode() + b"\0" + self.files[name])
        return whole.hexdigest()

    def _entries(self, folder: PurePosixPath) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.source / folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            if folder == _TOP:
                raise SubmissionError(
                    f"`{self.source}` cannot be read ({_reason(error)}); give yourself the right to read it, "
                    "or name another folder."
                ) from error
            self._leave_out(folder, _cannot_read(error))
            return []

    def _is_environment(self, entry: os.DirEntry[str]) -> bool:
        if entry.name in PASSED_OVER or os.path.lexists(os.path.join(entry.path, "pyvenv.cfg")):
            return True
        # A copy into the learner's own folder (a temporary folder inside it) must not swallow itself.
        try:
            return os.path.samefile(entry.path, self.into)
        except OSError:
            return False

    def _refuse_too_many_bytes(self) -> None:
        most = _heaviest(self._bytes)
        where = "" if most == _TOP else f"; most of it lies in `{shown(str(most))}`"
        raise SubmissionError(
            f"`{self.source}` holds more than {_megabytes(self.bounds.total_bytes)} of files, too much to "
            f"grade{where}. Move data that the app does not need elsewhere."
        )

    def _write(self, name: PurePosixPath, content: bytes) -> None:
        self.make_folder(name.parent)
        try:
            (self.into / name).write_bytes(content)
        except OSError as error:
            raise _cannot_write(self.into, error) from error

    def _leave_out(self, name: PurePosixPath, reason: str) -> None:
        # A folder of a million pipes shall not become a million lines in memory.
        if len(self.left_out) < self.bounds.files:
            self.left_out.append(LeftOut(path=shown(str(name)), reason=reason))


_TOP = PurePosixPath()

if sys.version_info >= (3, 12):

    def _is_link(entry: os.DirEntry[str]) -> bool:
        return entry.is_symlink() or entry.is_junction()

else:

    def _is_link(entry: os.DirEntry[str]) -> bool:
        return entry.is_symlink()


def _require_folder(given: Path, source: Path) -> None:
    try:
        mode = source.stat().st_mode
    except FileNotFoundError:
        raise SubmissionError(
            f"There is no folder `{given}`; look for a slip in its name, or leave it out to grade the "
            "workspace's own folder for the chapter."
        ) from None
    except (OSError, ValueError) as error:
        raise SubmissionError(f"`{shown(str(given))}` cannot be read ({_reason(error)}).") from error
    if not stat.S_ISDIR(mode):
        raise SubmissionError(f"`{given}` is not a folder; name the folder that holds `app`.")


def _nothing_to_grade(folder: Path, left_out: list[LeftOut]) -> str:
    if not left_out:
        return f"`{folder}` is empty; `check reset` puts the chapter's starter back, or name the folder that holds `app`."
    first = left_out[0]
    return f"`{folder}` holds nothing that can be graded: `{first.path}` {first.reason}. Name the folder that holds `app`."


def read_regular(path: Path, limit: int) -> bytes | None:
    """Up to one byte more than `limit`, or None where it is no regular file."""
    # Before opening: on some systems opening a device already does something.
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return None
    handle = os.open(path, _OPEN_FLAGS)
    with open(handle, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        pieces: list[bytes] = []
        left = limit + 1
        while left > 0 and (piece := file.read(left)):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)


def _heaviest(weights: Counter[PurePosixPath]) -> PurePosixPath:
    """The deepest folder that still holds more than half of everything."""
    half = weights[_TOP] / 2
    return max((name for name, weight in weights.items() if weight > half), key=lambda name: len(name.parts))


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "its links lead in a circle"
    return (getattr(error, "strerror", None) or str(error)).lower()


def _cannot_read(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "vanished while it was being copied"
    return f"cannot be read ({_reason(error)})"


def _cannot_write(into: Path, error: OSError) -> CheckerError:
    return CheckerError(
        f"The copy to grade cannot be written to `{into}` ({_reason(error)}); make room there, or let `TMPDIR` name "
        "another folder."
    )


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:g} MiB"
