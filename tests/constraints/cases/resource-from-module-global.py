import logging
from typing import Annotated

import httpx2
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.security import OAuth2PasswordBearer
from pydantic_settings import BaseSettings
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

app = FastAPI()
router = APIRouter()
engine = create_async_engine("sqlite+aiosqlite://")
Sessions = async_sessionmaker(engine)
catalogue = httpx2.AsyncClient()
log = logging.getLogger(__name__)
oauth2 = OAuth2PasswordBearer(tokenUrl="token")


class Settings(BaseSettings):
    page: int = 20


class Store:
    def __init__(self) -> None:
        self.tools: dict[int, str] = {}

    def add(self, name: str) -> None:
        self.tools[len(self.tools)] = name


class Rates:
    def __init__(self) -> None:
        self.daily = 3

    def fee(self, days: int) -> int:
        return days * self.daily


settings = Settings()
store = Store()
rates = Rates()


async def get_session():
    async with Sessions() as session:  # silent: this is the dependency's work
        yield session


def get_store() -> Store:
    return store  # silent


@app.get("/a")
async def direct() -> int:
    async with Sessions() as session:  # expect: resource-from-module-global
        await session.execute("x")
    await catalogue.get("/")  # expect: resource-from-module-global
    store.add("saw")  # expect: resource-from-module-global
    return settings.page  # silent: settings are no resource


@app.get("/b")
async def injected(session: Annotated[AsyncSession, Depends(get_session)], token: str = Depends(oauth2)) -> int:
    await session.execute("x")  # silent
    log.info("x")  # silent
    return rates.fee(3)  # silent: nothing in it changes


@app.get("/c")
async def shadowed(catalogue: Annotated[httpx2.AsyncClient, Depends(get_session)]) -> None:
    await catalogue.get("/")  # silent: the parameter


@app.get("/d")
async def state(request: Request) -> None:
    await request.app.state.catalogue.get("/")  # silent
