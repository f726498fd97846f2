"""Checking out and renewing."""

# region 4.4
from datetime import timedelta

from fastapi import APIRouter, Request, Response, status

from app.auth import CurrentMember
from app.dependencies import ShedClock
from app.desk import TheJournal, TheLoanBook, TheShelf
from app.loans import OwnLoan
from app.rules import ToolToKeep, ToolToLend
from app.schemas import LoanOut, Problem
from app.today import Today

router = APIRouter(
    tags=["lending"],
    responses={
        status.HTTP_403_FORBIDDEN: {"model": Problem},
        status.HTTP_404_NOT_FOUND: {"model": Problem},
        status.HTTP_409_CONFLICT: {"model": Problem},
    },
)


@router.post("/tools/{tool_id}/loans", status_code=status.HTTP_201_CREATED)
async def check_out(
    tool: ToolToLend,
    member: CurrentMember,
    shelf: TheShelf,
    loans: TheLoanBook,
    journal: TheJournal,
    clock: ShedClock,
    today: Today,
    request: Request,
    response: Response,
) -> LoanOut:
    """Lend a tool."""
    now = await clock.now()
    await shelf.take(tool.id)
    loan = await loans.open(tool.id, member.id, now, today + timedelta(days=tool.category.loan_days))
    await journal.note("tool.taken", tool.id, now)
    response.headers["Location"] = request.url_for("read_loan", loan_id=loan.id).path
    return LoanOut.model_validate(loan)


@router.post("/loans/{loan_id}/renewal")
async def renew(tool: ToolToKeep, loan: OwnLoan, today: Today) -> LoanOut:
    """Keep a tool for another term, counted from today."""
    loan.due_on = today + timedelta(days=tool.category.loan_days)
    return LoanOut.model_validate(loan)


# endregion
