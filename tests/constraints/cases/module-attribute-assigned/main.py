from contextlib import asynccontextmanager

from fastapi import FastAPI

import holder


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
