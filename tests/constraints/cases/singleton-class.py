import redis.asyncio
from fastapi import FastAPI

app = FastAPI()


class Cache:
    _instance = None  # expect: singleton-class

    def __new__(cls):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance


class Pool:
    pool: object = None  # expect: singleton-class

    @classmethod
    def start(cls) -> None:
        cls.pool = redis.asyncio.Redis()


class Kinds:  # silent: a list of subclasses
    last: object = None

    def __init_subclass__(cls) -> None:
        cls.last = cls


class Schema:  # silent: what was computed once
    _schema: object = None

    @classmethod
    def schema(cls) -> object:
        if cls._schema is None:
            cls._schema = {"name": cls.__name__}
        return cls._schema


class Plain:  # silent
    kind = "plain"

    def __init__(self) -> None:
        self.kind = "other"


class Factory:  # silent
    @classmethod
    def make(cls) -> "Factory":
        made = cls()
        made.name = "x"
        return made


class Limiter:
    _instance: "Limiter | None" = None  # expect: singleton-class

    def __new__(cls) -> "Limiter":
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance


limiter = Limiter()  # expect: singleton-class
plain = Plain()  # silent


class OnlyOne(type):
    _instances: dict[type, object] = {}  # expect: singleton-class

    def __call__(cls, *args, **kwargs):
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]


class SingletonMeta(type): ...  # silent: it keeps nothing


class Mailer(metaclass=SingletonMeta): ...  # expect: singleton-class


class Registry:  # silent: kinds by name
    kinds: dict[str, type] = {}

    @classmethod
    def register(cls, name: str, kind: type) -> None:
        cls.kinds[name] = kind


class Undeclared:
    def __new__(cls):
        if not hasattr(cls, "only"):
            cls.only = super().__new__(cls)  # expect: singleton-class
        return cls.only


class Version:
    _current: int | None = None  # expect: singleton-class
    fallback: int | None = None  # silent: nothing gives it a value

    @classmethod
    def use(cls, version: int) -> None:
        cls._current = version

    @classmethod
    def current(cls) -> int:
        return cls._current or cls.fallback or 1


class Table:
    columns: list[str] | None = None  # silent: it is computed, and nobody gives it

    @classmethod
    def read_columns(cls, names: str) -> list[str]:
        cls.columns = sorted(names)
        return cls.columns


class Marked:
    mark: str | None = None  # silent: nothing reads what was stored

    @classmethod
    def with_mark(cls, mark: str) -> None:
        cls.mark = mark


class Opened:
    _instance = None
    port = 0

    def __new__(cls):
        if cls._instance is None:
            cls._instance = super().__new__(cls)  # expect: singleton-class
            cls._instance.port = 8000
            cls._instance.open()
        return cls._instance

    def open(self) -> None: ...
