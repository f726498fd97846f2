"""Hashes of passwords that stand in code under a name which says that somebody logs in with them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from checker.constraints.secret_places import dictionaries, entries
from checker.source import Module

_HASH = re.compile(
    r"^(\$argon2(id|i|d)\$v=\d+\$[^$]+\$[^$]+\$.{16,}|\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}|\$pbkdf2-sha\d+\$\d+\$.+\$.+"
    r"|\$scrypt\$.+\$.+|\$bcrypt-sha256\$.+\$.+|\$[56]\$.+\$.{40,}|pbkdf2:sha\d+:\d+\$.+\$.+|scrypt:[\d:]+\$.+\$.+"
    r"|pbkdf2_sha\d+\$\d+\$.+\$.+)$"
)
_NAME = re.compile(r"(?i)pass_?(wo?r?d|phrase)?_?hash|hash(ed)?_?pass|pwd_?hash|hash(ed)?_?pwd|passw(or)?d$")
_OPENS_NOTHING = re.compile(
    r"(?i)dummy|fake|decoy|timing|placeholder|sentinel|unknown|missing|absent|invalid|unusable|nonexist|non_exist|not_found"
    r"|no_user|null|constant|equal|example|sample|mock|test|phantom|bogus|blank|empty|default_hash|padding|burn|noop|wrong"
)
"""A hash that is compared with nobody's password, so that an unknown name takes as long as a known one."""


def password_hashes(module: Module) -> Iterator[ast.Constant]:
    """`PASSWORD_HASH = "$argon2id$..."`, `{"hashed_password": "$2b$..."}`, `User(hashed_password="$2b$...")`."""
    if not any("$" in line for line in module.lines):
        return
    for scope in module.all_scopes():
        for name, bindings in scope.bindings.items():
            yield from _opening((name, binding.value) for binding in bindings)
        yield from _opening((store.attribute, store.value) for store in scope.stores)
    for call in module.calls:
        yield from _opening((keyword.arg or "", keyword.value) for keyword in call.node.keywords)
    for written, _ in dictionaries(module):
        yield from _opening(entries(written))


def _opening(named: Iterable[tuple[str, ast.expr | None]]) -> Iterator[ast.Constant]:
    for name, value in named:
        if (
            isinstance(value, ast.Constant)
            and isinstance(value.value, str)
            and _HASH.match(value.value)
            and _NAME.search(name)
            and not _OPENS_NOTHING.search(name)
        ):
            yield value
