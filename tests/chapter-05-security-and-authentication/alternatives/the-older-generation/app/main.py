"""The app: `fastapi dev app/main.py`, with `TOOLSHED_JWT_KEY` in the environment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from passlib.context import CryptContext

from app import accounts, kiosk, seed, session_routes, staff
from app.clock import Clock
from app.database import open_database
from app.schemas import Health, Problem
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
        app.state.passwords = CryptContext(
            schemes=["argon2"],
            argon2__memory_cost=settings.hash_memory_kib,
            argon2__time_cost=3,
            argon2__parallelism=4,
        )
        yield


app = FastAPI(title="Toolshed: the member door", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse_input(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the fields, and nothing of what was in them."""
    fields = ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors()}))
    return JSONResponse(Problem(detail=f"Not valid: {fields}.").model_dump(), 422)


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


for part in (accounts, session_routes, staff, kiosk):
    app.include_router(part.router)
