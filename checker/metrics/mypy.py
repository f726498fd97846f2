"""M2: what `mypy --strict` finds in the app.

## What counts
Every error in the learner's modules, of `app/` and of whatever it imports from the same folder. A third-party package
without types counts as mypy counts it (`import-untyped`); all that the chapters need have types. Tests are not
judged: what they are worth is M3, and `-> None` on every test function tells a reader nothing.

## With whose configuration
The checker's own, `strict` and the plugin that Pydantic documents, `pydantic.mypy`. Without the plugin, strict mypy
rejects `Settings()` for its required fields, a call that is right and that pydantic-settings' pages show; with it, values that
Pydantic would convert are let through. So nothing is an error here that plain strict mypy would pass over.
One code is switched off, `prop-decorator`: with it mypy says of any decorator above `@property` that it does not support it, and
Pydantic's computed fields are written that way. It is no mistake of the learner's, and the comment that Pydantic's page
silences it with is cut.

## What does not count
The learner's `mypy.ini`, `setup.cfg` and `pyproject.toml`; comments that silence mypy, which are cut from the copy it reads
with every line and column kept; stub files beside a module of the same name, which would hide it; modules at the
top of the folder named like an installed package, which the running app cannot import either.

## Speed
mypy keeps what it learnt about FastAPI, Pydantic and SQLAlchemy in a cache in the user's own cache folder: the first run
takes about ten seconds, every later one less than one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import msgspec

from checker.metrics.cache import Borrowed, borrow
from checker.metrics.metric import (
    Complaint,
    Metric,
    MetricContext,
    Reading,
    Unmeasurable,
    complaints_detail,
    first_of,
    last_words,
    read_lines,
    reading_result,
    run_tool,
)
from checker.metrics.suppressions import blank_suppressions
from checker.models.events import Stage
from checker.models.report import MetricOutcome, MetricResult
from checker.sandbox import Finished
from checker.submission import Snapshot

_WALL_S = 120.0
_CONFIG = "[mypy]\nstrict = true\nplugins = pydantic.mypy\ndisable_error_code = prop-decorator\n"
_PAGES = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"
_OWN = frozenset({"app", "tests"})


class _Message(msgspec.Struct, frozen=True):
    file: str
    line: int
    column: int
    message: str
    severity: str
    code: str | None = None


def measure_mypy(context: MetricContext) -> tuple[MetricResult, ...]:
    """M2 of the snapshot."""
    if not context.snapshot.python_files_in("app"):
        return METRIC.without_value(
            context.chapter, MetricOutcome.FAILED, "There is no Python file in `app` to check."
        )
    code = context.room("mypy-code")
    silenced = _copy(context.snapshot, code)
    complaints = [
        Complaint(
            path=PurePosixPath(message.file.replace("\\", "/")).as_posix(),
            line=max(message.line, 1),
            column=message.column + 1,
            rule=message.code or "misc",
            message=message.message,
            url=f"{_PAGES}{message.code}" if message.code else None,
        )
        for message in _run(context, code)
        if message.severity == "error"
    ]
    return (
        reading_result(
            _READING,
            context.chapter,
            MetricOutcome.FAILED if complaints else MetricOutcome.PASSED,
            value=float(len(complaints)),
            message=_message(complaints, silenced),
            detail=complaints_detail(complaints, silenced=silenced),
        ),
    )


def _copy(snapshot: Snapshot, code: Path) -> int:
    """Write what mypy shall see to `code`; returns how many comments that silence it were cut."""
    silenced = 0
    files = set(snapshot.files)
    for name in snapshot.files:
        path = PurePosixPath(name)
        if path.suffix not in {".py", ".pyi"} or _shadows(path):
            continue
        if path.suffix == ".pyi" and str(path.with_suffix(".py")) in files:
            continue
        source, cut = blank_suppressions((snapshot.folder / name).read_bytes())
        silenced += cut
        (code / path).parent.mkdir(parents=True, exist_ok=True)
        (code / path).write_bytes(source)
    return silenced


def _shadows(path: PurePosixPath) -> bool:
    top = path.parts[0].removesuffix("-stubs") if len(path.parts) > 1 else path.stem
    if top in _OWN or not top.isidentifier():
        return False
    if top in sys.stdlib_module_names:
        return True
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return False
    # The folder in which `check` was started may be importable, and is no installed package.
    return spec is not None and bool({"site-packages", "dist-packages"} & set(Path(spec.origin or "").parts))


def _run(context: MetricContext, code: Path) -> list[_Message]:
    config = context.room("mypy") / "mypy.ini"
    config.write_text(_CONFIG, encoding="utf-8")
    pool = context.cache / f"mypy-{_fingerprint()}"
    for attempt in range(2):
        with borrow(pool, context.room("mypy") / f"cache-{attempt}") as cache:
            finished = _mypy(context, code, config, cache)
            # It writes its cache without a journal, so one that ended badly may have left half a page.
            cache.spoiled = finished.returncode not in (0, 1, 2) or b"INTERNAL ERROR" in finished.stderr
        if b"INTERNAL ERROR" not in finished.stderr:
            break
    messages = read_lines(finished, _Message, "mypy", _WALL_S)
    if finished.returncode and not messages:
        raise Unmeasurable(f"mypy ended with code {finished.returncode}: {last_words(finished)}")
    return messages


def _mypy(context: MetricContext, code: Path, config: Path, cache: Borrowed) -> Finished:
    command = [sys.executable, "-P", "-m", "mypy", f"--config-file={config}", "--cache-dir", str(cache.path)]
    command += ["--explicit-package-bases", "--output", "json", "--no-error-summary", "app"]
    return run_tool(command, context, cwd=code, wall_s=_WALL_S, env={"MYPYPATH": ""}, write=(cache.path,))


def _fingerprint() -> str:
    """Changes with whatever would make mypy throw its cache away, so that two set-ups do not take turns in one."""
    text = "|".join([version("mypy"), version("pydantic"), sys.version, sys.prefix, _CONFIG])
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _message(complaints: list[Complaint], silenced: int) -> str:
    if not complaints:
        return "mypy --strict has nothing to say against `app`."
    first = first_of(complaints)
    rest = "" if len(complaints) == 1 else f" and {len(complaints) - 1} more"
    lifted = ""
    if silenced:
        comments = (
            "One comment that silences mypy was"
            if silenced == 1
            else f"{silenced} comments that silence mypy were"
        )
        lifted = f" {comments} lifted: write the type instead."
    return f"mypy --strict reports {first}{rest}.{lifted}"


_READING = Reading(id="M2", title="mypy", target=0, unit="errors")
METRIC = Metric(stage=Stage.MYPY, readings=(_READING,), take=measure_mypy)
