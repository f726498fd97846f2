from contextlib import asynccontextmanager

import httpx2
from fastapi import FastAPI

import holder
from holder import database, settings


@asynccontextmanager
async def lifespan(app: FastAPI):
    holder.pool = object()  # expect: module-attribute-assigned
    app.state.pool = object()  # silent
    yield


app = FastAPI(lifespan=lifespan)
holder.pool = None  # silent: import


class Box:
    pool: object = None


def fill(box: Box) -> None:
    box.pool = object()  # silent: an object of its own


async def connect() -> None:
    database.client = httpx2.AsyncClient()  # expect: module-attribute-assigned
    holder.database.spare = httpx2.AsyncClient()  # expect: module-attribute-assigned
    database.name = "tools"  # silent: a text
    settings.client = httpx2.AsyncClient()  # silent: settings
    local = Box()
    local.pool = httpx2.AsyncClient()  # silent: an object of its own
    app.client = httpx2.AsyncClient()  # silent: on the app


app.router.on_startup.append(connect)
