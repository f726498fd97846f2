"""What a secret looks like in code: names that hold one, texts that are one, and texts that only show or refuse one."""

from __future__ import annotations

import ast
import base64
import functools
import json
import re
import time
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from checker.constraints.flow import last_name, statements
from checker.source import Class, Module, Project

_SECRET_ENDINGS = (
    "password", "passwd", "passphrase", "pwd", "pw", "secret", "secret_key", "api_key", "apikey", "access_key", "private_key",
    "jwt_key", "signing_key", "encryption_key", "auth_key", "client_secret", "pepper", "secretkey", "hmac_key", "session_key",
    "master_key", "access_code", "secret_access_key",
)  # fmt: skip
_PASS = re.compile(
    r"(^|_)(db|database|mysql|postgres|pg|sql|smtp|mail|email|redis|mongo|rabbitmq|admin|user|root|superuser|proxy|ftp|imap|login)"
    r"_pass$"
)
_CRYPT_KEY = re.compile(
    r"(^|_)(encryption|signing|secret|jwt|hmac|crypto|fernet|aes)_"
    r"(?!.*(cookie|cache|redis|claim|payload|context|column|primary|foreign|path|file|store|bucket))\w+_key$"
)
"""`ENCRYPTION_LOCAL_KEY`: what it is for stands in front, and not directly."""
_TOKENS = frozenset({
    "access", "auth", "api", "bearer", "bot", "admin", "github", "gitlab", "slack", "telegram", "discord", "webhook", "internal",
    "master", "root", "service", "kiosk", "secret", "steward", "hf", "npm",
})  # fmt: skip
_HARMLESS_BEGINNINGS = ("dummy", "fake", "invalid", "wrong", "example", "sample", "mock", "test")
_ABOUT_SECRETS = frozenset({
    "grant", "type", "kind", "scope", "event", "purpose", "subject", "template", "page", "route", "table", "column", "label",
    "role", "permission", "action", "hash", "hashed", "reset", "forgot", "field", "header", "example", "placeholder", "public",
    "publishable", "pending", "redacted", "masked", "reason", "error", "message", "cause",
})  # fmt: skip
_PLACEHOLDER = re.compile(
    r"^(<.*>|\$\{.*\}|\{\{.*\}\}|\{.*\}|%\(.*\)s|[x*.\-_#]+|none|null|todo|unset|undefined|empty|dummy|n/a|\[.*\]|redacted|hidden|masked|(mock|fake)([-_ ]?(api[-_ ]?)?(key|secret|token|password))?|not[-_ ]?(needed|used|set|required|empty)"
    r"|(can'?t|cannot|can[-_ ]not|must[-_ ]not|should[-_ ]not)[-_ ]be[-_ ](empty|blank|none|null)|unused|ignored|no[-_]?key.*|sk-no-key.*|sk-(placeholder|dummy|fake|none|unused|empty|ignored|local|localhost|anything|whatever|noauth|no-auth))$",
    re.IGNORECASE,
)
_TO_FILL_IN = re.compile(r"(?i)(your|change|replace|insert|put|add)[-_ ]")
"""What says that it is to be filled in; code that looks for it and goes no further does without the service."""
_PATTERN = re.compile(r"\[[^\]]+\][{+*]|\\[dwsb]|\(\?")
"""A text that describes what a key looks like."""
_OF_OTHERS = ("api_key", "apikey", "_token")
_PUBLIC = re.compile(r"^(phc_|pk_(live|test)_|pk\.|pub-|pub_)")
"""Keys that their services give out for browsers and apps; everybody may know them."""
_HASH = re.compile(r"^\$(2[abxy]|argon2(id|i|d)|scrypt|pbkdf2-sha\d+|[156])\$")
"""What is kept of a password, with which nobody signs in."""
_EXAMPLE_KEY = re.compile(r"your|xxx|example|placeholder|dummy|\.\.\.|here$|1234567", re.IGNORECASE)
_KEYS = re.compile(
    r"^((AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{40,}|xox[abprs]-[A-Za-z0-9-]{20,}|sk-[A-Za-z0-9_-]{20,}"
    r"|(sk|rk)_(live|test)_[A-Za-z0-9]{16,}|AIza[0-9A-Za-z_-]{35}|glpat-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}"
    r"|SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}|dckr_pat_[A-Za-z0-9_-]{20,}|pypi-AgE[A-Za-z0-9_-]{20,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,})$"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+\S{40,}")
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^:/@\s{}]*:([^@/\s{}]+)@([^\s/:]*)[^\s]*$", re.IGNORECASE)
ILLUSTRATING = frozenset({
    "example", "examples", "openapi_examples", "description", "help", "title", "summary", "json_schema_extra", "schema_extra",
    "responses", "placeholder", "openapi_extra",
})  # fmt: skip


@functools.cache
def is_secret_name(name: str) -> bool:
    """Whether a name says that it holds a secret itself, and not its header, length or file."""
    words = _words(name)
    if words.startswith(_HARMLESS_BEGINNINGS) or _ABOUT_SECRETS & set(words.split("_")):
        return False
    if words.endswith(tuple(f"_{ending}" for ending in _SECRET_ENDINGS)) or words in _SECRET_ENDINGS:
        return True
    if _PASS.search(words) or _CRYPT_KEY.search(words):
        return True
    first, _, last = words.rpartition("_")
    return last == "token" and first.rpartition("_")[2] in _TOKENS


def is_password_name(name: str) -> bool:
    """Whether a name is a password's, which no word is a kind of."""
    return is_secret_name(name) and _words(name).endswith(
        ("password", "passwd", "passphrase", "pwd", "_pass")
    )


def is_token_name(name: str) -> bool:
    """Whether a name is a token's, which may be a secret or a kind of one."""
    words = _words(name)
    return words == "token" or words.endswith("_token")


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").replace("-", "_")


def may_be_secret(
    name: str, node: ast.Constant, refused: frozenset[str], *, is_setting: bool = False
) -> bool:
    """Whether a literal may be a secret and is not a placeholder, a name or a message.

    The default of a setting (`is_setting`) is no message, so it may have words in it.
    """
    value = node.value
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str) or len(text) < 3 or _PATTERN.search(text):
        return False
    if any(character.isspace() for character in text) and not _is_pass_phrase(
        text, name, is_setting=is_setting
    ):
        return False
    if (
        _is_refused(text, refused)
        or _PUBLIC.match(text)
        or _HASH.match(text)
        or _PLACEHOLDER.match(text)
        or text.startswith(("/", "http://", "https://", "--"))
    ):
        return False
    spelled, named = _words(text), _words(name)
    if is_setting and text == "password" == named:
        return True  # As the default of a setting it is a password, and everybody's first guess.
    if (
        names_service(spelled.removeprefix("sk_"), named)
        or _denies(spelled, named)
        or (named.endswith("session_key") and _names_entry(text))
    ):
        return False
    if named.endswith(_OF_OTHERS) and spelled.startswith(_HARMLESS_BEGINNINGS) and len(spelled) < 12:
        return False  # A key of somebody else's service that opens nothing there.
    if "/" in text and _words(text.rpartition("/")[2]) == named:
        return False  # The place of one: `cursorAuth/accessToken`.
    if named.endswith((*_OF_OTHERS, "client_secret")) and _only_names(spelled, named):
        return False
    return spelled not in {named, f"x_{named}", "value", "bearer", "basic", "access", "refresh", "string"}


def _is_refused(text: str, refused: frozenset[str]) -> bool:
    """Whether the code looks for a text, or for how it begins, and then stops."""
    return text in refused or any(
        one.endswith("*") and len(one) > _LONG_ENOUGH and text.lower().startswith(one[:-1].lower())
        for one in refused
    )


def is_denied_list(name: str) -> bool:
    """`COMMON_PASSWORDS`: what nobody may take."""
    return bool(_DENIED & set(_words(name).split("_")))


_DENIED = frozenset({
    "common", "weak", "forbidden", "banned", "breached", "leaked", "blocked", "denied", "deny", "disallowed", "compromised",
    "insecure", "unsafe", "blacklist", "blacklisted", "denylist", "blocklist", "worst", "rejected", "default", "defaults", "known",
    "trivial", "bad", "guessable",
})  # fmt: skip


def is_placeholder_key(text: str) -> bool:
    """`your-api-key`: says what would stand here."""
    return bool(re.match(r"(your|my|enter|insert|put|replace)[-_ ]", text, re.IGNORECASE))


def _is_pass_phrase(text: str, name: str, *, is_setting: bool) -> bool:
    """Whether a text with spaces in it may be a secret all the same: a setting's phrase, or parts that are keys themselves."""
    if is_setting and {"secret", "encryption", "signing"} & set(_words(name).split("_")):
        return True
    return all(len(part) >= MIN_TOKEN and looks_random(part) for part in text.split())


def _names_entry(text: str) -> bool:
    """`USER_SESSION_KEY = "signed_in_user_id"`: under which name something stands in the session."""
    return re.fullmatch(r"[a-z]+([_.:-][a-z]+)*", text) is not None and not re.search(
        "secret|key|change", text
    )


def _only_names(text: str, name: str) -> bool:
    """`client_secret = "zoom_client_secret"`: says what would stand here, and opens nothing at that service."""
    before = text.removesuffix(name).strip("_") if text.endswith(f"_{name}") else ""
    return before.isalpha() and before not in _WEAK_WORDS


def _denies(text: str, name: str) -> bool:
    """`STRIPE_KEY = "NO_STRIPE_KEY"`, `api_key = "missing-api-key"`: says that there is none."""
    words = text.split("_")
    kind = name.split("_")[-1]
    before, after = words[0], words[-2:]
    return kind in words and (before in _DENIALS or (len(after) > 1 and "_".join(after) in _DENIED_AFTER))


_DENIALS = frozenset({"no", "missing", "unset", "undefined", "unconfigured", "without"})
_DENIED_AFTER = frozenset(
    {"not_set", "not_needed", "not_configured", "not_required", "not_used", "not_provided", "is_missing"}
)

_WEAK_WORDS = frozenset({
    "my", "your", "our", "the", "a", "super", "very", "top", "some", "secret", "dev", "test", "local", "default", "prod", "production",
    "app", "strong", "weak", "random", "insecure",
})  # fmt: skip


def names_service(text: str, name: str) -> bool:
    """`OLLAMA_API_KEY = "ollama"`: the service's own name stands for a key that it does not ask for. A password is another matter."""
    text, name = _words(text), _words(name)
    if not name.endswith(("_key", "apikey", "_token")) or text in _TOKENS | {"key", "token", "apikey"}:
        return False
    squeezed = text.replace("_", "").replace(".", "")
    is_own = len(squeezed) > 2 and squeezed.isalpha() and name.replace("_", "").startswith(squeezed)
    return is_own or squeezed in _WITHOUT_KEY


_WITHOUT_KEY = frozenset({"ollama", "lmstudio", "vllm", "llamacpp", "localai", "xinference", "sglang"})
"""Servers that run beside the service and ask for no key."""


def names_variable(name: str, text: str, read: frozenset[str]) -> bool:
    """`TOOLSHED_ENV_API_KEY = "TOOLSHED_API_KEY"`: the name of an environment variable.

    It is read by it (`read`), has its prefix, or `ENV` stands in front of it.
    """
    if not _VARIABLE.fullmatch(text):
        return False
    prefix = text.partition("_")[0]
    shares = name.isupper() and name.partition("_")[0] == prefix and prefix.lower() not in _WEAK_WORDS
    if name.isupper() and name in {f"ENV_{text}", f"{text}_ENV", f"ENV_VAR_{text}", f"{text}_ENV_VAR"}:
        return True
    return name in read or (shares and is_secret_name(text))


_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


def carries_key(name: str, text: str) -> bool:
    """`"Authorization": "Bearer ..."` with the token in it."""
    kind, _, token = text.partition(" ")
    return (
        name.lower() in {"authorization", "proxy-authorization"}
        and kind in {"Bearer", "Basic", "Token"}
        and len(token) >= MIN_TOKEN
        and looks_random(token)
        and not _EXAMPLE_KEY.search(token)
        and "{" not in token
    )


MIN_TOKEN = 12


def is_spelled_out(text: str) -> bool:
    """`fake-super-secret-token`: more words than the name of a kind has."""
    return len(re.split(r"[-_.]", text)) > 2


def looks_random(text: str) -> bool:
    """Letters and digits together, long enough for a key."""
    return len(text) >= 8 and any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def has_key(line: str) -> bool:
    """Whether a line holds a text that looks like a real key, and not like the password of somebody's own machine."""
    return any(len(text) >= MIN_KEY and looks_random(text) for text in re.findall(r"[\w+/=-]+", line))


MIN_KEY = 20


def illustrations(module: Module) -> set[int]:
    """Texts that only show something: examples, descriptions, docstrings, and what test settings hold."""
    found: set[int] = set()
    for node in ast.walk(module.tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.keyword) and node.arg in ILLUSTRATING:
            parts = [node.value]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            parts = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value in ILLUSTRATING]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts = [node.value]
        for part in parts:
            found |= {id(inner) for inner in ast.walk(part)}
    for scope in module.all_scopes():
        for name, bindings in scope.bindings.items():
            if "example" in name.lower():
                found |= {id(n) for b in bindings if b.value is not None for n in ast.walk(b.value)}
    for made in module.classes:
        if is_for_tests(made):
            found |= {id(inner) for inner in ast.walk(made.node)}
    return found


def is_for_tests(made: Class) -> bool:
    """`class TestSettings(Settings)`: what tests start the app with."""
    return made.node.name.startswith("Test") or made.node.name.endswith(
        ("TestSettings", "TestConfig", "TestingConfig")
    )


def refused_texts(project: Project) -> frozenset[str]:
    """Texts that the code looks for and then raises: a placeholder among them does not work."""
    if project not in _REFUSED:
        found: set[str] = set()
        for module in project.modules:
            if not module.is_test:
                found.update(_refused_in(module))
        _REFUSED[project] = frozenset(found)
    return _REFUSED[project]


# Several rules ask, and the answer takes a walk over the whole project.
_REFUSED: WeakKeyDictionary[Project, frozenset[str]] = WeakKeyDictionary()


def _refused_in(module: Module) -> Iterator[str]:
    for function in module.functions:
        if not function.comparisons and not any(last_name(c.node) == "startswith" for c in function.calls):
            continue
        for statement in statements(function):
            if not isinstance(statement, ast.If):
                continue
            texts = list(_texts_tested(statement.test))
            if texts and _stops(statement):
                yield from texts
            elif isinstance(statement.body[-1], ast.Return):
                yield from (text for text in texts if _TO_FILL_IN.match(text))


def _texts_tested(test: ast.expr) -> Iterator[str]:
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and not isinstance(test, ast.UnaryOp):
            yield from _beginnings(node)
        # `if key != "...": raise` asks for the literal; it does not refuse it.
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.In)):
            yield from _texts_in(node)


def _beginnings(call: ast.Call) -> Iterator[str]:
    """`if key.startswith("__CHANGE_ME__"): raise`: what begins like that is refused; written with a star."""
    text = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    if last_name(call) == "startswith" and isinstance(text, str) and len(text) >= _LONG_ENOUGH:
        yield f"{text}*"


_LONG_ENOUGH = 6


def _stops(statement: ast.If) -> bool:
    return any(
        isinstance(node, ast.Raise)
        or (isinstance(node, ast.Call) and last_name(node) in {"exit", "_exit", "abort"})
        for part in statement.body
        for node in ast.walk(part)
    )


def _texts_in(compare: ast.Compare) -> Iterator[str]:
    for side in [compare.left, *compare.comparators]:
        parts = side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else [side]
        yield from (p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str))


def is_known_key(text: str) -> bool:
    """Whether a text has the form of a key that a known service gives out, or is a private key."""
    if _PRIVATE_KEY.search(text):
        return True
    return bool(_KEYS.match(text)) and not _EXAMPLE_KEY.search(text) and not _is_over(text)


def _is_over(text: str) -> bool:
    """A JWT that says itself that its time is over opens nothing any more."""
    if not text.startswith("eyJ"):
        return False
    payload = text.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return isinstance(claims, dict) and float(claims["exp"]) < time.time()
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def has_password(url: str) -> bool:
    """Whether a text is a URL with a password in it."""
    match = _URL.match(url)
    if match is None or _PLACEHOLDER.match(match.group(1)):
        return False
    # `mysql://用户:密码@主机/库`: words that say what would stand here; no host is spelled so.
    return match.group(2).isascii()
