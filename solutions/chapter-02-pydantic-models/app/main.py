"""The app: what it owns while it runs, and which routers it serves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from app.refusals import refuse
from app.routers import desk, donations, kiosk
from app.settings import Settings
from app.shelf import Shelf


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Read the settings and put up an empty shelf, before the first request; chapter 3 says more about lifespans."""
    app.state.settings = Settings()
    app.state.shelf = Shelf()
    yield


app = FastAPI(title="Toolshed: the intake desk", lifespan=lifespan)
app.exception_handler(RequestValidationError)(refuse)


class Health(BaseModel):
    """The process is up."""

    status: Literal["ok"] = "ok"


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


app.include_router(donations.router, tags=["donations"])
app.include_router(kiosk.router, tags=["kiosk"])
app.include_router(desk.router, tags=["desk"])
