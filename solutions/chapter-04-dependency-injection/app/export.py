"""The open loans as a stream, one JSON object a line."""

# region 4.7
from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.dependencies import Sessions
from app.models import Loan
from app.schemas import LoanOut

router = APIRouter(tags=["export"])


async def get_stream_session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A session for reading that stays open until the last byte; `Session` is closed before the first."""
    async with sessions() as session:
        yield session


StreamSession = Annotated[AsyncSession, Depends(get_stream_session)]


@router.get("/loans.jsonl")
async def export_loans(session: StreamSession) -> AsyncIterable[LoanOut]:
    """Every loan, in the order of the loan book."""
    query = select(Loan).order_by(Loan.id).execution_options(yield_per=100)
    async for loan in await session.stream_scalars(query):
        yield LoanOut.model_validate(loan)


# endregion
