from fastapi import FastAPI

app = FastAPI()


class Cache:  # expect: singleton-class
    _instance = None

    def __new__(cls):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance


class Pool:  # expect: singleton-class
    pool: object = None

    @classmethod
    def start(cls) -> None:
        cls.pool = object()


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
