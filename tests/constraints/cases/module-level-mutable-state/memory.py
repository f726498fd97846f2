"""A decorator that remembers, beside one that registers, and a queue."""

import asyncio
import functools
import itertools

from cachetools import TTLCache, cached

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


_clients: dict[str, object] = {}  # expect: module-level-mutable-state
_makers: dict[str, object] = {}  # silent: what is put in is not given back


def client_of(name: str) -> object:
    if name in _clients:
        return _clients[name]
    _clients[name] = object()
    return _clients[name]


def enlist(name: str, maker: object) -> object:
    _makers[name] = maker
    return maker


@cached(TTLCache(maxsize=10, ttl=60))  # expect: module-level-mutable-state
def rate_of(name: str) -> int:
    return len(name)


@cached(TTLCache(maxsize=10, ttl=60))  # silent: no request asks
def rate_of_old(name: str) -> int:
    return len(name)


class Entry:
    seen = 0


entries = {"a": Entry(), "b": Entry()}  # expect: module-level-mutable-state
limits = {"a": Entry(), "b": Entry()}  # silent: only read
jobs: dict[str, dict[str, int]] = {}  # expect: module-level-mutable-state


def look_up(name: str) -> int:
    entry = entries[name]
    entry.seen = 1
    job = jobs.get(name)
    job["seen"] = rate_of(name) + rate_by_name(name)
    limit = limits[name]
    limit = Entry()
    limit.seen = 1
    return limits[name].seen


_kept: dict[str, list[str]] = {}  # expect: module-level-mutable-state


def size_of(name: str) -> int:
    if name not in _kept:
        _kept[name] = [name]
    return len(_kept[name])


rates_kept = TTLCache(maxsize=10, ttl=60)  # expect: module-level-mutable-state


@cached(rates_kept)
def rate_by_name(name: str) -> int:
    return len(name)


_locks: dict[str, asyncio.Lock] = {}  # silent: a lock for each key


def lock_of(name: str) -> asyncio.Lock:
    if name not in _locks:
        _locks[name] = asyncio.Lock()
    return _locks[name]
