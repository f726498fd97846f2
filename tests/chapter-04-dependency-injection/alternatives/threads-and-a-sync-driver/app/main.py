"""The app: `fastapi dev app/main.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import counter, seed
from app.clock import Clock
from app.database import open_database
from app.plugins import plug_in
from app.schemas import Health
from app.settings import Settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what requests share, and close it at the end."""
    settings = Settings()
    plug_in(counter.router, settings.notices)
    with open_database(settings) as sessions:
        seed.fill(sessions, settings.seed_file)
        app.state.settings = settings
        app.state.sessions = sessions
        app.state.clock = Clock(settings.clock_offset_file)
        yield


app = FastAPI(title="Toolshed: the lending counter", lifespan=lifespan)


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


app.include_router(counter.router)
