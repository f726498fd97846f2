"""What the app owns from start to stop, and how a path operation gets at it."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import httpx2
from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from app import seed
from app.database import Database
from app.day import Day
from app.printer import Printer
from app.settings import Settings


class Workshop:
    """Opens everything when it is entered, and closes it in reverse when it is left."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.printer = Printer(self.settings.folder, self.settings.printer_seconds)
        self.database = Database(self.settings.database_url, self.settings.pool_size)
        self.client = httpx2.AsyncClient(
            base_url=self.settings.catalogue_url,
            limits=httpx2.Limits(max_connections=5),
            timeout=httpx2.Timeout(20),
        )
        self._day = Day(self.printer, self.database)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await run_in_threadpool(self.printer.open)
            stack.push_async_callback(run_in_threadpool, self.printer.close)
            stack.push_async_callback(run_in_threadpool, self.database.close)
            await run_in_threadpool(self.database.open)
            await run_in_threadpool(seed.fill, self.database, self.settings.seed_file)
            await stack.enter_async_context(self.client)
            await run_in_threadpool(self._day.begin)
            stack.push_async_callback(run_in_threadpool, self._day.end)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)


def workshop_of(request: Request) -> Workshop:
    """What the lifespan has put into `app.state`."""
    workshop: Workshop = request.app.state.workshop
    return workshop
