"""Checking out and renewing."""

# region 4.4
# TODO(4.4): lend by the rules of the task sheet, and renew by the same ones. Write them in `rules.py`.
from datetime import timedelta

from fastapi import APIRouter, HTTPException, Request, Response, status

from app.auth import CurrentMember
from app.dependencies import ShedClock
from app.desk import TheJournal, TheLoanBook, TheShelf
from app.loans import OwnLoan
from app.models import Tool
from app.schemas import LoanOut, Problem, RowId
from app.session import Session
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
    tool_id: RowId,
    member: CurrentMember,
    session: Session,
    shelf: TheShelf,
    loans: TheLoanBook,
    journal: TheJournal,
    clock: ShedClock,
    today: Today,
    request: Request,
    response: Response,
) -> LoanOut:
    """Lend a tool."""
    tool = await session.get(Tool, tool_id)
    if tool is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such tool.")
    now = await clock.now()
    await shelf.take(tool.id)
    loan = await loans.open(tool.id, member.id, now, today + timedelta(days=tool.category.loan_days))
    await journal.note("tool.taken", tool.id, now)
    response.headers["Location"] = request.url_for("read_loan", loan_id=loan.id).path
    return LoanOut.model_validate(loan)


@router.post("/loans/{loan_id}/renewal")
async def renew(loan: OwnLoan, today: Today) -> LoanOut:
    """Keep a tool for another term, counted from today."""
    loan.due_on = today + timedelta(days=loan.tool.category.loan_days)
    return LoanOut.model_validate(loan)


# endregion
