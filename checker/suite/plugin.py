"""The pytest plugin of the judge: fixtures for hidden tests, and each test's outcome as a `Check`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from checker.app_under_test.server import AppFault
from checker.models.facts import AppFacts
from checker.models.report import Check, Fault, FaultKind, Outcome
from checker.suite.checks import CheckSpec, spec_of
from checker.suite.client import App
from checker.suite.failure import CheckFailed
from checker.suite.fleet import Fleet, Need
from checker.suite.messages import JudgeStart
from checker.suite.reply import last_reply
from checker.suite.upstream import Upstream
from checker.suite.world import World

# What a test trips over when a reply does not have the promised shape.
_SHAPE_ERRORS = (KeyError, TypeError, IndexError, AttributeError, ValueError, AssertionError)


class JudgePlugin:
    """Runs in the trusted process; `say_check(path, check)` and `say_fault` carry results out as they land.

    `begin` waits for the app and what is asked of the run; it is called once all files of the suite have been read.
    """

    def __init__(
        self,
        fleet: Fleet,
        begin: Callable[[], tuple[JudgeStart, AppFacts]],
        *,
        say_check: Callable[[Path, Check], None],
        say_fault: Callable[[Fault], None],
    ) -> None:
        self._fleet = fleet
        self._begin = begin
        self._start = JudgeStart(seed=0)
        self.facts_after_import: AppFacts | None = None
        self._say_check = say_check
        self._say_fault = say_fault
        self._shared: dict[Path, App] = {}
        self._worlds: dict[Path, World] = {}
        self.served = False
        """A server has answered a test."""
        self.broken: str | None = None
        """Why a file of the suite could not be collected: an author's mistake."""

    @property
    def seed(self) -> int:
        """What the run's random data comes from."""
        return self._start.seed

    # Fixtures

    @pytest.fixture
    def world(self, request: pytest.FixtureRequest) -> World:
        """What the servers of this file start with."""
        return self._world(request.node)

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> Random:
        """Random values for this test, other in each run."""
        return Random(f"{self.seed}:{request.node.nodeid}")

    @pytest.fixture
    def app(self, request: pytest.FixtureRequest) -> App:
        """The server that the tests of this file share; a new one where the last one died."""
        path = request.node.path
        app = self._shared.get(path)
        if app is None or not app.alive:
            self._shared[path] = app = self._fleet.take(_shared_name(path), self._world(request.node))
        return app

    @pytest.fixture
    def fresh_app(self, request: pytest.FixtureRequest) -> Iterator[App]:
        """A server for this test alone."""
        app = self._fleet.take(_fresh_name(request.node), self._world(request.node))
        yield app
        app.close()

    @pytest.fixture
    def start_app(self, request: pytest.FixtureRequest) -> Iterator[Callable[..., App]]:
        """As many more servers as the test needs."""
        started: list[App] = []

        def start(
            world: World | None = None,
            *,
            env: Mapping[str, str] | None = None,
            without: Collection[str] = (),
        ) -> App:
            app = self._fleet.start(world or self._world(request.node), env, without)
            started.append(app)
            return app

        yield start
        for app in started:
            app.close()

    @pytest.fixture
    def upstream(self) -> Iterator[Upstream]:
        """A stand-in for an upstream HTTP service."""
        stand_in = Upstream(self._fleet.claim_port())
        yield stand_in
        stand_in.close()

    @pytest.fixture
    def facts(self) -> AppFacts:
        """The app as it stood after its import."""
        if self.facts_after_import is None:
            raise RuntimeError("no test runs before the app is loaded")
        return self.facts_after_import

    # Hooks

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a file that cannot be imported."""
        if report.failed:
            last = (str(report.longrepr).strip().splitlines() or ["without a word"])[-1]
            self.broken = (
                f"The hidden suite `{Path(report.nodeid).name}` cannot be imported ({last.strip()[:300]})."
            )

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Tests that failed last time go first; the app is loaded, and the servers that all will need are planned."""
        if self.broken is not None:
            return
        try:
            self._start, self.facts_after_import = self._begin()
        except AppFault as error:
            self._say_fault(error.fault)
            items.clear()
            return
        items.sort(key=lambda item: 0 if self._spec(item).id in self._start.first else 1)
        needs: dict[str, Need] = {}
        for item in items:
            for fixture, name in (("app", _shared_name(item.path)), ("fresh_app", _fresh_name(item))):
                if fixture in getattr(item, "fixturenames", ()):
                    needs.setdefault(name, Need(name=name, world=self._world(item)))
        self._fleet.plan(list(needs.values()))

    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Forget the replies of the test before."""
        last_reply.set(None)
        item.stash[_STARTED] = time.perf_counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
        """Turn what a test raised into its check's outcome."""
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" or (call.when == "setup" and error is not None):
            check = self._outcome(self._spec(item), error, time.perf_counter() - item.stash[_STARTED])
            self._say_check(item.path, check)
            if self._start.stop_early and check.outcome is Outcome.FAILED:
                item.session.shouldstop = "the first failure is known"
            if isinstance(error, AppFault) and error.fault.kind is FaultKind.START_UP and not self.served:
                # Nothing has ever started: the same sentence forty times helps nobody.
                item.session.shouldstop = "the app does not start"
            self.served = self.served or not isinstance(error, AppFault)
        return (yield)

    def _outcome(self, spec: CheckSpec, error: BaseException | None, seconds: float) -> Check:
        known: dict[str, Any] = {
            "id": spec.id,
            "claim": spec.claim,
            "lesson": spec.lesson,
            "docs": spec.docs,
            "duration_s": seconds,
        }
        if error is None:
            return Check(**known, outcome=Outcome.PASSED, message=spec.claim)
        if isinstance(error, CheckFailed):
            return Check(
                **known,
                outcome=Outcome.FAILED,
                message=error.message(spec.say),
                request=error.request,
                expected=error.expected,
                received=error.received,
                path=error.path,
                line=error.line,
            )
        if isinstance(error, AppFault):
            self._say_fault(error.fault)
            return Check(
                **known,
                outcome=Outcome.FAILED,
                message=error.fault.message,
                expected=spec.claim,
                received=error.fault.kind.value,
                path=error.fault.path,
                line=error.fault.line,
            )
        reply = last_reply.get()
        if isinstance(error, _SHAPE_ERRORS) and reply is not None:
            failure = reply.failure("a reply of the shape that the task sheet describes", reply.shown())
            return Check(
                **known,
                outcome=Outcome.FAILED,
                message=failure.message(spec.say),
                request=failure.request,
                expected=failure.expected,
                received=failure.received,
                path=failure.path,
                line=failure.line,
            )
        text = f"{type(error).__name__}: {error}"[:300]
        return Check(
            **known,
            outcome=Outcome.ERROR,
            message=f"The checker's own test broke ({text}). This is not your fault; please report it.",
        )

    def _world(self, item: pytest.Item) -> World:
        if item.path not in self._worlds:
            make = getattr(getattr(item, "module", None), "world", None)
            rng = Random(f"{self.seed}:{item.path.name}")
            self._worlds[item.path] = make(rng) if make is not None else World()
        return self._worlds[item.path]

    @staticmethod
    def _spec(item: pytest.Item) -> CheckSpec:
        spec = spec_of(getattr(item, "function", None))
        return spec or CheckSpec(id=item.name, claim=item.name, say="")


_STARTED = pytest.StashKey[float]()


def _shared_name(path: Path) -> str:
    return f"shared {path.name}"


def _fresh_name(item: pytest.Item) -> str:
    return f"fresh {item.nodeid}"
