"""Tools that come back."""

from fastapi import APIRouter, HTTPException, status

from app.dependencies import ShedClock
from app.desk import TheJournal, TheShelf
from app.fees import days_late, late_fee
from app.loans import OwnLoan
from app.schemas import Problem, Receipt
from app.today import Today

router = APIRouter(
    tags=["returns"],
    responses={status.HTTP_404_NOT_FOUND: {"model": Problem}, status.HTTP_409_CONFLICT: {"model": Problem}},
)


@router.post("/loans/{loan_id}/return")
async def bring_back(
    loan: OwnLoan, shelf: TheShelf, journal: TheJournal, clock: ShedClock, today: Today
) -> Receipt:
    """Take a tool back and say what it costs."""
    if loan.returned_at is not None:
        raise HTTPException(status.HTTP_409_CONFLICT, "This tool is back already.")
    now = await clock.now()
    await shelf.put_back(loan.tool_id)
    await journal.note("tool.returned", loan.tool_id, now)
    loan.returned_at = now
    loan.fee_cents = late_fee(loan, today)
    return Receipt(
        loan_id=loan.id, returned_on=today, days_late=days_late(loan, today), fee_cents=loan.fee_cents
    )
