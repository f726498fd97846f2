"""All loans as a stream, one JSON object a line."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import orm, select

from app.dependencies import Sessions
from app.models import Loan
from app.schemas import LoanOut

router = APIRouter(tags=["export"])


def read_only(sessions: Sessions) -> Iterator[orm.Session]:
    """A session for as long as somebody reads."""
    with sessions() as session:
        yield session


@router.get("/loans.jsonl")
def export_loans(session: Annotated[orm.Session, Depends(read_only)]) -> Iterable[LoanOut]:
    """Every loan, in the order of the loan book."""
    for loan in session.scalars(select(Loan).order_by(Loan.id).execution_options(yield_per=200)):
        yield LoanOut.model_validate(loan)
