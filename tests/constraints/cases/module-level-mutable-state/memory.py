"""A decorator that remembers, beside one that registers, and a queue."""

import asyncio
import functools
import itertools

_remembered: dict = {}  # expect: module-level-mutable-state
_registered: dict = {}  # silent: filled while modules are imported
waiting: asyncio.Queue[str] = asyncio.Queue()  # expect: module-level-mutable-state
answers: dict[str, object] = {}  # silent: what is put is put to a client


def remembering(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        if args not in _remembered:
            _remembered[args] = function(*args, **kwargs)
        return _remembered[args]

    return wrapper


def registering(function):
    _registered[function.__name__] = function

    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@remembering
def price_of(name: str) -> int:
    return len(name)


@registering
def weight_of(name: str) -> int:
    return len(name)


numbers = itertools.count()  # expect: module-level-mutable-state
steps = itertools.count()  # silent: only imports take from it
first_step = next(steps)
by_other_name: dict[str, int] = {}  # expect: module-level-mutable-state
copied: dict[str, int] = {}  # silent: a copy is changed


async def count_on(name: str) -> int:
    kept = by_other_name
    kept[name] = next(numbers)
    own = dict(copied)
    own[name] = 1
    return len(own)


class Ledger:
    def __init__(self) -> None:
        self.rows: list[str] = []

    def add(self, row: str) -> None:
        self._put(row)

    def _put(self, row: str) -> None:
        self.rows.append(row)

    def count(self) -> int:
        return self._size()

    def _size(self) -> int:
        return len(self.rows)


ledger = Ledger()  # expect: module-level-mutable-state
only_read = Ledger()  # silent: requests change nothing of it


def note(row: str) -> int:
    ledger.add(row)
    return only_read.count()
