"""The app: `fastapi dev app/main.py`."""

# region 3.7
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

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
async def open_printer(settings: Settings) -> AsyncIterator[Printer]:
    """The printer, for this process alone; it blocks while it opens and closes, too."""
    printer = Printer(settings.folder, settings.printer_seconds)
    await run_in_threadpool(printer.open)
    try:
        yield printer
    finally:
        await run_in_threadpool(printer.close)


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database, with its first rows."""
    database = Database(settings.database_url, settings.pool_size)
    try:
        await database.open()
        await seed.fill(database.sessions, settings.seed_file)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_day(printer: Printer, database: Database) -> AsyncIterator[None]:
    """A day that ends as surely as it began."""
    day = Day(printer, database.sessions)
    await day.begin()
    try:
        yield
    finally:
        await day.end()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what requests share; the stack closes it in reverse, whatever happens on the way."""
    settings = Settings()
    async with AsyncExitStack() as stack:
        printer = await stack.enter_async_context(open_printer(settings))
        database = await stack.enter_async_context(open_database(settings))
        client = await stack.enter_async_context(new_client(settings))
        await stack.enter_async_context(open_day(printer, database))
        app.state.workshop = Workshop(
            settings=settings, printer=printer, sessions=database.sessions, client=client
        )
        yield


# endregion

app = FastAPI(title="Toolshed: the workshop desk", lifespan=lifespan)


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


for part in (tools, labels, loans, manuals, parts, recalls):
    app.include_router(part.router)
