import asyncio
import sqlite3
import threading
from contextlib import asynccontextmanager

import httpx2
from fastapi import FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker


class Base(DeclarativeBase): ...


async def prepare() -> None: ...


engine = create_engine("sqlite://")  # silent: does not connect
Local = sessionmaker(engine)  # silent
Base.metadata.create_all(engine)  # expect: resource-opened-at-import
connection = sqlite3.connect("x.db")  # expect: resource-opened-at-import
client = httpx2.AsyncClient()  # expect: resource-opened-at-import
worker = threading.Thread(target=prepare)
worker.start()  # expect: resource-opened-at-import
asyncio.run(prepare())  # expect: resource-opened-at-import


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx2.AsyncClient() as opened:  # silent
        app.state.client = opened
        yield


app = FastAPI(lifespan=lifespan)

if __name__ == "__main__":
    app.state.db = sqlite3.connect("x.db")  # expect: resource-opened-at-import
