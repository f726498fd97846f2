"""Jobs of minutes: what they are told by, inside a request and in a background task."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.flow import last_name, statements
from checker.constraints.named_jobs import why_long_in_rounds, words_of
from checker.constraints.outside import Reached, is_started, is_unused, loops_over, loops_within
from checker.constraints.slow_libraries import Work
from checker.constraints.waiting import QUEUES, open_loops, seconds
from checker.source import Call, Function, Project

_QUEUE_WAITS = frozenset({"propagate", "on_message", "disable_sync_subtasks"})
"""Arguments that only the result of a Celery job knows."""
_JOBS = frozenset({"flow", "task", "job", "workflow", "pipeline"})
_MINUTES = frozenset({
    "train", "retrain", "finetune", "backtest", "crawl", "reindex", "transcode", "hyperopt", "backfill", "benchmark",
    "diarize", "diarization", "transcribe", "transcription", "scrape", "pretrain",
})  # fmt: skip
"""What nobody does in seconds."""
_ONLY_TELLS = frozenset({
    "trigger", "enqueue", "queue", "schedule", "notify", "log", "record", "send", "request", "mark", "update", "publish", "emit", "cancel",
    "stop", "save", "get", "delete", "submit", "start", "report", "create", "on", "track",
})  # fmt: skip
_HANDS_ON = frozenset(
    {"delay", "apply_async", "send_task", "enqueue", "enqueue_job", "Popen", "Process", "submit", "send"}
)
_COLLECTS = frozenset({
    "sync", "synchronize", "import", "index", "reindex", "crawl", "scrape", "ingest", "initialize", "refresh", "pull", "update", "collect",
    "harvest", "backfill", "mirror",
})  # fmt: skip
_EVERYTHING = re.compile(
    r"(^|_)(recompute|recalculate|rebuild|reindex|backfill)(_|$)|(^|_)(update|refresh|sync|regenerate)_all(_|$)"
)
_SESSIONS = frozenset({"db", "session", "conn", "connection", "tx", "uow"})
LONG_S = 30
_LONG = frozenset({Work.LONG, Work.SPEECH})
AGENT_RUNS = "lets an agent ask its model and its tools for as long as it takes"
_ROUND_S = 5


def asks_in_rounds(function: Function, reached: Reached) -> str:
    """A model that is asked for every item of every item, in words."""
    outer = loops_over(function, Work.MODEL, reached)
    if outer is not None:
        inside = {id(n) for n in ast.walk(outer) if isinstance(n, ast.Call)}
        innermost = {
            id(n) for inner in loops_within(outer) for n in ast.walk(inner) if isinstance(n, ast.Call)
        }
        for call in function.calls:
            further = call.callee is not None and loops_over(call.callee, Work.MODEL, reached) is not None
            if id(call.node) in inside and (
                further or (id(call.node) in innermost and Work.MODEL in reached.by_call(call))
            ):
                return f"asks a model in nested loops (line {outer.lineno})"
    return ""


def waits_for_minutes(function: Function, reached: Reached) -> Call | None:
    """The first call that leads to a job of minutes and that the function waits for."""
    return next((c for c in function.calls if not is_started(c) and _LONG & reached.by_call(c)), None)


def collects(call: Call, function: Function) -> bool:
    """Whether the names say that data is brought in from elsewhere."""
    names = f"{last_name(call.node)}_{function.name.rpartition('.')[2]}".lower()
    return bool(_COLLECTS & set(names.split("_")))


def works_on_everything(call: Call) -> bool:
    """`statistics.update_all_periods()`: no argument says for what, and what it calls goes through it round by round."""
    if call.callee is None or not _EVERYTHING.search(last_name(call.node).lower()):
        return False
    given = [*call.node.args, *(k.value for k in call.node.keywords)]
    if any(not (isinstance(one, ast.Name) and one.id in _SESSIONS) for one in given):
        return False
    below = [call.callee, *(inner.callee for inner in call.callee.calls if inner.callee is not None)]
    # What is only in memory does not grow by the month.
    return any(_works_in_rounds(function) for function in below) and any(
        map(_asks_database, [*_with_callees(below), *_makers(call.callee)])
    )


def _makers(method: Function) -> list[Function]:
    """What made the object that a method belongs to: a store is made on a session."""
    maker = method.owner.functions.get("__init__") if method.owner is not None else None
    return [maker] if maker is not None else []


def _with_callees(functions: list[Function]) -> list[Function]:
    return [*functions, *(c.callee for f in functions for c in f.calls if c.callee is not None)]


def _asks_database(function: Function) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id in _SESSIONS)
        or (isinstance(node, ast.Attribute) and node.attr in _SESSIONS)
        for node in ast.walk(function.node)
    )


def _works_in_rounds(function: Function) -> bool:
    """A loop that calls another function of the project in every round."""
    for statement in statements(function):
        if isinstance(statement, (ast.For, ast.AsyncFor)):
            inside = {id(node) for node in ast.walk(statement) if isinstance(node, ast.Call)}
            if any(c.callee is not None and id(c.node) in inside for c in function.calls):
                return True
    return False


def handed_siblings(call: Call, project: Project) -> list[str]:
    """Functions of the same module and kind that other path operations hand to `BackgroundTasks`."""
    callee = call.callee
    if callee is None or callee.owner is not None or not is_unused(call):
        return []
    kind = callee.name.rpartition("_")[2]
    handed = {f for f, _ in project.framework.background}
    if kind not in _JOBS or callee in handed:
        return []
    names = {f.short for f in handed if f.module is callee.module and f.name.rpartition("_")[2] == kind}
    return sorted(names) if len(names) > 1 else []


def why_long(function: Function, added: Call, project: Project, reached: Reached) -> str:
    for part in [function, *(c.callee for c in function.calls if c.callee is not None and not is_started(c))]:
        reason = _loops_or_sleeps(part)
        if reason:
            return reason
    if _waits_for_queue(function, added, project):
        return "waits until a job of the queue ends"
    found = reached.by_function(function)
    if Work.LONG in found:
        return "does a job of minutes"
    if Work.SPEECH in found:
        return "writes down what is said in a recording, which takes about as long as the recording"
    if asks_in_rounds(function, reached):
        return "asks a model in nested loops"
    if Work.CRAWL in found:
        return "asks another service for every item of every item"
    if Work.AGENT in found:
        return AGENT_RUNS
    rounds = why_long_in_rounds(function, reached, project)
    if rounds:
        return rounds
    return "does a job of minutes, by its name" if _is_named_for_minutes(function) else ""


def _is_named_for_minutes(function: Function) -> bool:
    """`run_backtest`, `train_model`, and not `notify_training`: a job that its own code does, and does not hand on."""
    words = words_of(function.name)
    if not words or words[0] in _ONLY_TELLS or not _MINUTES & set(words):
        return False
    return not any(last_name(call.node) in _HANDS_ON for call in function.calls)


def handed(task: Function, added: Call, project: Project) -> Iterator[Function]:
    """What a background task runs: itself, and functions that it is given, as in `add_task(in_a_thread, train, model)`."""
    yield task
    for argument in added.node.args[1:]:
        if isinstance(argument, (ast.Name, ast.Attribute)):
            value = project.names.evaluate(argument, added.scope)
            if value is not None and not value.instance and isinstance(value.item, Function):
                yield value.item


def _loops_or_sleeps(function: Function) -> str:
    for statement in statements(function):
        if not isinstance(statement, ast.While):
            continue
        endless = isinstance(statement.test, ast.Constant) and bool(statement.test.value)
        if endless and not any(
            isinstance(n, (ast.Break, ast.Return, ast.Raise)) for n in ast.walk(statement)
        ):
            return "loops without end"
        if endless and any(_rests(call, statement) for call in function.calls):
            return "waits in a loop until something else has ended"
    for loop in open_loops(function):
        if any(_rests(call, loop) for call in function.calls):
            return "waits in a loop until something else has ended"
    for call in function.calls:
        if call.target in {"time.sleep", "asyncio.sleep"} and seconds(call) >= LONG_S:
            return f"sleeps for {seconds(call):g} s"
    return ""


def _rests(call: Call, loop: ast.While) -> bool:
    """A sleep of seconds in every round."""
    return (
        call.target in {"time.sleep", "asyncio.sleep"}
        and seconds(call) >= _ROUND_S
        and any(node is call.node for node in ast.walk(loop))
    )


def _waits_for_queue(function: Function, added: Call, project: Project) -> bool:
    """`job.get(...)` on the result of a queue, also where it comes as an argument of `add_task`."""
    results = {
        p.name
        for p, a in zip(function.parameters, added.node.args[1:], strict=False)
        if project.names.type_name(a, added.scope)
        in {"celery.result.AsyncResult", "celery.Celery.send_task()"}
        or _is_queued(a, added, project)
    }
    for call in function.calls:
        on = call.node.func
        if call.target.endswith("AsyncResult.get"):
            return True
        if not isinstance(on, ast.Attribute) or on.attr not in {"get", "wait", "join"}:
            continue
        if isinstance(on.value, ast.Name) and on.value.id in results:
            return True
        if on.attr == "get" and {k.arg for k in call.node.keywords} & _QUEUE_WAITS:
            return True
    return False


def _is_queued(argument: ast.expr, added: Call, project: Project) -> bool:
    """Whether an argument got its value from `task.delay(...)` or `app.send_task(...)`."""
    if not isinstance(argument, ast.Name):
        return False
    bound = [b.value for b in added.scope.bindings.get(argument.id, [])]
    return any(isinstance(v, ast.Call) and last_name(v) in QUEUES for v in bound)
