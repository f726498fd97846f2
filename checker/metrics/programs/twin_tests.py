"""Runs a learner's tests against apps that look alike: `python -P -B twin_tests.py SETTINGS`, in a limited child.

This process imports libraries and nothing of the learner's. It reads all apps into memory and deletes them from disk; each
run gets a process, a folder and a home of its own, which are gone when it ends. The first run is against the app that is
right; what passes there is then run against each broken one, in any order, and what noticed one must pass with the right
one again. What came of it is the one line on standard output. It imports nothing of the checker.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from checker.metrics.programs import twin_run
else:
    sys.path.insert(0, str(Path(__file__).parent))
    twin_run = importlib.import_module("twin_run")
    sys.path.pop(0)

_LOOK_EVERY_S = 0.02
_MOST_RESULT_BYTES = 8 * 2**20
_RIGHT = "right"


class Forked(Exception):
    """Carries a new process out of all that its parent knows, to where its run begins."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.settings = settings


class Run:
    """A run that goes on, against one of the apps; `app` is `_RIGHT` or the name of a broken one."""

    def __init__(self, app: str, room: Path, pid: int, deadline: float, process: Any = None) -> None:
        self.app = app
        self.room = room
        self.pid = pid
        self.deadline = deadline
        self.process = process
        self.passed: set[str] = set()
        self.failed: dict[str, dict[str, Any]] = {}
        self.requests = 0
        self.complete = False
        self._read = 0
        self._rest = b""

    def look(self) -> None:
        """Read what it has written since the last look: claims, checked for shape only."""
        try:
            with (self.room / "result").open("rb") as file:
                file.seek(self._read)
                new = file.read(max(0, _MOST_RESULT_BYTES - self._read))
        except OSError:
            return
        self._read += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError, TypeError, AttributeError, RecursionError):
                self._take(json.loads(line))

    def _take(self, line: dict[str, Any]) -> None:
        if isinstance(line.get("passed"), str):
            self.passed.add(line["passed"])
        elif isinstance(line.get("failed"), str):
            kept = {"test": str, "path": str, "message": str, "line": int}
            self.failed[line["failed"]] = {k: line[k] for k, t in kept.items() if isinstance(line.get(k), t)}
        elif isinstance(line.get("end"), int):
            self.requests = line["end"]
            self.complete = True

    def ended(self) -> bool:
        """Whether its process is gone; reaps it."""
        if self.process is not None:
            code = self.process.poll()
        else:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            code = os.waitstatus_to_exitcode(status) if pid else None
        if code == twin_run.NOT_BEGUN:
            raise SystemExit("a run could not be prepared")
        return code is not None

    def clear(self, *, ended: bool) -> None:
        """Kill it with its group, and take its room away."""
        with contextlib.suppress(OSError):
            if self.process is not None:
                self.process.kill()
            else:
                os.killpg(self.pid, signal.SIGKILL)
        for _ in range(0 if ended else 500):
            if self.ended():
                break
            time.sleep(_LOOK_EVERY_S)
        self.look()
        shutil.rmtree(self.room, ignore_errors=True)


class Comparison:
    """All runs of one comparison. From inside, every one is like every other but for the app."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.work = Path(settings["work"])
        store = Path(settings["store"])
        self.apps = {name: _read_tree(store / name) for name in (_RIGHT, *settings["broken"])}
        self.others = _read_tree(store / "others")
        self.acts: dict[str, str] = settings["acts"]
        self.saboteur = (store / "over_http.py").read_text(encoding="utf-8")
        self.ini = (store / "pytest.ini").read_text(encoding="utf-8")
        shutil.rmtree(store)
        self.deadline = time.monotonic() + settings["seconds"]
        self.each_s: float = settings["seconds"]
        self.orders: dict[str, list[str]] = settings["orders"]
        self.running: list[Run] = []
        self.passed: set[str] = set()
        self.unsteady: set[str] = set()
        self.sure = True
        self.noticed: dict[str, str | None] = {}
        self.tried: set[str] = set()

    def compare(self) -> dict[str, Any]:
        """The right app first, then the others."""
        started = time.monotonic()
        right = self._start(_RIGHT)
        while self._goes_on(right):
            time.sleep(_LOOK_EVERY_S)
        if right.failed and self.orders:
            # Perhaps because they need the order in which they were written.
            self.orders = {}
            return self.compare()
        if not right.complete:
            return {"right": None, "broken": {}}
        # No broken app needs longer, but for waits that somebody else's work draws out.
        self.each_s = 5.0 + 3 * (time.monotonic() - started)
        self.passed = right.passed
        if self.passed:
            self._try_all()
        return {
            "right": {
                "passed": len(self.passed),
                "aside": list(right.failed.values()),
                "requests": right.requests,
            },
            "broken": {name: self._fate(name) for name in self.settings["broken"]},
        }

    def _fate(self, name: str) -> dict[str, Any]:
        if name not in self.tried:
            return {"state": "not-tried", "by": None}
        if name not in self.noticed:
            return {"state": "same", "by": None}
        by = self.noticed[name]
        steady = by not in self.unsteady if by is not None else self.sure
        return {"state": "noticed" if steady else "unsteady", "by": by}

    def _try_all(self) -> None:
        # The right app comes once more, so that no test can tell a broken one by how often it has run before, and none
        # passes for sharp that fails now and then.
        waiting = [_RIGHT, *self.settings["broken"]]
        random.shuffle(waiting)
        self._try(waiting)
        if self.unsteady and self.passed:
            again = [name for name, by in self.noticed.items() if by in self.unsteady]
            for name in again:
                del self.noticed[name]
            self._try([_RIGHT, *again])

    def _try(self, waiting: list[str]) -> None:
        while waiting or self.running:
            if time.monotonic() >= self.deadline:
                waiting.clear()
            while waiting and len(self.running) < self.settings["at_once"]:
                self.running.append(self._start(waiting.pop()))
            self.running = [run for run in self.running if self._goes_on(run) or self._judge(run)]
            time.sleep(_LOOK_EVERY_S)

    def _goes_on(self, run: Run) -> bool:
        """False once the run has ended, or there is no more to learn from it; then it is cleared away."""
        ended = run.ended()
        run.look()
        if not (ended or time.monotonic() >= run.deadline or (run.app != _RIGHT and self._noticing(run))):
            return True
        run.clear(ended=ended)
        return False

    def _noticing(self, run: Run) -> str | None:
        return next((test for test in run.failed if test in self.passed), None)

    def _judge(self, run: Run) -> bool:
        lost = self.passed - run.passed
        if not run.complete and not run.failed.keys() & self.passed and time.monotonic() >= self.deadline:
            return False  # ended by the clock of all runs, it says nothing
        if run.app == _RIGHT:
            if not run.complete:
                # Then a broken app has not been noticed either where the tests came to no end.
                self.sure = False
                lost = run.failed.keys() & self.passed
            self.unsteady |= lost
            self.passed -= lost
            return False
        self.tried.add(run.app)
        if lost:
            self.noticed[run.app] = self._noticing(run)
        return False

    def _sweep(self) -> None:
        """Nothing that an earlier run has left, where nobody kept it in, may tell a later one how many there were."""
        rooms = {run.room for run in self.running}
        places = [*self.work.parent.iterdir(), *self.work.iterdir(), *Path(os.environ["HOME"]).iterdir()]
        for path in places:
            if path in rooms or path in (self.work, Path(os.environ["HOME"])):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _order(self, app: str) -> list[str]:
        """Those files first that are likely to notice; for the right app the order of any other, so that none is a sign."""
        return self.orders.get(app) or random.choice([*self.orders.values()]) if self.orders else []

    def _start(self, app: str) -> Run:
        self._sweep()
        room = self.work / uuid.uuid4().hex
        code, home = room / "code", room / "home"
        home.mkdir(parents=True)
        (room / "pytest.ini").write_text(self.ini, encoding="utf-8")
        _write_tree(code, self.others)
        _write_tree(code / "app", self.apps[app])
        settings = {
            "code": str(code),
            "home": str(home),
            "result": str(room / "result"),
            "pytest": str(room / "pytest.ini"),
            "where": self.settings["where"],
            "saboteur": self.saboteur,
            "act": self.acts.get(app, ""),
            "order": self._order(app),
            "reach": self.settings["reach"],
        }
        deadline = min(self.deadline, time.monotonic() + self.each_s)
        if not hasattr(os, "fork"):
            path = room / "run.json"
            path.write_text(json.dumps(settings), encoding="utf-8")
            command = [sys.executable, "-P", "-B", __file__, "--one", str(path)]
            quiet = subprocess.DEVNULL
            process = subprocess.Popen(command, cwd=code, stdin=quiet, stdout=quiet, stderr=quiet)
            return Run(app, room, process.pid, deadline, process)
        pid = os.fork()
        if pid == 0:
            raise Forked(settings)
        # Both sides, so that whoever is first may rely on it.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        return Run(app, room, pid, deadline)


def _read_tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _write_tree(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main(arguments: list[str]) -> None:
    """Compare, or on systems without `fork` make one run."""
    if arguments[0] == "--one":
        path = Path(arguments[1])
        settings = json.loads(path.read_text(encoding="utf-8"))
        path.unlink()
        twin_run.run_tests(settings)
    settings = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    Path(arguments[0]).unlink()
    if settings["reach"] is not None:
        twin_run.load_landlock(settings.pop("landlock"))
    if hasattr(os, "fork"):
        twin_run.warm_up()
    try:
        outcome = Comparison(settings).compare()
    except Forked as forked:
        settings = forked.settings
    else:
        _say(outcome)
    _begin_anew()
    twin_run.run_tests(settings)


def _begin_anew() -> None:
    """In a forked process: a group of its own, and no way to write where the outcome is read."""
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silence, descriptor)
    os.close(silence)
    random.seed()
    gc.collect()


def _say(outcome: dict[str, Any]) -> NoReturn:
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
