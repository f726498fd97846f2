"""Checking out and renewing."""

from datetime import timedelta

from fastapi import APIRouter, Response

from app.auth import CurrentMember
from app.dependencies import ShedClock
from app.desk import TheDesk
from app.rules import LendingPolicy
from app.schemas import LoanOut, Problem, RowId
from app.session import Work
from app.today import Today

router = APIRouter(
    tags=["lending"],
    responses={403: {"model": Problem}, 404: {"model": Problem}, 409: {"model": Problem}},
)


@router.post("/tools/{tool_id}/loans", status_code=201)
async def check_out(
    tool_id: RowId,
    policy: LendingPolicy,
    member: CurrentMember,
    desk: TheDesk,
    work: Work,
    clock: ShedClock,
    today: Today,
    response: Response,
) -> LoanOut:
    """Lend a tool."""
    tool = await policy.may_check_out(tool_id)
    loan = await desk.lend(tool, member, await clock.now(), today + timedelta(days=tool.category.loan_days))
    reply = LoanOut.model_validate(loan)
    await work.commit()
    response.headers["Location"] = f"/counter/loans/{loan.id}"
    return reply


@router.post("/loans/{loan_id}/renewal")
async def renew(loan_id: RowId, policy: LendingPolicy, work: Work, today: Today) -> LoanOut:
    """Keep a tool for another term, counted from today."""
    loan = await policy.may_renew(loan_id)
    loan.due_on = today + timedelta(days=loan.tool.category.loan_days)
    await work.commit()
    return LoanOut.model_validate(loan)
