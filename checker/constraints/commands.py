"""Which functions scripts and commands run, and which files talk to a person at a terminal."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.source import Call, Function, Module, Project
from checker.source.places import is_away

_COMMANDS = frozenset({"command", "group", "callback", "result_callback"})
PARSES = frozenset(
    f"argparse.ArgumentParser.parse_{kind}args" for kind in ("", "known_", "intermixed_", "known_intermixed_")
)
ASKS = frozenset({
    "builtins.input", "getpass.getpass", "click.confirm", "click.prompt", "typer.confirm", "typer.prompt",
    "rich.prompt.Confirm.ask", "rich.prompt.Prompt.ask", "rich.prompt.IntPrompt.ask",
})  # fmt: skip
_LAUNCHES = frozenset({"uvicorn.run", *PARSES})
_COMMAND_LIBRARIES = ("click", "typer", "rich_click", "cyclopts", "invoke", "asyncclick")


def run_by(call: Call, project: Project) -> Iterator[Function]:
    """What a call runs, and the functions that it is given: `asyncio.run(main())`, `run(main)`."""
    if call.callee is not None:
        yield call.callee
    for argument in call.node.args:
        if isinstance(argument, (ast.Name, ast.Attribute)):
            value = project.names.evaluate(argument, call.scope)
            if value is not None and not value.instance and isinstance(value.item, Function):
                yield value.item


def commands(project: Project) -> set[Function]:
    """What scripts and commands run, as far as nothing else is known to run it."""
    callers: dict[Function, set[Function | None]] = {}
    for module in project.modules:
        for call in module.calls:
            if call.callee is not None and not module.is_test:
                by_script = call.function is None and call.main_guard
                callers.setdefault(call.callee, set()).add(
                    None if by_script else call.function or call.callee
                )
    found = set(_script_roots(project))
    waiting = list(found)
    while waiting:
        function = waiting.pop()
        for call in function.calls:
            callee = call.callee
            if callee is not None and callee not in found and callers.get(callee, set()) <= {None, *found}:
                found.add(callee)
                waiting.append(callee)
    return found


def _script_roots(project: Project) -> Iterator[Function]:
    called = {call.callee for module in project.modules if not module.is_test for call in module.calls}
    for module in project.modules:
        if module.is_test:
            continue  # What only tests run is still the service's.
        for call in module.calls:
            if call.main_guard:
                yield from run_by(call, project)
        away = is_away(module, project.framework)
        for function in module.functions:
            if away and function not in called:
                yield function
            # `main`, named in the package's settings as a command, is called by nothing in the code.
            if (
                (function.name in {"main", "cli"} and function not in called)
                or any(call.target in _LAUNCHES for call in function.calls)
                or any(_is_command_mark(mark, function, project) for mark in function.decorators)
            ):
                yield function


def _is_command_mark(mark: ast.expr, function: Function, project: Project) -> bool:
    """`@click.command()`, `@cli.command`, `@app.callback()` of Typer."""
    plain = mark.func if isinstance(mark, ast.Call) else mark
    if not isinstance(plain, ast.Attribute) or plain.attr not in _COMMANDS:
        return False
    value = project.names.evaluate(plain, function.parent or function.module.scope)
    if value is not None:
        return value.name.partition(".")[0] in _COMMAND_LIBRARIES or value.item is not None
    return plain.attr == "command"


def has_command(module: Module, project: Project) -> bool:
    """Whether a file reads a command line, asks at a terminal, or runs by itself."""
    if module.is_test:
        return False
    return any(
        call.target in PARSES or call.target in ASKS or call.main_guard for call in module.calls
    ) or any(
        _is_command_mark(mark, function, project)
        for function in module.functions
        for mark in function.decorators
    )
