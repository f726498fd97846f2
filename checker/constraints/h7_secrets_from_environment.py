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
placeholder that the code itself refuses. Tests are left alone, and examples in schemas too; under the main guard, where somebody tries
a module out, only what looks like a key counts. Keys that a service gives out for browsers are no secrets.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator

from checker.constraints.password_hashes import password_hashes
from checker.constraints.rule import Constraint, Context, Hit, hit_at
from checker.constraints.secret_comparisons import compared, digested
from checker.constraints.secret_places import (
    behind_name,
    command_defaults,
    connection_texts,
    dictionaries,
    entries,
    keyed,
    listed,
    literal,
    looked_up,
    main_guard,
    passwords_handed_on,
    read_from_environment,
)
from checker.constraints.secret_words import (
    carries_key,
    has_key,
    has_password,
    illustrations,
    is_for_tests,
    is_known_key,
    is_secret_name,
    looks_random,
    may_be_secret,
    names_service,
    names_variable,
    refused_texts,
)
from checker.source import Call, Class, Module, Project, Scope, Value

CONSTRAINT = Constraint(
    id="H7",
    title="No secret in code",
    hard=True,
    docs="https://fastapi.tiangolo.com/advanced/settings/",
    page=__doc__ or "",
    looks_at="service",
)
_SHORTEST_STORE_SECRET = 8
_Check = Callable[[Context], Iterable[Hit]]


def _in_service(check: _Check) -> _Check:
    """A rule without what stands under the main guard: there somebody tries a module out; only what looks like a key counts."""

    @functools.wraps(check)
    def outside_main(context: Context) -> Iterator[Hit]:
        for hit in check(context):
            module = context.project.module_at(hit.path or "")
            line = hit.line or 0
            tried_out = module is not None and any(a <= line <= b for a, b in main_guard(module))
            if not tried_out or (module is not None and has_key(module.lines[line - 1])):
                yield hit

    return outside_main


_SIGNING = {
    "jwt.encode": 1, "jwt.decode": 1, "jose.jwt.encode": 1, "jose.jwt.decode": 1, "hmac.new": 0, "cryptography.fernet.Fernet": 0,
    "itsdangerous.URLSafeTimedSerializer": 0, "itsdangerous.URLSafeSerializer": 0, "itsdangerous.TimestampSigner": 0,
    "itsdangerous.Signer": 0, "authlib.jose.jwt.encode": 2, "authlib.jose.jwt.decode": 1, "joserfc.jwt.encode": 2,
    "joserfc.jwt.decode": 1, "jose.jws.sign": 1, "jose.jws.verify": 1, "jwt.PyJWT.encode": 1, "jwt.PyJWT.decode": 1,
    "hmac.digest": 0, "hmac.HMAC": 0, "Crypto.Cipher.AES.new": 0, "fastapi_users.authentication.JWTStrategy": 0,
}  # fmt: skip


@CONSTRAINT.rule(
    "secret-in-assignment",
    help="Read it from the environment: a field without a default in a `BaseSettings` class.",
)
@_in_service
def secret_in_assignment(context: Context) -> Iterable[Hit]:
    """A variable, class field or attribute with a secret's name and a literal value."""
    project = context.project
    refused = refused_texts(project)
    for module in _service(project):
        for scope in module.all_scopes():
            if isinstance(scope, Class) and (_is_enum(scope, project) or is_for_tests(scope)):
                continue
            for name, bindings in scope.bindings.items():
                if not is_secret_name(name):
                    continue
                for binding in bindings:
                    node = literal(binding.value, scope, project)
                    if node is not None and _is_no_secret(module, name, node, project):
                        continue
                    setting = _is_settings(scope, project) or _is_configured(binding.value)
                    if node is not None and may_be_secret(name, node, refused, is_setting=setting):
                        yield hit_at(
                            node, module, _message(name, scope, project), help=_help(name, scope, project)
                        )
            for store in scope.stores:
                if store.attribute in {"", "="} or not is_secret_name(store.attribute):
                    continue
                node = literal(store.value, scope, project)
                if node is not None and _is_no_secret(module, store.attribute, node, project):
                    continue
                if node is not None and may_be_secret(store.attribute, node, refused):
                    yield hit_at(node, module, _message(store.attribute, scope, project))
            for name, listed_text in listed(scope, project):
                likely = _is_settings(scope, project) or looks_random(str(listed_text.value))
                if likely and may_be_secret(name, listed_text, refused):
                    yield hit_at(
                        listed_text, module, f"A secret for `{name}` stands in this list as a literal."
                    )
        for key, value, scope in keyed(module):
            kept = literal(value, scope, project)
            if kept is not None and may_be_secret(key, kept, refused):
                yield hit_at(kept, module, _message(key, scope, project))


def _is_no_secret(module: Module, name: str, node: ast.Constant, project: Project) -> bool:
    """The name of an environment variable, or `api_key = config.api_key or "lm-studio"` in `lmstudio.py`, a server that asks for no key."""
    if isinstance(node.value, str) and names_variable(name, node.value, read_from_environment(project)):
        return True
    stem = module.path.removesuffix(".py").rpartition("/")[2]
    return isinstance(node.value, str) and names_service(node.value, f"{stem}_{name}")


def _is_settings(scope: Scope, project: Project) -> bool:
    return isinstance(scope, Class) and project.names.is_a(
        Value(scope.qualified, item=scope), "pydantic_settings.BaseSettings"
    )


def _is_configured(value: ast.expr | None) -> bool:
    """`password = Unicode("...", config=True)`: a setting of a class that is configured from a file."""
    return isinstance(value, ast.Call) and any(
        k.arg == "config" and isinstance(k.value, ast.Constant) and k.value.value is True
        for k in value.keywords
    )


def _help(name: str, scope: Scope, project: Project) -> str:
    """The declaration without its default, where the class reads the environment."""
    if _is_settings(scope, project):
        return f"Declare it without a default, `{name}: SecretStr`: the app then does not start where the variable is missing."
    return ""


def _message(name: str, scope: Scope, project: Project) -> str:
    if _is_settings(scope, project):
        return f"The setting `{name}` has a working default in the code; the app starts with it when the environment says nothing."
    return f"`{name}` holds a secret as a literal; everybody who can read the code can use it."


@CONSTRAINT.rule(
    "secret-as-environment-default",
    help="Leave the default away, so that a missing variable stops the start: `os.environ['NAME']` or a required setting.",
)
@_in_service
def secret_as_environment_default(context: Context) -> Iterable[Hit]:
    """`os.getenv("DB_PASSWORD", "postgres")` under a name that is itself no secret's."""
    project = context.project
    refused = refused_texts(project)
    for module in _service(project):
        for call in module.calls:
            found = looked_up(call)
            if found is None or not is_secret_name(found[0]) or _is_checked(call):
                continue
            name, default = found
            if may_be_secret(name, default, refused, is_setting=True):
                yield hit_at(
                    default,
                    module,
                    f"`{name}` has a default in the code; the app starts with it when the variable is missing.",
                )


def _is_checked(call: Call) -> bool:
    """`if config.get("jwt_secret", "x") in ("x", "y"): warn`: the default is looked for, not used."""
    return any(compare.left is call.node for compare in call.scope.comparisons)


@CONSTRAINT.rule(
    "secret-in-argument",
    help="Hand in a value from the settings instead of the literal.",
)
@_in_service
def secret_in_argument(context: Context) -> Iterable[Hit]:
    """`connect(password="...")`, `jwt.encode(claims, "...")`, or a secret as a parameter's default."""
    project = context.project
    refused = refused_texts(project)
    for module in _service(project):
        for call in module.calls:
            for keyword in call.node.keywords:
                name = keyword.arg or ""
                if (
                    is_secret_name(name)
                    and _is_plain_secret(name, keyword.value, refused)
                    and not _is_for_local_server(name, keyword.value, call)
                ):
                    yield hit_at(
                        keyword.value, module, f"The argument `{name}` is a secret written as a literal."
                    )
                if name == "auth" and isinstance(keyword.value, ast.Tuple) and len(keyword.value.elts) == 2:
                    word = keyword.value.elts[1]
                    if _is_plain_secret("password", word, refused):
                        yield hit_at(word, module, "The password in `auth` is written as a literal.")
            target = call.target.removesuffix(".__init__")
            if target in _SIGNING:
                key = call.argument(_SIGNING[target], "key")
                written = literal(key, call.scope, project) or _behind_plain_name(key, call)
                if written is not None and may_be_secret("key", written, refused):
                    yield hit_at(written, module, f"The key of `{target}` is written into the code.")
        for given in passwords_handed_on(module):
            if _is_plain_secret("password", given, refused):
                yield hit_at(given, module, "A password is handed on as a literal.")
        for name, default in command_defaults(module):
            if is_secret_name(name) and may_be_secret(name, default, refused):
                yield hit_at(default, module, f"The option `--{name}` has a secret as its default.")
        for function in module.functions:
            for parameter in function.parameters:
                kept = literal(parameter.default, function, project)
                name = parameter.name
                if kept is not None and is_secret_name(name) and may_be_secret(name, kept, refused):
                    yield hit_at(kept, module, f"`{name}` of `{function.short}` has a secret as its default.")


def _behind_plain_name(key: ast.expr | None, call: Call) -> ast.Constant | None:
    """`KEY = "..."` that signs something; a name that says that it is a secret has been found by its name."""
    named = isinstance(key, ast.Name) and not is_secret_name(key.id)
    return behind_name(key, call.scope) if named else None


def _is_for_local_server(name: str, value: ast.expr, call: Call) -> bool:
    """`OpenAI(base_url=local, api_key="ollama")`: a word for a server that asks for none.

    Stores that stand in for Amazon's take any secret, and those that ask for one take none under eight letters.
    """
    text = value.value if isinstance(value, ast.Constant) else None
    beside = {keyword.arg for keyword in call.node.keywords}
    if name == "aws_secret_access_key" and isinstance(text, str) and "endpoint_url" in beside:
        return text.isalpha() and len(text) < _SHORTEST_STORE_SECRET
    return (
        name.lower().replace("_", "").endswith("apikey")
        and isinstance(text, str)
        and text.replace("-", "").replace("_", "").isalpha()
        and bool(beside & {"base_url", "api_base", "openai_api_base", "host", "url", "endpoint"})
    )


@CONSTRAINT.rule(
    "secret-in-dictionary",
    help="Read the value from the environment when the dictionary is made.",
)
@_in_service
def secret_in_dictionary(context: Context) -> Iterable[Hit]:
    """`{"password": "..."}` in settings or in what is sent somewhere; examples and translations are left alone."""
    project = context.project
    refused = refused_texts(project)
    for module in _service(project):
        for given, is_settings in dictionaries(module):
            for name, value in entries(given):
                text = str(value.value)
                if carries_key(name, text):
                    yield hit_at(value, module, f"`{name}` carries a token that is written as a literal.")
                if not is_secret_name(name) or not may_be_secret(name, value, refused):
                    continue
                if is_settings or looks_random(text):
                    yield hit_at(
                        value, module, f"`{name}` in this dictionary is a secret written as a literal."
                    )


@CONSTRAINT.rule(
    "secret-compared-with-literal",
    help="Compare with a setting, through `secrets.compare_digest(given, settings.api_key)`.",
    docs="https://fastapi.tiangolo.com/advanced/security/http-basic-auth/",
)
@_in_service
def secret_compared_with_literal(context: Context) -> Iterable[Hit]:
    """`if token == "..."`: the literal is the secret."""
    for module in _service(context.project):
        for compare, name in compared(module):
            yield hit_at(
                compare, module, f"`{name}` is compared with a literal, which is then the secret itself."
            )
        for written in digested(module, context.project):
            yield hit_at(written, module, "A literal stands in `compare_digest`; it is the secret itself.")


@CONSTRAINT.rule(
    "key-in-text",
    help="Remove it, make a new one where it came from (this one is known now), and read it from the environment.",
)
def key_in_text(context: Context) -> Iterable[Hit]:
    """A text that has the form of a known key, a URL with a password in it, or the hash of a password that opens an account."""
    project = context.project
    refused = refused_texts(project)
    working = set(_service(project))
    for module in _service(project, shows=True):
        shown: set[int] | None = None
        for text in module.texts:
            value = str(text.value)
            key = is_known_key(value)
            if not key and (value in refused or not has_password(value)):
                continue
            shown = illustrations(module) if shown is None else shown
            if id(text) in shown:
                continue
            if key:
                yield hit_at(text, module, "This text has the form of a real key.")
            else:
                yield hit_at(
                    text,
                    module,
                    "This URL carries a password.",
                    help="Read the whole URL from the environment.",
                )
        for node, password in connection_texts(module) if module in working else ():
            if not may_be_secret("password", ast.Constant(value=password), refused):
                continue
            shown = illustrations(module) if shown is None else shown
            if id(node) not in shown:
                yield hit_at(node, module, "This connection text carries a password.")
        for node in password_hashes(module) if module in working else ():
            shown = illustrations(module) if shown is None else shown
            if id(node) not in shown:
                yield hit_at(
                    node,
                    module,
                    "This is the hash of a password that opens an account, for everybody to guess at.",
                    help="Create the account from the environment, or by a command that asks for the password.",
                )


def _service(project: Project, *, shows: bool = False) -> Iterator[Module]:
    """Modules whose literals work; what documentation and examples hold does not, so only real keys count there."""
    for module in project.modules:
        *folders, name = module.path.removesuffix(".py").split("/")
        if not (module.is_test or _holds_tests(module, project)) and (
            shows or not (_SHOWN & set(folders) or _SEEDS & {*folders, *name.split("_")})
        ):
            yield module


def _holds_tests(module: Module, project: Project) -> bool:
    """Whether it is made of test cases, wherever it stands."""
    return any(
        project.names.is_a(
            Value(made.qualified, item=made), "unittest.TestCase", "unittest.IsolatedAsyncioTestCase"
        )
        for made in module.scope.classes.values()
    )


_SEEDS = frozenset({"seed", "seeds", "seeding", "fixtures", "mocks"})
_SHOWN = frozenset({"docs", "doc", "docs_src", "example", "examples", "samples", "benchmarks"})


def _is_plain_secret(name: str, value: ast.expr | None, refused: frozenset[str]) -> bool:
    return isinstance(value, ast.Constant) and may_be_secret(name, value, refused)


def _is_enum(made: Class, project: Project) -> bool:
    return project.names.is_a(Value(made.qualified, item=made), "enum.Enum", "enum.StrEnum", "enum.IntEnum")


@CONSTRAINT.applies_when
def _there_is_code(context: Context) -> bool:
    return any(True for _ in _service(context.project))
