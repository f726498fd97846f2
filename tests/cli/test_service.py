"""`check app`: arguments and settings in, a report and an exit code out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from checker.cli import service
from checker.grade.service import ServiceOptions
from checker.models.report import ConstraintOutcome
from checker.models.service import JudgedConstraint, ServiceReport

Check = Callable[..., Any]
ROOT = Path(__file__).parents[2]
LIMIT_S = 240
"""Far more than it takes, for a machine where a dozen other programs share two processors."""
SCHEMA = json.loads((ROOT / "docs" / "schema" / "service.schema.json").read_text(encoding="utf-8"))

MAIN = """\
import time
from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str


def shelf() -> str:
    return "A"


@app.get("/health")
async def read_tool(place: str = Depends(shelf)) -> Tool:
    time.sleep(1)
    return Tool(name=place)
"""
CLEAN = MAIN.replace("    time.sleep(1)\n", "").replace(
    "str = Depends(shelf)", "Annotated[str, Depends(shelf)]"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a service in `backend`; it is the current folder."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "backend" / "app").mkdir(parents=True)
    (tmp_path / "backend" / "app" / "__init__.py").write_text("")
    (tmp_path / "backend" / "app" / "main.py").write_text(MAIN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def app(check: Check) -> Check:
    """`app("backend")` runs `check app backend --static --select H3,S5`."""

    def run(*arguments: str) -> Any:
        return check("app", *arguments, "--static", "--select", "H3,S5", book=None)

    return run


def seen(run: Any) -> list[str]:
    return [finding["rule"] for finding in json.loads(run.out)["findings"]]


def words(text: str) -> str:
    return " ".join(text.split())


def test_findings_exit_1_and_a_clean_service_0(project: Path, app: Check) -> None:
    run = app("backend")
    assert run.code == 1
    assert "backend/app/main.py:20" in run.out
    assert "2 findings, 1 hard and 1 soft" in run.out
    (project / "backend" / "app" / "main.py").write_text(CLEAN)
    run = app("backend")
    assert run.code == 0
    assert "No finding in 2 files and 1 route: 2 constraints kept." in run.out


def test_the_current_folder_is_checked_where_none_is_named(
    project: Path, app: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "backend")
    run = app()
    assert run.code == 1
    assert "app/main.py:20" in run.out
    assert "backend/" not in run.out


def test_json_stands_alone_and_satisfies_the_published_schema(project: Path, app: Check) -> None:
    run = app("backend", "--format", "json")
    assert run.code == 1
    report = json.loads(run.out)
    Draft202012Validator(SCHEMA).validate(report)
    assert report["schema_version"] == 1
    assert (report["app"], report["files"], report["faults"]) == (None, 2, [])
    assert {finding["path"] for finding in report["findings"]} == {"app/main.py"}
    assert "source: 2 files, 1 route" in run.err


def test_a_single_file_is_judged_inside_its_project(project: Path, app: Check) -> None:
    (project / "backend" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (project / "backend" / "app" / "other.py").write_text(MAIN)
    run = app("backend/app/main.py", "--format", "json")
    assert run.code == 1
    report = json.loads(run.out)
    assert {finding["path"] for finding in report["findings"]} == {"app/main.py"}
    assert report["files"] == 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["nothere"], "There is no file or folder `nothere`"),
        (["backed"], "did you mean `backend`?"),
        (["main:app"], "is named with `--app main:app`"),
        (["notes.txt"], "is no Python file"),
        (["docs"], "There is no Python file in `docs`"),
        (["plain"], "Nothing in `plain` imports FastAPI"),
        (["backend", "--format", "html"], "Choose one of text, github, json, junit, sarif."),
        (["backend", "--format", "sarf"], "did you mean `sarif`"),
        (["backend", "--app", "main"], "is no `module:attribute`"),
        (["backend", "--fail-on", "some"], "takes `all` or `hard`, not `some`"),
        (["backend", "--output", "nowhere/x.json"], "does not exist; make it first"),
        (["backend", "--baseline", "nope.json"], "There is no baseline `nope.json`"),
        (["backend", "--baseline", "notes.txt"], "is not a baseline"),
        (["backend", "--baseline", "notes.txt", "--write-baseline"], "is not a baseline"),
        (["backend", "--write-baseline"], "needs a file to write"),
        (["backend", "--env-file", "nope"], "`--env-file nope` cannot be read"),
        (["backend", "--env-file", "notes.txt"], "line 2, is no `NAME=value`"),
        (["backend", "--ignore", "H3,S5"], "leave nothing to judge"),
        (["backend", "--ignore", "H33"], "did you mean `H3`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_one_sentence(project: Path, app: Check, typed: list[str], says: str) -> None:
    (project / "notes.txt").write_text("A=1\nthis is: no 'assignment\n")
    (project / "docs").mkdir()
    (project / "plain").mkdir()
    (project / "plain" / "x.py").write_text("print(1)\n")
    run = app(*typed)
    assert (run.code, run.out) == (2, "")
    assert says in words(run.err)
    assert "Traceback" not in run.err
    assert (project / "notes.txt").read_text().startswith("A=1"), "a foreign file is never overwritten"


def test_a_broken_file_is_reported_and_not_passed(project: Path, app: Check) -> None:
    (project / "backend" / "app" / "main.py").write_text(CLEAN)
    (project / "backend" / "app" / "broken.py").write_text("def (:\n")
    run = app("backend")
    assert run.code == 1
    assert "`app/broken.py` is not valid Python at line 1" in words(run.out)
    assert app("backend", "--exclude", "broken.py").code == 0
    assert app("backend", "--exclude", "backend/app/broken.py").code == 0


@pytest.mark.parametrize(
    ("pattern", "more"),
    [
        ("backend/app/legacy/**", ["/app/legacy/**"]),
        ("./backend/app", ["/app"]),
        ("!backend/app/keep.py", ["!/app/keep.py"]),
        ("migrations", []),
        ("backend/", []),
    ],
)
def test_a_pattern_may_begin_with_the_way_to_the_service(pattern: str, more: list[str]) -> None:
    assert service._patterns([pattern], "backend/") == (pattern, *more)
    assert service._patterns([pattern], "") == (pattern,)


def test_adopting_a_baseline(project: Path, app: Check) -> None:
    run = app("backend", "--baseline", "check-baseline.json", "--write-baseline")
    assert run.code == 0
    assert "2 known findings in the baseline `check-baseline.json`" in words(run.out)
    assert app("backend", "--baseline", "check-baseline.json").code == 0
    main = project / "backend" / "app" / "main.py"
    main.write_text(main.read_text().replace("    time.sleep(1)\n", "    time.sleep(1)\n    time.sleep(2)\n"))
    run = app("backend", "--baseline", "check-baseline.json", "--format", "json")
    assert run.code == 1
    report = json.loads(run.out)
    assert [finding["line"] for finding in report["findings"] if not finding["baselined"]] == [21]
    assert report["baseline"] == {"file": "check-baseline.json", "entries": 2, "known": 2, "stale": 0}


def test_the_running_app_confirms_what_the_source_shows(project: Path, check: Check) -> None:
    loose = MAIN.replace(") -> Tool:", ") -> dict[str, str]:").replace("Tool(name=place)", '{"name": place}')
    (project / "backend" / "app" / "main.py").write_text(loose)
    run = check("app", "backend", "--select", "H1", "--format", "json", book=None)
    assert run.code == 1, run.err
    report = json.loads(run.out)
    Draft202012Validator(SCHEMA).validate(report)
    assert (report["app"], report["app_ran"], report["app_reason"]) == ("app.main:app", True, "")
    assert [finding["evidence"] for finding in report["findings"]] == ["both"]
    assert "your app: done" in run.err


def test_an_app_that_needs_a_variable_gets_it_from_the_env_file(project: Path, check: Check) -> None:
    (project / "backend" / "app" / "main.py").write_text('import os\n\nTOKEN = os.environ["TOKEN"]\n' + CLEAN)
    (project / ".env.test").write_text("TOKEN=a-value-of-ours\n")
    without = check("app", "backend", "--select", "H3", book=None)
    assert without.code == 0, "the source stands, and it is clean"
    assert "The source alone:" in without.out
    assert "`TOKEN`" in words(without.out)
    given = check("app", "backend", "--select", "H3", "--env-file", ".env.test", book=None)
    assert given.code == 0
    assert "`app.main:app` ran" in given.out
    assert "a-value-of-ours" not in given.out + given.err


def test_two_apps_are_named_and_the_source_is_judged(project: Path, check: Check) -> None:
    for name in ("public", "admin"):
        (project / "backend" / name).mkdir()
        (project / "backend" / name / "service.py").write_text(MAIN)
    (project / "backend" / "app" / "main.py").unlink()
    run = check("app", "backend", "--select", "S5", book=None)
    assert run.code == 1
    assert "`admin.service:app`" in words(run.out)
    assert "name it with `--app`" in words(run.out)
    assert "2 findings" in run.out
    chosen = check("app", "backend", "--select", "S5", "--app", "admin.service:app", book=None)
    assert "`admin.service:app` ran" in chosen.out


def test_settings_speak_where_the_command_line_is_silent(project: Path, check: Check) -> None:
    (project / "backend" / "pyproject.toml").write_text(
        '[tool.check]\nstatic = true\nselect = ["S5"]\nfail-on = "hard"\nbaseline = "base.json"\n'
        'exclude = ["app/legacy/**"]\nenv-file = ".env.test"\n'
    )
    (project / "backend" / "base.json").write_text(
        '{"format": "check-baseline", "version": 1, "checker": "0", "findings": []}'
    )
    (project / "backend" / ".env.test").write_text("DATABASE_URL=x\n")
    (project / "backend" / "app" / "legacy").mkdir()
    (project / "backend" / "app" / "legacy" / "old.py").write_text(MAIN)
    run = check("app", "backend", "--format", "json", book=None)
    assert run.code == 0, run.err
    assert seen(run) == ["depends-as-default-value"]
    assert json.loads(run.out)["baseline"]["file"] == "backend/base.json"
    run = check("app", "backend", "--select", "H3", "--exclude", "nothing", "--format", "json", book=None)
    assert run.code == 1
    assert seen(run) == ["blocking-sleep-in-async"] * 2


def test_variables_of_an_env_file_reach_the_app_and_no_message(
    project: Path, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[ServiceOptions] = []

    def run(folder: Path, options: ServiceOptions) -> ServiceReport:
        given.append(options)
        return ServiceReport(app=None, files=1, passed=True)

    monkeypatch.setattr(service, "_run", run)
    (project / ".env").write_text('# ours\nexport TOKEN="hunter 2"\nEMPTY=\nURL=${TOKEN}/x\nBARE\n')
    ran = check("app", "backend", "--env-file", ".env", book=None)
    assert ran.code == 0
    assert given[0].env == {"TOKEN": "hunter 2", "EMPTY": "", "URL": "hunter 2/x"}
    assert "hunter" not in ran.out + ran.err


def test_an_env_file_that_is_no_text_is_named(project: Path, app: Check) -> None:
    (project / ".env").write_bytes(b"A=\xff\n")
    run = app("backend", "--env-file", ".env")
    assert run.code == 2
    assert "`--env-file .env` is not UTF-8 text" in words(run.err)


def test_the_report_goes_into_a_file(project: Path, app: Check) -> None:
    run = app("backend", "--format", "sarif", "--output", "check.sarif")
    assert (run.code, run.out) == (1, "")
    assert "backend: not passed, 2 findings. The report is in check.sarif." in words(run.err)
    (first, *_) = json.loads((project / "check.sarif").read_text())["runs"][0]["results"]
    place = first["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "backend/app/main.py", "uriBaseId": "%SRCROOT%"}


def test_annotations_name_files_from_the_root_of_the_repository(
    project: Path, app: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "backend")
    run = app(".", "--format", "github")
    assert run.code == 1
    assert run.out.startswith(
        "::error file=backend/app/main.py,line=20,col=5,title=H3 blocking-sleep-in-async::"
    )


def test_nothing_is_coloured_in_a_pipe(project: Path, app: Check) -> None:
    run = app("backend")
    assert "\x1b" not in run.out + run.err


@pytest.mark.parametrize("columns", ["40", "60", "200"])
def test_no_line_is_wider_than_the_terminal(
    project: Path, app: Check, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert max(map(len, app("backend").out.splitlines())) <= int(columns)


def test_what_only_the_checker_could_not_tell_exits_3() -> None:
    untold = JudgedConstraint(id="H3", title="", hard=True, outcome=ConstraintOutcome.ERROR)
    broken = ServiceReport(app=None, files=1, passed=False, constraints=(untold,))
    assert service.verdict(broken) == 3
    assert service.verdict(ServiceReport(app=None, files=1, passed=False, unread_files=1)) == 1
    assert service.verdict(ServiceReport(app=None, files=1, passed=True)) == 0


def start(project: Path, **streams: Any) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    command = [sys.executable, "-m", "checker.cli", "app", "backend", "--static"]
    return subprocess.Popen(command, cwd=project, env=environment, **streams)


def test_a_reader_who_leaves_is_no_error(project: Path) -> None:
    """`check app | head -0`: the verdict stands, and nobody sees a traceback."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        child = start(project, stdout=closed, stderr=subprocess.PIPE)
        _, error = child.communicate(timeout=LIMIT_S)
    assert child.returncode == 1
    assert b"Traceback" not in error


# Windows has no signals to send to one process.
if sys.platform != "win32":

    def test_ctrl_c_is_one_line_and_leaves_no_report(project: Path) -> None:
        many = "\n\n".join(MAIN.replace("read_tool", f"read_{n}") for n in range(60))
        for number in range(150):
            (project / "backend" / "app" / f"m{number}.py").write_text(many)
        child = start(project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert child.stderr is not None
        assert b"Checking backend" in child.stderr.readline()
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        out, error = child.communicate(timeout=LIMIT_S)
        assert (child.returncode, out) == (130, b""), error
        assert error.endswith(b"Stopped; nothing is left running.\n")
        assert b"Traceback" not in error
