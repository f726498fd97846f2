"""Servers are started in three ways, and each way serves, ends and leaves nothing."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from checker.app_under_test import holder as holders
from checker.app_under_test.furnishing import furnish
from checker.app_under_test.launcher import Launcher
from checker.app_under_test.server import AppFault, Server
from checker.book import Limits
from checker.suite import App, Clock

SOURCE = """
import os
from fastapi import FastAPI

app = FastAPI()

@app.get("/word")
async def word() -> str:
    return os.environ["WORD"]
"""

WAYS = ["fork", "spawn", "loopback"] if sys.platform == "linux" else ["spawn", "loopback"]


@pytest.fixture(params=WAYS)
def launcher(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    folder = tmp_path / "folder" / "app"
    folder.mkdir(parents=True)
    (folder / "main.py").write_text(SOURCE)
    if request.param == "loopback":
        monkeypatch.setattr(holders, "PASSES_DESCRIPTORS", False)
    return Launcher(
        folder.parent,
        "app.main:app",
        box=tmp_path / "box",
        limits=Limits(start_s=15, answer_s=5),
        fork=request.param == "fork",
    )


def app_on(server: Server, box: Path) -> App:
    return App(server, answer_s=5, clock=Clock(box / "clock"))


def test_servers_serve_each_with_its_own_environment(launcher: Launcher, tmp_path: Path) -> None:
    with launcher:
        servers = [launcher.start({"WORD": word}) for word in ("saw", "drill")]
        assert [app_on(server, tmp_path).get("/word").json for server in servers] == ["saw", "drill"]
        assert [route.path for route in launcher.facts().routes] == ["/word"]


CHOOSY = """
import os
from contextlib import asynccontextmanager
from fastapi import FastAPI

@asynccontextmanager
async def lifespan(app):
    print("looking", flush=True)
    if not os.environ["WORD"]:
        raise RuntimeError("WORD says nothing")
    yield

app = FastAPI(lifespan=lifespan)
"""


def test_a_server_that_refuses_to_start_says_so(launcher: Launcher) -> None:
    (launcher.folder / "app" / "main.py").write_text(CHOOSY)
    with launcher:
        good, empty = launcher.start({"WORD": "saw"}), launcher.start({"WORD": ""})
        assert good.start_up().served
        refusal = empty.start_up()
    assert (refusal.served, refusal.imported, refusal.hangs, refusal.code) == (False, True, False, 3)
    assert "looking" in refusal.lines
    assert any("WORD says nothing" in line for line in refusal.lines)


def test_a_variable_can_be_taken_away(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    (launcher.folder / "app" / "main.py").write_text(CHOOSY)
    launcher._env["WORD"] = "saw"
    with launcher:
        usual, without = launcher.start({}), launcher.start({"WORD": "drill"}, without=["WORD"])
        assert usual.start_up().served
        refusal = without.start_up()
    assert (refusal.served, refusal.imported, refusal.code) == (False, True, 3)
    assert any("KeyError: 'WORD'" in line for line in refusal.lines)


@pytest.mark.parametrize("reading", ['found = os.environ["WORD"]', 'found = {**os.environ}["WORD"]'])
def test_what_is_read_at_import_is_read_anew_for_another_environment(
    launcher: Launcher, tmp_path: Path, reading: str
) -> None:
    source = SOURCE.replace("app = FastAPI()", f"app = FastAPI()\n{reading}")
    (launcher.folder / "app" / "main.py").write_text(
        source.replace('return os.environ["WORD"]', "return found")
    )
    launcher._env["WORD"] = "saw"
    with launcher:
        usual, other, without = (
            launcher.start({}),
            launcher.start({"WORD": "drill", "MORE": "1"}),
            launcher.start({}, without=["WORD"]),
        )
        assert [app_on(server, tmp_path).get("/word").json for server in (usual, other)] == ["saw", "drill"]
        refusal = without.start_up()
    assert (refusal.served, refusal.imported) == (False, False)
    assert any("WORD" in line for line in refusal.lines)


def test_a_start_that_does_not_end_is_told_from_a_refusal(launcher: Launcher) -> None:
    code = CHOOSY.replace(
        'if not os.environ["WORD"]:', "import asyncio; await asyncio.sleep(60)\n    if False:"
    )
    (launcher.folder / "app" / "main.py").write_text(code)
    with launcher:
        started = launcher.start({}).start_up(within=2)
    assert (started.served, started.hangs, started.code) == (False, True, None)


def test_nothing_runs_after_the_launcher_is_closed(launcher: Launcher, tmp_path: Path) -> None:
    with launcher:
        server = launcher.start({"WORD": "saw"})
        app_on(server, tmp_path).get("/word")
        family = psutil.Process().children(recursive=True)
        assert family
    gone, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    assert len(gone) == len(family)


def test_the_end_of_a_server_is_known(launcher: Launcher, tmp_path: Path) -> None:
    with launcher:
        server = launcher.start({"WORD": "saw"})
        app = app_on(server, tmp_path)
        app.get("/word")
        gone = app.terminate(within=8)
        assert gone.code is not None
        assert not server.alive


def test_an_app_that_cannot_be_imported_is_a_fault(launcher: Launcher) -> None:
    (launcher.folder / "app" / "main.py").write_text("import no_such_package\n")
    with launcher, pytest.raises(AppFault, match="no_such_package"):
        launcher.load()


def test_a_deep_folder_for_temporary_files_is_no_obstacle(launcher: Launcher, tmp_path: Path) -> None:
    deep = Launcher(
        launcher.folder,
        "app.main:app",
        box=tmp_path / ("deep" * 30),
        limits=launcher.limits,
        fork=launcher.mode == "fork",
    )
    with deep:
        assert app_on(deep.start({"WORD": "saw"}), tmp_path).get("/word").json == "saw"


def test_a_server_is_furnished_with_database_clock_and_seed(tmp_path: Path) -> None:
    furnishing = furnish(tmp_path / "server", seed={"tools": [1]}, env={"WORD": "saw"})
    assert furnishing.env["DATABASE_URL"] == f"sqlite+aiosqlite:///{furnishing.database.as_posix()}"
    assert Path(furnishing.env["TOOLSHED_SEED_FILE"]).read_text() == '{"tools": [1]}'
    assert (furnishing.clock.read_text(), furnishing.env["WORD"]) == ("0", "saw")


def test_connecting_with_a_wrong_token_does_not_become_the_childs_channel(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    intruders: list[socket.socket] = []
    real: Callable[..., socket.socket] = socket.create_server

    def create_server(*arguments: object, **named: object) -> socket.socket:
        listener = real(*arguments, **named)
        intruder = socket.create_connection(listener.getsockname())
        intruder.sendall(b"x" * 33)
        intruders.append(intruder)
        return listener

    monkeypatch.setattr(holders.socket, "create_server", create_server)
    with launcher:
        assert launcher.load().target == "app.main:app"
    for intruder in intruders:
        intruder.close()
