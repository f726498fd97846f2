"""The open loans as a stream, one JSON object a line."""

from collections.abc import AsyncIterable

from fastapi import APIRouter
from sqlalchemy import select

from app.dependencies import Sessions
from app.models import Loan
from app.schemas import LoanOut

router = APIRouter(tags=["export"])


@router.get("/loans.jsonl")
async def export_loans(sessions: Sessions) -> AsyncIterable[LoanOut]:
    """Every loan, in the order of the loan book."""
    query = select(Loan).order_by(Loan.id).execution_options(yield_per=50)
    async with sessions() as session:
        async for loan in await session.stream_scalars(query):
            yield LoanOut.model_validate(loan)
