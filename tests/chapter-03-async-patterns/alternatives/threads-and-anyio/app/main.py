"""The app: `fastapi dev app/main.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import catalogue, loans, recalls, tools
from app.schemas import Health
from app.workshop import Workshop


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The workshop opens and closes itself."""
    async with Workshop() as app.state.workshop:
        yield


app = FastAPI(title="Toolshed: the workshop desk", lifespan=lifespan)


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


for part in (tools, loans, catalogue, recalls):
    app.include_router(part.router)
