"""What a learner's tests tell apart: they run against apps that look alike, of which one is right.

## Two ways
1. **The reference and its broken twins**, with the learner's tests beside them. It is the real thing, in which a test of
   any kind can notice the mistake; but only tests count that pass with the reference, and a right test of a learner's own
   function or message does not.
2. **The learner's own app, broken from outside**, where tests were set aside in the first way and a twin went unnoticed:
   a layer around the app changes its replies. It asks for no name and no layout, and sees only what tests ask over HTTP.

What either way notices has been noticed. Tests that send no request and do not run with the reference must at least notice
an app whose functions do nothing; beyond that neither way can compare, the metric says so, and coverage decides.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Literal

import msgspec

from checker.book import BrokenApp, Chapter, Twins
from checker.book.patch import TwinFile, patched, read_toml
from checker.metrics.metric import (
    PROGRAMS,
    MetricContext,
    Unmeasurable,
    last_words,
    run_tool,
    why_stopped,
)
from checker.metrics.noise import add_noise, hollow
from checker.metrics.remembered import recall, remember
from checker.sandbox import Confinement, Finished, Isolation, landlock
from checker.submission.snapshot import shown

_Files = dict[str, bytes]

_CHILD = PROGRAMS / "twin_tests.py"
_AT_ONCE = 2
_LEAST_S, _MOST_S = 40.0, 300.0
# How often the learner's tests, as they ran under coverage, fit into the time for all twins.
_TIMES = 6.0
_SPARE_S = 10.0
_SHOWN = 20
_EMPTIED = "emptied app"


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

    What came of the same files at the same level is remembered. Raises `BookError` where a broken app cannot be made.
    """
    place = context.cache / "twins" / f"{_fingerprint(context, twins, ini, where)}.json"
    known = recall(place, Apart)
    if known is not None:
        return known
    apart = _compare(context, twins, ini, where, own_s)
    # Chance and want of time may turn out otherwise next time.
    if apart.judged == len(twins.broken) and not apart.detail["unsteady"]:
        remember(place, apart)
    return apart


def _fingerprint(context: MetricContext, twins: Twins, ini: Path, where: str) -> str:
    """Changes with whatever could change what comes of a comparison."""
    whole = hashlib.blake2b(digest_size=16)
    code = sorted([Path(__file__), Path(landlock.__file__), *PROGRAMS.glob("*.py")])
    for path in [ini, *sorted(context.chapter.broken.glob("*")), *code]:
        if path.is_file():
            whole.update(path.read_bytes())
    for name, content in read_app(context.chapter.solution).items():
        whole.update(name.encode() + b"\0" + content)
    libraries = sorted(f"{one.name} {one.version}" for one in distributions())
    words = [context.snapshot.digest, context.isolation, where, repr(twins), sys.version, *libraries]
    whole.update("\0".join(map(str, words)).encode())
    return whole.hexdigest()


def _compare(context: MetricContext, twins: Twins, ini: Path, where: str, own_s: float) -> Apart:
    ways = _Ways(context=context, twins=twins, ini=ini, where=where, seconds=_time_for(own_s))
    names = tuple(one.id for one in twins.broken)
    reference = ways.reference(names)
    aside = reference.right.aside if reference.right is not None else ()
    left = tuple(name for name in names if name not in reference.noticed())
    own: _Way | None = None
    if left and not twins.given and (reference.right is None or aside):
        own = ways.own(left, emptied=not _tells(reference))
    known = (reference, own) if own is not None else (reference,)
    noticed = set[str]().union(*(way.noticed() for way in known)) & set(names)
    judged = set[str]().union(*(way.judged() for way in known)) & set(names)
    unsteady = set[str]().union(*(way.unsteady() for way in known)) - noticed
    notes, problem = _verdict(twins, reference, own, len(noticed), len(judged))
    compared = _tells(reference) or (own is not None and _tells(own, over_http=True))
    same = judged - noticed - unsteady if compared else set[str]()
    survivors = tuple(one for one in twins.broken if one.id in same)
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
            "unsteady": sorted(unsteady),
            "not_tried": sorted(set(names) - judged),
            "set_aside": [_shown_failure(one) for one in aside[:_SHOWN]],
            "own_app_too": own is not None,
        },
    )


def unnoticed_over_http(context: MetricContext, twins: Twins, ini: Path, where: str) -> tuple[str, ...]:
    """For authors: the broken apps that go unnoticed in the second way alone, those that it cannot make among them."""
    ways = _Ways(context=context, twins=twins, ini=ini, where=where, seconds=_MOST_S)
    names = tuple(one.id for one in twins.broken)
    noticed = ways.own(names).noticed()
    return tuple(name for name in names if name not in noticed)


def _time_for(own_s: float) -> float:
    return min(_MOST_S, max(_LEAST_S, _TIMES * own_s))


def _verdict(
    twins: Twins, reference: _Way, own: _Way | None, noticed: int, judged: int
) -> tuple[tuple[str, ...], str]:
    """What else is to be said, and what the tests lack, if anything."""
    right = reference.right
    if twins.given and (right is None or right.aside):
        return (), _why_wrong(right)
    notes: list[str] = []
    if right is not None and right.aside:
        first = _shown_failure(right.aside[0])
        many = len(right.aside)
        notes.append(
            f"{'One of your tests fails' if many == 1 else f'{many} of your tests fail'} with the reference solution, "
            f"first `{first['test']}`: {first['message']}. That is no mistake where the task sheet leaves it open; such "
            "tests were tried with your own app alone."
        )
    if unsteady := next((way for way in (own, reference) if way is not None and way.unsteady()), None):
        notes.append(_why_unsteady(unsteady))
    if not judged or not (_tells(reference) or (own is not None and _tells(own, over_http=True))):
        if own is not None and not _tells(own):
            return tuple(notes), _why_not_alike(own.right)
        if own is not None and own.broken.get(_EMPTIED, _Fate("noticed", None)).state != "noticed":
            return tuple(
                notes
            ), "Your tests pass with an app whose functions do nothing, so they prove nothing of it."
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


def _tells(way: _Way, *, over_http: bool = False) -> bool:
    """Whether tests passed with the right app there, and in the second way also asked it for something."""
    return way.right is not None and way.right.passed > 0 and (not over_http or way.right.requests > 0)


def _why_wrong(right: _Right | None) -> str:
    if right is None or not right.aside:
        return "Your tests did not come to an end with the right app, so they prove nothing of it."
    first = _shown_failure(right.aside[0])
    return (
        f"Your tests fail with the right app, first `{first['test']}`: {first['message']}. That test asks for something "
        "that the task sheet does not."
    )


def _why_not_alike(right: _Right | None) -> str:
    if right is None or not right.aside:
        return "Your tests pass once and come to no end with a copy of your own app that does the same."
    first = _shown_failure(right.aside[0])
    return (
        f"Your tests fail with a copy of your own app that does the same, first `{first['test']}`: {first['message']}. "
        "Ask the app for what it does; its files, its place and its process may be others."
    )


def _why_unsteady(way: _Way) -> str:
    test = next((fate.by for fate in way.broken.values() if fate.state == "unsteady" and fate.by), None)
    named = f", `{shown(test.rpartition('::')[2])[:200]}` for one" if test else ""
    return (
        f"Some of your tests pass or fail with the same app{named}; what they notice does not count. Look for what "
        "differs from run to run: the time, the order, a file that stays."
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

    def reference(self, names: tuple[str, ...]) -> _Way:
        """The reference and its broken twins."""
        right = read_app(self.context.chapter.solution)
        return self.run(
            "reference", {"right": right, **{n: make_twin(self.context.chapter, n) for n in names}}
        )

    def own(self, names: tuple[str, ...], *, emptied: bool = False) -> _Way:
        """The learner's own app, with one behaviour broken at a time where the book knows how.

        `emptied` adds one whose functions do nothing: tests that send no request can be asked for that much.
        """
        saboteur = self.context.chapter.broken / "over_http.py"
        source = saboteur.read_text(encoding="utf-8") if saboteur.is_file() else ""
        acts = {name: act for name in names if (act := act_of(name)) in acts_in(source)}
        app = read_app(self.context.snapshot.folder)
        apps = {"right": app, **dict.fromkeys(acts, app)}
        if emptied:
            apps[_EMPTIED] = {n: hollow(text) if n.endswith(".py") else text for n, text in app.items()}
        return self.run("own", apps, acts=acts, saboteur=source)

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
        shutil.copyfile(self.ini, store / "pytest.ini")
        reach = self._reach()
        settings = room / "settings.json"
        settings.write_text(
            json.dumps(
                {
                    "store": str(store),
                    "work": str(work),
                    "reach": reach,
                    "landlock": Path(landlock.__file__).read_text(encoding="utf-8") if reach else "",
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
        return _read(finished, self.seconds + _SPARE_S)

    def _reach(self) -> dict[str, Any] | None:
        """What is left to a single run beside its own room, where the kernel can see to that."""
        if self.context.isolation is Isolation.PORTABLE:
            return None
        inside = Confinement(level=Isolation.LANDLOCK, read=(Path(sys.executable).resolve(), PROGRAMS))
        reach = inside.reach()
        if reach is None:
            return None
        # Shared memory is another place to leave something for a later run.
        return asdict(replace(reach, write=tuple(path for path in reach.write if path != "/dev/shm")))

    def _orders(self, names: list[str]) -> dict[str, list[str]]:
        """For each broken app the test files, those first that share rare words with what is broken."""
        folder = self.context.snapshot.folder
        files = [name for name in self.context.snapshot.python_files if name.startswith("tests/")]
        words = {name: Counter(_words((folder / name).read_text("utf-8", "replace"))) for name in files}
        every = sum(words.values(), Counter())
        told = {one.id: set(_words(f"{one.id} {one.does} {one.notice}")) for one in self.twins.broken}
        return {
            name: sorted(
                files,
                key=lambda file: -sum(words[file][w] / every[w] for w in told.get(name, ()) if w in every),
            )
            for name in names
            if len(files) > 1
        }


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]{4,}|\d{3}", text.lower())


def _read(finished: Finished, seconds: float) -> _Way:
    """What the child says; raises `Unmeasurable` where it did not end well, for the learner's code runs in others."""
    if stopped := why_stopped(finished, "The comparison of your tests", seconds):
        raise Unmeasurable(stopped)
    try:
        return msgspec.json.decode(finished.stdout.splitlines()[-1], type=_Way)
    except (IndexError, msgspec.DecodeError) as error:
        raise Unmeasurable(
            f"What your tests tell apart could not be compared: {last_words(finished)}"
        ) from error


def make_twin(chapter: Chapter, name: str) -> _Files:
    """The files in `app/` of one broken app; raises `BookError` where its file is wrong."""
    path = chapter.broken / f"{name}.toml"
    return patched(path, read_toml(path, TwinFile).edit, read_app(chapter.solution))


def act_of(name: str) -> str:
    """The function of `over_http.py` that makes a learner's own app do what this broken app does."""
    return name.replace("-", "_")


def acts_in(source: str) -> tuple[str, ...]:
    """The functions of an `over_http.py` that break something; the others begin with an underscore."""
    return tuple(re.findall(r"^def ([a-z]\w*)\(call: Call\)", source, flags=re.MULTILINE))


def read_app(folder: Path) -> _Files:
    """The files below `app/`, caches left out."""
    app = folder / "app"
    return {
        path.relative_to(app).as_posix(): path.read_bytes()
        for path in sorted(app.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
