"""What people send by accident or on purpose: each ends in its time, with one sentence that names the cause."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from checker.errors import CheckerError
from checker.models.report import FaultKind, Outcome, Report

HEAD = "from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\n"
OK = 'app = FastAPI()\n@app.get("/greetings/{name}")\nasync def greet(name: str): return {"message": name}\n'
SLOW_START = "@asynccontextmanager\nasync def lifespan(app):\n    {body}\n    yield\n"
from checker.sandbox import Isolation


def with_lifespan(body: str) -> str:
    return HEAD + SLOW_START.format(body=body) + OK.replace("FastAPI()", "FastAPI(lifespan=lifespan)")


def handler(body: str) -> str:
    return HEAD + OK.replace('return {"message": name}', f"\n    {body}")


AT_IMPORT: dict[str, tuple[str | bytes | None, FaultKind, str]] = {
    "no app": (HEAD, FaultKind.IMPORT, "has no `app`"),
    "no module": (None, FaultKind.IMPORT, "app.main:app"),
    "not ASGI": ("app = 42\n", FaultKind.IMPORT, "is a int, not an ASGI application"),
    "syntax error": (HEAD + "def broken(:\n", FaultKind.SYNTAX, "line 3"),
    "not UTF-8": (b"# caf\xe9\n" + OK.encode(), FaultKind.SYNTAX, "UTF-8"),
    "import error": (HEAD + "1 / 0\n", FaultKind.IMPORT, "app/main.py:3"),
    "missing package": ("import no_such_package\n", FaultKind.IMPORT, "`no_such_package` is not installed"),
    "endless loop at import": (HEAD + "while True:\n    pass\n", FaultKind.TIMEOUT, "app/main.py:"),
    "exit at import": ("raise SystemExit(0)\n", FaultKind.CRASH, "ended the process"),
    "hard exit at import": ("import os\nos._exit(0)\n", FaultKind.CRASH, "ended with code 0"),
    "killed at import": ("import os\nos.kill(os.getpid(), 9)\n", FaultKind.CRASH, "SIGKILL"),
    "memory at import": ("x = bytearray(2**40)\n" + OK, FaultKind.MEMORY, "memory"),
    "start-up raises": (
        with_lifespan("raise RuntimeError('no database')"),
        FaultKind.START_UP,
        "no database",
    ),
    "start-up hangs": (
        with_lifespan("import asyncio; await asyncio.sleep(60)"),
        FaultKind.START_UP,
        "did not finish",
    ),
    "start-up blocks": (with_lifespan("import time; time.sleep(60)"), FaultKind.START_UP, "did not finish"),
}


@pytest.mark.parametrize("name", AT_IMPORT)
def test_an_app_that_cannot_be_served_is_one_fault(
    name: str, submit: Callable[..., Path], judge: Callable[..., Report]
) -> None:
    source, kind, words = AT_IMPORT[name]
    report = judge(submit({"app/main.py": source}))
    assert not report.passed
    assert [fault.kind for fault in report.faults] == [kind], report.faults
    assert words in report.faults[0].message
    outcomes = {check.outcome for task in report.tasks for check in task.checks}
    assert outcomes <= {Outcome.SKIPPED, Outcome.FAILED}
    assert Outcome.SKIPPED in outcomes, "one root cause, not a failure for each check"


IN_HANDLER: dict[str, tuple[str, FaultKind | None]] = {
    "endless loop": ("while True: pass", None),
    "never answers": ("import asyncio; await asyncio.sleep(60)", None),
    "hard exit": ("import os; os._exit(1)", FaultKind.CRASH),
    "killed": ("import os; os.kill(os.getpid(), 11)", FaultKind.CRASH),
    "100 MB of output": ("for _ in range(1000): print('x' * 100_000)", FaultKind.OUTPUT),
    "recursion": ("return (lambda f: f(f))(lambda f: f(f))", None),
}


@pytest.mark.parametrize("name", IN_HANDLER)
def test_a_handler_that_misbehaves_fails_its_own_checks(
    name: str, submit: Callable[..., Path], judge: Callable[..., Report]
) -> None:
    body, kind = IN_HANDLER[name]
    report = judge(submit({"app/main.py": handler(body)}))
    assert not report.passed
    assert all(check.outcome is Outcome.FAILED for task in report.tasks[:1] for check in task.checks[:1])
    assert report.tasks[0].checks[0].message
    if kind is not None:
        assert kind in [fault.kind for fault in report.faults]


def test_a_missing_folder_is_one_sentence(tmp_path: Path, judge: Callable[..., Report]) -> None:
    report = judge(tmp_path / "nowhere")
    assert not report.passed
    assert len(report.faults) == 1
    assert "nowhere" in report.faults[0].message


def test_an_empty_folder_is_one_sentence(tmp_path: Path, judge: Callable[..., Report]) -> None:
    report = judge(tmp_path)
    assert not report.passed
    assert len(report.faults) == 1


def test_ten_thousand_files_are_refused_before_they_are_copied(
    tmp_path: Path, judge: Callable[..., Report]
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(10_000):
        (many / f"{number}.py").touch()
    report = judge(tmp_path)
    assert len(report.faults) == 1
    assert "many" in report.faults[0].message


def test_the_learners_folder_is_not_written_to(
    submit: Callable[..., Path], judge: Callable[..., Report]
) -> None:
    writes = 'from pathlib import Path\nPath("here.txt").write_text("x")\nPath(__file__).with_name("there.txt").touch()\n'
    folder = submit({"app/extra.py": "", "app/main.py": HEAD + writes + OK})
    before = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    judge(folder)
    assert sorted(path.relative_to(folder) for path in folder.rglob("*")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="fork is POSIX's own")
def test_nothing_is_left_running_or_lying_about(
    submit: Callable[..., Path], judge: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = tmp_path / "boxes"
    boxes.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(boxes))
    note = tmp_path / "pids"
    body = (
        "import os, time\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork() == 0:\n"
        f"            open({str(note)!r}, 'a').write(f'{{os.getpid()}} ')\n"
        "            time.sleep(60)\n"
        "        os._exit(0)\n"
        "    return {'message': 'Hello, you'}"
    )
    # Elsewhere the note could not be written.
    judge(submit({"app/main.py": handler(body)}), isolation=Isolation.PORTABLE)
    assert not list(boxes.iterdir())
    pids = [int(text) for text in note.read_text().split()]
    assert pids
    assert not [
        pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]


def test_two_grades_at_once_do_not_meet(submit: Callable[..., Path], judge: Callable[..., Report]) -> None:
    folder = submit()
    reports: list[Report] = []
    threads = [threading.Thread(target=lambda: reports.append(judge(folder))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.passed for report in reports] == [True, True]


def test_a_file_called_like_a_library_does_not_stand_in_for_it(
    submit: Callable[..., Path], judge: Callable[..., Report]
) -> None:
    report = judge(submit({"random.py": "raise RuntimeError('shadow')\n", "pytest.py": "1/0\n"}))
    assert report.passed, report.faults


def test_the_persons_environment_stays_outside(
    submit: Callable[..., Path], judge: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    leak = "import os; return {'message': str(dict(os.environ))}"
    report = judge(submit({"app/main.py": handler(leak)}))
    received = [str(check.received) for task in report.tasks for check in task.checks]
    assert not [text for text in received if "very-secret" in text]
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == "very-secret"


def test_a_full_disk_is_one_sentence_before_anything_runs(
    submit: Callable[..., Path], judge: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = tmp_path / "boxes"
    boxes.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(boxes))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2**20))
    with pytest.raises(CheckerError, match=r"Only 1 MB are free in .*TMPDIR"):
        judge(submit())
    assert not list(boxes.iterdir())
