"""No secret stands in code; secrets come from the environment.

## What it asks

Passwords, keys and tokens are read from the environment, through settings without a default for them. No literal in the code is a
secret: not as a constant, not as the default of a setting, not in a URL, not in a comparison.

## Why it matters

What is in the code is in every clone, every image and every log of the build, for ever. A working default is worse than none: the
service starts with it in production and nobody notices.

## Example

```python
class Settings(BaseSettings):
    jwt_key: str = "dev-key-please-change"
```

## Use instead

```python
class Settings(BaseSettings):
    jwt_key: SecretStr                       # no default: the app does not start without it
```

## Known limits

A name has to say that it holds a secret, or the text has to look like a known key. An empty default is accepted, and so is a
placeholder that the code itself refuses. Tests are left alone, and examples in schemas too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from checker.constraints.flow import last_name, statements
from checker.constraints.rule import Constraint, Context, Hit, hit_at
from checker.source import Call, Class, Function, Module, Project, Scope, Value

CONSTRAINT = Constraint(
    id="H7",
    title="No secret in code",
    hard=True,
    docs="https://fastapi.tiangolo.com/advanced/settings/",
    page=__doc__ or "",
)
_SECRET_ENDINGS = (
    "password", "passwd", "passphrase", "pwd", "secret", "secret_key", "api_key", "apikey", "access_key", "private_key",
    "jwt_key", "signing_key", "encryption_key", "auth_key", "client_secret", "pepper", "secretkey", "hmac_key", "session_key",
    "master_key", "access_code", "secret_access_key",
)  # fmt: skip
_HARMLESS_BEGINNINGS = ("dummy", "fake", "invalid", "wrong", "example", "sample", "mock", "test")
_ABOUT_SECRETS = frozenset({
    "grant", "type", "kind", "scope", "event", "purpose", "subject", "template", "page", "route", "table", "column", "label",
    "role", "permission", "action", "hash", "hashed", "reset", "forgot", "field", "header", "example", "placeholder",
})  # fmt: skip
_ENVIRONMENT = frozenset({
    "os.getenv", "os.environ.get", "starlette.config.Config.__call__", "decouple.config", "environs.Env.str",
    "environs.Env.__call__",
})  # fmt: skip
_WRAPPERS = frozenset(
    {"pydantic.SecretStr", "pydantic.SecretBytes", "starlette.datastructures.Secret", "pydantic.Field"}
)
_SIGNING = frozenset({"jwt.encode", "jwt.decode", "jose.jwt.encode", "jose.jwt.decode", "hmac.new"})
_PLACEHOLDER = re.compile(
    r"^(<.*>|\$\{.*\}|\{\{.*\}\}|\{.*\}|%\(.*\)s|[x*.\-_#]+|none|null|todo|unset)$", re.IGNORECASE
)
_KEYS = re.compile(
    r"^(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{40,}|xox[abprs]-[A-Za-z0-9-]{20,}|sk-[A-Za-z0-9_-]{20,}"
    r"|sk_live_[A-Za-z0-9]{16,}|rk_live_[A-Za-z0-9]{16,}|AIza[0-9A-Za-z_-]{35}|glpat-[A-Za-z0-9_-]{20,}"
    r"|SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,})$"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+\S{40,}")
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^:/@\s{}]*:([^@/\s{}]+)@[^\s]+$", re.IGNORECASE)


@CONSTRAINT.rule(
    "secret-in-assignment",
    help="Read it from the environment: a field without a default in a `BaseSettings` class.",
)
def secret_in_assignment(context: Context) -> Iterable[Hit]:
    """A variable, class field or attribute with a secret's name and a literal value."""
    project = context.project
    refused = _refused(project)
    for module in _service(project):
        for scope in module.all_scopes():
            if isinstance(scope, Class) and _is_enum(scope, project):
                continue
            for name, bindings in scope.bindings.items():
                if not is_secret_name(name):
                    continue
                for binding in bindings:
                    node = _literal(binding.value, scope, project)
                    if node is not None and _is_secret(name, node, refused):
                        yield hit_at(node, module, _message(name, scope, project), key=name)
            for store in scope.stores:
                if store.attribute in {"", "="} or not is_secret_name(store.attribute):
                    continue
                node = _literal(store.value, scope, project)
                if node is not None and _is_secret(store.attribute, node, refused):
                    yield hit_at(node, module, _message(store.attribute, scope, project), key=store.attribute)


def _message(name: str, scope: Scope, project: Project) -> str:
    if isinstance(scope, Class) and project.names.is_a(
        Value(scope.qualified, item=scope), "pydantic_settings.BaseSettings"
    ):
        return f"The setting `{name}` has a working default in the code; the app starts with it when the environment says nothing."
    return f"`{name}` holds a secret as a literal; everybody who can read the code can use it."


@CONSTRAINT.rule(
    "secret-as-environment-default",
    help="Leave the default away, so that a missing variable stops the start: `os.environ['NAME']` or a required setting.",
)
def secret_as_environment_default(context: Context) -> Iterable[Hit]:
    """`os.getenv("DB_PASSWORD", "postgres")` under a name that is itself no secret's."""
    project = context.project
    refused = _refused(project)
    for module in _service(project):
        for call in module.calls:
            if call.target not in _ENVIRONMENT and not _reads_environment(call):
                continue
            variable = call.argument(0, "key")
            default = call.argument(1, "default") or call.keyword("default")
            if not isinstance(variable, ast.Constant) or not isinstance(default, ast.Constant):
                continue
            name = str(variable.value)
            if is_secret_name(name) and _is_secret(name, default, refused):
                yield hit_at(
                    default,
                    module,
                    f"`{name}` has a default in the code; the app starts with it when the variable is missing.",
                )


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


@CONSTRAINT.rule(
    "secret-in-argument",
    help="Hand in a value from the settings instead of the literal.",
)
def secret_in_argument(context: Context) -> Iterable[Hit]:
    """`connect(password="...")`, `jwt.encode(claims, "...")`, or a secret as a parameter's default."""
    project = context.project
    refused = _refused(project)
    for module in _service(project):
        for call in module.calls:
            for keyword in call.node.keywords:
                if (
                    keyword.arg
                    and is_secret_name(keyword.arg)
                    and _is_plain_secret(keyword.arg, keyword.value, refused)
                ):
                    yield hit_at(
                        keyword.value,
                        module,
                        f"The argument `{keyword.arg}` is a secret written as a literal.",
                    )
            if call.target in _SIGNING:
                key = call.argument(0 if call.target == "hmac.new" else 1, "key")
                if _is_plain_secret("key", key, refused) and key is not None:
                    yield hit_at(key, module, f"The key of `{call.target}` is written into the code.")
        for function in module.functions:
            for parameter in function.parameters:
                if is_secret_name(parameter.name) and _is_plain_secret(
                    parameter.name, parameter.default, refused
                ):
                    default = parameter.default
                    if default is not None:
                        yield hit_at(
                            default,
                            module,
                            f"`{parameter.name}` of `{function.short}` has a secret as its default.",
                        )


@CONSTRAINT.rule(
    "secret-compared-with-literal",
    help="Compare with a setting, through `secrets.compare_digest(given, settings.api_key)`.",
    docs="https://fastapi.tiangolo.com/advanced/security/http-basic-auth/",
)
def secret_compared_with_literal(context: Context) -> Iterable[Hit]:
    """`if token == "..."`: the literal is the secret."""
    project = context.project
    for module in _service(project):
        for scope, compare in ((s, c) for s in module.all_scopes() for c in s.comparisons):
            if len(compare.ops) != 1 or not isinstance(compare.ops[0], (ast.Eq, ast.NotEq)):
                continue
            for one, other in (
                (compare.left, compare.comparators[0]),
                (compare.comparators[0], compare.left),
            ):
                name = _plain_name(one)
                if not (is_secret_name(name) or _is_token_name(name)) or _guards_a_setting(compare, scope):
                    continue
                if (
                    isinstance(other, ast.Constant)
                    and _is_secret(name, other, frozenset())
                    and len(str(other.value)) >= 8
                ):
                    yield hit_at(
                        compare,
                        module,
                        f"`{name}` is compared with a literal, which is then the secret itself.",
                    )
        for call in module.calls:
            if call.target in {"secrets.compare_digest", "hmac.compare_digest"}:
                for argument in call.node.args:
                    text = _literal(argument, call.scope, project)
                    if text is not None and len(str(text.value)) >= 4:
                        yield hit_at(
                            text, module, "A literal stands in `compare_digest`; it is the secret itself."
                        )


def _guards_a_setting(compare: ast.Compare, scope: Scope) -> bool:
    """`if settings.secret_key == "changethis": raise`: the literal is refused, not accepted."""
    if not isinstance(scope, Function) or not isinstance(compare.ops[0], ast.Eq):
        return False
    for statement in statements(scope):
        if isinstance(statement, ast.If) and statement.test is compare:
            return isinstance(statement.body[0], (ast.Raise, ast.Expr))
    return False


@CONSTRAINT.rule(
    "key-in-text",
    help="Remove it, make a new one where it came from (this one is known now), and read it from the environment.",
)
def key_in_text(context: Context) -> Iterable[Hit]:
    """A text that has the form of a known key, or a URL with a password in it."""
    for module in _service(context.project):
        for text in module.texts:
            value = str(text.value)
            if _KEYS.match(value) or _PRIVATE_KEY.search(value):
                yield hit_at(text, module, "This text has the form of a real key.")
            elif (match := _URL.match(value)) and not _PLACEHOLDER.match(match.group(1)):
                yield hit_at(
                    text,
                    module,
                    "This URL carries a password.",
                    help="Read the whole URL from the environment.",
                )


def _service(project: Project) -> Iterator[Module]:
    for module in project.modules:
        if not module.is_test:
            yield module


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").replace("-", "_")


def is_secret_name(name: str) -> bool:
    """Whether a name says that it holds a secret itself, and not its header, length or file."""
    words = _words(name)
    if words.startswith(_HARMLESS_BEGINNINGS) or _ABOUT_SECRETS & set(words.split("_")):
        return False
    if words.endswith(tuple(f"_{ending}" for ending in _SECRET_ENDINGS)) or words in _SECRET_ENDINGS:
        return True
    first, _, last = words.rpartition("_")
    kinds = {
        "access",
        "auth",
        "api",
        "bearer",
        "bot",
        "admin",
        "github",
        "slack",
        "service",
        "kiosk",
        "secret",
        "steward",
    }
    return last == "token" and first.rpartition("_")[2] in kinds


def _is_token_name(name: str) -> bool:
    words = _words(name)
    return words == "token" or words.endswith("_token")


def _plain_name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def _literal(value: ast.expr | None, scope: Scope, project: Project) -> ast.Constant | None:
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
        return call.args[0] if call.args else named
    value = project.names.evaluate(call.func, scope)
    instance = f"{value.name}.__call__" if value is not None and value.instance else target
    if instance in _ENVIRONMENT:
        return call.args[1] if len(call.args) > 1 else named
    if isinstance(call.func, ast.Attribute) and call.func.attr == "encode" and not call.args:
        return call.func.value
    return None


def _is_plain_secret(name: str, value: ast.expr | None, refused: frozenset[str]) -> bool:
    return isinstance(value, ast.Constant) and _is_secret(name, value, refused)


def _is_secret(name: str, node: ast.Constant, refused: frozenset[str]) -> bool:
    """Whether a literal may be a secret and is not a placeholder, a name or a message."""
    value = node.value
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str) or len(text) < 3 or any(character.isspace() for character in text):
        return False
    if text in refused or _PLACEHOLDER.match(text) or text.startswith(("/", "http://", "https://")):
        return False
    spelled, named = _words(text), _words(name)
    return spelled not in {named, f"x_{named}", "bearer", "basic", "access", "refresh", "string"}


def _refused(project: Project) -> frozenset[str]:
    """Texts that the code compares with: a placeholder among them is looked for and refused."""
    found: set[str] = set()
    for module in project.modules:
        if module.is_test:
            continue
        for compare in (c for scope in module.all_scopes() for c in scope.comparisons):
            for side in [compare.left, *compare.comparators]:
                parts = side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else [side]
                found |= {p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)}
    return frozenset(found)


def _is_enum(made: Class, project: Project) -> bool:
    return project.names.is_a(Value(made.qualified, item=made), "enum.Enum", "enum.StrEnum", "enum.IntEnum")


@CONSTRAINT.applies_when
def _there_is_code(context: Context) -> bool:
    return any(True for _ in _service(context.project))
