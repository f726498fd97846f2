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
_ONE_PICTURE = re.compile(r"(^| )-(frames:v|vframes)\b|\bimage2pipe\b")
"""Of a whole film only one frame is made."""
_DEEPEST = 2


def runs_for_minutes(call: Call) -> bool:
    """A program that downloads, builds or converts, and that somebody waits for, also through a helper: `run(*command)`."""
    if _is_waited_for(call) or (call.callee is not None and _runs_what_it_is_given(call.callee)):
        command = " ".join([_kept_program(call), *_words(call.node.args, call.scope)])
        return bool(_MINUTES.search(command)) and not _ONE_PICTURE.search(command)
    return False


def _kept_program(call: Call) -> str:
    """`ffmpeg path` of `run([settings.ffmpeg_path, "-i", film])`: the name under which a program is kept says which one it is."""
    given = call.node.args[0] if call.node.args else None
    if isinstance(given, ast.Name):
        bound = [b.value for b in call.scope.bindings.get(given.id, [])]
        if len(bound) != 1 or _grows(given.id, call.scope):
            return ""  # What it is asked to do is not all known.
        given = bound[0]
    if isinstance(given, (ast.List, ast.Tuple)) and given.elts:
        given = given.elts[0]
    if isinstance(given, ast.Call) and len(given.args) == 1:
        given = given.args[0]  # `str(path)`
    name = given.attr if isinstance(given, ast.Attribute) else given.id if isinstance(given, ast.Name) else ""
    return name.replace("_", " ").lower()


def runs_program(call: Call) -> bool:
    """Any program that somebody waits for, here or on another machine, beside those that only tell something."""
    if last_name(call.node) == "exec_command" and call.callee is None:
        return True
    if not _is_waited_for(call):
        return False
    return not _AT_ONCE.search(" ".join(_words(call.node.args, call.scope)))


def _grows(name: str, scope: Scope) -> bool:
    """`command.extend(["-frames:v", "1"])`"""
    return any(
        isinstance(on := other.node.func, ast.Attribute)
        and on.attr in {"append", "extend", "insert"}
        and isinstance(on.value, ast.Name)
        and on.value.id == name
        for other in scope.calls
    )


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
