"""Programs that download, build or convert: what a service waits for when it runs them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checker.constraints.flow import last_name
from checker.source import Call, Function, Scope

_PROGRAMS = frozenset({
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "os.system",
})  # fmt: skip
_STARTED_PROGRAMS = frozenset({
    "subprocess.Popen", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "anyio.run_process",
})  # fmt: skip
_WAITS = frozenset({"wait", "communicate"})
_MINUTES = re.compile(
    r"\b(git clone|(uv )?pip3? (install|sync)|uv sync|uv venv|(npm|yarn|pnpm) (ci|install|run build)|poetry install|docker (build|pull|push)"
    r"|docker compose (build|pull)|ffmpeg|terraform (apply|destroy)|ansible-playbook|pg_dump|pg_restore|mysqldump|helm (install|upgrade))\b"
)
_AT_ONCE = re.compile(
    r"\b(git (rev-parse|describe|log|status|config)|which|where|echo|kill|pkill|chmod|chown|ping|nvidia-smi|ps|uname|hostname|whoami|id|cat|ls|du|df"
    r"|--version|-version|systemctl|open|xdg-open|explorer)\b"
)
_DEEPEST = 2


def runs_for_minutes(call: Call) -> bool:
    """A program that downloads, builds or converts, and that somebody waits for, also through a helper: `run(*command)`."""
    if _is_waited_for(call) or (call.callee is not None and _runs_what_it_is_given(call.callee)):
        return bool(_MINUTES.search(" ".join(_words(call.node.args, call.scope))))
    return False


def runs_program(call: Call) -> bool:
    """Any program that somebody waits for, here or on another machine, beside those that only tell something."""
    if last_name(call.node) == "exec_command" and call.callee is None:
        return True
    if not _is_waited_for(call):
        return False
    return not _AT_ONCE.search(" ".join(_words(call.node.args, call.scope)))


def _is_waited_for(call: Call) -> bool:
    if call.target in _STARTED_PROGRAMS:
        return any(last_name(other.node) in _WAITS for other in call.scope.calls)
    return call.target in _PROGRAMS


def _runs_what_it_is_given(helper: Function) -> bool:
    """`async def run(*command): process = await create_subprocess_exec(*command)`."""
    given = {parameter.name for parameter in helper.parameters}
    for call in helper.calls:
        if call.target in _PROGRAMS | _STARTED_PROGRAMS and call.node.args and _is_waited_for(call):
            first = call.node.args[0]
            named = first.value if isinstance(first, ast.Starred) else first
            if isinstance(named, ast.Name) and named.id in given:
                return True
    return False


def _words(arguments: list[ast.expr], scope: Scope, depth: int = 0) -> Iterator[str]:
    """What is written down of a command, also under a name."""
    for argument in arguments:
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.Name) and depth < _DEEPEST:
                bound = [b.value for b in scope.bindings.get(node.id, []) if b.value is not None]
                yield from _words(bound, scope, depth + 1)
