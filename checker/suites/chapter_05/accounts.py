"""A member door at random: rows for `TOOLSHED_SEED_FILE`, logins, and a look into the app's database."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from weakref import WeakKeyDictionary

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type, hash_secret

from checker.suite import App, Reply, World, expect, require

Row = dict[str, Any]

MEMBER = ("me", "loans:own")
STEWARD = (*MEMBER, "loans:write", "tools:write", "members:read")
ADMIN = (*STEWARD, "admin")

QUICK_KIB = 64
USUAL_KIB = 65536
LARGEST = 2**63 - 1
"""The largest number that a row can have."""
EDGES = ((1, 404), (LARGEST, 404), (0, 422), (LARGEST + 1, 422))
"""Numbers at the edges of what a row can have, none of which one has, and the status that is theirs."""
AT_FULL_COST = {"TOOLSHED_HASH_MEMORY_KIB": str(USUAL_KIB)}
"""For servers whose hashes take as long as in earnest."""

_NAMES = (
    "amina",
    "bruno",
    "chen",
    "dalia",
    "emre",
    "femi",
    "goran",
    "hana",
    "ines",
    "jonas",
    "kavya",
    "lars",
)
_TOOLS = ("drill", "ladder", "rake", "saw", "spade", "trimmer", "welder", "wrench", "jack", "plane", "vice")
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_ .:"


class Door:
    """Collects rows; every number, email, password and key is drawn anew in each run."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.jwt_key = word(rng, 40)
        self._numbers: set[int] = set()
        self.seed: dict[str, list[Row]] = {"members": [], "tools": []}

    def member(
        self, scopes: tuple[str, ...] = MEMBER, *, password: str = "", kept: str | None = None, id: int = 0
    ) -> Row:
        """A member; what is given here has the password, too, which the seed has not."""
        password = password or new_password(self.rng)
        row = {
            "id": id or self.number(),
            "name": self.rng.choice(_NAMES).title(),
            "email": new_email(self.rng),
            "password_hash": kept or quick_hash(password, self.rng),
            "scopes": list(scopes),
        }
        self.seed["members"].append(row)
        return {**row, "password": password}

    def tool(self, *, id: int = 0, available: int = 20) -> Row:
        """A tool, with copies to spare where nothing else is said."""
        row = {
            "id": id or self.number(),
            "name": f"{self.rng.choice(_TOOLS)} {self.rng.getrandbits(20):05x}",
            "available": available,
        }
        self.seed["tools"].append(row)
        return row

    def number(self) -> int:
        """A number that no other row has."""
        while (number := self.rng.randrange(10, 1_000_000)) in self._numbers:
            pass
        self._numbers.add(number)
        return number

    def world(self, **facts: Any) -> World:
        """What a server starts with."""
        env = {"TOOLSHED_JWT_KEY": self.jwt_key, "TOOLSHED_HASH_MEMORY_KIB": str(QUICK_KIB)}
        return World(seed=self.seed, env=env, facts=facts | {"door": self})


def word(rng: Random, length: int) -> str:
    """Letters at random, none of which JSON, a form or SQL would write in another way."""
    return "".join(rng.choice(_LETTERS[:57]) for _ in range(length))


def new_password(rng: Random, length: int | None = None) -> str:
    """What nobody could have foreseen; begins and ends with a letter, for some forms cut blanks off."""
    length = length or rng.randrange(14, 30)
    return f"p{''.join(rng.choice(_LETTERS) for _ in range(length - 2))}w"


def new_email(rng: Random) -> str:
    """An email in small letters."""
    return f"{rng.choice(_NAMES)}.{rng.getrandbits(32):08x}@example.org"


def in_other_letters(email: str, rng: Random) -> str:
    """The same email, with some letters in capitals."""
    while (changed := "".join(rng.choice((one, one.upper())) for one in email)) == email:
        pass
    return changed


def quick_hash(password: str, rng: Random) -> str:
    """An Argon2id hash of the cost that `TOOLSHED_HASH_MEMORY_KIB` asks for here: nobody waits for it."""
    return _hash(password, rng, QUICK_KIB)


def usual_hash(password: str, rng: Random) -> str:
    """An Argon2id hash with the cost of pwdlib's and argon2-cffi's defaults."""
    return _hash(password, rng, USUAL_KIB)


def _hash(password: str, rng: Random, kib: int) -> str:
    return hash_secret(password.encode(), rng.randbytes(16), 3, kib, 4, 32, Type.ID).decode()


def is_hash_of(kept: str, password: str) -> bool:
    """Whether `kept` is an Argon2id hash of this very password."""
    try:
        return PasswordHasher().verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What a login gave."""

    access: str
    refresh: str


def ask_to_log_in(app: App, email: str, password: str, **more: str) -> Reply:
    """`POST /token` with the standard form."""
    return app.post(
        "/token", data={"username": email, "password": password, "grant_type": "password", **more}
    )


def log_in(app: App, member: Row) -> Pair:
    """A login of this member; fails the check where it is refused."""
    reply = ask_to_log_in(app, member["email"], member["password"])
    expect(
        reply, "This member's own email and password were refused, so nothing else could be tried."
    ).status(200)
    return pair_of(reply)


def pair_of(reply: Reply) -> Pair:
    """The tokens in an answer of `/token` or `/token/refresh`."""
    found = reply.json if isinstance(reply.json, dict) else {}
    access, refresh = found.get("access_token"), found.get("refresh_token")
    if not (isinstance(access, str) and isinstance(refresh, str)):
        raise reply.failure("texts `access_token` and `refresh_token`", reply.shown())
    return Pair(access=access, refresh=refresh)


_known: WeakKeyDictionary[App, dict[int, Pair]] = WeakKeyDictionary()


def token_of(app: App, member: Row) -> str:
    """An access token of this member: one login is enough for all tests that share the app."""
    known = _known.setdefault(app, {})
    if member["id"] not in known:
        known[member["id"]] = log_in(app, member)
    return known[member["id"]].access


def rows(app: App, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of the app's own database, from outside; waits until the app has made its tables."""
    app.get("/health/live")
    with contextlib.closing(sqlite3.connect(app.database, timeout=5, isolation_level=None)) as connection:
        return connection.execute(query, values).fetchall()


def hash_of(app: App, email: str) -> str:
    """What the table `members` keeps of this member's password."""
    found = rows(app, "SELECT password_hash FROM members WHERE lower(email) = ?", email.lower())
    require(
        len(found) == 1,
        expected=f"one row of `members` with the email {email}",
        received=f"{len(found)} rows",
    )
    return str(found[0][0])


def is_in_database(app: App, *markers: str) -> str | None:
    """The first of these texts that stands in the app's database, as it is or in a usual coding."""
    app.get("/health/live")
    database = Path(app.database)
    files = [file.read_bytes() for file in database.parent.glob(f"{database.name}*") if file.is_file()]
    for marker in markers:
        if any(form in file for file in files for form in _codings(marker)):
            return marker
    return None


def _codings(text: str) -> tuple[bytes, ...]:
    raw = text.encode()
    return raw, raw.hex().encode(), raw[::-1]


def logged(app: App, *markers: str) -> str | None:
    """The first line of the app's output that holds one of these texts."""
    return next((line for line in app.logs() if any(marker in line for marker in markers)), None)


def require_unlogged(app: App, *markers: str, after: Reply, say: str) -> None:
    """None of these texts stands in the app's output, once this request is over."""
    _ = after.served
    line = logged(app, *markers)
    require(line is None, expected="output without the secret", received=line, reply=after, say=say)
