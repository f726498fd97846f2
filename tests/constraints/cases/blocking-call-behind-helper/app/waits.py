import time
from functools import wraps

SLOWLY = True


def ask(key: str, wait: bool = False) -> None:
    if wait:
        time.sleep(1)


def tell(key: str | None) -> None:
    if key is None:
        return
    time.sleep(1)


def pick(kind: str) -> None:
    if kind == "memory":
        return
    elif kind in ("disk", "tape"):
        time.sleep(1)


def by_mode(mode: str = "fast") -> None:
    if mode != "slow":
        raise ValueError(mode)
    time.sleep(1)


def walk(key: str, *, wait: bool = False) -> None:
    return ask(key, wait=wait)


def take(key: str, wait: bool = False) -> None:
    wait = wait or bool(key)
    if wait:
        time.sleep(1)


def pull(key: str, retries: int = 3) -> None:
    return time.sleep(1) if retries > 0 else None


class Cache:
    def __init__(self, name: str = "", warm: bool = False) -> None:
        self.name = name
        warm and time.sleep(1)

    def read(self, key: str, wait: bool = False) -> None:
        while wait:
            time.sleep(1)


def cached(wait: bool):
    def decorate(function):
        @wraps(function)
        def wrapper(*args, **kwargs):
            if wait:
                time.sleep(1)
            return function(*args, **kwargs)

        return wrapper

    return decorate
