"""Runs the corpus: four workers side by side, and after each run a look at all that must be as it was before."""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import secrets
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import msgspec

from checker.sandbox import Isolation, best_isolation
from tests.corpus.submissions import BOOK, Submission, Unstoppable
from tests.corpus.worker import LIMITS, PATIENCE, Graded, Job

AT_ONCE: Final = 4
HUNG_S: Final = LIMITS.start_s + LIMITS.run_s + LIMITS.tests_s + 20
"""A grade that is not over by then is a hang: its own clocks have all run out, even on a slow machine."""
_GONE_WITHIN_S: Final = 2.0
_REPOSITORY: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One submission at one level."""

    submission: Submission
    level: Isolation
    end: str
    said: tuple[str, ...]
    report: str
    seconds: float
    effects: tuple[str, ...]
    """What was touched that must not be."""
    left: tuple[str, ...]
    """Processes and files that are still there."""

    @property
    def unstoppable(self) -> Unstoppable | None:
        """What this level cannot stop of it."""
        return self.submission.file.unstoppable.get(self.level.value)

    @property
    def end_is_right(self) -> bool:
        """Whether it ended as it must; `fooled` otherwise, unless it hung or crashed."""
        allowed = self.unstoppable.ends if self.unstoppable else ()
        return self.end in (self.submission.file.expect, *allowed)

    @property
    def names_the_cause(self) -> bool:
        """Whether the report holds against it what has to be held against it."""
        by = self.submission.file.by
        if self.end != self.submission.file.expect:
            return self.end_is_right
        return not by or any(said.startswith(wanted) for said in self.said for wanted in by)

    @property
    def effect_is_allowed(self) -> bool:
        """Whether nothing was touched, or this level cannot prevent it."""
        return not self.effects or bool(self.unstoppable and self.unstoppable.effect)

    @property
    def nothing_is_left(self) -> bool:
        """No process; and no file, but where the watch itself was ended."""
        ended = self.end == "crashed" and self.end_is_right
        return not any(one for one in self.left if not ended or one.startswith("process"))

    @property
    def right(self) -> bool:
        """All of it."""
        return self.end_is_right and self.names_the_cause and self.effect_is_allowed and self.nothing_is_left


def levels() -> tuple[Isolation, ...]:
    """What this machine has, from the weakest."""
    best = best_isolation().level
    return tuple(level for level in Isolation if level.strength <= best.strength)


def run_corpus(
    wanted: Iterable[tuple[Submission, Isolation]],
    *,
    at_once: int = AT_ONCE,
    heard: Callable[[Run], None] = lambda run: None,
) -> dict[tuple[str, Isolation], Run]:
    """Run each submission at the level beside it."""
    waiting: queue.SimpleQueue[tuple[Submission, Isolation]] = queue.SimpleQueue()
    for one in wanted:
        waiting.put(one)
    done: dict[tuple[str, Isolation], Run] = {}
    broken: list[BaseException] = []

    def work(place: Path) -> None:
        with _Worker() as worker, contextlib.suppress(queue.Empty):
            while not broken:
                submission, level = waiting.get_nowait()
                try:
                    run = _run(submission, level, worker, place)
                except BaseException as error:
                    broken.append(error)
                    raise
                done[submission.id, level] = run
                heard(run)

    # Short: the path of a Unix socket has a hundred characters at most.
    scratch = Path(tempfile.mkdtemp(prefix="corpus-", dir="/tmp" if sys.platform != "win32" else None))
    try:
        threads = [threading.Thread(target=work, args=(scratch / str(number),)) for number in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if broken:
        raise broken[0]
    return done


class _Worker:
    """A process that grades; a new one where the last one was ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.canary = f"secret-{secrets.token_hex(16)}"
        """Stands in the environment of the process, as a person's tokens do."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def grade(self, job: Job) -> Graded:
        """The result; `crashed` where the worker ended, `hung` where it never came back."""
        process = self._process or self._start()
        started = time.monotonic()
        assert process.stdin is not None and process.stdout is not None
        data = b""
        try:
            process.stdin.write(msgspec.json.encode(job) + b"\n")
            process.stdin.flush()
            while not data.endswith(b"\n"):
                left = started + HUNG_S - time.monotonic()
                ready, _, _ = select.select([process.stdout], [], [], max(0.0, left))
                if not ready:
                    self._end()
                    return Graded("hung", seconds=time.monotonic() - started)
                piece = os.read(process.stdout.fileno(), 2**20)
                if not piece:
                    raise BrokenPipeError
                data += piece
        except BrokenPipeError:
            code = process.wait(5)
            self._end()
            return Graded("crashed", (f"code:{code}",), seconds=time.monotonic() - started)
        return msgspec.json.decode(data, type=Graded)

    def _start(self) -> subprocess.Popen[bytes]:
        environment = dict(os.environ) | {"PYTHONPATH": str(_REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= {"CHECK_CANARY": self.canary, "CORPUS_PATIENCE": str(PATIENCE)}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.corpus.worker"],
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _run(submission: Submission, level: Isolation, worker: _Worker, place: Path) -> Run:
    with _Canaries(place, submission) as canaries:
        folder, temporary = place / "in", place / "t"
        temporary.mkdir()
        submission.write(folder, canaries.names)
        before = digest(folder)
        graded = worker.grade(
            Job(
                book=str(place / "book"),
                folder=str(folder),
                temporary=str(temporary),
                level=level.value,
                parts=submission.file.parts,
                seed=secrets.randbelow(10**6),
            )
        )
        left = [f"process {line}" for line in _family_left(place)]
        left += [f"file {path.relative_to(temporary)}" for path in sorted(temporary.iterdir())]
        return Run(
            submission=submission,
            level=level,
            end=graded.end,
            said=graded.said,
            report=graded.report,
            seconds=graded.seconds,
            effects=(
                *canaries.touched(graded.report, worker.canary),
                *(["the learner's folder was written to"] if digest(folder) != before else []),
            ),
            left=tuple(left),
        )


class _Canaries:
    """What a submission must leave alone, laid out before a run and looked at after it."""

    def __init__(self, place: Path, submission: Submission) -> None:
        self._place = place
        self._submission = submission
        self._secret = f"secret-{secrets.token_hex(16)}"
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        outside = self._place / "outside"
        outside.mkdir(parents=True)
        self._stack.callback(_remove, self._place)
        (outside / "secret.txt").write_text(self._secret, encoding="utf-8")
        (outside / "keep.txt").write_text("keep this as it is\n", encoding="utf-8")
        shutil.copytree(BOOK, self._place / "book", ignore=shutil.ignore_patterns("__pycache__"))
        self._listener = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._listener.setblocking(False)
        self._datagrams = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._datagrams.bind(("127.0.0.1", 0))
        self._datagrams.setblocking(False)
        self._bystander: subprocess.Popen[bytes] | None = None
        if self._submission.mentions("BYSTANDER"):
            self._bystander = subprocess.Popen(["sleep", "120"], start_new_session=True)
            self._stack.callback(self._end_bystander)
        self.names = {
            "OUTSIDE": str(outside),
            "BOOK": str(self._place / "book"),
            "FOLDER": str(self._place / "in"),
            "PORT": str(self._listener.getsockname()[1]),
            "DATAGRAMS": str(self._datagrams.getsockname()[1]),
            "SHARED": f"corpus-{os.getpid()}-{self._place.name}",
            "BYSTANDER": str(self._bystander.pid if self._bystander else 0),
        }
        self._before = {name: digest(self._place / name) for name in ("outside", "book")}
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def touched(self, report: str, in_environment: str) -> Iterator[str]:
        """In words."""
        for name, before in self._before.items():
            if digest(self._place / name) != before:
                yield f"{name} was written to"
        if self._secret in report:
            yield "the secret was read"
        if in_environment in report:
            yield "an environment was read"
        with contextlib.suppress(BlockingIOError):
            self._listener.accept()[0].close()
            yield "the network was reached"
        with contextlib.suppress(BlockingIOError):
            self._datagrams.recv(100)
            yield "the network was reached by a datagram"
        with contextlib.suppress(FileNotFoundError):
            Path("/dev/shm", self.names["SHARED"]).unlink()
            yield "shared memory was left behind"
        if self._bystander is not None:
            state = _state_of(self._bystander.pid)
            if self._bystander.poll() is not None or state in {"T", "t"}:
                yield "a process outside was signalled"

    def _end_bystander(self) -> None:
        if self._bystander is not None:
            self._bystander.kill()
            self._bystander.wait()


def digest(folder: Path) -> str:
    """One hash over names, kinds, modes and contents; links are not followed, pipes not opened."""
    whole = hashlib.blake2b(digest_size=16)
    if not folder.exists():
        return "gone"
    for path in sorted([folder, *folder.rglob("*")]):
        if path.suffix == ".pyc" or path.name == "__pycache__":
            # The judge imports the suite from the book: Python's own notes on it.
            continue
        info = path.lstat()
        whole.update(f"{path.relative_to(folder)}\0{info.st_mode}\0".encode("utf-8", "surrogateescape"))
        if stat.S_ISREG(info.st_mode):
            whole.update(path.read_bytes() if info.st_size < 2**24 else str(info.st_size).encode())
        elif stat.S_ISLNK(info.st_mode):
            whole.update(os.fsencode(os.readlink(path)))
    return whole.hexdigest()


def _family_left(place: Path) -> list[str]:
    """Processes whose environment or command line names the run's folder, as that of every child of a grade does."""
    deadline = time.monotonic() + _GONE_WITHIN_S
    while True:
        found = list(_marked(f"{place}/".encode()))
        if not found or time.monotonic() > deadline:
            for pid, _ in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return [f"{pid} {line}" for pid, line in found]
        time.sleep(0.05)


def _marked(mark: bytes) -> Iterator[tuple[int, str]]:
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            line = Path("/proc", name, "cmdline").read_bytes()
            marked = mark in line or mark in Path("/proc", name, "environ").read_bytes()
            if marked and _state_of(int(name)) not in {"Z", "X", ""}:
                yield int(name), line.replace(b"\0", b" ").decode("utf-8", "replace")[:200]


def _state_of(pid: int) -> str:
    try:
        return (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()[0]
        )
    except OSError:
        return ""


def _remove(place: Path) -> None:
    for folder, _, _ in os.walk(place):
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
    shutil.rmtree(place, ignore_errors=True)
