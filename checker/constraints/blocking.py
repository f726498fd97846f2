"""Which calls hold the thread that makes them: shared by the constraints about the event loop."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from checker.constraints.blocking_libraries import EXACT, FUNCTIONS, METHODS, QUIET, Kind
from checker.constraints.blocking_packages import ASYNC_TWINS, LAZY, LAZY_ALONE, PACKAGES, READS_FROM
from checker.source import Call, Function, Project, Value
from checker.source.written import uncalled

REMEDY = {
    Kind.SLEEP: "Await `asyncio.sleep(...)` instead.",
    Kind.HTTP: "Await an `httpx2.AsyncClient` (or `httpx.AsyncClient`) that the lifespan opens, or declare the "
    "endpoint with plain `def` so that FastAPI runs it in a thread.",
    Kind.NETWORK: "Await `asyncio.open_connection(...)` or an async library, or hand the call to `run_in_threadpool`.",
    Kind.FILE: "Move the file access to a plain `def` helper and await `run_in_threadpool(helper, ...)`, or declare "
    "the endpoint with plain `def`.",
    Kind.FOLDER: "Make the folder when the app starts, in the lifespan, or await `run_in_threadpool(folder.mkdir)`.",
    Kind.DATABASE: "Await an async driver (`AsyncSession`, `redis.asyncio`), or declare the endpoint with plain `def` "
    "so that FastAPI runs it in a thread.",
    Kind.PROCESS: "Await `asyncio.create_subprocess_exec(...)`, or hand the call to `run_in_threadpool`.",
    Kind.DNS: "Await `asyncio.get_running_loop().getaddrinfo(...)`.",
    Kind.MAIL: "Send the mail from a plain `def` given to `BackgroundTasks`, or through an async client.",
    Kind.BROKER: "Await `run_in_threadpool(task.delay, ...)`, or declare the endpoint with plain `def`.",
    Kind.CPU: "Await `run_in_threadpool(function, ...)` from `fastapi.concurrency`, or declare the endpoint with "
    "plain `def`.",
    Kind.WAIT: "Await the asyncio counterpart, or wait in a thread through `run_in_threadpool`.",
}


@dataclass(frozen=True, slots=True)
class Blocking:
    """A call that blocks, with the name that a reader knows it by and what to do instead."""

    kind: Kind
    what: str
    remedy: str = ""


_ASYNC = ("async", "aio")
_OF_DATA = frozenset({"get", "pop", "count", "index", "copy"})
"""Methods that dictionaries and lists have."""
_BUFFERS = frozenset({"io.BytesIO", "io.StringIO"})
_IN_MEMORY = _BUFFERS | {"builtins.bytes"}
_COPIERS = frozenset({"shutil.copyfileobj"})
_COPIED_BYTES = frozenset({
    "zipfile.ZipFile", "tarfile.open", "gzip.GzipFile", "torch.save", "numpy.save", "numpy.savez", "joblib.dump",
})  # fmt: skip
"""What only lays bytes one after the other, where it does so in memory."""
_PIECEWISE = frozenset({"write", "writelines"})
_WRITERS = frozenset({"pandas.ExcelWriter"})
_OPENERS = frozenset({
    "builtins.open", "io.open", "zipfile.ZipFile", "tarfile.open", "gzip.open", "codecs.open", "tempfile.NamedTemporaryFile",
    "tempfile.TemporaryFile", "os.fdopen", "bz2.open", "lzma.open", "PIL.Image.open", "pathlib.Path.open", "pandas.ExcelWriter",
})  # fmt: skip
_TABLES = frozenset({"pandas.DataFrame"})
"""Objects that are written into what is handed over."""
_HANDLES = frozenset({"io.FileIO", "zipfile.ZipFile", "tarfile.TarFile"})
_TASKS: dict[str, frozenset[str]] = {
    "celery.Celery.task": frozenset({"delay", "apply_async"}),
    "celery.shared_task": frozenset({"delay", "apply_async"}),
    "celery.task": frozenset({"delay", "apply_async"}),
    "dramatiq.actor": frozenset({"send", "send_with_options"}),
    "rq.decorators.job": frozenset({"delay"}),
}
_SIGNATURES = frozenset({"s", "si", "signature", "subtask"})


def blocking_call(call: Call, project: Project) -> Blocking | None:
    """What a call waits for, None where it does not block or where that is not sure.

    Of an object that may be one of several, every one has to block.
    """
    if call.awaited:
        return None
    if project.names.type_name(call.node, call.scope) == "sqlalchemy.orm.Query" and _is_read_through(call):
        return _blocking(Kind.DATABASE, "Query.__iter__", "sqlalchemy.orm.Query")
    library = [t for t in call.targets if t not in _own_names(call)]
    if not library:
        return _saved_picture(call, project) or _published(call, project)
    found = [_by_name(call, target.removesuffix(".__init__"), project) for target in library]
    blocking = [one for one in found if one is not None]
    if len(blocking) == len(found):
        return blocking[0]
    return _saved_picture(call, project) or _published(call, project)


def _saved_picture(call: Call, project: Project) -> Blocking | None:
    """`image.save(buffer, format="JPEG")`: whoever gave the image, that is Pillow's way to encode one."""
    function = call.node.func
    if not isinstance(function, ast.Attribute) or function.attr != "save" or call.callees:
        return None
    named = call.keyword("format") or (call.node.args[1] if len(call.node.args) > 1 else None)
    into = call.node.args[0] if call.node.args else None
    if into is None or not (isinstance(named, ast.Constant) and str(named.value).upper() in _PICTURES):
        return None
    return (
        _blocking(Kind.CPU, "Image.save", "PIL.Image.Image.save")
        if _type(into, call, project) in _BUFFERS
        else None
    )


_PICTURES = frozenset({"JPEG", "JPG", "PNG", "WEBP", "GIF", "BMP", "TIFF"})


def _is_read_through(call: Call) -> bool:
    """`for row in db.query(Tool):`, `list(db.query(Tool))`"""
    if isinstance(call.statement, ast.For) and call.statement.iter is call.node:
        return True
    taker = call.argument_of.func if call.argument_of is not None else None
    if isinstance(taker, ast.Name) and taker.id in {"list", "tuple", "set", "sorted"}:
        return True
    return any(
        isinstance(node, ast.comprehension) and node.iter is call.node for node in ast.walk(call.statement)
    )


def blocking_when_read(expression: ast.expr, function: Function, project: Project) -> Blocking | None:
    """What reading through a name asks for, where it holds something that asked nothing so far: `for row in query:`."""
    value = project.names.look(expression, function)
    found: Blocking | None = None
    for one in value.possibilities if value is not None else ():
        found = _when_read(one) if one.instance and one.item is None else None
        if found is None:
            return None
    return found


def _when_read(lazy: Value) -> Blocking | None:
    if lazy.name == "sqlalchemy.orm.Query":
        return _blocking(Kind.DATABASE, "Query.__iter__", lazy.name)
    target = lazy.name.removesuffix("()")
    owner, _, last = target.rpartition(".")
    if target == lazy.name or not _is_lazy(target, last):
        return None
    if owner in METHODS:
        return _blocking(METHODS[owner][0], f"{owner.removesuffix('()').rpartition('.')[2]}.{last}", target)
    return _in_package(target, last)


def _is_lazy(target: str, last: str) -> bool:
    return any(target.startswith(f"{package}.") and last in lazy for package, lazy in LAZY.items())


def _own_names(call: Call) -> set[str]:
    return {function.qualified for function in call.callees}


def _by_name(call: Call, target: str, project: Project) -> Blocking | None:
    kind = EXACT.get(target)
    if kind is not None:
        if _is_harmless(call, target, project):
            return None
        return _blocking(_kind_in_memory(call, kind, project), _shown(target), target)
    owner, _, last = target.rpartition(".")
    if owner in FUNCTIONS and last in FUNCTIONS[owner][1]:
        return _blocking(_kind_in_memory(call, FUNCTIONS[owner][0], project), _shown(target), target)
    if _is_lazy(target, last) and not _is_read_through(call):
        return None
    if owner in METHODS and not _is_constructor(call, target):
        return _method(call, owner, last, project)
    if target in LAZY_ALONE and not (call.node.args or call.node.keywords):
        return None
    return _in_package(target, last)


def _method(call: Call, owner: str, last: str, project: Project) -> Blocking | None:
    kind, methods = METHODS[owner]
    if owner == "pathlib.Path" and last == "mkdir":
        return Blocking(Kind.FOLDER, "Path.mkdir")
    if methods is None:
        if last in QUIET[owner] or not last.islower() or last.startswith("_"):
            return None
    elif last not in methods:
        return None
    if owner == "concurrent.futures.Future" and _asked_done(call):
        return None
    if owner in _HANDLES:
        opened = _opened_here(call, project)
        # The line that opened the file says it already; what was opened in memory is work, and no I/O.
        # But what comes in pieces is written on the loop again and again, for as long as there is more.
        is_said = not (last in _PIECEWISE and _is_in_waiting_loop(call))
        if opened is not None and is_said and not _is_in_memory(opened, project):
            return None
    if kind is Kind.WAIT and _gives_up_at_once(call):
        return None
    if owner in _TABLES:
        kind = _kind_in_memory(call, kind, project)
    return _blocking(kind, f"{owner.removesuffix('()').rpartition('.')[2]}.{last}", f"{owner}.{last}")


def _is_in_waiting_loop(call: Call) -> bool:
    """`async for chunk in request.stream(): file.write(chunk)`, `while chunk := await upload.read(size): ...`"""
    if call.function is None or not isinstance(call.statement, ast.Expr):
        return False
    for loop in ast.walk(call.function.node):
        if isinstance(loop, (ast.AsyncFor, ast.While)) and call.statement in loop.body:
            source = (
                loop
                if isinstance(loop, ast.AsyncFor)
                else next(
                    (
                        node
                        for part in (loop.test, *loop.body)
                        for node in ast.walk(part)
                        if isinstance(node, ast.Await)
                    ),
                    None,
                )
            )
            return source is not None
    return False


def _in_package(target: str, last: str) -> Blocking | None:
    """A method of something from a package whose objects all do the same kind of work."""
    parts = target.split(".")
    for length in range(min(len(parts) - 1, 4), 0, -1):
        package = ".".join(parts[:length])
        if length == 1:
            package = _family(package)
        if package not in PACKAGES:
            continue
        kind, verbs = PACKAGES[package]
        if not _is_among(last, verbs) and not (
            last == "load" and package == "langchain" and "Loader" in target
        ):
            return None
        if any(mark in part.lower() for part in parts for mark in _ASYNC):
            return None
        asked = verbs - LAZY.get(package, frozenset())
        if last in _OF_DATA and any(
            _is_among(p.removesuffix("()"), asked) and not p.startswith("open")
            for p in parts[:-1]
            if p[-2:] == "()"
        ):
            return None  # `client.search(...).get("hits")`: what has come is in memory.
        shown = [part.removesuffix("()") for part in parts if part[:1].isupper() or part in parts[-2:]]
        return _blocking(kind, ".".join(shown[-2:]), target)
    return None


def _is_among(name: str, verbs: frozenset[str]) -> bool:
    """Whether a method is one of these; `list_*` speaks for all that begin so."""
    return name in verbs or any(verb.endswith("*") and name.startswith(verb[:-1]) for verb in verbs)


def _family(package: str) -> str:
    """`langchain_openai`, `langchain_community`: packages of one family."""
    for family in ("langchain", "llama_index"):
        if package.startswith(family):
            return family
    return package


def _blocking(kind: Kind, what: str, target: str) -> Blocking:
    parts = target.split(".")
    parts[0] = _family(parts[0])
    for length in range(len(parts), 0, -1):
        twin = ASYNC_TWINS.get(".".join(parts[:length]))
        if twin is not None:
            instead = twin if " " in twin else f"`{twin}`"
            remedy = f"Await {instead} instead, or move the call off the loop: `await run_in_threadpool(...)`, a plain `def` endpoint."
            return Blocking(kind, what, remedy)
    return Blocking(kind, what)


def _kind_in_memory(call: Call, kind: Kind, project: Project) -> Kind:
    """Reading an archive or a table from bytes in memory is work and no I/O; opening a picture by its path is both."""
    if call.target == "PIL.Image.open" and call.node.args and _is_path(call.node.args[0], call, project):
        return Kind.FILE
    return Kind.CPU if kind is Kind.FILE and _is_in_memory(call, project) else kind


def _is_path(given: ast.expr, call: Call, project: Project) -> bool:
    name = given.id if isinstance(given, ast.Name) else getattr(given, "attr", "")
    return _type(given, call, project) in {"pathlib.Path", "builtins.str"} or name.lower().endswith(
        ("path", "filename")
    )


def _is_in_memory(call: Call, project: Project) -> bool:
    """Whether a call reads bytes, or writes into a buffer: `torch.load(BytesIO(data))`, `torch.save(model, buffer)`."""
    if call.node.args and _type(call.node.args[0], call, project) in _IN_MEMORY:
        return True
    if call.target in _COPIERS:
        return False  # What is copied into memory comes from a file.
    others = [*call.node.args[1:], *(k.value for k in call.node.keywords)]
    return any(_type(argument, call, project) in _BUFFERS for argument in others)


def _type(expression: ast.expr, call: Call, project: Project) -> str:
    """The class of an argument; of a writer of tables, what it writes into."""
    value = project.names.evaluate(expression, call.scope)
    if value is None or not value.instance:
        return ""
    if value.name in _WRITERS and call.function is not None:
        given = _values(expression, call.function)
        opened = next((c for c in call.function.calls if id(c.node) in given and c.node.args), None)
        return _type(opened.node.args[0], opened, project) if opened is not None else ""
    return value.name


def _is_harmless(call: Call, target: str, project: Project) -> bool:
    """Calls that look as if they blocked."""
    if target in READS_FROM:
        return call.keyword(READS_FROM[target]) is None
    if target in {"asyncio.run", "anyio.run"}:
        # Where a loop runs they raise at once, unless it was changed to take another one in.
        return not any("nest_asyncio" in module.imported for module in project.modules)
    if target in {"psutil.cpu_percent", "psutil.cpu_times_percent"}:
        # It compares with its last call at once, unless it is told for how long to watch.
        interval = call.argument(0, "interval")
        return not (isinstance(interval, ast.Constant) and interval.value)
    if target == "smtplib.SMTP":
        return call.argument(0, "host") is None  # It connects later, when it is told where to.
    return target in _COPIED_BYTES and _is_in_memory(call, project)


def _opened_here(call: Call, project: Project) -> Call | None:
    """The call in the same function that opened the file on which a method is called."""
    function = call.node.func
    holder = call.function
    if not isinstance(function, ast.Attribute) or holder is None:
        return None
    if isinstance(function.value, ast.Call):
        return next((c for c in holder.calls if c.node is function.value and c.target in _OPENERS), None)
    given = _values(function.value, holder)
    return next((c for c in holder.calls if id(c.node) in given and c.target in _OPENERS), None)


def _values(expression: ast.expr, function: Function, depth: int = 0) -> set[int]:
    """What a local name is given, `file = open(...)`, also by way of another: `with file as source`."""
    if not isinstance(expression, ast.Name) or depth > 2:
        return set()
    found: set[int] = set()
    for binding in function.bindings.get(expression.id, ()):
        if binding.value is not None:
            found |= {id(binding.value)} | _values(binding.value, function, depth + 1)
    return found


def _gives_up_at_once(call: Call) -> bool:
    """`lock.acquire(blocking=False)`, `queue.get(block=False)`, `event.wait(0)`."""
    for name in ("blocking", "block"):
        value = call.argument(0, name) if call.node.args else call.keyword(name)
        if isinstance(value, ast.Constant) and not value.value:
            return True
    return False


def _asked_done(call: Call) -> bool:
    """`if future.done(): future.result()` does not wait."""
    function = call.function
    return function is not None and any(c.target == "concurrent.futures.Future.done" for c in function.calls)


def _is_constructor(call: Call, target: str) -> bool:
    return call.target.endswith(".__init__") or target in METHODS


def _shown(target: str) -> str:
    parts = target.split(".")
    if parts[0] == "builtins":
        return parts[1]
    return ".".join(parts[-2:]) if len(parts) > 2 else target


def _published(call: Call, project: Project) -> Blocking | None:
    """A message to a broker: `job.delay(...)`, `job.s(...).apply_async()` of a task of the project."""
    function = call.node.func
    if not isinstance(function, ast.Attribute):
        return None
    task = function.value
    if isinstance(task, ast.Call) and isinstance(task.func, ast.Attribute) and task.func.attr in _SIGNATURES:
        task = task.func.value
    if not any(function.attr in verbs for verbs in _TASKS.values()):
        return None
    value = project.names.evaluate(task, call.scope)
    if value is None or not isinstance(value.item, Function):
        return None
    if function.attr in _task_verbs(value, project):
        return Blocking(Kind.BROKER, f"{value.item.short}.{function.attr}")
    return None


def _task_verbs(value: Value, project: Project) -> frozenset[str]:
    item = value.item
    if not isinstance(item, Function):
        return frozenset()
    scope = item.parent or item.module.scope
    for decorator in item.decorators:
        verbs = _TASKS.get(project.names.qualify(uncalled(decorator), scope))
        if verbs is not None:
            return verbs
    return frozenset()
