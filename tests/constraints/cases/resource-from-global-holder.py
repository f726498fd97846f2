from abc import ABC, abstractmethod

import httpx2
from fastapi import FastAPI, Request
from pydantic import BaseModel

app = FastAPI()


class Cache(ABC):
    @abstractmethod
    def get(self, key: str) -> str: ...


class MemoryCache(Cache):
    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def get(self, key: str) -> str:
        self._kept[key] = key
        return key


class Limits(BaseModel):
    size: int = 3


class AppConfig:
    def __init__(self) -> None:
        self.client = httpx2.AsyncClient()
        self.limits = Limits()

    @property
    def cache(self) -> Cache:
        return MemoryCache()

    @property
    def page(self) -> int:
        return 20


config = AppConfig()


@app.get("/a")
async def direct(request: Request) -> int:
    config.cache.get("x")  # expect: resource-from-global-holder
    await config.client.get("/")  # expect: resource-from-global-holder
    config.client.headers.update({})
    await request.app.state.client.get("/")  # silent
    await app.state.client.get("/")  # silent: the app's own state
    return config.page + config.limits.size  # silent: settings


async def helper() -> None:
    await config.client.get("/")  # silent: no path operation
