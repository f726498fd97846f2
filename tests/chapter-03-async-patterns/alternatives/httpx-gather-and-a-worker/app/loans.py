"""Lending, and the loan book."""

from fastapi import APIRouter, HTTPException, Request, status
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.database import find_tool
from app.models import Loan
from app.receipts import promise_receipt
from app.schemas import LoanOrder, LoanOut, Problem, ReceiptOut, RowId
from app.workshop import workshop_of

router = APIRouter(
    tags=["loans"],
    responses={status.HTTP_404_NOT_FOUND: {"model": Problem}, status.HTTP_409_CONFLICT: {"model": Problem}},
)


@router.post("/loans", status_code=status.HTTP_201_CREATED)
async def lend(order: LoanOrder, request: Request) -> LoanOut:
    """Lend a tool, and send the member a receipt."""
    workshop = workshop_of(request)
    await find_tool(workshop.sessions, order.tool_id)
    session = workshop.sessions()
    try:
        query = insert(Loan).values(**order.model_dump()).returning(Loan)
        loan = LoanOut.model_validate((await session.scalars(query)).one())
        await session.commit()
    except IntegrityError:
        await session.rollback()
        raise HTTPException(status.HTTP_409_CONFLICT, "Somebody has this tool already.") from None
    finally:
        await session.close()
    promise_receipt(workshop, loan.id)
    return loan


@router.get("/loans")
async def read_loans(request: Request) -> list[LoanOut]:
    """The first hundred loans."""
    session = workshop_of(request).sessions()
    try:
        loans = await session.scalars(select(Loan).order_by(Loan.id).limit(100))
        return [LoanOut.model_validate(loan) for loan in loans]
    finally:
        await session.close()


@router.get("/loans/{loan_id}/receipt")
async def read_receipt(loan_id: RowId, request: Request) -> ReceiptOut:
    """What became of the receipt of a loan."""
    async with workshop_of(request).sessions() as session:
        loan = await session.get(Loan, loan_id)
    if loan is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such loan.")
    return ReceiptOut.model_validate({"loan_id": loan.id, "status": loan.receipt})
