"""A decorator that remembers, beside one that registers, and a queue."""

import asyncio
import functools

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
