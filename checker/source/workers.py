"""What workers run beside the app: tasks of a queue, consumers of a broker, handlers of a serverless platform."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from checker.source.declaring import function_of
from checker.source.edges import Edges
from checker.source.model import Call, Class, Function, Module
from checker.source.names import Names
from checker.source.values import Value
from checker.source.written import last_name, uncalled

_QUEUES = frozenset({
    "celery", "dramatiq", "arq", "rq", "huey", "taskiq", "streaq", "procrastinate", "saq", "temporalio",
})  # fmt: skip
_CONSUMERS = frozenset({"faststream", "propan", "faust"})
_CALL_BACK = frozenset({"basic_consume", "consume", "subscribe"})
_BROKERS = frozenset({"pika", "aio_pika", "nats", "aiormq", "kombu", "paho", "aiomqtt", "stomp", "google"})
_WORKERS = _QUEUES | {
    "prefect", "airflow", "dagster", "click", "typer", "pytest", "locust", "invoke", "nox", "pytest_asyncio", "cyclopts", "asyncclick",
    "alembic",
}  # fmt: skip
"""Those of queues, and whatever else runs functions outside of serving."""
_SERVERLESS = ("event", "context")


def _library(name: str) -> str:
    """The library behind a dotted name, that of the queue for its brokers and schedulers: `taskiq_redis`, `rq_scheduler`."""
    top = name.partition(".")[0]
    return queue if (queue := top.partition("_")[0]) in _QUEUES else top


def functions_of_workers(modules: Iterable[Module], names: Names, edges: Edges) -> Iterator[Function]:
    """Functions that a queue, a broker or a serverless platform calls, in a process that belongs to the service."""
    for module in modules:
        for made in module.classes:
            yield from listed_for_worker(made, names)
        for function in module.functions:
            marks = {_library(name) for name in edges.decorators(function)}
            if marks & (_QUEUES | _CONSUMERS) or _is_serverless(function):
                yield function
        for call in module.calls:
            library = _library(call.target)
            taken_in = library in _BROKERS and last_name(call.node.func) in _CALL_BACK
            if not call.main_guard and (library in _QUEUES or taken_in):
                yield from given_to_worker(call, names)


def _is_serverless(function: Function) -> bool:
    """`def handler(event, context)` of a module."""
    named = tuple(parameter.name.lstrip("_") for parameter in function.parameters)
    return "." not in function.name and named == _SERVERLESS and not function.is_lambda


def belongs_to_worker(target: str) -> bool:
    """Whether a library runs functions outside of serving."""
    return _library(target) in _WORKERS


def given_to_worker(call: Call, names: Names) -> Iterator[Function]:
    """`actor(Task())`, `app.task(run)`: what is handed to a worker by a call."""
    for argument in (*call.node.args, *(k.value for k in call.node.keywords)):
        if isinstance(argument, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
            function = function_of(argument, call.scope, names)
            if function is not None:
                yield function
                continue
            # `scheduler.add_task(JOBS[name])`: any one of those that are in the container.
            value = names.look(argument, call.scope) if not isinstance(argument, ast.Call) else None
            yield from (
                one.item for one in _several(value) if isinstance(one.item, Function) and not one.instance
            )


def _several(value: Value | None) -> tuple[Value, ...]:
    return value.possibilities if value is not None and value.either else ()


def listed_for_worker(made: Class, names: Names) -> Iterator[Function]:
    """`class WorkerSettings: functions = [...]` of arq."""
    for name in ("functions", "cron_jobs", "on_startup", "on_shutdown"):
        if "functions" not in made.bindings and "cron_jobs" not in made.bindings:
            return
        for binding in made.bindings.get(name, ()):
            for node in ast.walk(binding.value) if binding.value is not None else ():
                if isinstance(node, (ast.Name, ast.Attribute)):
                    target = function_of(node, made, names)
                    if target is not None:
                        yield target


def is_for_worker(function: Function, edges: Edges) -> bool:
    """Whether a decorator gives a function to a worker, a command or a test runner."""
    if any(_registers_worker(decorator) for decorator in edges.own_decorators(function)):
        return True
    return any(
        belongs_to_worker(name)
        or (not name and last_name(uncalled(decorator)) in {"command", "task", "cron"})
        for name, decorator in zip(edges.decorators(function), function.decorators, strict=True)
    )


def _registers_worker(decorator: Function) -> bool:
    """A decorator of the project that hands what it decorates to a queue's own: `dramatiq.actor(wrapped)`."""
    inside = [decorator, *decorator.functions.values()]
    held = {
        name for function in inside for name in [*function.functions, *(p.name for p in function.parameters)]
    }
    return any(
        belongs_to_worker(call.target)
        and any(isinstance(a, ast.Name) and a.id in held for a in call.node.args)
        for function in inside
        for call in function.calls
    )
