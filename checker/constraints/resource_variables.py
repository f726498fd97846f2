"""Which variables of modules hold a shared resource, by what they are given, by their type, or by their name."""

from __future__ import annotations

import ast
import re

from checker.constraints.blocking import blocking_call
from checker.constraints.blocking_libraries import Kind
from checker.constraints.flow import last_name, root_name
from checker.constraints.handmade import is_none
from checker.constraints.resources import (
    DATA,
    NOT_OPENED,
    SETTINGS,
    holds_state,
    is_data_class,
    is_local,
    is_resource,
    keeps_resource,
    kind_of,
)
from checker.source import Class, Project, Value, Variable

_NAMED = re.compile(
    r"(^|_)(client|store|vectorstore|db|database|session|pool|redis|conn|connection|producer|mongo|elastic|es|bucket|cache|queue)$"
)
_SERVICE = re.compile(
    r"(^|_)(service|manager|gateway|provider|storage|repository|repo|api|bot|mailer|sender|fetcher)$"
)
"""Names that only say so much where the methods of the object do reach out."""
_LOGGER = re.compile(r"_*(LOGGER|logger|LOG|log)")
"""What every module has one of, whoever wrote its class."""
_SIGN_IN = re.compile(r"(auth|sso)(\(\))?$", re.IGNORECASE)
"""What signs people in with another service: `OAuth()`, `init_auth(url, key)`."""
_DETAILS = frozenset(
    {"requests", "httpx", "httpx2", "aiohttp", "fastapi_users", "requests_oauthlib", "authx"}
)
"""Libraries whose `Auth` is what a client is given, or signs what it is given."""
_LOADED = re.compile(r"(^|_)(predict(or)?|infer(ence)?)(_fn|_func|_function)?$")
_MODEL = re.compile(r"(^|_)(model|pipeline|classifier|llm|embedder|retriever|tokenizer)$")


def resource_variable(variable: Variable, project: Project) -> str:
    """The kind of shared resource that a module variable holds, in a word for the reader; empty where it holds none."""
    if SETTINGS.search(variable.name) or _LOGGER.fullmatch(variable.name):
        return ""
    value = (
        _in_table(variable, project)
        or _wrapped(variable, project)
        or project.names.variable_value(variable)
        or _declared(variable, project)
    )
    if value is not None and (is_resource(value, project) or holds_state(value, project)):
        return kind_of(value)
    if value is not None and (_is_swapped(variable, value) or _asks_a_service(variable, value)):
        return kind_of(value)
    if not _is_named_resource(variable, value, project):
        return ""
    return kind_of(value) if value is not None and isinstance(value.item, Class) else "shared resource"


def _declared(variable: Variable, project: Project) -> Value | None:
    """What the annotation says, `_store: Store | None = None`, of a variable that is given objects of several classes."""
    marks = [b.annotation for b in variable.bindings if b.annotation is not None]
    return project.names.annotation_type(marks[0], variable.module.scope) if len(marks) == 1 else None


def _in_table(variable: Variable, project: Project) -> Value | None:
    """The first of the resources in a table of them, `STORES = {"local": LocalStore(), "s3": S3Store()}`.

    A comprehension and what functions put in later count as well.
    """
    tables = [binding.value for binding in variable.bindings]
    if len(tables) != 1 or not isinstance(
        tables[0], (ast.Dict, ast.List, ast.Tuple, ast.DictComp, ast.ListComp)
    ):
        return None
    table = project.names.variable_value(variable)
    held = table.parts[-1] if table is not None and table.parts else None
    for value in held.possibilities if held is not None else ():
        if value.instance and (is_resource(value, project) or keeps_resource(value, project)):
            return value
    return None


def _wrapped(variable: Variable, project: Project) -> Value | None:
    """`ask = Ask(store=store).with_retry()`: what hands back the same runnable with something around it."""
    made = variable.bindings[0].value if len(variable.bindings) == 1 else None
    inner = made
    while (
        isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in _AROUND
    ):
        inner = inner.func.value
    if inner is made or not isinstance(inner, ast.Call):
        return None
    value = project.names.evaluate(inner, variable.module.scope)
    return value if is_resource(value, project) or holds_state(value, project) else None


_AROUND = frozenset({
    "configurable_fields", "configurable_alternatives", "with_config", "with_retry", "with_fallbacks", "with_types", "bind",
})  # fmt: skip


def _asks_a_service(variable: Variable, value: Value) -> bool:
    """`forecasts = ForecastApi(client)` of a generated client, `oauth = OAuth()`, `celery = Celery("tools")`: a library's way to others."""
    if value.item is not None or not value.instance:
        return False
    top, last = value.name.partition(".")[0], value.name.rpartition(".")[2]
    if top in NOT_OPENED | DATA | _DETAILS or "." not in value.name:
        return False
    signs_in = _SIGN_IN.search(variable.name) is not None and _SIGN_IN.search(last) is not None
    return signs_in or last.endswith("Api") or value.name in _SENDS_JOBS


_SENDS_JOBS = frozenset({"celery.Celery", "huey.RedisHuey", "dramatiq.brokers.redis.RedisBroker"})


def _is_swapped(variable: Variable, value: Value) -> bool:
    """An object of a library's class that a function puts into the module: `global process; process = Popen(...)`."""
    if value.item is not None or not value.instance or not value.name.rpartition(".")[2][:1].isupper():
        return False
    top = value.name.partition(".")[0]
    return top not in NOT_OPENED | DATA and any(binding.writer is not None for binding in variable.bindings)


def _is_named_resource(variable: Variable, value: Value | None, project: Project) -> bool:
    """`vector_store = make_store(...)`: its class could not be told, but a call made it and its name says what it is."""
    swapped = any(binding.writer is not None for binding in variable.bindings)
    if (
        value is not None
        and isinstance(value.item, Class)
        and value.instance
        and _SERVICE.search(variable.name.lower())
    ):
        return not is_data_class(value, project) and _reaches_out(value.item, _AWAY, project)
    if (
        not _NAMED.search(variable.name.lower())
        and not (swapped and _MODEL.search(variable.name.lower()))
        and not _is_loaded(variable)
    ):
        return False
    if value is not None and isinstance(value.item, Class) and value.instance:
        return not is_data_class(value, project) and _reaches_out(value.item, _OUTSIDE, project)
    if value is not None and (not value.instance or value.item is not None):
        return False
    if value is not None and (value.name.partition(".")[0] in NOT_OPENED or is_local(value, project)):
        return False
    made = [b.value for b in variable.bindings if b.value is not None and not is_none(b.value)]
    return bool(made) and all(isinstance(m, ast.Call) and not _is_data(m) for m in made)


def _is_loaded(variable: Variable) -> bool:
    """`predict = load_predictor()`: a function of that name has loaded it, whatever it is."""
    made = [b.value for b in variable.bindings if b.value is not None and not is_none(b.value)]
    return (
        bool(made)
        and any(words.search(variable.name.lower()) for words in (_LOADED, _MODEL))
        and all(isinstance(m, ast.Call) and last_name(m).lower().startswith("load") for m in made)
    )


def _reaches_out(made: Class, kinds: frozenset[Kind], project: Project) -> bool:
    """Whether the methods of an object ask a database or another service without being given a client: a store that is a gate."""
    return any(
        root_name(call.node.func) not in {p.name for p in method.parameters}
        and (
            call.target.removesuffix(".__init__") in _OPENED_FOR_A_CALL
            or ((found := blocking_call(call, project)) is not None and found.kind in kinds)
        )
        for step in project.names.lineage(made)[0]
        for method in step.functions.values()
        for call in method.calls
    )


_OPENED_FOR_A_CALL = frozenset({
    "httpx.AsyncClient", "httpx2.AsyncClient", "aiohttp.ClientSession", "aiofiles.open", "aiosmtplib.send", "aiosmtplib.SMTP",
    "asyncpg.connect", "aiosqlite.connect",
})  # fmt: skip
"""What an awaiting method opens for itself."""
_AWAY = frozenset({Kind.HTTP, Kind.NETWORK, Kind.BROKER})
"""Without databases: most services of that name ask the session that each call gives them."""
_OUTSIDE = _AWAY | {Kind.DATABASE}


def _is_data(call: ast.Call) -> bool:
    return last_name(call).lower() in _DATA_CALLS


_DATA_CALLS = frozenset({
    "getenv", "get", "join", "path", "dict", "list", "set", "getlogger", "get_logger", "namedtuple",
})  # fmt: skip
