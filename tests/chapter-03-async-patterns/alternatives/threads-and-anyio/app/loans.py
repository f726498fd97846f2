"""Lending."""

from fastapi import APIRouter, BackgroundTasks, HTTPException, Request, status
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.database import find_tool
from app.models import Loan
from app.receipts import send_receipt
from app.schemas import LoanOrder, LoanOut, Problem, ReceiptOut, RowId
from app.workshop import workshop_of

router = APIRouter(tags=["loans"], responses={status.HTTP_404_NOT_FOUND: {"model": Problem}})


@router.post(
    "/loans", status_code=status.HTTP_201_CREATED, responses={status.HTTP_409_CONFLICT: {"model": Problem}}
)
def lend(order: LoanOrder, request: Request, tasks: BackgroundTasks) -> LoanOut:
    """Lend a tool, and send the member a receipt."""
    workshop = workshop_of(request)
    loan = Loan(tool_id=order.tool_id, member_id=order.member_id)
    try:
        with workshop.database.sessions.begin() as session:
            find_tool(session, order.tool_id)
            session.add(loan)
    except IntegrityError as error:
        raise HTTPException(status.HTTP_409_CONFLICT, "Somebody has this tool already.") from error
    tasks.add_task(send_receipt, workshop, loan.id)
    return LoanOut.model_validate(loan)


@router.get("/loans")
def read_loans(request: Request) -> list[LoanOut]:
    """The first hundred loans."""
    with workshop_of(request).database.sessions() as session:
        loans = session.scalars(select(Loan).order_by(Loan.id).limit(100))
        return [LoanOut.model_validate(loan) for loan in loans]


@router.get("/loans/{loan_id}/receipt")
def read_receipt(loan_id: RowId, request: Request) -> ReceiptOut:
    """What became of the receipt of a loan."""
    with workshop_of(request).database.sessions() as session:
        loan = session.get(Loan, loan_id)
    if loan is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such loan.")
    return ReceiptOut.model_validate({"loan_id": loan.id, "status": loan.receipt})
