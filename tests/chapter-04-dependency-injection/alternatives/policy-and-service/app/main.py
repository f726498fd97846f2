"""The app: `fastapi dev app/main.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from app import counter, seed
from app.auth import current_member
from app.clock import ShiftedClock, SystemClock
from app.database import open_database
from app.plugins import plug_in
from app.schemas import Health
from app.settings import Settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what requests share, and close it at the end."""
    settings = Settings()
    plug_in(counter.router, settings.notices)
    async with open_database(settings) as sessions:
        await seed.fill(sessions, settings.seed_file)
        app.state.settings = settings
        app.state.sessions = sessions
        offset = settings.clock_offset_file
        app.state.clock = ShiftedClock(offset) if offset else SystemClock()
        yield


app = FastAPI(title="Toolshed: the lending counter", lifespan=lifespan)


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


app.include_router(counter.router, dependencies=[Depends(current_member)])
