"""The app: `fastapi dev app/main.py`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

from app import labels, loans, manuals, recalls, seed, tools
from app.catalogue import new_client
from app.database import Database
from app.day import Day
from app.post_office import PostOffice
from app.printer import Printer
from app.schemas import Health
from app.settings import Settings
from app.workshop import Workshop


class State(TypedDict):
    """What requests find in `request.state`."""

    workshop: Workshop


class OpenPrinter:
    """`async with OpenPrinter(...) as printer`."""

    def __init__(self, settings: Settings) -> None:
        self.printer = Printer(settings.folder, settings.printer_seconds)

    async def __aenter__(self) -> Printer:
        await asyncio.to_thread(self.printer.open)
        return self.printer

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.printer.close)


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[Database]:
    """The database, filled."""
    database = Database(settings.database_url, settings.pool_size)
    try:
        await database.open()
        await seed.fill(database.sessions, settings.seed_file)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def day_of(printer: Printer, database: Database) -> AsyncIterator[None]:
    """Morning and evening."""
    day = Day(printer, database.sessions)
    await day.begin()
    try:
        yield
    finally:
        await day.end()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[State]:
    """One resource inside the other."""
    settings = Settings()
    async with (
        OpenPrinter(settings) as printer,
        opened_database(settings) as database,
        new_client(settings.catalogue_url) as client,
        day_of(printer, database),
    ):
        post_office = PostOffice(client, database.sessions)
        async with post_office.opened():
            yield {
                "workshop": Workshop(
                    settings=settings,
                    printer=printer,
                    sessions=database.sessions,
                    client=client,
                    post_office=post_office,
                )
            }


app = FastAPI(title="Toolshed: the workshop desk", lifespan=lifespan)


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


for part in (tools, labels, loans, manuals, recalls):
    app.include_router(part.router)
