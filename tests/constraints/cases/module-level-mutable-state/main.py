import asyncio
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, WebSocket

import checked
import memory
import pool
import state
from hall import visitors
from state import KINDS, RATES, current, tools



@asynccontextmanager
async def lifespan(app: FastAPI):
    await refreshed.read()
    await once.read()
    task = asyncio.create_task(keep_fresh())
    yield
    task.cancel()


async def keep_fresh() -> None:
    await refreshed.read()


app = FastAPI(lifespan=lifespan)
router = APIRouter()
routers = []
routers.append(router)  # silent


def remember(name: str) -> None:
    state.recent.append(name)


@app.post("/a")
async def add(name: str) -> int:
    tools.append(name)
    state.counts[name] += 1
    remember(name)
    current.set(name)
    return RATES[name] + len(KINDS)


@app.post("/c")
async def kept() -> None:
    task = asyncio.create_task(work())
    state.running.add(task)
    task.add_done_callback(state.running.discard)


async def work() -> None: ...


@app.get("/b")
def local(name: str) -> list[str]:
    tools = []  # silent: a local list
    tools.append(name)
    return tools


class Store:
    def __init__(self) -> None:
        self.tools: list[str] = []  # silent: an attribute

    def add(self, name: str) -> None:
        self.tools.append(name)


@app.websocket("/hub")
async def enter_hub(websocket: WebSocket) -> None:
    state.hub.enter(websocket)
    await websocket.send_text(str(state.bag.count()))


@app.on_event("startup")
def find_providers() -> None:
    state.providers.append("local")
    state.prepared.append("local")


@app.get("/providers")
async def read_providers() -> list[str]:
    return state.providers


def note_topic(name: str, topics: list[str]) -> None:
    def keep() -> None:
        topics.append(name)

    keep()


def pass_on(name: str, into: list[str]) -> int:
    note_topic(name, topics=into)
    return len(name)


def count(names: list[str]) -> int:
    names = [*names]
    names.append("")
    return len(names)


@app.post("/topics")
async def add_topic(name: str) -> int:
    return pass_on(name, state.topics) + count(state.labels)


@app.post("/remembered")
async def remembered(name: str, client: object) -> int:
    await memory.waiting.put(name)
    memory.note(name)
    await client.put(memory.answers[name])
    memory.look_up(name)
    return memory.price_of(name) + memory.weight_of(name)


class Scores:
    def __init__(self) -> None:
        self.scores: dict[str, int] = {}

    async def read(self) -> None:
        self.scores = {"a": 1}


refreshed = Scores()  # expect: module-level-mutable-state
once = Scores()  # silent: only filled at the start


@app.get("/visitors/{name}")
def enter(name: str) -> None:
    visitors.enter(name)
