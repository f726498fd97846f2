"""Structured logging is preferred over `print` and basic logging.

## What it asks

The service writes events through a named logger whose output is configured once, as records that a machine can read. It calls no
`print`, does not log through the root logger, and does not settle for `logging.basicConfig`.

## Why it matters

A printed line has no level, no time and no request id: it cannot be filtered, counted or joined to the request that caused it. The
root logger does not say which module speaks, and `basicConfig` writes text that every reader has to take apart again.

## Example

```python
@app.post("/loans", status_code=201)
async def lend(loan: NewLoan, store: Store) -> Loan:
    print(f"lending {loan.tool_id} to {loan.member_id}")
    return await store.lend(loan)
```

## Use instead

```python
log = structlog.get_logger(__name__)


@app.post("/loans", status_code=201)
async def lend(loan: NewLoan, store: Store) -> Loan:
    log.info("lending", tool_id=loan.tool_id, member_id=loan.member_id)
    return await store.lend(loan)
```

`logging.getLogger(__name__)` with a JSON formatter, set up by `logging.config.dictConfig`, does it too.

## When it may be flexed

Quick debugging on your own machine, which is taken out again.

## Known limits

Scripts, command-line commands, code under the main guard, migrations and tests may print; so may what only a client or a tool in
the same package calls. A worker serves too where a queue, a broker or a serverless platform is seen to run it. `basicConfig` is looked for in the modules beside the app as well:
they run before it, or with its settings. What is printed to a file is left alone. The text of a log call is not judged.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from checker.constraints.console import calls_of_service, start_up_modules
from checker.constraints.root_logger import LEVELS, gets_root, gets_root_by_default, is_spoken_through
from checker.constraints.rule import Constraint, Context, Hit, hit_at_call
from checker.source import Call, Class, Function, Project, Value

CONSTRAINT = Constraint(
    id="S8",
    title="Structured logging over print or basic logging",
    hard=False,
    docs="https://fastapi.tiangolo.com/tutorial/middleware/",
    page=__doc__ or "",
    looks_at="anywhere",
)
_PRINTS = frozenset({
    "builtins.print", "rich.print", "pprint.pprint", "pprint.pp", "rich.console.Console.print", "rich.console.Console.log",
    "rich.pretty.pprint", "click.echo", "click.secho", "typer.echo", "typer.secho", "rich.print_json", "rich.inspect",
    "rich.console.Console.print_json", "rich.console.Console.print_exception", "rich.console.Console.rule", "icecream.ic",
    "devtools.debug", "termcolor.cprint", "tqdm.tqdm.write", "tqdm.auto.tqdm.write", "pprint.PrettyPrinter.pprint",
})  # fmt: skip
_STREAMS = frozenset({"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"})
_TRACEBACKS = frozenset({
    "traceback.print_exc", "traceback.print_exception", "traceback.print_stack", "traceback.print_tb", "traceback.print_last",
})  # fmt: skip
_BANNERS = ("banner", "logo", ".welcome", "splash_screen")
_PLAIN_HANDLERS = frozenset({
    "logging.StreamHandler", "logging.FileHandler", "logging.handlers.RotatingFileHandler",
    "logging.handlers.TimedRotatingFileHandler", "logging.handlers.WatchedFileHandler", "rich.logging.RichHandler",
    "colorlog.StreamHandler",
})  # fmt: skip
_SETS_UP = frozenset({
    "logging.basicConfig", "logging.config.dictConfig", "logging.config.fileConfig", "logging.getLogger().addHandler",
    "logging.getLogger().setLevel", "logging.Logger.addHandler", "logging.Logger.setLevel", "structlog.configure",
})  # fmt: skip
_RENDERERS = frozenset(
    {"structlog", "loguru", "pythonjsonlogger", "json_log_formatter", "ecs_logging", "logfmter"}
)


@CONSTRAINT.applies_when
def _there_is_a_service(context: Context) -> bool:
    return bool(context.project.framework.apps or context.project.operations)


def _where(call: Call) -> str:
    return f"in `{call.function.short}`" if call.function is not None else "at import"


@CONSTRAINT.rule(
    "print-in-service",
    help='Log an event with a level and values: `log.info("lending", tool_id=tool_id)`.',
)
def print_in_service(context: Context) -> Iterable[Hit]:
    """`print` and its relatives in code that serves."""
    for call in calls_of_service(context.project):
        shown = _printed(call, context.project)
        if shown:
            yield hit_at_call(
                call, f"`{shown}` {_where(call)} writes a line without level, logger or request id."
            )


def _printed(call: Call, project: Project) -> str:
    """How a reader knows the call, where it writes to the terminal."""
    if call.target in _PRINTS:
        lost = _to_terminal(call.keyword("file"), call, project) and not _is_the_log_itself(call, project)
        return _short(call.target) if lost else ""
    owner, _, last = call.target.rpartition(".")
    if owner in _STREAMS and last in {"write", "writelines"} and not _is_the_log_itself(call, project):
        return f"{owner}.{last}"
    if call.target not in _TAKES_SINKS and any(_is_print(given, call, project) for given in call.node.args):
        return "print"  # `map(print, lines)`, `task.add_done_callback(print)`
    return ""


def _is_print(given: ast.expr, call: Call, project: Project) -> bool:
    is_named = isinstance(given, ast.Name) and given.id == "print"
    return is_named and project.names.qualify(given, call.scope) == "builtins.print"


def _is_the_log_itself(call: Call, project: Project) -> bool:
    """What cannot log: a handler's own code, and what sets logging up and writes to standard error when that fails."""
    function = call.function
    if function is not None and function.name.lower().endswith(_BANNERS):
        return True  # Drawn once for who starts the service at a terminal.
    if function is not None and function in _sinks(project):
        return True
    if function is not None and function.owner is not None:
        owner = Value(function.owner.qualified, item=function.owner)
        if project.names.is_a(owner, "logging.Handler", "logging.StreamHandler", "logging.Formatter"):
            return True
    file = call.keyword("file")
    if file is None or project.names.qualify(file, call.scope) not in {"sys.stderr", "sys.__stderr__"}:
        return False
    return any(other.target in _SETS_UP for other in call.scope.module.calls)


_SINKS: WeakKeyDictionary[Project, frozenset[Function]] = WeakKeyDictionary()
_TAKES_SINKS = {
    "loguru.logger.add": "sink",
    "loguru.logger.configure": "handlers",
    "structlog.configure": "processors",
}


def _sinks(project: Project) -> frozenset[Function]:
    """The functions, and the methods of the objects, that a logging library is given to write records with."""
    if project not in _SINKS:
        _SINKS[project] = frozenset(
            function
            for module in project.modules
            for call in module.calls
            if call.target in _TAKES_SINKS
            for argument in [call.argument(0, _TAKES_SINKS[call.target])]
            if argument is not None
            for function in _writers(argument, call, project)
        )
    return _SINKS[project]


def _writers(argument: ast.expr, call: Call, project: Project) -> Iterator[Function]:
    """`write_line`, `Sink()` and `lambda m: print(m)`, alone or in a list of such."""
    if isinstance(argument, (ast.List, ast.Tuple)):
        for part in argument.elts:
            yield from _writers(part, call, project)
    elif isinstance(argument, ast.Dict):
        for part in argument.values:
            yield from _writers(part, call, project)
    elif isinstance(argument, ast.Lambda):
        yield from (f for f in call.scope.module.functions if f.node is argument)
    elif isinstance(argument, (ast.Name, ast.Attribute, ast.Call)):
        value = project.names.evaluate(argument, call.scope)
        if value is not None and isinstance(value.item, Function):
            yield value.item
        elif value is not None and value.instance and isinstance(value.item, Class):
            yield from value.item.functions.values()


def _short(target: str) -> str:
    return target.removeprefix("builtins.").removeprefix("rich.console.")


def _to_terminal(file: ast.expr | None, call: Call, project: Project) -> bool:
    """Whether `file=` is left out or names the terminal."""
    if file is None or (isinstance(file, ast.Constant) and file.value is None):
        return True
    return project.names.qualify(file, call.scope) in _STREAMS


@CONSTRAINT.rule(
    "traceback-printed-in-service",
    help='Log it with its traceback: `log.exception("the export failed")` inside the `except`.',
)
def traceback_printed_in_service(context: Context) -> Iterable[Hit]:
    """`traceback.print_exc()` in code that serves."""
    for call in calls_of_service(context.project):
        if call.target in _TRACEBACKS and _to_terminal(call.keyword("file"), call, context.project):
            yield hit_at_call(
                call, f"`{call.target}` {_where(call)} writes past the log, many lines for one event."
            )


@CONSTRAINT.rule(
    "root-logger-in-service",
    help="Make a logger for the module, `log = logging.getLogger(__name__)` or `structlog.get_logger(__name__)`, and use that.",
)
def root_logger_in_service(context: Context) -> Iterable[Hit]:
    """`logging.info(...)`, and `logging.getLogger()` used as a logger."""
    project = context.project
    for call in calls_of_service(project):
        owner, _, last = call.target.rpartition(".")
        if owner in {"logging", "logging.root"} and last in LEVELS:
            yield hit_at_call(
                call,
                f"`logging.{last}` {_where(call)} logs through the root logger, which does not say who speaks.",
            )
        elif (gets_root(call) or gets_root_by_default(call)) and is_spoken_through(call, project):
            shown = f"{ast.unparse(call.node.func)}()"
            yield hit_at_call(
                call, f"`{shown}` without a name is the root logger, which does not say who speaks."
            )


@CONSTRAINT.rule(
    "basic-logging-config",
    help="Configure once with `logging.config.dictConfig` and a JSON formatter, or with structlog, and put the request id in.",
)
def basic_logging_config(context: Context) -> Iterable[Hit]:
    """`logging.basicConfig(...)` in the start-up of the service."""
    if not _there_is_a_service(context):
        return
    serving = {id(call) for call in calls_of_service(context.project)}
    for module in start_up_modules(context.project):
        rendered = bool(_RENDERERS & {name.lstrip(".").partition(".")[0] for name in module.imported})
        for call in module.calls:
            if call.target != "logging.basicConfig" or call.main_guard:
                continue
            if rendered and not _puts_text_around(call):
                continue  # The line is only the last step of a structured set-up.
            at_import = not isinstance(call.scope, Function)
            if (at_import or id(call) in serving) and _is_basic(call, context.project):
                yield hit_at_call(
                    call,
                    f"`logging.basicConfig` {_where(call)} makes text of every record, for eyes and not for machines.",
                )


def _puts_text_around(call: Call) -> bool:
    """`format="%(levelname)s %(message)s"`: whatever renders the message, the line is text again."""
    given = call.keyword("format")
    if isinstance(given, ast.Name):
        bound = call.scope.bindings.get(given.id, [])
        given = bound[0].value if len(bound) == 1 else None
    if not isinstance(given, ast.Constant) or not isinstance(given.value, str):
        return False
    return "%(message)s" in given.value and given.value.strip() != "%(message)s"


def _is_basic(call: Call, project: Project) -> bool:
    """Handlers of another kind may render records in any form."""
    handlers = call.keyword("handlers")
    if handlers is None:
        return True
    listed = _listed(handlers, call)
    return listed is not None and all(_is_plain(handler, call, project) for handler in listed)


def _listed(handlers: ast.expr, call: Call) -> list[ast.expr] | None:
    """The handlers of a list, also under a name that gets them one by one; None where they are not all known."""
    if isinstance(handlers, (ast.List, ast.Tuple)):
        return handlers.elts
    bound = call.scope.bindings.get(handlers.id, []) if isinstance(handlers, ast.Name) else []
    made = bound[0].value if len(bound) == 1 else None
    if not isinstance(handlers, ast.Name) or not isinstance(made, ast.List):
        return None
    found = list(made.elts)
    for other in call.scope.calls:
        function = other.node.func
        holder = function.value if isinstance(function, ast.Attribute) else None
        if isinstance(function, ast.Attribute) and isinstance(holder, ast.Name) and holder.id == handlers.id:
            if function.attr != "append" or len(other.node.args) != 1:
                return None
            found.append(other.node.args[0])
    return found


def _is_plain(handler: ast.expr, call: Call, project: Project) -> bool:
    """One that writes text: of logging's own or for a terminal, with no formatter but logging's own."""
    if project.names.type_name(handler, call.scope) not in _PLAIN_HANDLERS:
        return False
    for other in call.scope.calls:
        function = other.node.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr == "setFormatter"
            and isinstance(function.value, ast.Name)
            and isinstance(handler, ast.Name)
            and function.value.id == handler.id
        ):
            formatter = other.argument(0, "fmt")
            if formatter is None or project.names.type_name(formatter, call.scope) != "logging.Formatter":
                return False
    return True
