from collections.abc import Callable
from itertools import cycle

from fastapi import APIRouter


class Links:
    def __init__(self) -> None:
        self.open: dict[str, object] = {}

    def take(self, host: str) -> object:
        self.open[host] = object()
        return self.open[host]


class Keys:
    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        self.turn = cycle(keys)

    def take(self) -> str:
        return next(self.turn)

    def first(self) -> str:
        return next(iter(self.keys))


keys = Keys(["a", "b"])  # expect: module-level-mutable-state
firsts = Keys(["a", "b"])  # silent: what requests call changes nothing
links = Links()  # expect: module-level-mutable-state
kinds = Links()  # silent: filled by decorators while modules are imported
tried = Links()  # silent: who calls the function is not known
router = APIRouter()


def linked(function: Callable[..., str]) -> Callable[..., str]:
    def wrapper(*args: str, **kwargs: str) -> str:
        links.take("host")
        return function(*args, **kwargs)

    return wrapper


def kind(name: str) -> Callable[[type], type]:
    def keep(made: type) -> type:
        kinds.take(name)
        return made

    return keep


@kind("saw")
class Saw: ...


@linked
def work(name: str) -> str:
    return name


@router.get("/turn")
def turn() -> str:
    return keys.take() + firsts.first()


def probe() -> None:
    tried.take("host")
