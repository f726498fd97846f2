"""`check_service` on small projects: what is judged, what counts, what is said where something is missing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from checker.constraints import all_constraints
from checker.errors import CheckerError, UsageError
from checker.grade import app_lane
from checker.grade.baseline import Baseline, Entry, read_baseline
from checker.grade.selection import select
from checker.grade.service import ServiceOptions, check_service
from checker.models.events import ConstraintsFinished, Event, SourceRead
from checker.models.facts import AppFacts, BlockedLoop, Site
from checker.models.report import ConstraintOutcome, Evidence, Fault, FaultKind
from checker.models.service import FailOn, ServiceReport
from checker.sandbox import start_process

CLEAN = """\
from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel

app = FastAPI()


class Health(BaseModel):
    status: str


@app.get("/health")
async def health() -> Health:
    return Health(status="ok")
"""
SLEEPY = """\
import time

from fastapi import Depends, FastAPI
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str


def shelf() -> str:
    return "A"


@app.get("/health")
async def read_tool(shelf: str = Depends(shelf)) -> Tool:
    time.sleep(1)
    return Tool(name=shelf)
"""
ONLY = ["H3", "S5"]


@dataclass
class FakeRunner:
    """Stands where a service is run; says what a test wants it to say."""

    facts: AppFacts | None = None
    faults: tuple[Fault, ...] = ()
    target: str | None = "main:app"
    candidates: tuple[str, ...] = ()
    reason: str = ""
    observed: list[tuple[str, Mapping[str, str], bool]] = field(default_factory=list)
    thread: threading.Thread | None = None
    python_path: tuple[Path, ...] = ()

    def find_target(self, project: object, folder: Path) -> FakeRunner:
        return self

    def observe_service(
        self,
        folder: Path,
        target: str,
        *,
        env: Mapping[str, str],
        box: Path,
        python_path: Sequence[Path] = (),
    ) -> FakeRunner:
        self.thread = threading.current_thread()
        self.observed.append((target, env, box.is_dir()))
        return self


Make = Callable[..., Path]
Judge = Callable[..., ServiceReport]


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    fake = FakeRunner()
    monkeypatch.setattr(app_lane, "service", fake)
    return fake


@pytest.fixture
def service(tmp_path: Path) -> Make:
    """`service(main=TEXT, **{"lib/x": TEXT})`: a folder with these Python files."""

    def make(**files: str | bytes) -> Path:
        folder = tmp_path / "service"
        for name, content in files.items():
            path = folder / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return make


@pytest.fixture
def judge() -> Judge:
    def run(
        folder: Path, *, listen: Callable[[Event], None] = lambda event: None, **options: Any
    ) -> ServiceReport:
        chosen = select(options.pop("only_names", ONLY), [])
        given = {"static": True, "selection": chosen, **options}
        return check_service(folder, ServiceOptions(**given), listen)

    return run


def rules(report: ServiceReport) -> list[str]:
    return [finding.rule for finding in report.open_findings]


def test_a_clean_service_passes_every_constraint(service: Make, judge: Judge) -> None:
    everything = [one.id for one in all_constraints()]
    report = judge(service(main=CLEAN), only_names=everything)
    assert report.findings == ()
    assert report.passed
    assert [one.id for one in report.constraints] == everything
    assert (report.files, report.routes, report.lines) == (1, 1, len(CLEAN.splitlines()))


def test_findings_count_and_the_outcomes_say_where(service: Make, judge: Judge) -> None:
    report = judge(service(main=SLEEPY))
    assert rules(report) == ["depends-as-default-value", "blocking-sleep-in-async"]
    assert not report.passed
    assert {one.id: (one.outcome, one.findings) for one in report.constraints} == {
        "H3": (ConstraintOutcome.FAILED, 1),
        "S5": (ConstraintOutcome.FAILED, 1),
    }
    assert [violation.constraint.id for violation in report.violations] == ["H3", "S5"]
    assert all(finding.key for finding in report.findings)


def test_only_the_selected_rule_speaks(service: Make, judge: Judge) -> None:
    report = judge(service(main=SLEEPY), only_names=["blocking-sleep-in-async"])
    assert rules(report) == ["blocking-sleep-in-async"]
    assert [one.id for one in report.constraints] == ["H3"]


def test_fail_on_hard_passes_with_soft_findings_that_are_still_shown(service: Make, judge: Judge) -> None:
    soft = service(main=SLEEPY.replace("    time.sleep(1)\n", ""))
    report = judge(soft, fail_on=FailOn.HARD)
    assert rules(report) == ["depends-as-default-value"]
    assert report.passed
    assert not judge(service(main=SLEEPY), fail_on=FailOn.HARD).passed


def test_a_flexed_soft_finding_does_not_count_and_is_kept_with_its_reason(
    service: Make, judge: Judge
) -> None:
    flexed = SLEEPY.replace(
        "= Depends(shelf)) -> Tool:", "= Depends(shelf)) -> Tool:  # check: flex S5 -- old style"
    )
    report = judge(service(main=flexed), only_names=["S5"])
    assert report.passed
    assert [finding.flexed for finding in report.flexed_findings] == ["old style"]
    assert report.constraints[0].outcome is ConstraintOutcome.FLEXED


def test_an_excluded_file_has_no_findings_and_is_not_counted(service: Make, judge: Judge) -> None:
    folder = service(main=CLEAN, **{"legacy/old": SLEEPY})
    assert len(judge(folder).findings) == 2
    report = judge(folder, exclude=("legacy",))
    assert (report.findings, report.files) == ((), 1)


def test_one_file_is_judged_with_all_that_it_calls(service: Make, judge: Judge) -> None:
    asleep = "import time\n\n\ndef nap() -> None:\n    time.sleep(1)\n"
    caller = SLEEPY.replace("    time.sleep(1)\n", "    nap()\n").replace(
        "import time", "from lib.wait import nap"
    )
    folder = service(main=caller, other=SLEEPY, **{"lib/wait": asleep})
    report = judge(folder, only="main.py", only_names=["H3"])
    assert [(finding.path, finding.rule) for finding in report.findings] == [
        ("main.py", "blocking-call-behind-helper")
    ]
    assert report.files == 1


def test_a_file_that_cannot_be_read_is_a_fault_and_fails(service: Make, judge: Judge) -> None:
    report = judge(service(main=CLEAN, broken="def (:\n"))
    (fault,) = report.faults
    assert (fault.kind, fault.path, fault.line) == (FaultKind.SYNTAX, "broken.py", 1)
    assert (report.unread_files, report.passed) == (1, False)
    assert "broken.py" in report.next_step
    excluded = judge(service(main=CLEAN, broken="def (:\n"), exclude=("broken.py",))
    assert (excluded.faults, excluded.passed) == ((), True)


def test_built_files_are_named_and_fail_nothing(service: Make, judge: Judge) -> None:
    report = judge(service(main=CLEAN, **{"build/lib": SLEEPY}))
    assert (report.passed, report.findings, report.unread_files, report.left_out) == (True, (), 0, 1)
    assert report.places_left_out[0].path == "build"
    assert report.app_faults == ()


def test_a_folder_without_python_is_wrong_use(tmp_path: Path, judge: Judge) -> None:
    (tmp_path / "readme.md").write_text("nothing")
    with pytest.raises(UsageError, match=r"no Python file in `here`; give the folder"):
        judge(tmp_path, shown="here")


def test_excluding_everything_is_wrong_use(service: Make, judge: Judge) -> None:
    with pytest.raises(UsageError, match="that `--exclude` leaves in"):
        judge(service(main=CLEAN), exclude=("*",))


def test_a_project_without_fastapi_is_wrong_use(service: Make, judge: Judge) -> None:
    with pytest.raises(UsageError, match=r"imports FastAPI \(2 Python files read\)"):
        judge(service(main="print(1)\n", other="import flask\n"))


def test_a_rule_that_crashes_is_the_checkers_fault(
    service: Make, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    (h3,) = [one for one in all_constraints() if one.id == "H3"]
    broken = replace(h3.rules[0], check=lambda context: 1 / 0)  # type: ignore[arg-type,return-value]  # it crashes
    monkeypatch.setattr(h3, "rules", [broken, *h3.rules[1:]])
    report = judge(service(main=CLEAN))
    assert not report.passed
    assert report.constraints[0].outcome is ConstraintOutcome.ERROR
    assert "checker's fault" in report.next_step


# The running app


def test_static_runs_nothing(service: Make, judge: Judge, runner: FakeRunner) -> None:
    report = judge(service(main=CLEAN), app="main:app")
    assert runner.observed == []
    assert (report.app, report.app_ran) == ("main:app", False)
    assert "--static" in report.app_reason


@pytest.mark.parametrize("named", ["main:app", None], ids=["named", "found"])
def test_the_app_runs_beside_the_reading_with_its_environment(
    service: Make, judge: Judge, runner: FakeRunner, named: str | None
) -> None:
    runner.facts = AppFacts(target="main:app")
    report = judge(service(main=CLEAN), static=False, app=named, env={"DATABASE_URL": "x"})
    assert runner.observed == [("main:app", {"DATABASE_URL": "x"}, True)]
    assert runner.thread is not threading.main_thread()
    assert (report.app, report.app_ran, report.app_reason) == ("main:app", True, "")


def test_what_the_app_shows_joins_what_the_source_shows(
    service: Make, judge: Judge, runner: FakeRunner
) -> None:
    line = SLEEPY.splitlines().index("    time.sleep(1)") + 1
    blocked = BlockedLoop(
        how="call",
        what="time.sleep",
        site=Site(path="main.py", line=line, name="read_tool"),
        request="GET /health",
    )
    runner.facts = AppFacts(target="main:app", blocked=(blocked,))
    report = judge(service(main=SLEEPY), static=False, only_names=["H3"])
    assert [finding.evidence for finding in report.findings] == [Evidence.BOTH]


def test_an_app_that_does_not_start_leaves_the_source_and_the_reason(
    service: Make, judge: Judge, runner: FakeRunner
) -> None:
    runner.faults = (
        Fault(kind=FaultKind.IMPORT, message="`main` needs `DATABASE_URL`.", path="main.py", line=3),
    )
    report = judge(service(main=CLEAN), static=False)
    assert report.faults == runner.faults
    assert report.app_reason == "`main` needs `DATABASE_URL`."
    assert report.passed, "what the running app would have shown is no finding"


def test_two_apps_are_named_and_the_source_is_judged(service: Make, judge: Judge, runner: FakeRunner) -> None:
    runner.target, runner.reason = None, "There are two apps, `a:app` and `b:app`; say which with `--app`."
    report = judge(service(main=SLEEPY), static=False)
    assert len(report.findings) == 2
    assert "`--app`" in report.app_reason
    assert report.app is None


def test_results_are_told_as_they_land(service: Make, judge: Judge) -> None:
    heard: list[Event] = []
    judge(service(main=SLEEPY, broken="("), listen=heard.append)
    assert SourceRead(files=1, routes=1, unread=1) in heard
    (finished,) = [event for event in heard if isinstance(event, ConstraintsFinished)]
    assert [(one.id, one.outcome.value) for one in finished.results] == [("H3", "failed"), ("S5", "failed")]


def test_leaving_the_lane_ends_what_the_app_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[subprocess.Popen[bytes]] = []
    begun = threading.Event()

    class Sleeping(FakeRunner):
        def observe_service(
            self,
            folder: Path,
            target: str,
            *,
            env: Mapping[str, str],
            box: Path,
            python_path: Sequence[Path] = (),
        ) -> FakeRunner:
            nowhere = subprocess.DEVNULL
            child = start_process(
                [sys.executable, "-c", "import time; time.sleep(600)"], env={}, stdout=nowhere, stderr=nowhere
            )
            children.append(child)
            begun.set()
            child.wait()
            return self

    monkeypatch.setattr(app_lane, "service", Sleeping())
    heard: list[Event] = []
    with pytest.raises(KeyboardInterrupt), app_lane.AppLane(tmp_path, {}, heard.append) as lane:
        lane.start("main:app")
        assert begun.wait(10)
        signal.raise_signal(signal.SIGINT)
    assert children[0].poll() is not None
    assert [type(event).__name__ for event in heard] == ["StageStarted"], "that it was ended is no news"


# The baseline


def test_a_written_baseline_forgives_what_was_there_and_not_what_is_new(
    service: Make, judge: Judge, tmp_path: Path
) -> None:
    file = tmp_path / "check-baseline.json"
    folder = service(main=SLEEPY)
    written = judge(folder, write_baseline=file)
    assert (written.passed, written.baselined) == (True, 2)
    baseline = read_baseline(file, "check-baseline.json")
    assert judge(folder, baseline=baseline).passed

    moved = SLEEPY.replace("import time\n", "import time\nimport uuid\n\nWIDTH = 3\n")
    report = judge(service(main=moved), baseline=baseline)
    assert (report.passed, report.baseline and report.baseline.stale) == (True, 0)

    more = moved.replace("    time.sleep(1)\n", "    time.sleep(1)\n    time.sleep(1)\n")
    report = judge(service(main=more), baseline=baseline)
    assert rules(report) == ["blocking-sleep-in-async"]
    assert not report.passed
    assert {one.id: (one.findings, one.baselined) for one in report.constraints} == {
        "H3": (1, 1),
        "S5": (0, 1),
    }


def test_entries_of_findings_that_are_gone_are_stale_and_go_when_it_is_written_anew(
    service: Make, judge: Judge, tmp_path: Path
) -> None:
    file = tmp_path / "base.json"
    judge(service(main=SLEEPY, other=SLEEPY), write_baseline=file)
    baseline = read_baseline(file, "base.json")
    (tmp_path / "service" / "other.py").unlink()
    folder = service(main=SLEEPY.replace("    time.sleep(1)\n", ""))
    report = judge(folder, baseline=baseline)
    assert report.baseline is not None
    assert (report.baseline.entries, report.baseline.known, report.baseline.stale) == (4, 1, 3)
    assert "--write-baseline" in report.next_step
    assert report.passed
    anew = judge(folder, baseline=baseline, write_baseline=file)
    assert anew.baseline is not None
    assert (anew.baseline.stale, len(read_baseline(file, "").entries)) == (0, 1)


@pytest.mark.parametrize(
    "narrow",
    [
        {"only_names": ["S5"]},
        {"only": "main.py"},
        {"exclude": ("other.py",)},
    ],
    ids=["select", "file", "exclude"],
)
def test_what_a_run_leaves_out_is_neither_stale_nor_forgotten(
    service: Make, judge: Judge, tmp_path: Path, narrow: dict[str, Any]
) -> None:
    file = tmp_path / "base.json"
    folder = service(main=CLEAN, other=SLEEPY)
    judge(folder, write_baseline=file)
    report = judge(folder, baseline=read_baseline(file, "base.json"), **narrow)
    assert report.baseline is not None
    assert report.baseline.stale == 0
    judge(folder, baseline=read_baseline(file, ""), write_baseline=file, **narrow)
    assert len(read_baseline(file, "").entries) == 2


def test_what_only_the_running_app_shows_is_not_stale_without_it(
    service: Make, judge: Judge, runner: FakeRunner, tmp_path: Path
) -> None:
    file = tmp_path / "base.json"
    folder = service(main=CLEAN)
    line = CLEAN.splitlines().index("async def health() -> Health:") + 1
    held = BlockedLoop(
        how="held",
        what="",
        site=Site(path="main.py", line=line, name="health"),
        request="GET /health",
        held_ms=400,
    )
    runner.facts = AppFacts(target="main:app", blocked=(held,))
    written = judge(folder, static=False, only_names=["H3"], write_baseline=file)
    assert [finding.evidence for finding in written.findings] == [Evidence.RUNTIME]
    baseline = read_baseline(file, "base.json")
    without = judge(folder, baseline=baseline)
    assert without.baseline is not None
    assert (without.baseline.stale, without.passed) == (0, True)


def test_an_entry_of_a_rule_that_is_no_more_is_stale(service: Make, judge: Judge) -> None:
    entries = (
        Entry(path="main.py", rule="long-gone", key="1:1"),
        Entry(path="x.py", rule="long-gone", key="1:1"),
    )
    report = judge(service(main=CLEAN), baseline=Baseline(shown="base.json", entries=entries))
    assert report.baseline is not None
    assert report.baseline.stale == 2


def test_a_baseline_that_cannot_be_written_says_why(service: Make, judge: Judge, tmp_path: Path) -> None:
    with pytest.raises(CheckerError, match="could not be written"):
        judge(service(main=SLEEPY), write_baseline=tmp_path / "nowhere" / "base.json")
