import asyncpg
import httpx2
from fastapi import FastAPI

app = FastAPI()


class Database:
    pool = None

    @classmethod
    async def get_pool(cls):
        if cls.pool is None:
            cls.pool = await asyncpg.create_pool("x")
        return cls.pool

    @classmethod
    def name(cls) -> str:
        return cls.__name__


async def get_pool():
    return await Database.get_pool()  # silent: a dependency


@app.get("/a")
async def direct() -> int:
    pool = await Database.get_pool()  # expect: resource-from-class-singleton
    return await pool.fetchval("select 1")


@app.get("/b")
async def pure() -> str:
    return Database.name()  # silent


class OnlyOne(type):
    _instances: dict[type, object] = {}

    def __call__(cls, *args, **kwargs):
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]


class ClientHolder(metaclass=OnlyOne): ...


class SingletonMeta(type): ...


class Holder(metaclass=SingletonMeta):
    def __init__(self) -> None:
        self.client = httpx2.AsyncClient()

    def get_client(self) -> httpx2.AsyncClient:
        return self.client


class AppConfig(metaclass=SingletonMeta):
    page = 20


class Plain:
    def get_client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient()


@app.get("/c")
async def made() -> int:
    client = Holder().get_client()  # expect: resource-from-class-singleton
    return (await client.get("/")).status_code + (await fetch())


async def fetch() -> int:
    holder = Holder()  # expect: resource-from-class-singleton
    return (await holder.get_client().get("/")).status_code


async def other() -> int:
    return (await Holder().get_client().get("/")).status_code  # silent: no path operation leads here


@app.get("/d")
async def settings() -> int:
    Plain().get_client()  # silent: an object of its own
    return AppConfig().page  # silent: settings are no resource


class Catalogue:
    def __init__(self, path: str) -> None:
        self.path = path


class Services:
    client: httpx2.AsyncClient
    catalogue: Catalogue
    page: int = 20

    @staticmethod
    def start() -> None:
        Services.client = httpx2.AsyncClient()
        Services.catalogue = Catalogue("tools.db")


@app.get("/e")
async def on_class() -> int:
    await Services.client.get("/")  # expect: resource-from-class-singleton
    return Services.page


@app.get("/f")
async def put_there() -> str:
    return Services.catalogue.path  # expect: resource-from-class-singleton


@app.get("/g")
async def plain() -> int:
    return Services.page + AppConfig.page  # silent: numbers
