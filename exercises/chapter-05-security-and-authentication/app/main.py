"""The app: `fastapi dev app/main.py`, with `TOOLSHED_JWT_KEY` in the environment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app import door, joining, keys, lending, members, refusals, seed, tools
from app.clock import Clock
from app.database import open_database
from app.schemas import Health
from app.settings import Settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what requests share, and close it at the end."""
    settings = Settings()
    async with open_database(settings) as sessions:
        await seed.fill(sessions, settings.seed_file)
        app.state.settings = settings
        app.state.sessions = sessions
        app.state.clock = Clock(settings.clock_offset_file)
        app.state.hasher = PasswordHash((Argon2Hasher(memory_cost=settings.hash_memory_kib),))
        yield


app = FastAPI(title="Toolshed: the member door", lifespan=lifespan)
refusals.add_to(app)


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


for part in (joining, door, members, tools, lending, keys):
    app.include_router(part.router)
