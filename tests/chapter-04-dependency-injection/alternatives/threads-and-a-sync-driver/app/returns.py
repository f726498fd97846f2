"""Tools that come back."""

from fastapi import APIRouter, HTTPException

from app import desk
from app.fees import days_late, late_fee
from app.loans import OwnLoan
from app.schemas import Problem, Receipt
from app.session import Session
from app.today import Now, Today

router = APIRouter(tags=["returns"], responses={404: {"model": Problem}, 409: {"model": Problem}})


@router.post("/loans/{loan_id}/return")
def bring_back(loan: OwnLoan, session: Session, now: Now, today: Today) -> Receipt:
    """Take a tool back and say what it costs."""
    if loan.returned_at:
        raise HTTPException(409, "This tool is back already.")
    fee = late_fee(loan, today)
    desk.take_back(session, loan, now, fee)
    return Receipt(loan_id=loan.id, returned_on=today, days_late=days_late(loan, today), fee_cents=fee)
