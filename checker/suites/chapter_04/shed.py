"""A lending counter at random: rows for `TOOLSHED_SEED_FILE`, and ways to make only the database refuse."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Self

from checker.suite import App, Reply, World, expect, require

Row = dict[str, Any]

_NAMES = (
    *("Amina", "Bruno", "Chen", "Dalia", "Emre", "Femi", "Goran", "Hana", "Ines", "Jonas", "Kavya", "Lars"),
    *(
        "Mei",
        "Nadia",
        "Oskar",
        "Pilar",
        "Quentin",
        "Rosa",
        "Sanna",
        "Tariq",
        "Uma",
        "Viktor",
        "Wanda",
        "Yara",
    ),
)
_TOOLS = ("drill", "ladder", "rake", "saw", "spade", "trimmer", "welder", "wrench", "jack", "plane", "vice")
_TRAININGS = ("heights", "saws", "welding", "chainsaws", "electrics", "lathes", "scaffolds", "solvents")


class Shed:
    """Collects rows; every number, name and token is drawn anew in each run."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._taken: dict[str, set[int]] = {}
        self.seed: dict[str, list[Row]] = {"categories": [], "tools": [], "members": [], "loans": []}

    def number(self, of: str) -> int:
        """An id that no other row of this table has."""
        taken = self._taken.setdefault(of, set())
        while (number := self.rng.randrange(10, 1_000_000)) in taken:
            pass
        taken.add(number)
        return number

    def category(self, *, needs_training: bool = False, fee: int | None = None) -> Row:
        """A category; `needs_training` asks for the training that is called like its slug."""
        slug = f"{self.rng.choice(_TRAININGS)}-{self.rng.getrandbits(24):06x}"
        return self._add(
            "categories",
            slug=slug,
            name=slug.title(),
            needs_training=needs_training,
            loan_days=self.rng.randrange(2, 28),
            late_fee_cents=self.rng.randrange(20, 300) if fee is None else fee,
        )

    def tool(self, category: Row, **fields: Any) -> Row:
        """A good tool with copies to spare."""
        copies = self.rng.randrange(5, 20)
        given = {
            "id": self.number("tools"),
            "name": f"{self.rng.choice(_TOOLS)} {self.rng.getrandbits(20):05x}",
            "category_slug": category["slug"],
            "condition": self.rng.choice(("new", "good", "worn")),
            "value_cents": self.rng.randrange(100_000, 900_000),
            "copies": copies,
            "available": copies - self.rng.randrange(0, 2),
        }
        return self._add("tools", **{**given, **fields})

    def member(self, **fields: Any) -> Row:
        """A member whom nothing stops."""
        given = {
            "id": self.number("members"),
            "name": f"{self.rng.choice(_NAMES)} {self.rng.choice(_NAMES)}",
            "token": f"{self.rng.getrandbits(80):020x}",
            "balance_cents": self.rng.randrange(0, 5000),
            "blocked": False,
            "trainings": [],
        }
        return self._add("members", **{**given, **fields})

    def loan(self, member: Row, tool: Row, *, due_on: date | None = None, returned: bool = False) -> Row:
        """A loan of last week; open unless `returned`."""
        taken_at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=self.rng.randrange(1, 7))
        return self._add(
            "loans",
            id=self.number("loans"),
            tool_id=tool["id"],
            member_id=member["id"],
            taken_at=taken_at.isoformat(),
            due_on=(due_on or taken_at.date() + timedelta(days=14)).isoformat(),
            returned_at=datetime.now(UTC).isoformat() if returned else None,
        )

    def world(self, env: Mapping[str, str] | None = None, **facts: Any) -> World:
        """What a server starts with."""
        return World(seed=self.seed, env=env or {}, facts=facts)

    def _add(self, table: str, **row: Any) -> Row:
        self.seed[table].append(row)
        return row


def settled(*replies: Reply) -> None:
    """Wait until the code that runs after these replies has ended, so that a late commit is over, too."""
    for reply in replies:
        _ = reply.served


def shelf_of(app: App, member: Row) -> dict[Any, Any]:
    """How many copies of each tool stand on the shelf, as the app says."""
    reply = app.get("/counter/shelf", token=member["token"])
    return {row.get("id"): row.get("available") for row in _rows(reply)}


def require_on_shelf(
    app: App, tool: Row, member: Row, copies: int, *, after: Reply | None = None, say: str | None = None
) -> None:
    """The app says that so many copies of the tool stand on the shelf; the report shows `after`, if it can."""
    reply = app.get("/counter/shelf", token=member["token"])
    found = {row.get("id"): row.get("available") for row in _rows(reply)}.get(tool["id"])
    require(
        found == copies,
        expected=f"{copies} copies of tool {tool['id']} on the shelf",
        received=f"{found} copies",
        reply=_to_show(after, reply),
        say=say,
    )


def require_loans(
    app: App, member: Row, tools: Sequence[Row], *, after: Reply | None = None, say: str | None = None
) -> None:
    """The app says that the member has exactly these tools; the report shows `after`, if it can."""
    reply = app.get("/counter/loans", token=member["token"])
    found = sorted(str(row.get("tool_id")) for row in _rows(reply))
    wanted = sorted(str(tool["id"]) for tool in tools)
    require(
        found == wanted,
        expected=f"open loans of the tools {wanted}",
        received=f"open loans of the tools {found}",
        reply=_to_show(after, reply),
        say=say,
    )


def _to_show(after: Reply | None, looked: Reply) -> Reply:
    """A 500 would be called the thing to mend, where it is only how the app refuses."""
    return looked if after is None or after.status >= 500 else after


def _rows(reply: Reply) -> list[Row]:
    expect(reply).status(200)
    return [row for row in reply.json if isinstance(row, dict)] if isinstance(reply.json, list) else []


@contextmanager
def opened(app: App) -> Iterator[sqlite3.Connection]:
    """The app's own database, from outside; waits until the app has made its tables."""
    app.get("/health/live")
    with contextlib.closing(sqlite3.connect(_path(app), timeout=5, isolation_level=None)) as connection:
        yield connection


def refuse_journal(app: App, tool: Row) -> None:
    """Make the database refuse journal lines about this tool at once, after whatever was written before."""
    with opened(app) as connection:
        connection.execute(
            f"CREATE TRIGGER refuse_{tool['id']} BEFORE INSERT ON events WHEN NEW.tool_id = {tool['id']} "
            "BEGIN SELECT RAISE(ABORT, 'the journal takes no line about this tool'); END"
        )


def refuse_commit(app: App, tool: Row) -> None:
    """Make the database refuse reservations of this tool, but not before the commit."""
    with opened(app) as connection:
        connection.executescript(
            "CREATE TABLE IF NOT EXISTS promised (id INTEGER PRIMARY KEY);"
            "CREATE TABLE IF NOT EXISTS promises (id INTEGER PRIMARY KEY, "
            "promised_id INTEGER REFERENCES promised (id) DEFERRABLE INITIALLY DEFERRED);"
            f"CREATE TRIGGER promise_{tool['id']} AFTER INSERT ON reservations WHEN NEW.tool_id = {tool['id']} "
            "BEGIN INSERT INTO promises (promised_id) VALUES (NEW.id); END;"
        )


def reservations_of(app: App, tool: Row, *, wait_s: float = 5.0) -> int | None:
    """How many reservations of the tool are safe in the database; None where a writer is not done yet."""
    with contextlib.closing(sqlite3.connect(_path(app), timeout=wait_s, isolation_level=None)) as connection:
        try:
            query = "SELECT count(*) FROM reservations WHERE tool_id = ?"
            return int(connection.execute(query, (tool["id"],)).fetchone()[0])
        except sqlite3.OperationalError:
            return None


class Reader:
    """Somebody who reads the database for a while; nobody can commit until they are done."""

    def __init__(self, app: App) -> None:
        self.done = threading.Event()
        self._connection = sqlite3.connect(
            _path(app), timeout=5, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT count(*) FROM reservations").fetchone()
        self._timer = threading.Timer(1.2, self.close)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.join()

    def close(self) -> None:
        self.done.set()
        self._connection.close()


def _path(app: App) -> Path:
    return Path(app.database)
