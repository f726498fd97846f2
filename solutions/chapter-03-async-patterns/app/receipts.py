"""Receipts, by way of a service that takes its time."""

# region 3.6
import asyncio

import httpx2
from fastapi import BackgroundTasks

from app.models import Loan
from app.workshop import Workshop

TRIES = 2
TRY_S = 5.0


async def promise_receipt(workshop: Workshop, loan_id: int, tasks: BackgroundTasks) -> None:
    """Send the receipt once the reply has left."""
    tasks.add_task(send_receipt, workshop, loan_id)


async def send_receipt(workshop: Workshop, loan_id: int) -> None:
    """Send the receipt, and note what became of it; no session is open while the service takes its time."""
    async with workshop.sessions() as session:
        loan = await session.get_one(Loan, loan_id)
    body = {"loan_id": loan.id, "tool_id": loan.tool_id, "member_id": loan.member_id}
    became = "failed"
    for _ in range(TRIES):
        if await is_taken(workshop.client, body):
            became = "sent"
            break
    async with workshop.sessions.begin() as session:
        loan = await session.get_one(Loan, loan_id)
        loan.receipt = became


async def is_taken(client: httpx2.AsyncClient, body: dict[str, int]) -> bool:
    """One try. Both carry the same key, so that the service can tell a second try from a second receipt."""
    try:
        async with asyncio.timeout(TRY_S):
            reply = await client.post(
                "/receipts", json=body, headers={"Idempotency-Key": f"loan-{body['loan_id']}"}
            )
    except (TimeoutError, httpx2.HTTPError):
        return False
    return reply.is_success


# endregion
