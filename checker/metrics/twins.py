"""What a learner's tests tell apart: they run against apps that look alike, of which one is right.

## Two ways
1. **The reference and its broken twins**, with the learner's tests beside them. It is the real thing, in which a test of
   any kind can notice the mistake; but only tests count that pass with the reference, and a right test of a learner's own
   function or message does not.
2. **The learner's own app, broken from outside**, where tests were set aside in the first way and a twin went unnoticed:
   a layer around the app changes its replies. It asks for no name and no layout, and sees only what tests ask over HTTP.

What either way notices has been noticed. Where neither can compare, the metric says so and coverage decides.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from checker.book import BrokenApp, Chapter, Twins
from checker.book.patch import TwinFile, patched, read_toml
from checker.metrics.metric import PROGRAMS, MetricContext, run_tool
from checker.metrics.noise import add_noise
from checker.sandbox import Finished, State
from checker.submission.snapshot import shown

_Files = dict[str, bytes]

_CHILD = PROGRAMS / "twin_tests.py"
_AT_ONCE = 2
_LEAST_S, _MOST_S = 40.0, 300.0
# How often the learner's tests, as they ran under coverage, fit into the time for all twins.
_TIMES = 6.0
_SPARE_S = 10.0
_SHOWN = 20


class _Failure(msgspec.Struct, frozen=True):
    test: str | None = None
    path: str | None = None
    line: int | None = None
    message: str | None = None


class _Right(msgspec.Struct, frozen=True):
    passed: int
    aside: tuple[_Failure, ...]
    requests: int


class _Fate(msgspec.Struct, frozen=True):
    state: Literal["same", "noticed", "unsteady", "not-tried"]
    by: str | None


class _Way(msgspec.Struct, frozen=True):
    """What the child says of one way."""

    right: _Right | None
    broken: dict[str, _Fate]

    def noticed(self) -> set[str]:
        return {name for name, fate in self.broken.items() if fate.state == "noticed"}

    def unsteady(self) -> set[str]:
        """Noticed by a test that fails now and then with the right app, too."""
        return {name for name, fate in self.broken.items() if fate.state == "unsteady"}

    def judged(self) -> set[str]:
        return {name for name, fate in self.broken.items() if fate.state != "not-tried"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """What came of the comparison; `problem` is a sentence where the tests fall short of what the chapter asks for."""

    noticed: int
    judged: int
    survivors: tuple[BrokenApp, ...]
    problem: str
    notes: tuple[str, ...]
    detail: dict[str, Any]

    @property
    def lines(self) -> list[str]:
        """One line for each broken app that went unnoticed, and whatever else is to be said."""
        return [
            *(f"Your tests pass with an app that {one.does}: {one.notice}." for one in self.survivors),
            *self.notes,
        ]


def tell_apart(context: MetricContext, twins: Twins, ini: Path, where: str, own_s: float) -> Apart:
    """Run the learner's tests, which pass with their own app and took `own_s` there, against all twins.

    Raises `BookError` where a broken app cannot be made.
    """
    ways = _Ways(
        context=context,
        twins=twins,
        ini=ini,
        where=where,
        seconds=min(_MOST_S, max(_LEAST_S, _TIMES * own_s)),
    )
    names = tuple(one.id for one in twins.broken)
    reference = ways.run("reference", _broken_references(context, names))
    noticed, judged = reference.noticed(), reference.judged()
    aside = reference.right.aside if reference.right is not None else ()
    own: _Way | None = None
    if not twins.given and (reference.right is None or aside) and noticed != set(names):
        left = tuple(name for name in names if name not in noticed)
        own = ways.own(left)
        noticed |= own.noticed()
        judged |= own.judged()
    same = judged - noticed - reference.unsteady() - (own.unsteady() if own is not None else set())
    survivors = tuple(one for one in twins.broken if one.id in same)
    notes, problem = _verdict(twins, reference, own, len(noticed), len(judged))
    return Apart(
        noticed=len(noticed),
        judged=len(judged),
        survivors=survivors,
        problem=problem,
        notes=notes,
        detail={
            "noticed": sorted(noticed),
            "of": len(names),
            "least": twins.least,
            "survivors": [{"id": one.id, "does": one.does, "notice": one.notice} for one in survivors],
            "not_tried": sorted(set(names) - judged),
            "unsteady": sorted(judged - noticed - same),
            "set_aside": [_shown_failure(one) for one in aside[:_SHOWN]],
            "own_app_too": own is not None,
        },
    )


def _verdict(
    twins: Twins, reference: _Way, own: _Way | None, noticed: int, judged: int
) -> tuple[tuple[str, ...], str]:
    """What else is to be said, and what the tests lack, if anything."""
    right = reference.right
    first = _shown_failure(right.aside[0]) if right is not None and right.aside else None
    if twins.given and (right is None or first is not None):
        if first is None:
            return (), "Your tests did not come to an end with the right app, so they prove nothing of it."
        return (), (
            f"Your tests fail with the right app, first `{first['test']}`: {first['message']}. That test asks for "
            "something that the task sheet does not."
        )
    notes: list[str] = []
    if first is not None and right is not None:
        many = len(right.aside)
        them = "One of your tests fails" if many == 1 else f"{many} of your tests fail"
        notes.append(
            f"{them} with the reference solution, first `{first['test']}`: {first['message']}. That is no mistake where "
            "the task sheet leaves it open; such tests were tried with your own app alone."
        )
    if way := next((way for way in (own, reference) if way is not None and way.unsteady()), None):
        test = next((fate.by for fate in way.broken.values() if fate.state == "unsteady" and fate.by), None)
        named = f", `{shown(test.rpartition('::')[2])[:200]}` for one" if test else ""
        notes.append(
            f"Some of your tests pass or fail with the same app{named}; what they notice does not count. Look for what "
            "differs from run to run: the time, the order, a file that stays."
        )
    compared = (right is not None and right.passed > 0) or (
        own is not None and own.right is not None and own.right.passed > 0 and own.right.requests > 0
    )
    if not compared or not judged:
        notes.append(
            "What your tests tell apart could not be compared: they run neither with the reference nor by requests to "
            "your app, or there was no time. Coverage alone decides."
        )
        return tuple(notes), ""
    # What was not tried for want of time is asked of nobody.
    least = -(-twins.least * judged // len(twins.broken))
    if noticed >= least:
        return tuple(notes), ""
    return tuple(notes), (
        f"Your tests notice {noticed or 'none'} of {judged} broken apps, and {least} are asked for: a test that looks at "
        "no reply passes with any app."
    )


def _shown_failure(failure: _Failure) -> dict[str, Any]:
    return {
        "test": shown((failure.test or "a test").rpartition("::")[2])[:200],
        "path": failure.path,
        "line": failure.line,
        "message": shown(failure.message or "")[:300].rstrip("."),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """Lays out the apps and runs a child for each way."""

    context: MetricContext
    twins: Twins
    ini: Path
    where: str
    seconds: float
    rng: random.Random = field(default_factory=random.SystemRandom)

    def own(self, names: tuple[str, ...]) -> _Way:
        """The learner's own app, with one behaviour broken at a time where the book knows how."""
        saboteur = self.context.chapter.broken / "over_http.py"
        if not saboteur.is_file():
            return _Way(right=None, broken={})
        source = saboteur.read_text(encoding="utf-8")
        acts = {name: name.replace("-", "_") for name in names}
        acts = {name: act for name, act in acts.items() if f"\ndef {act}(" in source}
        app = _read_app(self.context.snapshot.folder)
        return self.run("own", {"right": app, **dict.fromkeys(acts, app)}, acts=acts, saboteur=source)

    def run(
        self,
        name: str,
        apps: dict[str, _Files],
        *,
        acts: dict[str, str] | None = None,
        saboteur: str = "",
    ) -> _Way:
        """One child for all of `apps`; without an answer from it nothing is known."""
        room = self.context.room(f"twins-{name}")
        store, work = room / "store", room / "work"
        work.mkdir(parents=True)
        for app, files in apps.items():
            for path, content in files.items():
                target = store / app / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(add_noise(content, self.rng) if path.endswith(".py") else content)
        others = store / "others"
        shutil.copytree(self.context.snapshot.folder, others)
        shutil.rmtree(others / "app", ignore_errors=True)
        (store / "over_http.py").write_text(saboteur, encoding="utf-8")
        shutil.copyfile(self.ini, room / "pytest.ini")
        settings = room / "settings.json"
        settings.write_text(
            json.dumps(
                {
                    "store": str(store),
                    "work": str(work),
                    "pytest": str(room / "pytest.ini"),
                    "where": self.where,
                    "broken": [app for app in apps if app != "right"],
                    "acts": acts or {},
                    "orders": self._orders([app for app in apps if app != "right"]),
                    "at_once": _AT_ONCE,
                    "seconds": self.seconds,
                }
            ),
            encoding="utf-8",
        )
        finished = run_tool(
            [sys.executable, "-P", "-B", str(_CHILD), str(settings)],
            # It writes to this room and no other.
            replace(self.context, scratch=room),
            cwd=work,
            wall_s=self.seconds + _SPARE_S,
            limits=self.context.limits,
            env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **self.context.chapter.file.app.env},
        )
        shutil.rmtree(room, ignore_errors=True)
        return _read(finished)

    def _orders(self, names: list[str]) -> dict[str, list[str]]:
        """For each broken app the test files, those first that share rare words with what is broken."""
        folder = self.context.snapshot.folder
        files = [name for name in self.context.snapshot.python_files if name.startswith("tests/")]
        words = {name: Counter(_words((folder / name).read_text("utf-8", "replace"))) for name in files}
        every = sum(words.values(), Counter())
        told = {one.id: set(_words(f"{one.id} {one.does} {one.notice}")) for one in self.twins.broken}
        return {
            name: sorted(
                files, key=lambda file: -sum(words[file][w] / every[w] for w in told[name] if w in every)
            )
            for name in names
            if len(files) > 1
        }


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]{4,}|\d{3}", text.lower())


def _read(finished: Finished) -> _Way:
    lines = finished.stdout.splitlines()
    if finished.state is not State.FINISHED or not lines:
        return _Way(right=None, broken={})
    try:
        return msgspec.json.decode(lines[-1], type=_Way)
    except msgspec.DecodeError:
        return _Way(right=None, broken={})


def _broken_references(context: MetricContext, names: tuple[str, ...]) -> dict[str, _Files]:
    right = _read_app(context.chapter.solution)
    return {"right": right, **{name: make_twin(context.chapter, name) for name in names}}


def make_twin(chapter: Chapter, name: str) -> _Files:
    """The files in `app/` of one broken app; raises `BookError` where its file is wrong."""
    path = chapter.broken / f"{name}.toml"
    return patched(path, read_toml(path, TwinFile).edit, _read_app(chapter.solution))


def _read_app(folder: Path) -> _Files:
    """The files below `app/`, caches left out."""
    app = folder / "app"
    return {
        path.relative_to(app).as_posix(): path.read_bytes()
        for path in sorted(app.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
