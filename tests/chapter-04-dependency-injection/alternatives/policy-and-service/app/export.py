"""The open loans as a stream, one JSON object a line."""

from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from app.models import Loan
from app.schemas import LoanOut
from app.session import Session

router = APIRouter(tags=["export"])


@router.get("/loans.jsonl")
async def export_loans(session: Session) -> StreamingResponse:
    """Every loan, in the order of the loan book; the session is that of the request, which outlives the reply."""
    query = select(Loan).order_by(Loan.id).execution_options(yield_per=50)
    loans = await session.stream_scalars(query)

    async def lines() -> AsyncIterator[str]:
        async for loan in loans:
            yield LoanOut.model_validate(loan).model_dump_json() + "\n"

    return StreamingResponse(lines(), media_type="application/jsonl")
