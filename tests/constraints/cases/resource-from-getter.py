from functools import lru_cache
from typing import Annotated

import httpx2
from fastapi import Depends, FastAPI, Request
from fastapi.templating import Jinja2Templates
from jobs_of_others import Orchestrator
from motor.motor_asyncio import AsyncIOMotorClient
from profiles.manage import get_manager, get_names_of, get_page_manager
from pydantic import BaseModel

app = FastAPI()
_client: httpx2.AsyncClient | None = None
page_size = 20


def get_client() -> httpx2.AsyncClient:
    global _client
    if _client is None:
        _client = httpx2.AsyncClient()
    return _client


def get_page_size() -> int:
    return page_size


def new_client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient()


def client_of(request: Request) -> httpx2.AsyncClient:
    return request.app.state.client


Client = Annotated[httpx2.AsyncClient, Depends(get_client)]


@app.get("/a")
async def direct() -> int:
    client = get_client()  # expect: resource-from-getter
    return (await client.get("/")).status_code


@app.get("/b")
async def injected(client: Client) -> int:
    return (await client.get("/")).status_code  # silent


@app.get("/c")
async def others(request: Request) -> int:
    await new_client().get("/")  # silent: not shared
    await client_of(request).get("/")  # silent: from the app's state
    return get_page_size()  # silent: a constant


class Holder:
    client: httpx2.AsyncClient = httpx2.AsyncClient()
    size = 3


@lru_cache
def get_cached() -> httpx2.AsyncClient:
    return httpx2.AsyncClient()


@lru_cache(maxsize=1)
def get_limit() -> int:
    return 3


def get_held() -> httpx2.AsyncClient:
    return Holder.client


def get_size() -> int:
    return Holder.size


@app.get("/d")
async def remembered() -> int:
    await get_cached().get("/")  # expect: resource-from-getter
    await get_held().get("/")  # expect: resource-from-getter
    return get_limit() + get_size()  # silent: numbers


class Cells:
    _pool: object | None = None

    async def fetch(self) -> None:
        if Cells._pool is None:
            Cells._pool = object()


_cells: Cells | None = None


async def get_cells() -> Cells:
    global _cells
    if _cells is None:
        _cells = Cells()
    return _cells


@app.get("/cells")
async def with_cells() -> None:
    cells = await get_cells()  # expect: resource-from-getter
    await cells.fetch()


class Layer:
    async def load(self) -> None:
        raise NotImplementedError


class FileLayer(Layer):
    def __init__(self) -> None:
        self.rows: list[str] = []

    async def load(self) -> None:
        self.rows.append("x")


class TableLayer(Layer):
    def __init__(self) -> None:
        self.client = httpx2.AsyncClient()

    async def load(self) -> None:
        self.client = httpx2.AsyncClient()


_layer: Layer | None = None


def get_layer():
    global _layer
    if _layer is None:
        _layer = FileLayer() if page_size else TableLayer()
        if page_size == 3:
            _layer = TableLayer()
    return _layer


@app.get("/layer")
async def with_layer() -> None:
    await get_layer().load()  # expect: resource-from-getter


class Speech:
    def __init__(self) -> None:
        self.voice = "a"
        self.model = None

    @classmethod
    async def create(cls) -> "Speech":
        return cls()


class Names:
    def __init__(self) -> None:
        self.size = page_size

    def first(self) -> str:
        return "a"


class SpeechSettings(BaseModel):
    voice: str = "a"


_speech = None
_names = None
_settings = None


async def get_speech() -> Speech:
    global _speech
    if _speech is None:
        _speech = await Speech.create()
    return _speech


def get_names() -> Names:
    global _names
    if _names is None:
        _names = Names()
    return _names


def get_settings() -> SpeechSettings:
    global _settings
    if _settings is None:
        _settings = SpeechSettings()
    return _settings


@lru_cache
def get_scheduler() -> Orchestrator:
    return Orchestrator(workers=3)


@lru_cache
def get_converter() -> Orchestrator:
    return Orchestrator(workers=1)


@lru_cache
def get_templates() -> Jinja2Templates:
    return Jinja2Templates("pages")


@app.get("/speech")
async def speak() -> str:
    speech = await get_speech()  # expect: resource-from-getter
    get_names()  # silent: it keeps a number and works with nothing
    get_settings()  # silent: settings
    return speech.voice


@app.get("/scheduler")
async def scheduled(scheduler: Annotated[Orchestrator, Depends(get_scheduler)]) -> None: ...  # silent


@app.get("/pages")
async def pages(templates: Annotated[Jinja2Templates, Depends(get_templates)]) -> None: ...  # silent


@app.get("/ready")
async def ready() -> None:
    get_scheduler()  # expect: resource-from-getter
    get_converter()  # silent: nobody injects it, and what it is cannot be told
    get_templates()  # silent: templates


def get_scheduler_again() -> Orchestrator:
    return get_scheduler()


async def get_speech_again() -> Speech:
    return await get_speech()


def get_another_client() -> httpx2.AsyncClient:
    return new_client()


@app.get("/again")
async def again() -> None:
    get_scheduler_again()  # expect: resource-from-getter
    await get_speech_again()  # expect: resource-from-getter
    get_another_client()  # silent: not shared


_mongo = None


async def open_mongo() -> None:
    global _mongo
    _mongo = AsyncIOMotorClient("mongodb://")


async def get_database():
    if _mongo is None:
        raise RuntimeError
    return _mongo["shop"]


def get_orders():
    return _mongo.get_database("orders")


_pages = {"a": 3}


def get_page():
    return _pages["a"]


@app.get("/orders")
async def orders() -> None:
    database = await get_database()  # expect: resource-from-getter
    await database.orders.find_one({})
    await get_orders().find_one({})  # expect: resource-from-getter
    get_page()  # silent: a number


@app.get("/profile")
async def profile() -> None:
    get_manager().load()  # expect: resource-from-getter
    get_page_manager("a").load()  # silent: what it is asked for decides
    get_names_of()  # silent: names


def profile_of(manager: Annotated[object, Depends(get_manager)]) -> object:
    return get_manager()  # silent: a dependency
