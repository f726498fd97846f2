from collections import defaultdict, deque
from contextvars import ContextVar

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
