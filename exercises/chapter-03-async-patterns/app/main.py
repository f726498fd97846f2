"""The app: `fastapi dev app/main.py`."""

# region 3.7
# TODO(3.7): what is opened here is closed only when all goes well, the day never ends, and the client is forgotten. Close
#            it all in reverse, whatever happens: when something cannot be opened, and when something cannot be closed.
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from app import labels, loans, manuals, parts, recalls, seed, tools
from app.clients import new_client
from app.database import Database
from app.day import Day
from app.printer import Printer
from app.schemas import Health
from app.settings import Settings
from app.workshop import Workshop


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what requests share."""
    settings = Settings()
    printer = Printer(settings.folder, settings.printer_seconds)
    await run_in_threadpool(printer.open)
    database = Database(settings.database_url, settings.pool_size)
    await database.open()
    await seed.fill(database.sessions, settings.seed_file)
    client = new_client(settings)
    day = Day(printer, database.sessions)
    await day.begin()
    app.state.workshop = Workshop(
        settings=settings, printer=printer, sessions=database.sessions, client=client
    )
    yield
    await database.close()
    await run_in_threadpool(printer.close)


# endregion

app = FastAPI(title="Toolshed: the workshop desk", lifespan=lifespan)


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


for part in (tools, labels, loans, manuals, parts, recalls):
    app.include_router(part.router)
