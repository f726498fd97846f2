"""Where code can hold a secret: assignments, defaults of look-ups, arguments, dictionaries, lists, comparisons."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from checker.constraints.flow import last_name, statements, statements_in
from checker.constraints.secret_words import (
    ILLUSTRATING,
    is_denied_list,
    is_for_tests,
    is_secret_name,
    names_service,
)
from checker.source import Call, Class, Function, Module, Project, Scope

ENVIRONMENT = frozenset({
    "os.getenv", "os.environ.get", "starlette.config.Config.__call__", "decouple.config", "environs.Env.str",
    "environs.Env.__call__", "os.environ.setdefault",
})  # fmt: skip
_WRAPPERS = frozenset({
    "pydantic.SecretStr", "pydantic.SecretBytes", "starlette.datastructures.Secret", "pydantic.Field", "sqlmodel.Field",
    "dataclasses.field", "attrs.field", "attr.ib", "builtins.bytes", "builtins.str", "typer.Option", "traitlets.Unicode",
})  # fmt: skip
_SETTINGS_NAME = re.compile(
    r"(config|settings?|conf|credentials|creds|database|db|options|secrets?)s?$", re.IGNORECASE
)
_HOLDS_SETTINGS = re.compile(
    r"(^|_)(config|configuration|settings?|conf|cfg|env|environ|environment)$", re.IGNORECASE
)
_HASHING = re.compile(
    r"^(get_)?(password_hash|hash_password|hash_pwd|set_password|make_password|create_password_hash)$"
)
_BASIC_AUTH = frozenset({
    "requests.auth.HTTPBasicAuth", "requests.auth.HTTPDigestAuth", "httpx.BasicAuth", "httpx.DigestAuth", "httpx2.BasicAuth",
    "aiohttp.BasicAuth",
})  # fmt: skip
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_DSN = re.compile(r"(?:^|[\s;])(?:password|pwd)\s*=\s*['\"]?([^\s;'\"{}%]+)", re.IGNORECASE)
_DSN_BESIDE = re.compile(r"(?:^|[\s;])(host|server|dbname|database|user|uid|data source)\s*=", re.IGNORECASE)


def keyed(module: Module) -> Iterator[tuple[str, ast.expr, Scope]]:
    """`app.config["SECRET_KEY"] = ...`: keys that are a secret's names, with what is stored under them."""
    for scope in module.all_scopes():
        if not any(store.attribute == "" and store.value is not None for store in scope.stores):
            continue
        for statement in statements_in(scope.body if isinstance(scope, Function) else module.tree.body):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            key = target.slice if isinstance(target, ast.Subscript) else None
            if (
                not isinstance(key, ast.Constant)
                or not isinstance(key.value, str)
                or not is_secret_name(key.value)
            ):
                continue
            if isinstance(statement, ast.Assign):
                yield key.value, statement.value, scope


def looked_up(call: Call) -> tuple[str, ast.Constant] | None:
    """The variable and the default of a look-up: in the environment, by a helper of the project, in a mapping of settings."""
    variable = call.argument(0, "key")
    if not isinstance(variable, ast.Constant) or not isinstance(variable.value, str):
        return None
    default: ast.expr | None = None
    if call.target in ENVIRONMENT:
        default = call.argument(1, "default") or call.keyword("default")
    elif _reads_environment(call):
        default = _default_of_helper(call)
    elif _reads_settings(call):
        default = call.argument(1, "default")
    return (variable.value, default) if isinstance(default, ast.Constant) else None


def read_from_environment(project: Project) -> frozenset[str]:
    """`KEY_VARIABLE` of `os.getenv(KEY_VARIABLE)` and `os.environ[KEY_VARIABLE]`: names whose text is a variable's name."""
    if project not in _READ:
        _READ[project] = frozenset(
            plain_name(variable)
            for module in project.modules
            for variable in _variables_read(module)
            if isinstance(variable, (ast.Name, ast.Attribute))
        )
    return _READ[project]


def _variables_read(module: Module) -> Iterator[ast.expr | None]:
    yield from (call.argument(0, "key") for call in module.calls if call.target in ENVIRONMENT)
    if any("environ[" in line for line in module.lines):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Subscript) and plain_name(node.value) == "environ":
                yield node.slice


# Asked for every name that may hold a secret.
_READ: WeakKeyDictionary[Project, frozenset[str]] = WeakKeyDictionary()


def _default_of_helper(call: Call) -> ast.expr | None:
    """What a helper gives back when the variable is missing; another variable's name, `env("A", "OLD_A")`, is none."""
    if call.callee is not None:
        names = [p.name for p in call.callee.parameters if p.name not in {"self", "cls"}]
        place = next((i for i, n in enumerate(names) if "default" in n or "fallback" in n), None)
        if place is not None:
            return call.argument(place, names[place])
    default = call.argument(1, "default") or call.keyword("default")
    text = default.value if isinstance(default, ast.Constant) else None
    return None if isinstance(text, str) and _VARIABLE.fullmatch(text) else default


def _reads_settings(call: Call) -> bool:
    """`config["server"].get("jwt_secret", "...")`: a mapping that says that it holds settings."""
    function = call.node.func
    if not isinstance(function, ast.Attribute) or function.attr != "get" or call.callee is not None:
        return False
    holder = function.value
    while isinstance(holder, ast.Subscript):
        holder = holder.value
    return bool(_HOLDS_SETTINGS.search(plain_name(holder)))


def _reads_environment(call: Call) -> bool:
    """A helper of the project's own, `get_env_variable("DB_PASSWORD", "...")`: known by its name and its capitals."""
    variable = call.argument(0, "key")
    if (
        not isinstance(variable, ast.Constant)
        or not isinstance(variable.value, str)
        or not variable.value.isupper()
    ):
        return False
    return any(word in last_name(call.node).lower() for word in ("env", "config", "setting"))


def dictionaries(module: Module) -> Iterator[tuple[ast.Dict, bool]]:
    """Dictionaries that a name holds or a call gets, and whether they are settings by their name."""
    for scope in module.all_scopes():
        if (isinstance(scope, Class) and is_for_tests(scope)) or _is_test(scope):
            continue
        for name, bindings in scope.bindings.items():
            if name.lower() in ILLUSTRATING or "example" in name.lower() or "mock" in name.lower():
                continue
            for binding in bindings:
                if isinstance(binding.value, ast.Dict):
                    yield binding.value, bool(_SETTINGS_NAME.search(name))
    for call in module.calls:
        if call.target.startswith(("pydantic.", "fastapi.")) or _is_test(call.scope):
            continue
        for value in [*call.node.args, *(k.value for k in call.node.keywords if k.arg not in ILLUSTRATING)]:
            if isinstance(value, ast.Dict):
                yield value, False


def _is_test(scope: Scope) -> bool:
    """`def test_login(self)` of a script that tries a service out."""
    return isinstance(scope, Function) and scope.name.rpartition(".")[2].startswith("test_")


def entries(given: ast.Dict) -> Iterator[tuple[str, ast.Constant]]:
    """The texts of a dictionary with their keys, those of inner dictionaries too."""
    for key, value in zip(given.keys, given.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or key.value in ILLUSTRATING:
            continue
        if isinstance(value, ast.Dict):
            yield from entries(value)
        elif isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield key.value, value


def guards_a_setting(compare: ast.Compare, scope: Scope) -> bool:
    """`if settings.secret_key == "changethis": raise`: the literal is refused, not accepted.

    Beside `key is None or key == ""` it stands for no key at all.
    """
    if not isinstance(scope, Function):
        return False
    if isinstance(compare.ops[0], (ast.NotEq, ast.NotIn)):
        # `assert settings.secret_key != "changethis"`
        return any(
            isinstance(s, ast.Assert) and any(node is compare for node in ast.walk(s.test))
            for s in statements(scope)
        )
    for statement in statements(scope):
        if not isinstance(statement, ast.If):
            continue
        if statement.test is compare:
            return isinstance(statement.body[0], (ast.Raise, ast.Expr))
        test = statement.test
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) and compare in test.values:
            name = ast.unparse(compare.left)
            return any(_asks_for_none(part, name) for part in test.values)
    return False


def _asks_for_none(part: ast.expr, name: str) -> bool:
    """`key is None`, `key == ""`, `not key`."""
    if isinstance(part, ast.UnaryOp):
        return isinstance(part.op, ast.Not) and ast.unparse(part.operand) == name
    if not isinstance(part, ast.Compare) or ast.unparse(part.left) != name:
        return False
    other = part.comparators[0]
    return isinstance(other, ast.Constant) and not other.value


def plain_name(expression: ast.expr) -> str:
    """The last part of a name: `token` of `request.token`, of `form["token"]` and of `form.get("token")`."""
    if isinstance(expression, ast.Await):
        expression = expression.value
    if isinstance(expression, ast.Attribute):
        return expression.attr
    key: ast.expr | None = None
    if isinstance(expression, ast.Subscript):
        key = expression.slice
    elif isinstance(expression, ast.Call) and last_name(expression) == "get" and expression.args:
        key = expression.args[0]
    if key is not None:
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
    return expression.id if isinstance(expression, ast.Name) else ""


def literal(value: ast.expr | None, scope: Scope, project: Project) -> ast.Constant | None:
    """The literal that becomes the value: plain, wrapped in `SecretStr(...)`, or the default of a look-up."""
    for _ in range(4):
        if isinstance(value, ast.Constant):
            return value if isinstance(value.value, (str, bytes)) else None
        if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
            value = value.values[-1]
        elif isinstance(value, ast.Call):
            value = _wrapped(value, scope, project)
        else:
            return None
    return None


def _wrapped(call: ast.Call, scope: Scope, project: Project) -> ast.expr | None:
    target = project.names.qualify(call.func, scope)
    named = next((k.value for k in call.keywords if k.arg == "default"), None)
    if target in _WRAPPERS:
        made = next((k.value for k in call.keywords if k.arg in {"default_factory", "factory"}), None)
        if isinstance(made, ast.Lambda):
            return made.body
        return call.args[0] if call.args else named
    value = project.names.evaluate(call.func, scope)
    instance = f"{value.name}.__call__" if value is not None and value.instance else target
    if instance in ENVIRONMENT:
        default = call.args[1] if len(call.args) > 1 else named
        return None if _stands_for_none(call, default) else default
    if isinstance(call.func, ast.Attribute) and call.func.attr == "encode" and not call.args:
        return call.func.value
    return None


def behind_name(expression: ast.expr | None, scope: Scope | None) -> ast.Constant | None:
    """The literal behind a name that is given a value once: `expected = b"..."`."""
    while isinstance(expression, ast.Name) and scope is not None:
        if expression.id in scope.bindings:
            bindings = scope.bindings[expression.id]
            value = bindings[0].value if len(bindings) == 1 else None
            if isinstance(value, ast.Constant) and isinstance(value.value, (str, bytes)):
                return value
            return None
        scope = scope.parent
    return None


def command_defaults(module: Module) -> Iterator[tuple[str, ast.Constant]]:
    """`parser.add_argument("--api-key", default="...")`, `@click.option("--password", default="...")`."""
    for call in module.calls:
        if last_name(call.node) not in {"add_argument", "option"}:
            continue
        default = call.keyword("default")
        flags = [a.value for a in call.node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        named = next((flag for flag in flags if flag.startswith("--")), "")
        if named and isinstance(default, ast.Constant):
            yield named.strip("-"), default


def main_guard(module: Module) -> Iterator[tuple[int, int]]:
    """The lines under `if __name__ == "__main__":`."""
    for statement in module.tree.body:
        if isinstance(statement, ast.If) and "__main__" in {
            node.value for node in ast.walk(statement.test) if isinstance(node, ast.Constant)
        }:
            yield statement.lineno, statement.end_lineno or statement.lineno


def _stands_for_none(call: ast.Call, default: ast.expr | None) -> bool:
    """`getenv("OLLAMA_KEY", "ollama")`, whatever the value is then called."""
    variable = call.args[0] if call.args else None
    texts = [
        part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
        for part in (default, variable)
    ]
    return all(texts) and names_service(texts[0], texts[1])


def passwords_handed_on(module: Module) -> Iterator[ast.Constant]:
    """`hash_password("...")` and `HTTPBasicAuth("user", "...")`: passwords that are given by position."""
    for call in module.calls:
        position = 1 if call.target.removesuffix(".__init__") in _BASIC_AUTH else 0
        if position == 0 and not _HASHING.match(last_name(call.node).lower()):
            continue
        given = call.node.args[position] if len(call.node.args) > position else None
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield given


def connection_texts(module: Module) -> Iterator[tuple[ast.Constant, str]]:
    """`"host=db user=app password=..."`, in an argument or under a name, with the password."""
    values: list[ast.expr] = [argument for call in module.calls for argument in call.node.args]
    values += [k.value for call in module.calls for k in call.node.keywords]
    for scope in module.all_scopes():
        values += [b.value for bindings in scope.bindings.values() for b in bindings if b.value is not None]
    seen: set[int] = set()
    for value in values:
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str) or id(value) in seen:
            continue
        seen.add(id(value))
        match = _DSN.search(value.value) if "=" in value.value else None
        if match is not None and _DSN_BESIDE.search(value.value):
            yield value, match.group(1)


def listed(scope: Scope, project: Project) -> Iterator[tuple[str, ast.Constant]]:
    """`API_KEYS = ["...", "..."]`, and the keys of such a dictionary, with the name in the singular."""
    for name, bindings in scope.bindings.items():
        one = name.rstrip("sS")
        if not name.lower().endswith("s") or not is_secret_name(one) or is_denied_list(name):
            continue
        for binding in bindings:
            value = binding.value
            if isinstance(value, ast.Call):
                value = _wrapped(value, scope, project)
            parts: list[ast.expr | None] = []
            if isinstance(value, (ast.List, ast.Set, ast.Tuple)):
                parts = list(value.elts)
            elif isinstance(value, ast.Dict):
                parts = list(value.keys)
            for part in parts:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield one, part
