"""The member's own loans."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from sqlalchemy import select

from app.auth import CurrentMember
from app.models import Loan
from app.schemas import LoanOut, Problem, RowId
from app.session import Session

router = APIRouter(tags=["loans"])


async def own_loan(loan_id: RowId, member: CurrentMember, session: Session) -> Loan:
    """The loan in the path, if it is the member's own; 404 hides those of others."""
    loan = await session.get(Loan, loan_id)
    if loan is None or loan.member_id != member.id:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "You have no such loan.")
    return loan


OwnLoan = Annotated[Loan, Depends(own_loan)]


@router.get("/loans")
async def read_loans(member: CurrentMember, session: Session) -> list[LoanOut]:
    """The member's open loans."""
    query = select(Loan).where(Loan.member_id == member.id, Loan.returned_at.is_(None)).order_by(Loan.id)
    return [LoanOut.model_validate(loan) for loan in await session.scalars(query)]


@router.get("/loans/{loan_id}", responses={status.HTTP_404_NOT_FOUND: {"model": Problem}})
async def read_loan(loan: OwnLoan) -> LoanOut:
    """One loan of the member's."""
    return LoanOut.model_validate(loan)
