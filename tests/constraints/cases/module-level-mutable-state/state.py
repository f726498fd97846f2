import asyncio
from collections import defaultdict, deque
from contextvars import ContextVar

from cachetools import TTLCache

tools: list[str] = []  # expect: module-level-mutable-state
recent = deque(maxlen=5)  # expect: module-level-mutable-state
counts: dict[str, int] = defaultdict(int)  # expect: module-level-mutable-state
RATES = {"saw": 3}  # silent: nothing changes it
KINDS = ["saw", "ladder"]  # silent
handlers = []  # silent: filled at import only
running: set = set()  # silent: keeps tasks alive
current: ContextVar[str] = ContextVar("current")  # silent


def register(handler: object) -> None:
    handlers.append(handler)


register(print)


class Hub:
    def __init__(self) -> None:
        self.open: list[object] = []

    def enter(self, socket: object) -> None:
        self.open.append(socket)

    def count(self) -> int:
        return len(self.open)


class Bag(Hub): ...


hub = Hub()  # expect: module-level-mutable-state
bag = Bag()  # silent: a request only counts what is in it
seen: dict[str, int] = {}  # silent: the `global` statement is reported
names: list[str] = []  # silent: what leads there is not known, and it may be a registration
answers = TTLCache(maxsize=4, ttl=60)  # expect: module-level-mutable-state


def note(name: str) -> None:
    global seen
    seen[name] = 1
    names.append(name)


def answer(name: str) -> str:
    if name not in answers:
        answers[name] = name.upper()
    return answers[name]


waiting: set[asyncio.Task[None]] = set()  # silent: keeps tasks alive
jobs: dict[str, str] = {}  # expect: module-level-mutable-state


def forget(task: asyncio.Task[None]) -> None:
    waiting.discard(task)


async def work_on(name: str) -> None:
    jobs[name] = "done"
    forget(waiting.pop())


providers: list[str] = []  # expect: module-level-mutable-state
prepared: list[str] = []  # silent: filled at the start, and no request reads it
topics: list[str] = []  # expect: module-level-mutable-state
labels: list[str] = []  # silent: handed to a function that only reads it
