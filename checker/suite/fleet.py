"""Starts the servers that a suite will need, a little ahead of need."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from checker.app_under_test.furnishing import furnish
from checker.app_under_test.launcher import Launcher
from checker.app_under_test.ports import Port
from checker.suite.client import App
from checker.suite.clock import Clock
from checker.suite.pulse import Stillness
from checker.suite.upstream import Upstream
from checker.suite.world import World

AHEAD = 2
"""How many servers wait started: more would take the processor from the tests that run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A server that a test will ask for, by name."""

    name: str
    world: World


class Fleet:
    """Hands out running servers; those of the plan are started ahead."""

    def __init__(self, launcher: Launcher, box: Path, *, answer_s: float) -> None:
        self._launcher = launcher
        self._box = box
        self._answer_s = answer_s
        self._plan: deque[Need] = deque()
        self._waiting: dict[str, App] = {}
        self._count = 0
        self._apps: list[App] = []

    def plan(self, needs: list[Need]) -> None:
        """What will be asked for, in this order."""
        self._plan = deque(needs)
        self._start_ahead()

    def take(self, name: str, world: World) -> App:
        """The server of that name: the one started ahead, or a new one."""
        app = self._waiting.pop(name, None)
        if app is None:
            self._plan = deque(need for need in self._plan if need.name != name)
            app = self.start(world)
        self._start_ahead()
        return app

    def start(self, world: World, env: Mapping[str, str] | None = None, without: Collection[str] = ()) -> App:
        """Begin to start a server for `world`, with `env` on top of its environment and `without` these variables."""
        self._count += 1
        upstream = Upstream(self.claim_port()) if world.upstream else None
        leads = {world.upstream: upstream.url} if world.upstream and upstream else {}
        furnishing = furnish(
            self._box / f"world-{self._count}",
            seed=world.seed,
            env=dict(world.env) | leads | dict(env or {}),
        )
        server = self._launcher.start(furnishing.env, without=without, database=furnishing.database)
        app = App(
            server,
            answer_s=self._answer_s,
            clock=Clock(furnishing.clock),
            folder=furnishing.folder,
            upstream=upstream,
            pulse_path=self._launcher.pulse_path,
        )
        self._apps.append(app)
        return app

    def claim_port(self) -> Port:
        """A port that the app can reach and we answer."""
        return self._launcher.ports.claim()

    def stillness(self) -> list[Stillness]:
        """When loops were felt not to turn, of all servers."""
        return [one for app in self._apps for one in app.stillness()]

    def close(self) -> None:
        """End all servers."""
        for app in self._apps:
            app.close()

    def _start_ahead(self) -> None:
        while self._plan and len(self._waiting) < AHEAD:
            need = self._plan.popleft()
            self._waiting[need.name] = self.start(need.world)
