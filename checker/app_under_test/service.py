"""An engineer's own service in the sandbox: what it is once it has been imported, and how it answers errors.

Its database may be a real one. So the app is imported, as every server and every test imports it, and nothing more: the
server that is asked for errors can connect to nobody and write nothing down, no request reaches a path operation, and the
lifespan is run there only where the app cannot answer without it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from checker.app_under_test.answers import ask_for_errors, error_token
from checker.app_under_test.import_roots import find_import_roots
from checker.app_under_test.interpreter import find_python
from checker.app_under_test.launcher import ErrorPaths, Launcher
from checker.app_under_test.server import AppFault
from checker.app_under_test.target import Target, find_target
from checker.book import Limits
from checker.models.facts import AppFacts, ErrorAnswer
from checker.models.report import Fault, FaultKind

__all__ = ["SERVICE_LIMITS", "Observed", "Target", "find_target", "observe_service"]

SERVICE_LIMITS = Limits(
    start_s=30, answer_s=5, cpu_s=120, memory_mb=8192, output_mb=64, file_mb=1024, processes=1024
)
"""A real service imports more than a learner's; the clock bounds it all the same."""
START_UP_S = 5.0
"""How long a start-up without a network is waited for; most that cannot succeed end at once."""
ANSWER_S = 3.0
_SHORTEST_SECRET = 6
_MARKS = (
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "alembic.ini",
    ".env",
    "Dockerfile",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What could be seen of the running app; without `facts` the faults say why there are none."""

    facts: AppFacts | None
    faults: tuple[Fault, ...] = ()


def observe_service(
    folder: Path,
    target: str,
    *,
    env: Mapping[str, str],
    box: Path,
    python_path: Sequence[Path] = (),
    limits: Limits = SERVICE_LIMITS,
    seed: int | None = None,
) -> Observed:
    """Import the app in a child, describe it, and ask a server of it for its errors; never raises for what it does.

    `env` comes on top of a clean environment. `python_path` holds the folders from which the app is imported, the
    target's own first; without it they are looked for. Where the service has a virtual environment of its own (`.venv`, or
    the active one), its Python imports the app. When this returns, nothing that was started still runs.
    """
    roots = tuple(python_path) or find_import_roots(folder, target)
    cwd = _working_folder(folder, roots[0])
    own = find_python((cwd, folder))
    observed = _observe(folder, target, env, box / "own", (roots, cwd), limits, seed, own)
    if own is not None and observed.facts is None and observed.faults[0].kind is FaultKind.IMPORT:
        # The environment beside the service may be another one's, or empty.
        again = _observe(folder, target, env, box / "ours", (roots, cwd), limits, seed, None)
        observed = again if again.facts is not None else observed
    return replace(observed, faults=tuple(_masked(fault, env) for fault in observed.faults))


def _observe(
    folder: Path,
    target: str,
    env: Mapping[str, str],
    box: Path,
    place: tuple[tuple[Path, ...], Path],
    limits: Limits,
    seed: int | None,
    python: Path | None,
) -> Observed:
    roots, cwd = place
    launcher = Launcher(
        folder,
        target,
        box=box,
        limits=limits,
        env=env,
        watch=False,
        roots=roots,
        cwd=cwd,
        python=python,
    )
    with launcher:
        try:
            facts = launcher.load()
        except AppFault as error:
            return Observed(facts=None, faults=(error.fault,))
        if not facts.routes:
            return Observed(facts=facts, faults=(_no_routes(target),))
        return _ask(launcher, facts, limits, seed)


def _ask(launcher: Launcher, facts: AppFacts, limits: Limits, seed: int | None) -> Observed:
    """Facts with answers: without the app's start-up where that will do, since nobody asked for what it does."""
    token = error_token(secrets.randbits(32) if seed is None else seed)
    fault: Fault | None = None
    best: tuple[ErrorAnswer, ...] = ()
    for lifespan in (False, True):
        paths = ErrorPaths(token=token, cut_off=True, lifespan=lifespan)
        try:
            server = launcher.start({}, errors=paths)
            server.wait_ready(within=min(START_UP_S, limits.start_s))
        except AppFault as error:
            fault = error.fault
            continue
        asked = ask_for_errors(server, facts, token, answer_s=min(ANSWER_S, limits.answer_s))
        best = max(best, asked.answers, key=len)
        if not asked.broken:
            return Observed(facts=replace(facts, answers=best))
    return Observed(facts=replace(facts, answers=best), faults=() if best else (_silent(fault),))


def _masked(fault: Fault, env: Mapping[str, str]) -> Fault:
    """The fault without what stands in the engineer's environment file: a driver's error may quote a password."""
    message = fault.message
    for value in sorted(env.values(), key=len, reverse=True):
        if len(value) >= _SHORTEST_SECRET:
            message = message.replace(value, "***")
    return replace(fault, message=message)


def _working_folder(folder: Path, root: Path) -> Path:
    """Where its people start it: the nearest folder above the import root that looks like a project's own."""
    folder, root = folder.resolve(), root.resolve()
    for place in (root, *root.parents):
        if any((place / mark).exists() for mark in _MARKS):
            return place
        if place == folder:
            break
    return root


def _no_routes(target: str) -> Fault:
    return Fault(
        kind=FaultKind.IMPORT,
        message=(
            f"`{target}` was imported, but no path operation was found in it, so the source alone is judged. Name the "
            "app that is served with `--app`."
        ),
    )


def _silent(fault: Fault | None) -> Fault:
    why = f" ({fault.message.rstrip('.')})" if fault is not None else ""
    return Fault(
        kind=FaultKind.START_UP,
        message=(
            f"The app was imported, but cut off from the network it answered nothing{why}; how it answers errors is judged "
            "from the source alone."
        ),
        path=fault.path if fault is not None else None,
        line=fault.line if fault is not None else None,
    )
