"""Lending."""

from fastapi import APIRouter, BackgroundTasks, HTTPException, Request, status

from app import book
from app.database import find_tool
from app.models import Loan
from app.receipts import promise_receipt
from app.schemas import LoanOrder, LoanOut, Problem, ReceiptOut, RowId
from app.workshop import workshop_of

router = APIRouter(tags=["loans"], responses={status.HTTP_404_NOT_FOUND: {"model": Problem}})


@router.post(
    "/loans", status_code=status.HTTP_201_CREATED, responses={status.HTTP_409_CONFLICT: {"model": Problem}}
)
async def lend(order: LoanOrder, request: Request, tasks: BackgroundTasks) -> LoanOut:
    """Lend a tool, and send the member a receipt."""
    workshop = workshop_of(request)
    await find_tool(workshop.sessions, order.tool_id)
    loan = await book.write_loan(workshop.sessions, order)
    await promise_receipt(workshop, loan.id, tasks)
    return LoanOut.model_validate(loan)


@router.get("/loans")
async def read_loans(request: Request) -> list[LoanOut]:
    """The first hundred loans."""
    loans = await book.read_loans(workshop_of(request).sessions)
    return [LoanOut.model_validate(loan) for loan in loans]


@router.get("/loans/{loan_id}/receipt")
async def read_receipt(loan_id: RowId, request: Request) -> ReceiptOut:
    """What became of the receipt of a loan."""
    async with workshop_of(request).sessions() as session:
        loan = await session.get(Loan, loan_id)
    if loan is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such loan.")
    return ReceiptOut.model_validate({"loan_id": loan.id, "status": loan.receipt})
