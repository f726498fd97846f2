"""Jobs that go through data and do slow work in every round, told by what they reach and by what they are called."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.flow import last_name, root_name, statements
from checker.constraints.outside import Reached, data_loops, is_started, is_unused, only_decides, runs
from checker.constraints.slow_libraries import Work
from checker.source import Call, Function, Project

HEAVY = frozenset({Work.MODEL, Work.EMBED, Work.PROGRAM, Work.SPEECH, Work.LONG, Work.AGENT})
"""What takes seconds by itself, so that a loop over data takes minutes."""
_ALWAYS = HEAVY - {Work.PROGRAM, Work.MODEL}
"""The same where no name says that it is much."""
_STORES = frozenset({Work.STORE})
_ASKS = HEAVY | {Work.HTTP, Work.MESSAGE}
_GOES_THROUGH = frozenset({
    "sync", "synchronise", "synchronize", "synchronisation", "synchronization", "pipeline", "import", "export", "ingest", "crawl", "scrape",
    "harvest", "backfill", "mirror", "cron", "job", "batch", "bulk", "all", "everything", "reindex", "refresh", "rebuild", "migrate",
})  # fmt: skip
_MAKES = frozenset({
    "generate", "build", "convert", "render", "export", "compile", "package", "backup", "restore", "deploy", "install", "provision", "tile",
})  # fmt: skip
_ONLY_TELLS = frozenset({
    "trigger", "enqueue", "queue", "schedule", "notify", "log", "record", "send", "request", "mark", "publish", "emit", "cancel", "stop",
    "save", "get", "delete", "submit", "start", "report", "on", "track", "list", "check", "is", "has", "receive", "handle", "emails", "email",
})  # fmt: skip
_FOR_ALL = frozenset(
    {
        "db",
        "session",
        "conn",
        "connection",
        "tx",
        "uow",
        "settings",
        "config",
        "client",
        "request",
        "logger",
        "redis",
    }
)
_LEARNS = frozenset({"evaluate", "train", "retrain", "finetune", "backtest", "benchmark"})
_EMPTIES = frozenset(
    {
        "delete",
        "remove",
        "purge",
        "clear",
        "wipe",
        "empty",
        "clean",
        "cleanup",
        "copy",
        "move",
        "archive",
        "backup",
        "restore",
    }
)
_COLLECTS = re.compile(
    r"^_?(collect|extract|process|prepare|create)_.*(s|all)$|_(dataset|examples|frames|images|videos|tiles)$"
)
_FETCHES = re.compile(r"^_?(download|pull)_(\w+_)?models?(_|$)|^_?clone_(\w+_)?repo(s|sitory)?$")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_DEEPEST = 4


def words_of(name: str) -> list[str]:
    """The words of a function's name, in lower case and without the plural."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name.rpartition(".")[2])
    return [w.removesuffix("s") if len(w) > 4 else w for w in spaced.lower().split("_") if w]


def goes_through(name: str) -> bool:
    """`sync_projects`, `run_import_pipeline`, `process_job`, and not `notify_import`."""
    words = words_of(name)
    return bool(words) and words[0] not in _ONLY_TELLS and bool(_GOES_THROUGH & set(words))


def makes(name: str) -> bool:
    """`generate_tiles`, `build_package`: a program is run to make something."""
    words = words_of(name)
    return bool(words) and words[0] not in _ONLY_TELLS and bool(_MAKES & set(words))


def in_rounds(
    function: Function,
    kinds: frozenset[Work],
    reached: Reached,
    project: Project,
    depth: int = 0,
    *,
    fetched: bool = False,
) -> bool:
    """Whether a function, or one that it waits for, does such work for every item of some data, `fetched` by itself."""
    if depth > _DEEPEST or not kinds & reached.by_function(function):
        return False
    inside = _called_in_rounds(function, fetched=fetched)
    for call in function.calls:
        if is_started(call) or not kinds & reached.by_call(call):
            continue
        if id(call.node) in inside:
            return True
        if any(
            in_rounds(further, kinds, reached, project, depth + 1, fetched=fetched)
            for further in runs(call, project)
        ):
            return True
    return False


def _called_in_rounds(function: Function, *, fetched: bool) -> set[int]:
    """The calls that happen once for every item: in loops over data and in comprehensions."""
    repeated: list[ast.AST] = []
    given = {p.name for p in function.parameters} - {"self", "cls"} if fetched else set()
    for loop in data_loops(statements(function)):
        if root_name(loop.iter) not in given:
            repeated += loop.body
    for statement in statements(function):
        if isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return)) and not fetched:
            for node in ast.walk(statement):
                if isinstance(node, _COMPREHENSIONS) and not isinstance(
                    node.generators[0].iter, (ast.List, ast.Tuple)
                ):
                    repeated += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    return {id(node) for part in repeated for node in ast.walk(part) if isinstance(node, ast.Call)}


def jobs_waited_for(function: Function, reached: Reached, project: Project) -> Iterator[tuple[Call, str]]:
    """Calls of a path operation that run such a job, though the reply does not show what came of it, and why in words."""
    for call in function.calls:
        if is_started(call) or not (is_unused(call) or only_decides(call, function)):
            continue
        name = last_name(call.node)
        if _FETCHES.search(name) and (call.awaited or call.callee is None or not call.callee.is_async):
            yield call, "fetches gigabytes, by its name"
            continue
        if call.callee is None and _takes_dataset(call):
            yield call, "works through a whole set of data, by its name"
            continue
        for further in runs(call, project):
            if further.is_generator:
                continue
            kinds = HEAVY if makes(name) or goes_through(name) or _COLLECTS.search(name) else _ALWAYS
            if in_rounds(further, kinds, reached, project):
                yield call, "works through its data item by item, each of which takes seconds"
                break
            if _EMPTIES & set(words_of(name)) and in_rounds(further, _STORES, reached, project, fetched=True):
                yield call, "goes through everything that lies in a store"
                break
            if goes_through(name) and _says_nothing(call) and in_rounds(further, _ASKS, reached, project):
                yield call, "asks another service for everything there is, which takes longer each month"
                break


def _takes_dataset(call: Call) -> bool:
    """`judge.evaluate(data=rows)`, `model.train(dataset)` of an object whose class is not known."""
    words = words_of(last_name(call.node))
    given = [k.arg or "" for k in call.node.keywords]
    given += [a.id for a in call.node.args if isinstance(a, ast.Name)]
    return (
        bool(words)
        and words[0] in _LEARNS
        and bool({"data", "dataset", "data_set", "training_data"} & set(given))
    )


def _says_nothing(call: Call) -> bool:
    """No argument says for what: `sync_projects(db)`."""
    given = [*call.node.args, *(k.value for k in call.node.keywords)]
    return all(
        isinstance(one, ast.Constant)
        or (isinstance(one, ast.Name) and one.id in _FOR_ALL)
        or (isinstance(one, ast.Attribute) and one.attr in _FOR_ALL)
        for one in given
    )


def why_long_in_rounds(function: Function, reached: Reached, project: Project) -> str:
    """Why a background task takes minutes, in words; empty where nothing says so."""
    kinds = HEAVY if makes(function.name) else _ALWAYS
    if in_rounds(function, kinds, reached, project):
        return "works through its data item by item, each of which takes seconds"
    if goes_through(function.name) and in_rounds(function, _ASKS - {Work.MESSAGE}, reached, project):
        return "asks another service for item after item"
    if makes(function.name) and Work.PROGRAM in reached.by_function(function):
        return "waits for a program that makes files"
    return ""
