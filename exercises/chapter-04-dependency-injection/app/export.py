"""The open loans as a stream, one JSON object a line."""

# region 4.7
# TODO(4.7): give the connection back when the reader has left early.
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
    session = sessions()
    query = select(Loan).order_by(Loan.id).execution_options(yield_per=100)
    async for loan in await session.stream_scalars(query):
        yield LoanOut.model_validate(loan)
    await session.close()


# endregion
