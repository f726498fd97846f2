"""Receipts: a queue, and one worker that empties it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import httpx
from sqlalchemy.exc import SQLAlchemyError

from app.database import SessionMaker
from app.models import Loan

logger = logging.getLogger(__name__)


class PostOffice:
    """Takes the numbers of loans, and sends their receipts one after the other."""

    def __init__(self, client: httpx.AsyncClient, sessions: SessionMaker) -> None:
        self._client = client
        self._sessions = sessions
        self._waiting: asyncio.Queue[int] = asyncio.Queue()

    def take(self, loan_id: int) -> None:
        """Promise a receipt."""
        self._waiting.put_nowait(loan_id)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Work as long as the app does, and close when nothing is left."""
        worker = asyncio.create_task(self._work())
        try:
            yield
            await self._waiting.join()
        finally:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker

    async def _work(self) -> None:
        while True:
            loan_id = await self._waiting.get()
            try:
                await self._deliver(loan_id)
            except SQLAlchemyError:
                # One receipt must not stop all others.
                logger.exception("What became of the receipt of loan %d is lost.", loan_id)
            finally:
                self._waiting.task_done()

    async def _deliver(self, loan_id: int) -> None:
        async with self._sessions() as session:
            loan = await session.get_one(Loan, loan_id)
            body = {"loan_id": loan.id, "tool_id": loan.tool_id, "member_id": loan.member_id}
        key = f"receipt/{loan_id}"
        sent = await self._send(body, key) or await self._send(body, key)
        async with self._sessions() as session:
            loan = await session.get_one(Loan, loan_id)
            loan.receipt = "sent" if sent else "failed"
            await session.commit()

    async def _send(self, body: dict[str, int], key: str) -> bool:
        try:
            reply = await self._client.post(
                "/receipts", json=body, headers={"idempotency-key": key}, timeout=5
            )
            reply.raise_for_status()
        except httpx.HTTPError:
            return False
        return True
