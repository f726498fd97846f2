"""Tools that come back."""

from fastapi import APIRouter, HTTPException

from app.dependencies import ShedClock
from app.desk import TheDesk
from app.fees import days_late, late_fee
from app.loans import OwnLoan
from app.schemas import Problem, Receipt
from app.session import Work
from app.today import Today

router = APIRouter(tags=["returns"], responses={404: {"model": Problem}, 409: {"model": Problem}})


@router.post("/loans/{loan_id}/return")
async def bring_back(loan: OwnLoan, desk: TheDesk, work: Work, clock: ShedClock, today: Today) -> Receipt:
    """Take a tool back and say what it costs."""
    if loan.returned_at is not None:
        raise HTTPException(409, "This tool is back already.")
    fee = late_fee(loan, today)
    await desk.take_back(loan, await clock.now(), fee)
    await work.commit()
    return Receipt(loan_id=loan.id, returned_on=today, days_late=days_late(loan, today), fee_cents=fee)
