import threading
from enum import Enum

import somewhere
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Jobs:
    running: dict[str, str] = {}  # expect: class-attribute-changed-by-request
    count = 0  # expect: class-attribute-changed-by-request
    busy = False  # expect: class-attribute-changed-by-request
    kinds: dict[str, type] = {}  # silent: filled at import
    limit = 3  # silent: only read
    session = make_session()  # silent: what is in a database is no part of the class

    @classmethod
    def start(cls, name: str) -> None:
        cls.running.setdefault(name, "")
        cls.count += 1

    @classmethod
    def register(cls, kind: type) -> type:
        cls.kinds[kind.__name__] = kind
        return kind


class Nightly(Jobs): ...


@Jobs.register
class Tool(BaseModel):
    tags: list[str] = []  # silent: each instance has its own
    name: str = ""  # silent

    def tag(self, text: str) -> None:
        self.tags.append(text)


class Colour(Enum):
    RED = 1


class Shelf:
    tools: list[str] = []  # silent: the instance's own list hides it

    def __init__(self) -> None:
        self.tools = []

    def add(self, name: str) -> None:
        self.tools.append(name)


@app.post("/jobs/{name}")
async def start(name: str) -> int:
    Nightly.start(name)
    Jobs.busy = True
    Jobs.session.add(name)
    tool = Tool()
    tool.tag(name)
    tool.name = name
    Shelf().add(name)
    return len(Colour) + Jobs.limit


class Board:
    seen: list[str] = []  # expect: class-attribute-changed-by-request
    drawn: list[str] = []  # silent: each instance is given its own
    size = 3  # silent

    def __init__(self) -> None:
        self.drawn = []

    def draw(self, name: str) -> None:
        self.seen.append(name)
        self.drawn.append(name)
        self.size = 4


class Sheet(somewhere.Base):
    rows: list[str] = []  # silent: the library's class may give each instance its own

    def write(self, name: str) -> None:
        self.rows.append(name)


@app.post("/boards")
async def draw(name: str) -> None:
    board = Board()
    board.draw(name)
    sheet = Sheet()
    sheet.write(name)


class Plan:
    def __init__(self) -> None:
        self.step = ""
        self.done: list[str] = []


class Talk:
    plan = Plan()  # expect: class-attribute-changed-by-request
    own = Plan()  # silent: each instance is given its own
    count = 0  # expect: class-attribute-changed-by-request
    heard: dict[str, int] = {}  # expect: class-attribute-changed-by-request

    def __init__(self) -> None:
        self.own = Plan()

    def say(self, text: str) -> None:
        self.plan.step = text
        self.plan.done.append(text)
        self.own.step = text
        type(self).count += 1
        self.__class__.heard[text] = 1


@app.post("/talks")
async def talk(text: str) -> None:
    Talk().say(text)


class Outputs:
    kept: list[str] = []  # expect: class-attribute-changed-by-request
    known: dict[str, type] = {}  # silent: a register of classes, and nobody is seen to fill it in a request

    def __init__(self) -> None:
        self.own: list[str] = []

    def keep(self, text: str) -> None:
        self.kept.append(text)
        self.own.append(text)

    @classmethod
    def know(cls, name: str, made: type) -> None:
        cls.known[name] = made


def work_off(texts: list[str]) -> None:
    outputs = Outputs()
    for text in texts:
        outputs.keep(text)


threading.Thread(target=work_off).start()
