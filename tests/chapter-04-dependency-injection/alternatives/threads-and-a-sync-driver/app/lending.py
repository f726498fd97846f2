"""Checking out and renewing."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app import desk
from app.auth import CurrentMember
from app.loans import OwnLoan
from app.models import Tool
from app.rules import lendable, renewable
from app.schemas import LoanOut, Problem
from app.session import Session
from app.today import Now, Today

router = APIRouter(
    tags=["lending"],
    responses={403: {"model": Problem}, 404: {"model": Problem}, 409: {"model": Problem}},
)


@router.post("/tools/{tool_id}/loans", status_code=201)
def check_out(
    tool: Annotated[Tool, Depends(lendable)],
    member: CurrentMember,
    session: Session,
    now: Now,
    today: Today,
    response: Response,
) -> LoanOut:
    """Lend a tool."""
    loan = desk.lend(session, tool, member, now, today + timedelta(days=tool.category.loan_days))
    response.headers["Location"] = f"/counter/loans/{loan.id}"
    return LoanOut.model_validate(loan)


@router.post("/loans/{loan_id}/renewal", response_model=LoanOut)
def renew(tool: Annotated[Tool, Depends(renewable)], loan: OwnLoan, today: Today) -> object:
    """Keep a tool for another term, counted from today."""
    loan.due_on = today + timedelta(days=tool.category.loan_days)
    return loan
