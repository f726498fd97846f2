"""The app: `fastapi dev app/main.py`, with `TOOLSHED_JWT_KEY` in the environment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from joserfc.jwk import OctKey

from app import guarded, public, seed
from app.access import admit
from app.clock import Clock
from app.database import open_database
from app.passwords import PasswordService
from app.resources import Resources
from app.schemas import Health, Problem
from app.settings import Settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what lives as long as the app."""
    settings = Settings()
    async with open_database(settings) as sessions:
        await seed.fill(sessions, settings.seed_file)
        app.state.resources = Resources(
            settings=settings,
            sessions=sessions,
            clock=Clock(settings.clock_offset_file),
            passwords=PasswordService(settings.hash_memory_kib),
            key=OctKey.import_key(settings.jwt_key.get_secret_value()),
        )
        yield


app = FastAPI(title="Toolshed: the member door", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse_input(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong, and not what was sent."""
    said = "; ".join(f"{problem['loc'][-1]}: {problem['type']}" for problem in error.errors())
    return JSONResponse(Problem(detail=said).model_dump(), 422)


@app.get("/health/live")
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


app.include_router(public.router, tags=["public"])
app.include_router(guarded.lending, tags=["lending"])
for part, scope in (
    (guarded.own, "me"),
    (guarded.readers, "members:read"),
    (guarded.keepers, "tools:write"),
    (guarded.admins, "admin"),
):
    app.include_router(part, dependencies=[Security(admit, scopes=[scope])], tags=[scope])
