"""The app: two routers, and a lifespan that gives them their state."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.routes import greetings, guests


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Hang the door."""
    app.state.word = os.environ["GREETING_WORD"]
    app.state.visitors = {}
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(greetings)
app.include_router(guests)
